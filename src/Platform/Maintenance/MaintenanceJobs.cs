using Microsoft.Extensions.Logging;

namespace Lyceum.Platform;

/// <summary>Makes the partitions of the months ahead, so that no insert ever finds its month missing.</summary>
internal sealed class PartitionsJob(Databases databases) : IJobHandler
{
    public const string JobType = "maintenance.partitions";

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => databases.WithoutTenant().One($"select ops.ensure_partitions(3)", row => row.Get<int>(), ct);
}

/// <summary>Removes ended jobs and published events after a week, and kept answers after their day.</summary>
internal sealed class SweepJob(Databases databases, JobStore jobs) : IJobHandler
{
    public const string JobType = "maintenance.sweep";
    private const int KeepDays = 7;
    private const int MostRounds = 200;

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        // Short statements, one after the other; what is left after this hour's share goes with the next.
        for (var round = 0; round < MostRounds && await jobs.Sweep(KeepDays, ct) > 0; round++)
        {
        }

        for (var round = 0; round < MostRounds && await IdempotencyStore.Sweep(databases, ct) > 0; round++)
        {
        }
    }
}

/// <summary>Removes what crashes left of stored files, tenant by tenant, then files that no row knows and old temporary files.</summary>
internal sealed partial class ObjectSweepJob(Databases databases, ObjectStore objects, PlatformOptions options, TimeProvider time, ILogger<ObjectSweepJob> log) : IJobHandler
{
    public const string JobType = "maintenance.objects";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var (unfinished, deleted, expired, uploads) = (0, 0, 0, 0);
        var tenants = await databases.WithoutTenant().Many(
            $"select tenants_with_stale_objects from ops.tenants_with_stale_objects({(int)ObjectStore.Abandoned.TotalMinutes})", row => row.Get<Guid>(), ct);
        foreach (var tenant in tenants)
        {
            var db = databases.For(new TenantId(tenant), Actor.System(run.Job.CorrelationId));
            uploads += await UploadStore.Sweep(db, ct);
            var swept = await objects.Sweep(db, ct);
            (unfinished, deleted, expired) = (unfinished + swept.Unfinished, deleted + swept.Deleted, expired + swept.Expired);
        }

        var unknown = await objects.SweepUnknown(databases, ct);
        var scratch = Scratch.Sweep(options, time.GetUtcNow() - TimeSpan.FromDays(1));
        if (unfinished + deleted + expired + uploads + unknown + scratch > 0)
        {
            LogSwept(log, unfinished, deleted, expired, uploads, unknown, scratch);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Swept objects: {Unfinished} unfinished, {Deleted} deleted, {Expired} never kept, {Uploads} uploads in parts, {Unknown} files without a row, {Scratch} old temporary files")]
    private static partial void LogSwept(ILogger log, int unfinished, int deleted, int expired, int uploads, int unknown, int scratch);
}

/// <summary>While LYCEUM_MASTER_KEY_PREVIOUS is set, encrypts every tenant's secrets anew under the current master key, and wraps the keys of stored files anew.</summary>
internal sealed partial class RotateSecretsJob(Databases databases, SecretStore secrets, MasterKey master, ILogger<RotateSecretsJob> log) : IJobHandler
{
    public const string JobType = "maintenance.secrets";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var tenants = await databases.WithoutTenant().Many($"select tenants_with_old_key from ops.tenants_with_old_key({master.Id})", row => row.Get<Guid>(), ct);
        var rotated = 0;
        foreach (var tenant in tenants)
        {
            var db = databases.For(new TenantId(tenant), Actor.System(run.Job.CorrelationId));
            rotated += await secrets.Rotate(db, ct) + (master.PreviousId is null ? 0 : await DatabaseObjects.Rotate(db, master, ct));
        }

        if (rotated > 0)
        {
            LogRotated(log, rotated, tenants.Count);
        }
        else if (tenants.Count > 0)
        {
            LogUnreadable(log, tenants.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Encrypted {Count} secrets and keys of {Tenants} tenants under the current master key")]
    private static partial void LogRotated(ILogger log, int count, int tenants);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Tenants} tenants have secrets under another master key; set LYCEUM_MASTER_KEY_PREVIOUS to it to move them")]
    private static partial void LogUnreadable(ILogger log, int tenants);
}
