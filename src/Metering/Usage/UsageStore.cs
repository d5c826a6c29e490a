using Lyceum.Platform;

namespace Lyceum.Metering;

/// <summary>Reads the ledger in sums.</summary>
internal sealed class UsageStore(Db db)
{
    // An id rises with the time its use began, so the bounds on id leave all other months' partitions unread.
    public Task<IReadOnlyList<UsageRow>> Sum(DateTimeOffset from, DateTimeOffset to, UsageGroup by, int limit, CancellationToken ct) => db.Many(
        $"""
        select key, jsonb_object_agg(metric_type, quantity) from (
          select {KeyOf(by)} as key, metric_type, sum(quantity)::bigint as quantity
          from metering.usage_events
          where tenant_id = ops.tenant() and occurred_at >= {from} and occurred_at < {to}
            and id >= ops.uuid7_floor({from}) and id < ops.uuid7_floor({to})
          group by 1, 2) sums
        group by key order by {(by == UsageGroup.Day ? (Sql)$"key" : $"sum(quantity) desc, key")} limit {limit}
        """,
        row => new UsageRow(row.Get<string?>(), row.Json<Dictionary<string, long>>()), ct);

    /// <summary>Seconds until a key's tokens of the last minute are below the limit; 0 when they are.</summary>
    public static Task<int> SecondsUntilBelow(Db db, Guid key, int limit, CancellationToken ct) => db.One(
        $"""
        select case when {limit} = 0 then 60 else coalesce((
          select ceil(extract(epoch from max(occurred_at) + interval '1 minute' - now()))::int from (
            select occurred_at, sum(quantity) over (order by occurred_at desc, id desc) as newer
            from metering.usage_events
            where tenant_id = ops.tenant() and api_key_id = {key} and metric_type in ('prompt_tokens', 'completion_tokens', 'embedding_tokens')
              and occurred_at > now() - interval '1 minute' and id >= ops.uuid7_floor(now() - interval '1 minute')) used
          where newer >= {limit}), 0) end
        """,
        row => row.Get<int>(), ct);

    /// <summary>Tokens of models the tenant used since the month began (UTC).</summary>
    internal static Task<long> TokensThisMonth(Unit unit, CancellationToken ct) => unit.One(
        $"""
        select coalesce(sum(quantity), 0)::bigint from metering.usage_events, (select date_trunc('month', now() at time zone 'utc') at time zone 'utc' as start) month
        where tenant_id = ops.tenant() and metric_type in ('prompt_tokens', 'completion_tokens', 'embedding_tokens') and occurred_at >= month.start
          and id >= ops.uuid7_floor(date_trunc('month', now() at time zone 'utc') at time zone 'utc')
        """,
        row => row.Get<long>(), ct);

    private static Sql KeyOf(UsageGroup by) => by switch
    {
        UsageGroup.User => $"user_id::text",
        UsageGroup.Key => $"api_key_id::text",
        UsageGroup.Day => $"to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD')",
        _ => $"model_id::text",
    };
}
