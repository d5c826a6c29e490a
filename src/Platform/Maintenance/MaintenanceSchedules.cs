using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>Makes the platform's recurring work known to the database, once for any number of processes, and waits for the database if it must.</summary>
internal sealed partial class MaintenanceSchedules(Databases databases, ILogger<MaintenanceSchedules> log) : BackgroundService
{
    private static readonly (string Kind, TimeSpan Interval)[] All =
    [
        (PartitionsJob.JobType, TimeSpan.FromDays(1)),
        (SweepJob.JobType, TimeSpan.FromHours(1)),
        (ObjectSweepJob.JobType, TimeSpan.FromHours(1)),
        (RotateSecretsJob.JobType, TimeSpan.FromHours(1)),
        (CheckpointJob.JobType, TimeSpan.FromMinutes(15)),
        (RetentionJob.JobType, TimeSpan.FromDays(1)),
    ];

    /// <summary>Writes the schedules; doing it again changes nothing.</summary>
    public Task Register(CancellationToken ct) => databases.For(TenantId.Platform, Actor.System()).Atomically(
        async unit =>
        {
            foreach (var (kind, interval) in All)
            {
                await JobStore.Schedule(unit, kind, null, interval, null, ct);
            }
        },
        ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = TimeSpan.FromSeconds(1); !stoppingToken.IsCancellationRequested; wait = TimeSpan.FromSeconds(Math.Min(60, wait.TotalSeconds * 2)))
        {
            try
            {
                await Register(stoppingToken);
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
            {
                LogLater(log, fault.Message);
                await Task.Delay(wait, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Maintenance schedules cannot be written yet, trying again: {Reason}")]
    private static partial void LogLater(ILogger log, string reason);
}
