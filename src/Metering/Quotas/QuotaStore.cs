using System.Diagnostics;
using Lyceum.Platform;

namespace Lyceum.Metering;

/// <summary>One limit that counts for a tenant: its own before its plan's. A null limit is none.</summary>
internal sealed record QuotaLimit(string Quota, long? Limit, long? PlanLimit, bool IsOverride, DateTimeOffset? ExpiresAt, string? Reason);

/// <summary>Reads plans and limits, and writes metering.tenant_quotas through its function.</summary>
internal static class QuotaStore
{
    public static Task<IReadOnlyList<QuotaLimit>> Limits(Db db, CancellationToken ct) => db.Many(LimitsOfTenant, Read, ct);

    public static Task<IReadOnlyList<QuotaLimit>> Limits(Unit unit, CancellationToken ct) => unit.Many(LimitsOfTenant, Read, ct);

    public static Task<IReadOnlyList<Plan>> Plans(Db db, CancellationToken ct) => db.Many(
        $"""
        select p.code, p.name, coalesce((select jsonb_object_agg(l.quota_code, l.limit_value) from metering.plan_limits l
          where l.tenant_id = p.tenant_id and l.plan_id = p.id and l.limit_value is not null), jsonb_build_object())::text
        from metering.subscription_plans p where p.tenant_id = ops.platform_tenant() and p.is_active order by p.id limit 100
        """,
        row => new Plan(row.Get<string>(), row.Get<string>(), row.Json<Dictionary<string, long>>()), ct);

    /// <summary>Puts these in the place of all the tenant had. False when there is no such tenant.</summary>
    public static Task<bool> Set(Unit unit, Guid tenant, IReadOnlyList<TenantQuota> quotas, CancellationToken ct) => unit.One(
        $"""
        select metering.set_quotas({tenant}, {quotas.Select(q => q.Quota).ToArray()}, {quotas.Select(q => q.Limit).ToArray()},
          {quotas.Select(q => q.ExpiresAt?.ToUniversalTime()).ToArray()}, {quotas.Select(q => q.Reason).ToArray()})
        """,
        row => row.Get<bool>(), ct);

    /// <summary>The limit, held until the transaction ends; null, and nothing held, when there is none.</summary>
    public static Task<long?> Hold(Unit unit, string quota, CancellationToken ct) => unit.One(
        $"select metering.hold_limit({unit.Tenant.Value}, {quota})", row => row.Get<long?>(), ct);

    /// <summary>Refuses in the words of the database, which holds some limits itself: throws a <see cref="ProblemException"/>.</summary>
    public static async Task<UnreachableException> Refuse(Db db, string quota, long used, long limit, int? retry, CancellationToken ct)
    {
        await db.Run(Refusal(quota, used, limit, retry), ct);
        return new UnreachableException();
    }

    public static async Task<UnreachableException> Refuse(Unit unit, string quota, long used, long limit, CancellationToken ct)
    {
        await unit.Run(Refusal(quota, used, limit, null), ct);
        return new UnreachableException();
    }

    /// <summary>Takes one request of the running minute: how many were taken, or null when all are, and the seconds until the next minute.</summary>
    public static Task<(int? Taken, int Seconds)> TakeRequest(Db db, long limit, CancellationToken ct) => db.One(
        $"""
        with taken as (
          insert into metering.rate_limit_counters as w (scope_type, window_start, requests)
          select 'tenant', date_trunc('minute', now()), 1 where {limit} > 0
          on conflict (tenant_id, scope_type) do update set
            requests = case when w.window_start >= excluded.window_start then w.requests + 1 else 1 end, window_start = greatest(w.window_start, excluded.window_start)
          where w.window_start < excluded.window_start or w.requests < {limit}
          returning requests)
        select (select requests from taken), greatest(1, ceil(60 - extract(second from clock_timestamp())))::int
        """,
        row => (row.Get<int?>(), row.Get<int>()), ct);

    public static Task<long> RequestsNow(Unit unit, CancellationToken ct) => unit.One(
        $"select coalesce((select requests from metering.rate_limit_counters where scope_type = 'tenant' and window_start = date_trunc('minute', now())), 0)::bigint",
        row => row.Get<long>(), ct);

    private static Sql LimitsOfTenant => $"select quota_code, limit_value, plan_value, is_override, expires_at, reason from metering.limits_of(ops.tenant())";

    private static Sql Refusal(string quota, long used, long limit, int? retry) => $"select metering.refuse_quota({quota}, {used}, {limit}, {retry})";

    private static QuotaLimit Read(Row row) => new(
        row.Get<string>(), row.Get<long?>(), row.Get<long?>(), row.Get<bool>(), row.Get<DateTimeOffset?>(), row.Get<string?>());
}
