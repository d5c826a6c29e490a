using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Runs the jobs of one queue in this process: claims batches, keeps their leases alive, ends them in batches. A job
/// whose process dies is given back when its lease ends; nothing is lost, and what a handler commits together with
/// <see cref="JobRun.Complete"/> happens once.
/// </summary>
public sealed partial class JobRunner(
    JobQueue queue, JobStore store, Databases databases, Wakeups wakeups, Node node, IServiceScopeFactory scopes, ILogger<JobRunner> log) : BackgroundService
{
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _held = new();
    private readonly Channel<(Guid Id, string? Error, bool Final)> _ends = Channel.CreateUnbounded<(Guid, string?, bool)>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var afterWork = new CancellationTokenSource();
        var upkeep = KeepLeases(afterWork.Token);
        var ends = WriteEnds();
        var workers = new SemaphoreSlim(queue.Workers);
        using var waiter = wakeups.Subscribe($"jobs:{queue.Name}");
        var running = new ConcurrentDictionary<Guid, Task>();
        var after = Guid.Empty;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await workers.WaitAsync(stoppingToken);
                workers.Release();
                // As many as there are idle workers, plus a few in hand where jobs are short.
                var room = Math.Min(queue.Batch, Math.Max(workers.CurrentCount, queue.Batch - running.Count));
                var jobs = room > 0 ? await store.Claim(queue.Name, node.Name, room, queue.LeaseSeconds, queue.PerTenant, after, stoppingToken) : [];
                foreach (var job in jobs)
                {
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    _held[job.Id] = stop;
                    running[job.Id] = Task.Run(async () =>
                    {
                        await workers.WaitAsync(CancellationToken.None);
                        try
                        {
                            await RunOne(job, stop);
                        }
                        finally
                        {
                            workers.Release();
                            running.TryRemove(job.Id, out _);
                        }
                    }, CancellationToken.None);
                }

                if (jobs.Count > 0)
                {
                    after = jobs[^1].Tenant.Value;
                }
                else
                {
                    await waiter.Wait(LookAnyway, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.IO.IOException)
            {
                LogCannotClaim(log, queue.Name, fault.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(running.Values);
        _ends.Writer.Complete();
        await ends;
        await afterWork.CancelAsync();
        await upkeep;
    }

    private async Task RunOne(ClaimedJob job, CancellationTokenSource stop)
    {
        using var activity = LyceumTelemetry.Activities.StartActivity($"job {job.Type}");
        activity?.SetTag("lyceum.job", job.Id).SetTag("lyceum.tenant", job.Tenant.Value).SetTag("lyceum.correlation", job.CorrelationId);
        var watch = Stopwatch.StartNew();
        var outcome = "completed";
        try
        {
            stop.Token.ThrowIfCancellationRequested();
            var db = databases.For(job.Tenant, Actor.System(job.CorrelationId) with { AccessType = "automation", Label = job.Type });
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CurrentDb>().Set(db);
            var handler = scope.ServiceProvider.GetServices<IJobHandler>().FirstOrDefault(h => h.Type == job.Type)
                ?? throw new JobFailed($"No handler for jobs of type {job.Type} in this version.", final: false);
            var run = new JobRun(job, db, node.Name);
            await handler.Run(run, stop.Token);
            if (!run.Completed)
            {
                _ends.Writer.TryWrite((job.Id, null, false));
            }
        }
        catch (LeaseLost)
        {
            outcome = "lost";
            LogLost(log, job.Type, job.Id);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Shutting down, or the lease is gone. Given back at once; finish_jobs touches only what is still ours.
            outcome = "interrupted";
            _ends.Writer.TryWrite((job.Id, "The process that ran this job was shut down.", false));
        }
        catch (JobFailed fault)
        {
            outcome = "failed";
            LogFailed(log, fault.InnerException, job.Type, job.Id, job.Attempt, fault.Message);
            _ends.Writer.TryWrite((job.Id, fault.Message, fault.Final));
        }
        catch (Exception fault)
        {
            outcome = "failed";
            LogFailed(log, fault, job.Type, job.Id, job.Attempt, fault.Message);
            _ends.Writer.TryWrite((job.Id, Problem.Sentence(fault), false));
        }
        finally
        {
            _held.TryRemove(job.Id, out _);
            stop.Dispose();
            LyceumTelemetry.JobSeconds.Record(watch.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("type", job.Type), new("outcome", outcome));
        }
    }

    // Ends are collected while the one before is written: under load one statement ends many jobs.
    private async Task WriteEnds()
    {
        var batch = new List<(Guid, string?, bool)>();
        while (await _ends.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < 500 && _ends.Reader.TryRead(out var end))
            {
                batch.Add(end);
            }

            try
            {
                await store.Finish(node.Name, batch, CancellationToken.None);
                batch.Clear();
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.IO.IOException)
            {
                // The database is away. Try again for as long as the leases hold; after that the jobs run once more elsewhere.
                LogCannotEnd(log, queue.Name, fault.Message);
                if (_ends.Reader.Completion.IsCompleted)
                {
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
            }
        }
    }

    private async Task KeepLeases(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(queue.LeaseSeconds / 3.0));
        while (await Ticks(timer, ct))
        {
            var ids = _held.Keys.ToArray();
            if (ids.Length == 0)
            {
                continue;
            }

            try
            {
                var ours = (await store.Extend(node.Name, ids, queue.LeaseSeconds, ct)).ToHashSet();
                foreach (var id in ids.Where(id => !ours.Contains(id)))
                {
                    if (_held.TryGetValue(id, out var stop))
                    {
                        await stop.CancelAsync();
                    }
                }
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.IO.IOException or OperationCanceledException or ObjectDisposedException)
            {
                LogCannotExtend(log, queue.Name, fault.Message);
            }
        }
    }

    private static async Task<bool> Ticks(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot claim jobs of queue {Queue}, trying again: {Reason}")]
    private static partial void LogCannotClaim(ILogger log, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot end jobs of queue {Queue}, trying again: {Reason}")]
    private static partial void LogCannotEnd(ILogger log, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot renew leases of queue {Queue}: {Reason}")]
    private static partial void LogCannotExtend(ILogger log, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Type} {Id} was taken over by another process; its work here was rolled back")]
    private static partial void LogLost(ILogger log, string type, Guid id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Type} {Id} failed in attempt {Attempt}: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? fault, string type, Guid id, int attempt, string reason);
}
