using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>Reads and writes iam.roles and iam.role_permissions. Shipped roles belong to the platform tenant and are only read.</summary>
internal sealed class RoleStore(Db db)
{
    private const int Most = 200;

    /// <summary>Shipped roles first, the mightiest first in each scope, then the organisation's own by name.</summary>
    public Task<IReadOnlyList<Role>> List(CancellationToken ct) => db.Many(
        $"select {Columns} from iam.roles r where r.deleted_at is null order by r.is_system desc, r.scope, r.rank desc, lower(r.name), r.id limit {Most + 20}", Read, ct);

    public Task<Role?> Find(Guid id, CancellationToken ct) => db.OneOrNone(
        $"select {Columns} from iam.roles r where r.id = {id} and r.deleted_at is null", Read, ct);

    public static Task<Role?> Find(Unit unit, Guid id, CancellationToken ct) => unit.OneOrNone(
        $"select {Columns} from iam.roles r where r.id = {id} and r.deleted_at is null", Read, ct);

    /// <summary>The first of these that is no permission; null when all are.</summary>
    public Task<string?> Unknown(IReadOnlyList<string> permissions, CancellationToken ct) => db.OneOrNone(
        $"select p from unnest({permissions.ToArray()}) p where p not in (select key from iam.permissions) limit 1", row => row.Get<string?>(), ct);

    public Task<IReadOnlyList<Permission>> Permissions(CancellationToken ct) => db.Many(
        $"""
        select p.key, p.area, p.description, (
          select r.key from iam.role_permissions rp join iam.roles r on r.tenant_id = rp.tenant_id and r.id = rp.role_id
          where rp.permission_key = p.key and r.is_system order by r.rank limit 1)
        from iam.permissions p order by p.key
        """,
        row => new Permission(row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string?>()), ct);

    /// <summary>Null when the name is taken; throws when there are too many.</summary>
    public static async Task<Guid?> Insert(Unit unit, string key, CreateRole request, CancellationToken ct)
    {
        var count = await unit.One(
            $"select count(*)::int from iam.roles where tenant_id = {unit.Tenant.Value} and deleted_at is null", row => row.Get<int>(), ct);
        if (count >= Most)
        {
            throw new ProblemException(Problem.Conflict("too_many_roles", $"An organisation has at most {Most} roles of its own. Delete one that nobody has."));
        }

        var id = Guid.CreateVersion7();
        var made = await unit.Run(
            $"""
            insert into iam.roles (id, key, name, rank, is_system, scope) values ({id}, {key}, {request.Name.Trim()}, 0, false, {request.Scope})
            on conflict (tenant_id, key) where deleted_at is null do nothing
            """,
            ct);
        if (made == 0)
        {
            return null;
        }

        await Allow(unit, id, request.Permissions, ct);
        return id;
    }

    /// <summary>Holds one of the organisation's own roles until the transaction ends, so that nobody is given it while it changes.</summary>
    public static async Task<bool> Hold(Unit unit, Guid id, CancellationToken ct) => await unit.OneOrNone(
        $"select true from iam.roles where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is null for update", row => row.Get<bool>(), ct);

    public static Task Rename(Unit unit, Guid id, string name, CancellationToken ct) => unit.Run(
        $"update iam.roles set name = {name.Trim()} where tenant_id = {unit.Tenant.Value} and id = {id}", ct);

    public static async Task Replace(Unit unit, Guid id, IReadOnlyList<string> permissions, CancellationToken ct)
    {
        await Allow(unit, id, permissions, ct);
        await unit.Run(
            $"delete from iam.role_permissions where tenant_id = {unit.Tenant.Value} and role_id = {id} and permission_key <> all ({permissions.ToArray()})", ct);
    }

    /// <summary>False when somebody has it, or is invited to have it.</summary>
    public static async Task<bool> Delete(Unit unit, Guid id, CancellationToken ct)
    {
        var tenant = unit.Tenant.Value;
        return await unit.Run(
            $"""
            update iam.roles r set deleted_at = now()
            where r.tenant_id = {tenant} and r.id = {id}
              and not exists (select from iam.tenant_members m where m.role_tenant_id = {tenant} and m.role_id = r.id and m.deleted_at is null)
              and not exists (select from iam.team_member_roles tr join iam.team_members tm on tm.tenant_id = tr.tenant_id and tm.id = tr.team_member_id and tm.deleted_at is null
                where tr.role_tenant_id = {tenant} and tr.role_id = r.id)
              and not exists (select from iam.invitation_roles ir join iam.invitations i on i.tenant_id = ir.tenant_id and i.id = ir.invitation_id
                where ir.role_tenant_id = {tenant} and ir.role_id = r.id and i.status = 'pending' and i.expires_at > now())
            """,
            ct) == 1;
    }

    /// <summary>
    /// Roles to be given, held so that none of them goes away meanwhile. Throws role_not_found when one does not exist, and
    /// wrong_role_scope when one cannot be given there.
    /// </summary>
    public static async Task<IReadOnlyList<Grant>> Grants(Unit unit, IReadOnlyList<Guid> ids, string? scope, CancellationToken ct)
    {
        var wanted = ids.Distinct().ToArray();
        await unit.Many($"select id from iam.roles where tenant_id = {unit.Tenant.Value} and id = any ({wanted}) order by id for share", row => row.Get<Guid>(), ct);
        var found = await unit.Many(
            $"""
            select r.tenant_id, r.id, r.key, r.name, r.scope, array(select rp.permission_key from iam.role_permissions rp where rp.tenant_id = r.tenant_id and rp.role_id = r.id)
            from iam.roles r where r.id = any ({wanted}) and r.deleted_at is null
            """,
            ReadGrant, ct);
        if (found.Count != wanted.Length)
        {
            throw new ProblemException(Problem.NotFound("role"));
        }

        return scope is not null && found.FirstOrDefault(r => r.Scope != scope) is { } wrong
            ? throw new ProblemException(Problem.Invalid("wrong_role_scope", $"The role '{wrong.Name}' cannot be given here: it is a role for {(wrong.Scope == "team" ? "teams" : "organisations")}."))
            : found;
    }

    /// <summary>The lowest shipped role of a scope that has a permission.</summary>
    public static Task<Grant> LowestWith(Unit unit, string permission, string scope, CancellationToken ct) => unit.One(
        $"""
        select r.tenant_id, r.id, r.key, r.name, r.scope, array(select rp.permission_key from iam.role_permissions rp where rp.tenant_id = r.tenant_id and rp.role_id = r.id)
        from iam.roles r join iam.role_permissions p on p.tenant_id = r.tenant_id and p.role_id = r.id and p.permission_key = {permission}
        where r.is_system and r.scope = {scope} order by r.rank limit 1
        """,
        ReadGrant, ct);

    /// <summary>The lowest shipped role of a scope.</summary>
    public static Task<Grant> Lowest(Unit unit, string scope, CancellationToken ct) => unit.One(
        $"""
        select r.tenant_id, r.id, r.key, r.name, r.scope, array(select rp.permission_key from iam.role_permissions rp where rp.tenant_id = r.tenant_id and rp.role_id = r.id)
        from iam.roles r where r.is_system and r.scope = {scope} order by r.rank limit 1
        """,
        ReadGrant, ct);

    private static Task<int> Allow(Unit unit, Guid id, IReadOnlyList<string> permissions, CancellationToken ct) => unit.Run(
        $"""
        insert into iam.role_permissions (id, role_id, permission_key) select ops.uuid7(), {id}, p from unnest({permissions.Distinct().ToArray()}) p
        on conflict (tenant_id, role_id, permission_key) do nothing
        """,
        ct);

    private static Sql Columns =>
        $"""
        r.id, r.key, r.name, r.scope, r.rank, r.is_system,
        array(select rp.permission_key from iam.role_permissions rp where rp.tenant_id = r.tenant_id and rp.role_id = r.id order by 1),
        (select count(*)::int from (
          select m.user_id from iam.tenant_members m where m.role_tenant_id = r.tenant_id and m.role_id = r.id and m.deleted_at is null
          union
          select tm.user_id from iam.team_member_roles tr join iam.team_members tm on tm.tenant_id = tr.tenant_id and tm.id = tr.team_member_id and tm.deleted_at is null
          where tr.role_tenant_id = r.tenant_id and tr.role_id = r.id) holders)
        """;

    private static Role Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<int>(), row.Get<bool>(), row.Get<string[]>(), row.Get<int>());

    private static Grant ReadGrant(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string[]>());
}
