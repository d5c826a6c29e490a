using Lyceum.Platform;

namespace Lyceum.Metering;

/// <summary>Which limits there are, and what is shown of them. Pure.</summary>
internal static class QuotaRules
{
    /// <summary>In the order people see them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["max_members", "max_teams", "max_api_keys", "max_collections", "max_documents", "max_storage_bytes", "requests_per_minute", "concurrent_runs", "tokens_per_month"];

    /// <summary>Why these cannot be set; null when they can.</summary>
    public static Problem? Fault(IReadOnlyList<TenantQuota> quotas, DateTimeOffset now) =>
        quotas.FirstOrDefault(q => !Names.Contains(q.Quota)) is { } unknown ? Problem.Invalid("unknown_quota", $"There is no limit '{unknown.Quota}'. There are {string.Join(", ", Names)}.")
        : quotas.GroupBy(q => q.Quota).FirstOrDefault(same => same.Count() > 1) is { } twice ? Problem.Invalid("quota_repeated", $"The limit '{twice.Key}' is there twice. Send it once.")
        : quotas.Any(q => q.ExpiresAt <= now) ? Problem.Invalid("expiry_in_the_past", "A limit would already have expired. Choose a time in the future.")
        : null;

    /// <summary>Every limit there is with what is used of it.</summary>
    public static IReadOnlyList<QuotaState> States(IReadOnlyList<QuotaLimit> limits, IReadOnlyDictionary<string, long> used) =>
    [
        .. from name in Names
           let limit = limits.FirstOrDefault(l => l.Quota == name)
           let source = limit is null ? "none" : limit.IsOverride ? "override" : "plan"
           select new QuotaState(name, used.GetValueOrDefault(name), limit?.Limit, limit?.PlanLimit, source, limit?.ExpiresAt, limit?.Reason),
    ];
}
