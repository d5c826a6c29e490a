namespace Lyceum.Platform;

/// <summary>An attempt this process holds: waiting for a worker, running, or waiting for its end to be written.</summary>
internal sealed class HeldJob(ClaimedJob job, CancellationToken stopping) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private volatile bool _lost;

    public ClaimedJob Job { get; } = job;

    public CancellationToken Token => _stop.Token;

    /// <summary>Stopped from outside: the process ends, or the lease is another's.</summary>
    public bool IsInterrupted => _lost || stopping.IsCancellationRequested;

    public void LimitTo(TimeSpan time) => _stop.CancelAfter(time);

    public void Lose()
    {
        _lost = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }

    public void Dispose() => _stop.Dispose();
}
