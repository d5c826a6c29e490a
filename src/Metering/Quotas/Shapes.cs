using System.ComponentModel.DataAnnotations;

namespace Lyceum.Metering;

/// <summary>A plan and what it limits; what it does not name is not limited.</summary>
public sealed record Plan(string Code, string Name, IReadOnlyDictionary<string, long> Limits);

/// <summary>
/// One limit of an organisation and how much of it is used. Limit is what counts now, null for none; PlanLimit is the plan's own. Source is plan,
/// override or none. What counts by the minute or the month is of the running one (UTC).
/// </summary>
public sealed record QuotaState(string Quota, long Used, long? Limit, long? PlanLimit, string Source, DateTimeOffset? ExpiresAt, string? Reason);

/// <summary>The plan of an organisation, null for none, and all its limits.</summary>
public sealed record TenantLimits(string? PlanCode, IReadOnlyList<QuotaState> Quotas);

/// <summary>A limit of one organisation that goes before its plan's: null for any amount, 0 for none; until ExpiresAt, or for ever.</summary>
public sealed record TenantQuota(
    [property: Required, MaxLength(50)] string Quota, [property: Range(0, 1_000_000_000_000_000)] long? Limit, DateTimeOffset? ExpiresAt = null, [property: MaxLength(500)] string? Reason = null);

/// <summary>The plan, null for none, and all limits that go before the plan's; those that are left out follow the plan.</summary>
public sealed record SetTenantLimits([property: MaxLength(50)] string? PlanCode, [property: Required, MaxLength(20)] IReadOnlyList<TenantQuota> Overrides);
