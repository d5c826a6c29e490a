using System.Globalization;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Whether this process can serve: the database answers within two seconds, every migration is applied, this month's and next
/// month's partitions are there. An old pgvector, waiting jobs and a place of files that does not answer are warnings. Looks at most once a second, however often it is asked.
/// </summary>
internal sealed class Readiness(Databases databases, JobStore jobs, ObjectBackends objects, MalwareScanner scanner, PlatformOptions options, IReadOnlyList<Migration> expected, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);
    private static readonly Version WantedVector = new(0, 8, 4);
    private const int SlowSeconds = 300, LeastFreeMegabytes = 512;
    private readonly SemaphoreSlim _one = new(1);
    private (DateTimeOffset At, Health Health)? _last;

    public async Task<Health> Look(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_last is not { } last || time.GetUtcNow() - last.At > Remembered)
            {
                _last = last = (time.GetUtcNow(), await LookNow(ct));
            }

            return last.Health;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<Health> LookNow(CancellationToken ct)
    {
        var checks = new Dictionary<string, HealthCheck>();
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        soon.CancelAfter(AtMost);
        try
        {
            var db = databases.WithoutTenant();
            var applied = (await db.Many($"select version from ops.schema_migrations", row => row.Get<string>(), soon.Token)).ToHashSet();
            checks["database"] = new HealthCheck("ok", "The database answers.");
            var missing = expected.Select(migration => migration.Version).Where(version => !applied.Contains(version)).ToList();
            checks["migrations"] = missing.Count == 0
                ? new HealthCheck("ok", "All migrations are applied.")
                : new HealthCheck("fail", $"Not applied: {string.Join(", ", missing.Take(5))}. Run ./lyceum migrate up.");
            if (missing.Count == 0)
            {
                checks["partitions"] = Partitions(await db.Many($"select missing_partitions from ops.missing_partitions()", row => row.Get<string>(), soon.Token));
                checks["pgvector"] = Vector(await db.OneOrNone($"select extversion from pg_extension where extname = 'vector'", row => row.Get<string>(), soon.Token));
                checks["queues"] = Queues(await jobs.Depths(soon.Token));
            }
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            checks["database"] = new HealthCheck("fail", $"The database does not answer within {AtMost.TotalSeconds:0} seconds.");
        }

        checks["objects"] = await Objects(ct);
        checks["disk"] = Disk(Path.Combine(options.Home, "objects") is var folder && Directory.Exists(folder) ? folder : options.Home);
        var worst = checks.Values.Any(c => c.Status == "fail") ? "fail" : checks.Values.Any(c => c.Status == "warn") ? "warn" : "ok";
        return new Health(worst, checks);
    }

    // A warning: everything but files goes on, and a process that is taken away does not bring the store back.
    private async Task<HealthCheck> Objects(CancellationToken ct)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        soon.CancelAfter(AtMost);
        try
        {
            return (await objects.Current.Fault(soon.Token) ?? await scanner.Fault(soon.Token)) is { } fault ? new HealthCheck("warn", fault) : new HealthCheck("ok", "The place of files answers.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new HealthCheck("warn", $"The place of files does not answer within {AtMost.TotalSeconds:0} seconds.");
        }
    }

    // A warning too: searches and answers need no room.
    internal static HealthCheck Disk(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace >> 20;
        return free >= LeastFreeMegabytes
            ? new HealthCheck("ok", string.Create(CultureInfo.InvariantCulture, $"The disk of LYCEUM_HOME has {free:N0} MB left."))
            : new HealthCheck("warn", string.Create(CultureInfo.InvariantCulture, $"The disk of LYCEUM_HOME has {free:N0} MB left. Files can soon not be taken any more: make room."));
    }

    private static HealthCheck Partitions(IReadOnlyList<string> missing) => missing.Count == 0
        ? new HealthCheck("ok", "This month's and next month's partitions are there.")
        : new HealthCheck("fail", $"Missing: {string.Join(", ", missing.Take(5))}. A daily job makes them; see that job workers run.");

    internal static HealthCheck Vector(string? version) => !Version.TryParse(version, out var parsed)
        ? new HealthCheck("fail", "The extension pgvector is not installed.")
        : parsed < WantedVector
            ? new HealthCheck("warn", $"pgvector is {version}; {WantedVector} or newer is wanted. Large indexes are built without parallelism below 0.8.2.")
            : new HealthCheck("ok", $"pgvector is {version}.");

    private static HealthCheck Queues(IReadOnlyList<QueueDepth> depths)
    {
        var slow = depths.Where(d => d.Status == "pending" && d.OldestSeconds > SlowSeconds).ToList();
        return slow.Count == 0
            ? new HealthCheck("ok", string.Create(CultureInfo.InvariantCulture, $"{depths.Where(d => d.Status == "pending").Sum(d => d.Jobs)} jobs wait, {depths.Where(d => d.Status == "dead").Sum(d => d.Jobs)} are dead."))
            : new HealthCheck("warn", $"Jobs wait for more than {SlowSeconds / 60} minutes in: {string.Join(", ", slow.Select(d => d.Queue))}.");
    }
}
