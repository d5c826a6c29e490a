using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>Why a run's execution in this process stops before the model is done.</summary>
internal enum StopCause
{
    None,

    /// <summary>Somebody pressed Stop.</summary>
    Cancelled,

    /// <summary>The run took as long as it may.</summary>
    TimeLimit,

    /// <summary>The answer grew as long as it may, and the provider did not stop by itself.</summary>
    Length,

    /// <summary>Another process has the run now.</summary>
    Lost,

    /// <summary>This process shuts down; another one goes on.</summary>
    Shutdown,
}

/// <summary>A run that this process executes: how to stop it, and why it was stopped. The first cause counts.</summary>
internal sealed class RunHandle(TenantId tenant, Guid run) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private int _cause;

    public TenantId Tenant { get; } = tenant;

    public Guid Run { get; } = run;

    public CancellationToken Stopping => _stop.Token;

    public StopCause Cause => (StopCause)Volatile.Read(ref _cause);

    public void Stop(StopCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, 0) != 0)
        {
            return;
        }

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
