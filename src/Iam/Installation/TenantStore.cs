using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads and writes one's own row of iam.tenants.</summary>
internal sealed class TenantStore(Db db)
{
    public Task<Tenant> Read(CancellationToken ct) => db.One(
        $"""
        select t.id, t.slug::text, t.name, t.status, t.plan_code, t.contact_email::text, t.contact_name, t.settings::text, t.metadata::text,
          (select count(*) from iam.tenant_members m where m.tenant_id = t.id and m.deleted_at is null), t.created_at, t.suspended_at, t.suspended_reason, t.deleted_at
        from iam.tenants t where t.id = ops.tenant()
        """,
        row => new Tenant(
            row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), row.Json<JsonElement>(),
            row.Json<JsonElement>(), row.Get<long>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), row.Get<string?>(), row.Get<DateTimeOffset?>()),
        ct);

    public Task Change(ChangeOwnTenant change, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var settings = change.Settings is { ValueKind: JsonValueKind.Object } json ? json.GetRawText() : null;
            await unit.Run(
                $"""
                update iam.tenants t set name = coalesce(nullif(trim({change.Name}::text), ''), t.name), contact_email = coalesce({change.ContactEmail}::citext, t.contact_email),
                  contact_name = coalesce({change.ContactName}, t.contact_name), settings = jsonb_strip_nulls(t.settings || coalesce({settings}::jsonb, jsonb_build_object()))
                where t.id = {unit.Tenant.Value}
                """,
                ct);
            await AuditLog.Write(unit, new AuditEntry("tenant.updated", "tenant", unit.Tenant.Value, After: change), ct);
        },
        ct);
}
