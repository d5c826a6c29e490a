using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads and writes iam.teams. A team is seen by its members, and by those whose role in the organisation manages teams.</summary>
internal sealed class TeamStore(Db db)
{
    public async Task<Paged<Team>> List(Page page, Guid user, bool all, bool deleted, CancellationToken ct)
    {
        var rows = await db.Many(
            $"""
            select {Columns(user)} from iam.teams t
            where {(deleted ? (Sql)$"t.deleted_at is not null" : $"t.deleted_at is null")} and t.id < {page.Before} and ({all} or {IsMember(user)})
            order by t.id desc limit {page.Limit + 1}
            """,
            Read, ct);
        return page.Cut(rows, team => team.Id);
    }

    /// <summary>Teams that are not of one person, as metering.hold_rows counts them.</summary>
    internal static Task<long> Count(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*) from iam.teams where tenant_id = ops.tenant() and kind <> 'personal' and deleted_at is null", row => row.Get<long>(), ct);

    public Task<Team?> Find(Guid id, Guid user, bool all, CancellationToken ct) => db.OneOrNone(
        $"select {Columns(user)} from iam.teams t where t.id = {id} and t.deleted_at is null and ({all} or {IsMember(user)})", Read, ct);

    /// <summary>Whether the user's role in the organisation, and no team, lets them manage every team.</summary>
    public Task<bool> ManagesAll(Caller caller, CancellationToken ct) => !caller.May("iam.teams.manage")
        ? Task.FromResult(false)
        : db.One($"select 'iam.teams.manage' = any (iam.permissions_in({caller.Tenant.Value}, {caller.UserId}, null))", row => row.Get<bool>(), ct);

    /// <summary>A team, held until the transaction ends; null when there is none. <paramref name="deleted"/> looks among the deleted ones.</summary>
    public static Task<Team?> Hold(Unit unit, Guid id, Guid user, bool deleted, CancellationToken ct) => unit.OneOrNone(
        $"select {Columns(user)} from iam.teams t where t.id = {id} and {(deleted ? (Sql)$"t.deleted_at is not null" : $"t.deleted_at is null")} for update of t", Read, ct);

    /// <summary>False when the slug is taken.</summary>
    public static async Task<bool> Insert(Unit unit, Guid id, CreateTeam request, string slug, Guid owner, CancellationToken ct) => await unit.Run(
        $"""
        insert into iam.teams (id, name, slug, description, kind, owner_user_id, created_by)
        values ({id}, {request.Name.Trim()}, {slug}, {request.Description}, {request.Kind ?? "workspace"}, {owner}, {owner})
        on conflict (tenant_id, slug) where deleted_at is null do nothing
        """,
        ct) == 1;

    /// <summary>How many teams somebody belongs to.</summary>
    public static Task<int> CountOf(Unit unit, Guid user, CancellationToken ct) => unit.One(
        $"select cardinality(iam.teams_of({unit.Tenant.Value}, {user}))", row => row.Get<int>(), ct);

    public static Task Update(Unit unit, Team team, CancellationToken ct) => unit.Run(
        $"""
        update iam.teams set name = {team.Name}, slug = {team.Slug}, description = {team.Description}, leader_user_id = {team.LeaderUserId},
          max_file_size_mb = {team.MaxFileSizeMb}, allowed_origins = {team.AllowedOrigins.ToArray()}, openai_api_enabled = {team.OpenaiApiEnabled}, is_frozen = {team.IsFrozen}
        where id = {team.Id}
        """,
        ct);

    public static async Task<bool> SlugIsFree(Unit unit, string slug, Guid except, CancellationToken ct) => await unit.One(
        $"select not exists (select from iam.teams where slug = {slug}::citext and deleted_at is null and id <> {except})", row => row.Get<bool>(), ct);

    /// <summary>Throws the refusal when the team is frozen.</summary>
    public static Task RefuseFrozen(Unit unit, Guid id, CancellationToken ct) => unit.Run($"select iam.refuse_frozen({unit.Tenant.Value}, {id})", ct);

    public static Task SetDeleted(Unit unit, Guid id, bool deleted, CancellationToken ct) => unit.Run(
        $"update iam.teams set deleted_at = case when {deleted} then now() end where id = {id}", ct);

    /// <summary>After somebody left or lost a role: a leader who is gone leads no more, and the owner named beside a team is one who owns it.</summary>
    public static Task Settle(Unit unit, Guid id, CancellationToken ct) => unit.Run(
        $"""
        with owners as (
          select tm.user_id, tm.created_at from iam.team_members tm
          join iam.team_member_roles r on r.tenant_id = tm.tenant_id and r.team_member_id = tm.id
          join iam.role_permissions rp on rp.tenant_id = r.role_tenant_id and rp.role_id = r.role_id and rp.permission_key = 'iam.teams.own'
          where tm.team_id = {id} and tm.deleted_at is null),
        settled as (
          select case when exists (select from iam.team_members tm where tm.team_id = {id} and tm.user_id = t.leader_user_id and tm.deleted_at is null) then t.leader_user_id end as leader,
            case when exists (select from owners o where o.user_id = t.owner_user_id) then t.owner_user_id else (select o.user_id from owners o order by o.created_at, o.user_id limit 1) end as owner
          from iam.teams t where t.id = {id})
        update iam.teams t set leader_user_id = s.leader, owner_user_id = s.owner from settled s
        where t.id = {id} and (t.leader_user_id is distinct from s.leader or t.owner_user_id is distinct from s.owner)
        """,
        ct);

    private static Sql IsMember(Guid user) =>
        $"exists (select from iam.team_members tm where tm.tenant_id = t.tenant_id and tm.team_id = t.id and tm.user_id = {user} and tm.deleted_at is null)";

    private static Sql Columns(Guid user) =>
        $"""
        t.id, t.name, t.slug::text, t.description, t.kind, t.owner_user_id, t.leader_user_id,
        (select count(*)::int from iam.team_members tm where tm.tenant_id = t.tenant_id and tm.team_id = t.id and tm.deleted_at is null),
        t.max_file_size_mb, t.allowed_origins, t.openai_api_enabled, t.is_frozen, t.created_at, t.deleted_at,
        array(select r.key from iam.team_members tm join iam.team_member_roles tr on tr.tenant_id = tm.tenant_id and tr.team_member_id = tm.id
          join iam.roles r on r.tenant_id = tr.role_tenant_id and r.id = tr.role_id
          where tm.tenant_id = t.tenant_id and tm.team_id = t.id and tm.user_id = {user} and tm.deleted_at is null order by 1),
        t.updated_at
        """;

    private static Team Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<int>(),
        row.Get<int?>(), row.Get<string[]>(), row.Get<bool>(), row.Get<bool>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), row.Get<string[]>())
    {
        UpdatedAt = row.Get<DateTimeOffset>(),
    };
}
