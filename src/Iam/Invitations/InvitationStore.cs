using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>An invitation as a change finds it.</summary>
internal sealed record InvitationRow(Guid Id, Guid? TeamId, string Email, string? FirstName, string Status, byte[] VerifierHash, string Selector, DateTimeOffset ExpiresAt);

/// <summary>Which invitations somebody sees: those of the teams they invite to, or all.</summary>
internal sealed record InvitationScope(bool All, Guid[] TeamIds)
{
    public static async Task<InvitationScope> Of(Unit unit, Caller caller, CancellationToken ct) =>
        new((await Rights.In(unit, caller, null, ct)).Contains("iam.members.manage"), caller.TeamIds);

    internal Sql Sees => $"({All} or i.team_id = any ({TeamIds}))";
}

/// <summary>Reads and writes iam.invitations and iam.invitation_roles.</summary>
internal sealed class InvitationStore(Databases databases)
{
    public const int MostPending = 1000;

    public static async Task<Paged<Invitation>> List(Unit unit, InvitationScope scope, Page page, string? status, CancellationToken ct) => page.Cut(
        await unit.Many(
            $"select {Columns} from iam.invitations i {Joins} where i.deleted_at is null and i.id < {page.Before} and {scope.Sees} and ({status}::text is null or {Status} = {status}) order by i.id desc limit {page.Limit + 1}",
            Read, ct),
        row => row.Id);

    public static Task<Invitation?> Find(Unit unit, InvitationScope scope, Guid id, CancellationToken ct) => unit.OneOrNone(
        $"select {Columns} from iam.invitations i {Joins} where i.id = {id} and i.deleted_at is null and {scope.Sees}", Read, ct);

    /// <summary>What a link's selector leads to, in whichever organisation; null for nothing.</summary>
    public Task<FoundInvitation?> BySelector(string selector, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"""
        select tenant_id, tenant_name, tenant_status, invitation_id, verifier_hash, email, first_name, last_name, status, expires_at, sent, team_id, team_name, invited_by, account
        from iam.find_invitation({selector})
        """,
        row => new FoundInvitation(
            row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<Guid>(), row.Get<byte[]>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(),
            row.Get<string>(), row.Get<DateTimeOffset>(), row.Get<bool>(), row.Get<Guid?>(), row.Get<string?>(), row.Get<string?>(), row.Get<Guid?>()),
        ct);

    /// <summary>Held until the transaction ends; null when there is none that the scope sees.</summary>
    public static Task<InvitationRow?> Hold(Unit unit, Guid id, InvitationScope? scope, CancellationToken ct) => unit.OneOrNone(
        $"""
        select i.id, i.team_id, i.email::text, i.first_name, {Status}, i.verifier_hash, i.selector, i.expires_at
        from iam.invitations i where i.id = {id} and i.deleted_at is null and {(scope is null ? (Sql)$"true" : scope.Sees)} for update of i
        """,
        row => new InvitationRow(row.Get<Guid>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string?>(), row.Get<string>(), row.Get<byte[]>(), row.Get<string>(), row.Get<DateTimeOffset>()), ct);

    /// <summary>False when somebody with this address is invited there already.</summary>
    public static async Task<bool> Insert(Unit unit, Guid id, CreateInvitation request, string email, string selector, byte[] hash, IReadOnlyList<Grant> roles, Guid invitedBy, CancellationToken ct)
    {
        await unit.Run(
            $"update iam.invitations set status = 'expired' where status = 'pending' and expires_at <= now() and email = {email}::citext and team_id is not distinct from {request.TeamId}", ct);
        var made = await unit.Run(
            $"""
            insert into iam.invitations (id, team_id, email, first_name, last_name, selector, verifier_hash, invited_by, expires_at)
            values ({id}, {request.TeamId}, {email}, nullif(trim({request.FirstName}::text), ''), nullif(trim({request.LastName}::text), ''), {selector}, {hash}, {invitedBy},
              now() + make_interval(secs => {InvitationRules.Life.TotalSeconds}))
            on conflict (tenant_id, team_id, email) where status = 'pending' and deleted_at is null do nothing
            """,
            ct);
        if (made == 0)
        {
            return false;
        }

        await unit.Run(
            $"""
            insert into iam.invitation_roles (id, invitation_id, role_tenant_id, role_id)
            select ops.uuid7(), {id}, t, r from unnest({roles.Select(r => r.TenantId).ToArray()}, {roles.Select(r => r.Id).ToArray()}) x(t, r)
            """,
            ct);
        return true;
    }

    public static Task<int> CountPending(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*)::int from iam.invitations where status = 'pending' and expires_at > now() and deleted_at is null", row => row.Get<int>(), ct);

    /// <summary>Whether the address belongs to somebody who is there already.</summary>
    public static Task<bool> IsThere(Unit unit, string email, Guid? team, CancellationToken ct) => unit.One(
        $"""
        select exists (
          select from iam.users u join iam.tenant_members m on m.user_id = u.id and m.deleted_at is null
          where u.email = {email}::citext and u.deleted_at is null and ({team}::uuid is null or exists (
            select from iam.team_members tm where tm.team_id = {team} and tm.user_id = u.id and tm.deleted_at is null)))
        """,
        row => row.Get<bool>(), ct);

    public static Task<IReadOnlyList<Guid>> Roles(Unit unit, Guid id, CancellationToken ct) => unit.Many(
        $"select role_id from iam.invitation_roles where invitation_id = {id}", row => row.Get<Guid>(), ct);

    /// <summary>A new link in the place of the old one.</summary>
    public static Task Renew(Unit unit, Guid id, string selector, byte[] hash, CancellationToken ct) => unit.Run(
        $"""
        update iam.invitations set status = 'pending', selector = {selector}, verifier_hash = {hash}, sent_at = null,
          expires_at = now() + make_interval(secs => {InvitationRules.Life.TotalSeconds}) where id = {id}
        """,
        ct);

    /// <summary>Ends a pending invitation; false when it is not pending any more. Status is accepted, declined or revoked.</summary>
    public static async Task<bool> Answer(Unit unit, Guid id, string status, Guid? acceptedBy, CancellationToken ct) => await unit.Run(
        $"""
        update iam.invitations set status = {status}, responded_at = now(), accepted_by = {acceptedBy}
        where id = {id} and status = 'pending' and (expires_at > now() or {status} = 'revoked')
        """,
        ct) == 1;

    public static Task NoteSent(Unit unit, Guid id, string selector, CancellationToken ct) => unit.Run(
        $"update iam.invitations set sent_at = now() where id = {id} and selector = {selector}", ct);

    private static Sql Status => $"case when i.status = 'pending' and i.expires_at <= now() then 'expired' else i.status end";

    private static Sql Joins => $"left join iam.teams t on t.tenant_id = i.tenant_id and t.id = i.team_id left join iam.users u on u.id = i.invited_by";

    private static Sql Columns =>
        $"""
        i.id, i.email::text, i.first_name, i.last_name, t.id, t.name,
        (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'key', r.key, 'name', r.name) order by r.scope desc, r.rank desc, r.name), '[]')::text
          from iam.invitation_roles ir join iam.roles r on r.tenant_id = ir.role_tenant_id and r.id = ir.role_id where ir.tenant_id = i.tenant_id and ir.invitation_id = i.id),
        {Status}, u.id, u.display_name, i.expires_at, i.sent_at, i.created_at, i.responded_at
        """;

    private static Invitation Read(Row row)
    {
        var (id, email, first, last) = (row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>());
        var (team, teamName) = (row.Get<Guid?>(), row.Get<string?>());
        var (roles, status) = (row.Json<List<RoleName>>(), row.Get<string>());
        var (inviter, inviterName) = (row.Get<Guid?>(), row.Get<string?>());
        return new Invitation(
            id, email, first, last, team is { } t ? new TeamName(t, teamName!) : null, roles, status, // a team has a name, an account too
            inviter is { } u ? new PersonName(u, inviterName!) : null, row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>());
    }
}
