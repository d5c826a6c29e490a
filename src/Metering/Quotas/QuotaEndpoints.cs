using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Metering;

/// <summary>HTTP door of plans and limits: administrators of the installation set them, an organisation sees its own.</summary>
internal static class QuotaEndpoints
{
    public static void MapQuotas(this IEndpointRouteBuilder app)
    {
        var platform = app.MapGroup("/api/v1/platform").WithTags("Platform").NeedsInstallation();
        platform.MapGet("/plans", Plans).WithName("listPlans");
        platform.MapGet("/tenants/{id:guid}/limits", Get).WithName("getTenantLimits");
        platform.MapPut("/tenants/{id:guid}/limits", Set).WithName("setTenantLimits");
        app.MapGroup("/api/v1/metering").WithTags("Metering").MapGet("/limits", Own).Needs("iam.tenant.manage").WithName("getOwnLimits");
    }

    private static async Task<Ok<Paged<Plan>>> Plans(Db db, CancellationToken ct) => TypedResults.Ok(new Paged<Plan>(await QuotaStore.Plans(db, ct), null));

    private static async Task<Results<Ok<TenantLimits>, ProblemHttpResult>> Get(Guid id, Db db, Databases databases, Quotas quotas, CancellationToken ct) =>
        await State(databases.For(new TenantId(id), db.Actor), quotas, ct) is { } state ? TypedResults.Ok(state) : Problem.NotFound("tenant").ToResult();

    private static async Task<Results<Ok<TenantLimits>, ProblemHttpResult>> Set(
        Guid id, SetTenantLimits request, Db db, Databases databases, Quotas quotas, TimeProvider clock, CancellationToken ct)
    {
        if (QuotaRules.Fault(request.Overrides, clock.GetUtcNow()) is { } fault)
        {
            return fault.ToResult();
        }

        var found = await databases.For(TenantId.Platform, db.Actor).Atomically(
            async unit =>
            {
                if (!await TenantPlans.Set(unit, id, request.PlanCode, ct) || !await QuotaStore.Set(unit, id, request.Overrides, ct))
                {
                    return false;
                }

                await AuditLog.Write(unit, new AuditEntry("tenant.limits_set", "tenant", id, After: request), ct);
                unit.AfterCommit(quotas.Forget);
                return true;
            },
            ct);
        return found ? await Get(id, db, databases, quotas, ct) : Problem.NotFound("tenant").ToResult();
    }

    private static async Task<Ok<TenantLimits>> Own(Db db, Quotas quotas, CancellationToken ct) =>
        TypedResults.Ok(await State(db, quotas, ct) ?? throw new InvalidOperationException("One's own organisation is there."));

    private static async Task<TenantLimits?> State(Db db, Quotas quotas, CancellationToken ct) =>
        await TenantPlans.Of(db, ct) is { } plan
            ? new TenantLimits(plan.Code, QuotaRules.States(await QuotaStore.Limits(db, ct), await quotas.Used(db, ct)))
            : null;
}
