using System.Collections.Concurrent;
using Lyceum.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lyceum.Agents;

/// <summary>
/// Executes runs in this process: those started here at once, and those that wait for a process or lost theirs. Keeps their
/// leases alive, hears of Stop, and gives back what is unfinished when the process shuts down.
/// </summary>
internal sealed partial class RunHost(
    LeaseStore leases, Wakeups wakeups, Node node, AgentsOptions options, TimeProvider clock, IServiceScopeFactory scopes, ILogger<RunHost> log) : BackgroundService
{
    /// <summary>Wakes every process: a run waits, or one is to stop.</summary>
    public const string Topic = "runs";

    private readonly ConcurrentDictionary<Guid, (RunHandle Handle, Task Execution)> _held = new();
    private volatile bool _open;

    /// <summary>Whether a new run can begin here now; otherwise it is left for any process with room.</summary>
    public bool HasRoom => _open && _held.Count < options.ConcurrentRuns;

    /// <summary>Begins to execute a run that is leased to this process; <paramref name="begun"/> says what is known of one that was written just now.</summary>
    public void Take(TenantId tenant, Guid run, RunBegun? begun = null)
    {
        if (!_open || _held.ContainsKey(run))
        {
            return;
        }

        var handle = new RunHandle(tenant, run);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_held.TryAdd(run, (handle, Execute(handle, begun, begin.Task))))
        {
            begin.SetResult();
        }
        else
        {
            begin.SetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Stops a run that this process executes, without waiting for word from the database.</summary>
    public void StopHere(Guid run)
    {
        if (_held.TryGetValue(run, out var held))
        {
            held.Handle.Stop(StopCause.Cancelled);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _open = false;
        await base.StopAsync(cancellationToken);
        var held = _held.Values.ToArray();
        foreach (var (handle, _) in held)
        {
            handle.Stop(StopCause.Shutdown);
        }

        try
        {
            await Task.WhenAll(held.Select(h => h.Execution)).WaitAsync(TimeSpan.FromSeconds(10), clock, CancellationToken.None);
            await leases.Release(node.Name, [.. held.Select(h => h.Handle.Run)], CancellationToken.None);
        }
        catch (Exception fault) when (Outage.Is(fault) || fault is TimeoutException)
        {
            // Then their leases end by themselves.
            LogSkipped(log, fault.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var waiter = wakeups.Subscribe(Topic);
        _open = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Beat(stoppingToken);
                await waiter.Wait(options.Heartbeat, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogSkipped(log, fault.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Beat(CancellationToken ct)
    {
        var ids = _held.Keys.ToArray();
        if (ids.Length > 0)
        {
            var ours = (await leases.Extend(node.Name, ids, options.LeaseSeconds, ct)).ToDictionary(l => l.Run, l => l.Cancelled);
            foreach (var id in ids)
            {
                if (_held.TryGetValue(id, out var held))
                {
                    if (!ours.TryGetValue(id, out var cancelled))
                    {
                        held.Handle.Stop(StopCause.Lost);
                    }
                    else if (cancelled)
                    {
                        held.Handle.Stop(StopCause.Cancelled);
                    }
                }
            }
        }

        var room = options.ConcurrentRuns - _held.Count;
        if (room > 0)
        {
            foreach (var (tenant, run) in await leases.Claim(node.Name, room, options.LeaseSeconds, [.. _held.Keys], ct))
            {
                Take(new TenantId(tenant), run);
            }
        }
    }

    private async Task Execute(RunHandle handle, RunBegun? begun, Task begin)
    {
        try
        {
            await begin;
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<RunExecution>().Run(handle, begun);
        }
        catch (OperationCanceledException) when (begin.IsCanceled)
        {
            return;
        }
        catch (Exception fault)
        {
            // Nothing is lost: the lease ends, and this or another process goes on.
            LogAbandoned(log, fault, handle.Run, fault.Message);
        }
        finally
        {
            if (!begin.IsCanceled)
            {
                _held.TryRemove(handle.Run, out _);
                if (handle.Cause == StopCause.Lost)
                {
                    // A process that was only slow may have it back.
                    wakeups.WakeHere(Topic);
                }
            }

            handle.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A beat of the run engine was skipped: {Reason}")]
    private static partial void LogSkipped(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Run} was left by this process: {Reason}")]
    private static partial void LogAbandoned(ILogger log, Exception fault, Guid run, string reason);
}
