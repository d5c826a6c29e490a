using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>A member as a change finds them.</summary>
internal sealed record MemberRow(Guid Id, string Status, Guid RoleId, string RoleKey, string[] RolePermissions, string DisplayName);

/// <summary>Reads and writes iam.tenant_members and iam.tenant_member_permissions.</summary>
internal sealed class MemberStore(Db db)
{
    public async Task<Paged<Member>> List(Page page, string? text, string? status, Guid self, CancellationToken ct)
    {
        var rows = await db.Many(
            $"""
            select {Columns}
            from iam.tenant_members m {Joins}
            where m.deleted_at is null and m.id < {page.Before} and ({status}::text is null or m.status = {status})
              and ({text}::text is null or strpos(lower(u.display_name), lower({text})) > 0 or strpos(lower(u.email::text), lower({text})) > 0)
            order by m.id desc limit {page.Limit + 1}
            """,
            row => Read(row, self), ct);
        var cut = page.Cut(rows, row => row.Id);
        return new Paged<Member>([.. cut.Data.Select(row => row.Member)], cut.NextCursor);
    }

    /// <summary>Active members, as metering.hold_rows counts them.</summary>
    internal static Task<long> Count(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*) from iam.tenant_members where tenant_id = ops.tenant() and status = 'active' and deleted_at is null", row => row.Get<long>(), ct);

    public async Task<Member?> Find(Guid user, Guid self, CancellationToken ct)
    {
        var found = await db.Many(
            $"select {Columns} from iam.tenant_members m {Joins} where m.deleted_at is null and m.user_id = {user}", row => Read(row, self), ct);
        return found is [var (_, member)] ? member : null;
    }

    /// <summary>A member, held until the transaction ends; null when there is none.</summary>
    public static Task<MemberRow?> Hold(Unit unit, Guid user, CancellationToken ct) => unit.OneOrNone(
        $"""
        select m.id, m.status, m.role_id, r.key, array(select rp.permission_key from iam.role_permissions rp where rp.tenant_id = r.tenant_id and rp.role_id = r.id), u.display_name
        from iam.tenant_members m {Joins} where m.user_id = {user} and m.deleted_at is null for update of m
        """,
        row => new MemberRow(row.Get<Guid>(), row.Get<string>(), row.Get<Guid>(), row.Get<string>(), row.Get<string[]>(), row.Get<string>()), ct);

    /// <summary>Whether somebody is an active member, held as such until the transaction ends.</summary>
    public static async Task<bool> IsActive(Unit unit, Guid user, CancellationToken ct) => await unit.OneOrNone(
        $"select true from iam.tenant_members m where m.user_id = {user} and m.status = 'active' and m.deleted_at is null for key share", row => row.Get<bool>(), ct);

    /// <summary>Makes somebody a member. False when they are one already.</summary>
    public static async Task<bool> Insert(Unit unit, Guid user, Grant role, CancellationToken ct) => await unit.Run(
        $"""
        insert into iam.tenant_members (id, user_id, role_tenant_id, role_id) values ({Guid.CreateVersion7()}, {user}, {role.TenantId}, {role.Id})
        on conflict (tenant_id, user_id) where deleted_at is null do nothing
        """,
        ct) == 1;

    public static Task SetStatus(Unit unit, Guid member, string status, CancellationToken ct) => unit.Run(
        $"update iam.tenant_members set status = {status} where id = {member}", ct);

    public static Task SetRole(Unit unit, Guid member, Grant role, CancellationToken ct) => unit.Run(
        $"update iam.tenant_members set role_tenant_id = {role.TenantId}, role_id = {role.Id} where id = {member}", ct);

    public static Task Remove(Unit unit, Guid member, CancellationToken ct) => unit.Run(
        $"update iam.tenant_members set deleted_at = now() where id = {member} and deleted_at is null", ct);

    /// <summary>Ends the account's sessions in this organisation, on every node.</summary>
    public static Task EndSessions(Unit unit, Guid user, CancellationToken ct) => unit.Run(
        $"select iam.end_sessions({user}, {unit.Tenant.Value}, null, null)", ct);

    public static async Task<MemberPermissions> Permissions(Unit unit, Guid member, Guid user, CancellationToken ct)
    {
        var own = await unit.Many(
            $"select permission_key, effect from iam.tenant_member_permissions where member_id = {member} order by permission_key",
            row => (Key: row.Get<string>(), Effect: row.Get<string>()), ct);
        var effective = await unit.One($"select iam.permissions_of({unit.Tenant.Value}, {user})", row => row.Get<string[]>(), ct);
        return new MemberPermissions([.. own.Where(p => p.Effect == "allow").Select(p => p.Key)], [.. own.Where(p => p.Effect == "deny").Select(p => p.Key)], effective);
    }

    public static async Task SetPermissions(Unit unit, Guid member, IReadOnlyList<string> allow, IReadOnlyList<string> deny, CancellationToken ct)
    {
        await unit.Run(
            $"delete from iam.tenant_member_permissions where member_id = {member} and permission_key <> all ({allow.Concat(deny).ToArray()})", ct);
        await unit.Run(
            $"""
            insert into iam.tenant_member_permissions (id, member_id, permission_key, effect)
            select ops.uuid7(), {member}, p, case when p = any ({deny.ToArray()}) then 'deny' else 'allow' end from unnest({allow.Concat(deny).Distinct().ToArray()}) p
            on conflict (tenant_id, member_id, permission_key) do update set effect = excluded.effect
            """,
            ct);
    }

    private static Sql Joins =>
        $"join iam.users u on u.id = m.user_id and u.deleted_at is null join iam.roles r on r.tenant_id = m.role_tenant_id and r.id = m.role_id";

    private static Sql Columns =>
        $"""
        m.id, u.id, u.email::text, u.display_name, u.avatar_object_id, m.status, r.id, r.key, r.name,
        (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) order by t.name, t.id), '[]')::text
          from iam.team_members tm join iam.teams t on t.tenant_id = tm.tenant_id and t.id = tm.team_id and t.deleted_at is null
          where tm.tenant_id = m.tenant_id and tm.user_id = m.user_id and tm.deleted_at is null),
        m.joined_at, u.last_login_at
        """;

    private static (Guid Id, Member Member) Read(Row row, Guid self)
    {
        var (id, user, email, name) = (row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>());
        return (id, new Member(
            user, email, name, Avatar.Address(user, row.Get<Guid?>()), row.Get<string>(),
            new RoleName(row.Get<Guid>(), row.Get<string>(), row.Get<string>()), row.Json<List<TeamName>>(),
            row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), user == self));
    }
}
