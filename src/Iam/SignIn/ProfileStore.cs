using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads accounts as seen from a tenant, and changes one's own.</summary>
internal static class ProfileStore
{
    public static async Task<Me> Read(Db db, Guid userId, CancellationToken ct) => await db.One(
        $"""
        select u.id, u.email::text, u.display_name, u.platform_role, u.preferences::text, t.id, t.slug::text, t.name,
          array(select r.key from iam.tenant_members m join iam.roles r on r.tenant_id = m.role_tenant_id and r.id = m.role_id
                where m.user_id = u.id and m.deleted_at is null
                union select r.key from iam.team_members tm join iam.team_member_roles tr on tr.team_member_id = tm.id
                join iam.roles r on r.tenant_id = tr.role_tenant_id and r.id = tr.role_id where tm.user_id = u.id and tm.deleted_at is null order by 1),
          iam.permissions_of(t.id, u.id)
        from iam.users u cross join iam.tenants t where u.id = {userId}
        """,
        row => new Me(
            new MeUser(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Json<JsonElement>()),
            new MeTenant(row.Get<Guid>(), row.Get<string>(), row.Get<string>()), row.Get<string[]>(), row.Get<string[]>()),
        ct);

    /// <summary>For a key, the permissions are the key's, not its owner's.</summary>
    public static async Task<Me> Read(Db db, Caller caller, CancellationToken ct) =>
        await Read(db, caller.UserId, ct) with { Permissions = [.. caller.Permissions.Order(StringComparer.Ordinal)] };

    public static Task Change(Db db, Guid userId, ChangeMe change, CancellationToken ct) => db.Run(
        $"""
        update iam.users set
          display_name = coalesce(nullif(trim({change.DisplayName}::text), ''), display_name),
          preferences = jsonb_strip_nulls(preferences || coalesce({(change.Preferences is { ValueKind: JsonValueKind.Object } p ? p.GetRawText() : null)}::jsonb, '{"{}"}'))
        where id = {userId}
        """,
        ct);

    public static Task Audit(Db db, string action, string status, string? error, CancellationToken ct) =>
        db.Atomically(unit => AuditLog.Write(unit, new AuditEntry(action, "session", unit.Actor.UserId, status, error), ct), ct);
}
