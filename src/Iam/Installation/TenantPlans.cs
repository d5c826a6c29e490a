using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>The plan a tenant is on, for Metering, which knows what plans limit.</summary>
public static class TenantPlans
{
    /// <summary>The code of the database's tenant, null for no plan; null for no such tenant.</summary>
    public static async Task<TenantPlan?> Of(Db db, CancellationToken ct) => await db.OneOrNone(
        $"select plan_code from iam.tenants where id = ops.tenant() and id <> ops.platform_tenant()", row => new TenantPlan(row.Get<string?>()), ct);

    /// <summary>Puts a tenant on a plan, or takes it off with null. False when there is no such tenant; an unknown plan is refused.</summary>
    public static Task<bool> Set(Unit unit, Guid tenant, string? plan, CancellationToken ct) => unit.One(
        $"select iam.set_plan({tenant}, {plan})", row => row.Get<bool>(), ct);
}

public sealed record TenantPlan(string? Code);
