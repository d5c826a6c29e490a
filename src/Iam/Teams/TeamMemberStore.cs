using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Somebody's place in a team as a change finds it; Permissions are what all their roles there grant.</summary>
internal sealed record TeamPlace(Guid Id, string[] RoleKeys, string[] Permissions);

/// <summary>Reads and writes iam.team_members and iam.team_member_roles.</summary>
internal sealed class TeamMemberStore(Db db)
{
    public async Task<Paged<TeamMember>> List(Guid team, Page page, Guid self, CancellationToken ct)
    {
        var rows = await db.Many(
            $"select {Columns} from iam.team_members tm join iam.users u on u.id = tm.user_id where tm.team_id = {team} and tm.deleted_at is null and tm.id < {page.Before} order by tm.id desc limit {page.Limit + 1}",
            row => Read(row, self), ct);
        var cut = page.Cut(rows, row => row.Id);
        return new Paged<TeamMember>([.. cut.Data.Select(row => row.Member)], cut.NextCursor);
    }

    public async Task<TeamMember?> Find(Guid team, Guid user, Guid self, CancellationToken ct)
    {
        var found = await db.Many(
            $"select {Columns} from iam.team_members tm join iam.users u on u.id = tm.user_id where tm.team_id = {team} and tm.user_id = {user} and tm.deleted_at is null",
            row => Read(row, self), ct);
        return found is [var (_, member)] ? member : null;
    }

    /// <summary>Somebody's place in a team, held until the transaction ends; null when they have none.</summary>
    public static Task<TeamPlace?> Hold(Unit unit, Guid team, Guid user, CancellationToken ct) => unit.OneOrNone(
        $"""
        select tm.id,
          array(select r.key from iam.team_member_roles tr join iam.roles r on r.tenant_id = tr.role_tenant_id and r.id = tr.role_id where tr.team_member_id = tm.id order by 1),
          array(select distinct rp.permission_key from iam.team_member_roles tr join iam.role_permissions rp on rp.tenant_id = tr.role_tenant_id and rp.role_id = tr.role_id
            where tr.team_member_id = tm.id)
        from iam.team_members tm where tm.team_id = {team} and tm.user_id = {user} and tm.deleted_at is null for update of tm
        """,
        row => new TeamPlace(row.Get<Guid>(), row.Get<string[]>(), row.Get<string[]>()), ct);

    /// <summary>Gives somebody a place; null when they have one already.</summary>
    public static Task<Guid?> Insert(Unit unit, Guid team, Guid user, Guid? invitedBy, DateTimeOffset? invitedAt, CancellationToken ct) => unit.OneOrNone(
        $"""
        insert into iam.team_members (id, team_id, user_id, invited_by, invited_at, accepted_at)
        values ({Guid.CreateVersion7()}, {team}, {user}, {invitedBy}, {invitedAt}, now())
        on conflict (tenant_id, team_id, user_id) where deleted_at is null do nothing returning id
        """,
        row => row.Get<Guid?>(), ct);

    public static Task AddRoles(Unit unit, Guid place, IReadOnlyList<Grant> roles, CancellationToken ct) => unit.Run(
        $"""
        insert into iam.team_member_roles (id, team_member_id, role_tenant_id, role_id)
        select ops.uuid7(), {place}, t, r from unnest({roles.Select(r => r.TenantId).ToArray()}, {roles.Select(r => r.Id).ToArray()}) x(t, r)
        on conflict (tenant_id, team_member_id, role_tenant_id, role_id) do nothing
        """,
        ct);

    /// <summary>Takes away all roles but these. The database refuses when nobody would own the team any more.</summary>
    public static Task KeepRoles(Unit unit, Guid place, IReadOnlyList<Grant> roles, CancellationToken ct) => unit.Run(
        $"delete from iam.team_member_roles where team_member_id = {place} and role_id <> all ({roles.Select(r => r.Id).ToArray()})", ct);

    public static Task Remove(Unit unit, Guid place, CancellationToken ct) => unit.Run(
        $"update iam.team_members set deleted_at = now() where id = {place} and deleted_at is null", ct);

    public static Task<bool> HasMembers(Unit unit, Guid team, CancellationToken ct) => unit.One(
        $"select exists (select from iam.team_members where team_id = {team} and deleted_at is null)", row => row.Get<bool>(), ct);

    /// <summary>Ends somebody's places in all teams and returns the teams. Refused where others would be left without an owner.</summary>
    public static async Task<IReadOnlyList<Guid>> RemoveEverywhere(Unit unit, Guid user, CancellationToken ct)
    {
        var teams = await unit.Many(
            $"update iam.team_members set deleted_at = now() where user_id = {user} and deleted_at is null returning team_id", row => row.Get<Guid>(), ct);
        foreach (var team in teams)
        {
            await TeamStore.Settle(unit, team, ct);
        }

        return teams;
    }

    private static Sql Columns =>
        $"""
        tm.id, u.id, u.email::text, u.display_name, u.avatar_object_id,
        (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'key', r.key, 'name', r.name) order by r.rank desc, r.name), '[]')::text
          from iam.team_member_roles tr join iam.roles r on r.tenant_id = tr.role_tenant_id and r.id = tr.role_id
          where tr.tenant_id = tm.tenant_id and tr.team_member_id = tm.id),
        tm.created_at
        """;

    private static (Guid Id, TeamMember Member) Read(Row row, Guid self)
    {
        var (id, user, email, name) = (row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>());
        return (id, new TeamMember(
            user, email, name, Avatar.Address(user, row.Get<Guid?>()), row.Json<List<RoleName>>(), row.Get<DateTimeOffset>(), user == self));
    }
}
