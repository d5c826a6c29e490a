using System.Net;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// Tenants and accounts of the whole installation, through the listed functions only. Each change is told in the log of the platform's own
/// tenant, in its transaction.
/// </summary>
internal sealed class InstallationStore(Databases databases)
{
    public Task<IReadOnlyList<Tenant>> Tenants(string? query, string? status, Page page, CancellationToken ct) =>
        databases.WithoutTenant().Many($"{Columns} from iam.list_tenants(null, {query}, {status}, {page.Before}, {page.Limit + 1})", Read, ct);

    public Task<Tenant?> Tenant(Guid id, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"{Columns} from iam.list_tenants({id}, null, null, {new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff")}, 1)", Read, ct);

    /// <summary>Null when the slug is taken; else the tenant, and whether its administrator's account is new.</summary>
    public Task<(Guid Tenant, bool IsNew)?> Provision(CreateTenant request, byte[]? resetHash, TimeSpan resetLife, Actor actor, CancellationToken ct) => Log(actor).Atomically<(Guid, bool)?>(
        async unit =>
        {
            var tenant = Guid.CreateVersion7();
            (Guid, bool)? done = null;
            await AuditLog.Act(unit, async () =>
            {
                var made = await unit.Many(
                    $"""
                    select admin, is_new from iam.provision_tenant({tenant}, {request.Slug}, {request.Name.Trim()}, {request.PlanCode}, {Json(request.Settings)}::jsonb, {Guid.CreateVersion7()},
                      {Guid.CreateVersion7()}, {request.Admin.Email.Trim()}, {request.Admin.DisplayName.Trim()},
                      {(request.Admin.Password is { } password ? PasswordHash.Of(password) : null)}, {resetHash}, {(int)resetLife.TotalSeconds})
                    """,
                    row => (Admin: row.Get<Guid>(), IsNew: row.Get<bool>()), ct);
                if (made is not [var admin])
                {
                    return null;
                }

                done = (tenant, admin.IsNew);
                return new AuditEntry("tenant.created", "tenant", tenant, Metadata: new { slug = request.Slug, administrator = admin.Admin });
            }, ct);
            return done;
        },
        ct);

    public Task<bool> Change(Guid id, ChangeTenant change, Actor actor, CancellationToken ct) => Log(actor).Atomically(
        async unit =>
        {
            var found = await unit.One(
                $"""
                select iam.change_tenant({id}, nullif(trim({change.Name}::text), ''), {change.ContactEmail}, {change.ContactName}, {change.PlanCode},
                  {Json(change.Settings)}::jsonb, {Json(change.Metadata)}::jsonb)
                """,
                row => row.Get<bool>(), ct);
            if (found)
            {
                await AuditLog.Write(unit, new AuditEntry("tenant.updated", "tenant", id, After: change), ct);
            }

            return found;
        },
        ct);

    /// <summary>Suspends, reactivates, deletes or restores. Answers ok, missing, wrong_state or slug_taken.</summary>
    public Task<string> SetStatus(Guid id, string act, string? reason, Actor actor, CancellationToken ct) => Log(actor).Atomically(
        async unit =>
        {
            var outcome = await unit.One($"select iam.set_tenant_status({id}, {act}, {reason})", row => row.Get<string>(), ct);
            if (outcome == "ok")
            {
                var done = act switch { "suspend" => "suspended", "reactivate" => "reactivated", "delete" => "deleted", _ => "restored" };
                await AuditLog.Write(unit, new AuditEntry($"tenant.{done}", "tenant", id, Metadata: reason is null ? null : new { reason }), ct);
            }

            return outcome;
        },
        ct);

    /// <summary>Asks for the purge, as a job of the platform.</summary>
    public Task RequestPurge(Guid id, string slug, Actor actor, CancellationToken ct) => Log(actor).Atomically(
        async unit =>
        {
            await JobStore.Enqueue(unit, new NewJob("maintenance", PurgeTenantJob.JobType, new PurgeInput(slug), "tenant", id, DedupKey: $"purge:{id}", MaxAttempts: 20), ct);
            await AuditLog.Write(unit, new AuditEntry("tenant.purge_requested", "tenant", id, Metadata: new { slug }), ct);
        },
        ct);

    public Task<IReadOnlyList<PlatformUser>> Users(string? query, Page page, CancellationToken ct) => databases.WithoutTenant().Many(
        $"select id, email, display_name, platform_role, is_active, last_login_at, created_at, tenants from iam.list_users({query}, {page.Before}, {page.Limit + 1})",
        row => new PlatformUser(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<bool>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset>(), row.Json<JsonElement>()), ct);

    /// <summary>Answers ok, missing or last_administrator.</summary>
    public Task<string> SetActive(Guid user, bool active, Actor actor, CancellationToken ct) => Log(actor).Atomically(
        async unit =>
        {
            var outcome = await unit.One($"select iam.set_user_active({user}, {active})", row => row.Get<string>(), ct);
            if (outcome == "ok")
            {
                await AuditLog.Write(unit, new AuditEntry(active ? "user.reactivated" : "user.deactivated", "user", user), ct);
            }

            return outcome;
        },
        ct);

    /// <summary>Opens a session in somebody's name; told in that tenant's own log. False when there is nobody to act for.</summary>
    public Task<bool> OpenImpersonation(Impersonate request, byte[] tokenHash, TimeSpan life, Actor actor, CancellationToken ct) => databases.For(new TenantId(request.TenantId), actor).Atomically(
        async unit =>
        {
            var opened = await unit.One(
                $"""
                select iam.open_impersonation({Guid.CreateVersion7()}, {actor.UserId}, {request.UserId}, {request.TenantId}, {tokenHash}, {(int)life.TotalSeconds}, {request.Reason},
                  {actor.Ip}::inet, {actor.UserAgent})
                """,
                row => row.Get<bool>(), ct);
            if (opened)
            {
                await AuditLog.Write(unit, new AuditEntry("impersonation.started", "user", request.UserId, Metadata: new { reason = request.Reason }), ct);
            }

            return opened;
        },
        ct);

    /// <summary>Who acts in this session; null for a session that is over, or the person's own.</summary>
    public Task<Impersonator?> ImpersonatorOf(byte[] tokenHash, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select id, display_name from iam.impersonator_of({tokenHash})", row => new Impersonator(row.Get<Guid>(), row.Get<string>()), ct);

    private Db Log(Actor actor) => databases.For(TenantId.Platform, actor);

    private static string? Json(JsonElement? value) => value is { ValueKind: JsonValueKind.Object } json ? json.GetRawText() : null;

    private static Sql Columns =>
        $"""
        select id, slug, name, status, plan_code, contact_email, contact_name, settings, metadata, member_count, created_at, suspended_at, suspended_reason, deleted_at
        """;

    private static Tenant Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), row.Json<JsonElement>(),
        row.Json<JsonElement>(), row.Get<long>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), row.Get<string?>(), row.Get<DateTimeOffset?>());
}

internal sealed record Impersonator(Guid Id, string DisplayName);
