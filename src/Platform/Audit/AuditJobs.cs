using Microsoft.Extensions.Logging;

namespace Lyceum.Platform;

/// <summary>Writes down, outside the database, how far every tenant's chain has come.</summary>
internal sealed class CheckpointJob(Databases databases, Checkpoints checkpoints) : IJobHandler
{
    public const string JobType = "maintenance.checkpoints";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var ends = await databases.WithoutTenant().Many(
            $"select tenant_id, chain_position, row_hash from ops.audit_ends()", row => (row.Get<Guid>(), "end", row.Get<long>(), row.Get<byte[]>()), ct);
        checkpoints.Add(ends);
    }
}

/// <summary>Archives old months of the audit log, and drops old months of tables that are kept for a time only.</summary>
internal sealed partial class RetentionJob(Databases databases, AuditArchive archive, PlatformOptions options, ILogger<RetentionJob> log) : IJobHandler
{
    public const string JobType = "maintenance.retention";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        if (options.AuditMonths is { } months)
        {
            foreach (var partition in await archive.Run(months, ct))
            {
                LogArchived(log, partition);
            }
        }

        var old = await databases.WithoutTenant().Many(
            $"""
            select t.table_name, p from ops.partitioned_tables t, lateral ops.old_partitions(t.table_name, t.retention_months) p
            where t.retention_months is not null and t.table_name <> 'ops.audit_logs'
            """,
            row => (Table: row.Get<string>(), Partition: row.Get<string>()), ct);
        foreach (var (table, partition) in old)
        {
            await Partitions.Drop(databases, table, partition, ct);
            LogDropped(log, partition);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Archived and dropped {Partition}")]
    private static partial void LogArchived(ILogger log, string partition);

    [LoggerMessage(Level = LogLevel.Information, Message = "Dropped {Partition}: its time is over")]
    private static partial void LogDropped(ILogger log, string partition);
}
