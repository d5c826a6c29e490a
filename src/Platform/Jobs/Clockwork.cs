using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// The beat of a process: gives back jobs of dead processes, fires due schedules and alerts, publishes outbox events. Every
/// process does it; each beat's statement is exact under concurrency, so more processes only mean shorter waits.
/// </summary>
public sealed partial class Clockwork(JobStore jobs, EventStore events, Wakeups wakeups, Node node, ILogger<Clockwork> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var waiter = wakeups.Subscribe("events");
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await events.Publish(500, stoppingToken) == 500)
                {
                }

                await jobs.Reap(stoppingToken);
                await jobs.FireSchedules(node.Name, stoppingToken);
                await jobs.FireAlerts(stoppingToken);
                await waiter.Wait(TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.IO.IOException)
            {
                LogSkipped(log, fault.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A beat of the clockwork was skipped: {Reason}")]
    private static partial void LogSkipped(ILogger log, string reason);
}
