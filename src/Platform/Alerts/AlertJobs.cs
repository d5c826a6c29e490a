using Microsoft.Extensions.Logging;

namespace Lyceum.Platform;

/// <summary>Counts what ended badly in a tenant and makes the alerts that are due.</summary>
internal sealed class GatherAlertsJob(PlatformOptions options) : IJobHandler
{
    public string Type => "ops.alerts.gather";

    public Task Run(JobRun run, CancellationToken ct) => AlertStore.Gather(run.Db, options.PublicUrl, ct);
}

/// <summary>
/// Delivers one alert. Tries again with growing pauses for about three quarters of an hour; then the alert counts as failed, the channel says so, and
/// its next alert tells how many were missed. It ends well either way: an alert about alerts would go on for ever.
/// </summary>
internal sealed partial class DeliverAlertJob(IEnumerable<IAlertCarrier> carriers, AlertChannelStore channels, ILogger<DeliverAlertJob> log) : IJobHandler
{
    public const string JobType = "ops.alerts.deliver";
    public const int Attempts = 12;

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        if (run.Job.RefId is not { } id || await AlertStore.Find(run.Db, id, ct) is not { } alert)
        {
            return;
        }

        if (!alert.IsChannelEnabled)
        {
            await run.Db.Atomically(async unit =>
            {
                await AlertStore.End(unit, id, "The channel was switched off before this could be delivered.", isFinal: true, ct);
                await run.Complete(unit, ct);
            }, ct);
            return;
        }

        try
        {
            var carrier = carriers.FirstOrDefault(c => c.Kind == alert.Kind) ?? throw new AlertRefused($"This version delivers no alerts of kind {alert.Kind}.", isFinal: true);
            await carrier.Carry(
                new AlertDelivery(alert.Content, await channels.Target(run.Db, alert.ChannelId, ct), alert.Reached, address => AlertStore.Reach(run.Db, id, address, CancellationToken.None)), ct);
        }
        catch (Exception refused) when (refused is AlertRefused or SecretUnreadable)
        {
            await Refused(run, alert, refused, ct);
            return;
        }

        await run.Db.Atomically(
            async unit =>
            {
                await AlertStore.End(unit, id, null, isFinal: true, CancellationToken.None);
                await AlertChannelStore.NoteDelivered(unit, alert.ChannelId, CancellationToken.None);
                await run.Complete(unit, CancellationToken.None);
            },
            CancellationToken.None); // it is out: what can still be written about it is
    }

    private async Task Refused(JobRun run, AlertOnItsWay alert, Exception why, CancellationToken ct)
    {
        var reason = why is AlertRefused ? why.Message : Problem.Sentence(why);
        var isFinal = why is AlertRefused { IsFinal: true } || run.Job.Attempt >= Attempts;
        await run.Db.Atomically(
            async unit =>
            {
                await AlertStore.End(unit, alert.Id, reason, isFinal, ct);
                await AlertChannelStore.NoteRefused(unit, alert.ChannelId, reason, ct);
                if (isFinal)
                {
                    await run.Complete(unit, ct);
                }
            },
            ct);
        if (!isFinal)
        {
            throw new JobFailed(reason, final: false); // the sentence is all there is to know
        }

        LogGivenUp(log, alert.Id, alert.ChannelId, reason);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alert {Alert} could not be delivered on channel {Channel}: {Reason}")]
    private static partial void LogGivenUp(ILogger log, Guid alert, Guid channel, string reason);
}
