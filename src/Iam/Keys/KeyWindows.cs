using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Counts the requests of keys that have a limit, in iam.api_key_windows: exact over all processes, by the minute of the database's clock.</summary>
internal static class KeyWindows
{
    /// <summary>Takes one request of the running minute. How many are left, or null and the seconds until the next minute.</summary>
    public static async Task<(int? Left, int Seconds)> Take(Db db, Guid key, int limit, CancellationToken ct)
    {
        // One that waited for the row while the minute turned counts in the minute it finds.
        var taken = await db.One(
            $"""
            with taken as (
              insert into iam.api_key_windows as w (api_key_id, window_start, requests)
              select {key}, date_trunc('minute', now()), 1 where {limit} > 0
              on conflict (tenant_id, api_key_id) do update set
                requests = case when w.window_start >= excluded.window_start then w.requests + 1 else 1 end, window_start = greatest(w.window_start, excluded.window_start)
              where w.window_start < excluded.window_start or w.requests < {limit}
              returning requests)
            select (select requests from taken), greatest(1, ceil(60 - extract(second from clock_timestamp())))::int
            """,
            row => (Requests: row.Get<int?>(), Seconds: row.Get<int>()), ct);
        return (limit - taken.Requests, taken.Seconds);
    }
}
