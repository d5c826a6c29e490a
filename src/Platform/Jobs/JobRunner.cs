using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Runs the jobs of one queue in this process: claims batches, keeps their leases alive until their ends are written,
/// ends them in batches. A job whose process dies is given back when its lease ends; nothing is lost, and what a handler
/// commits together with <see cref="JobRun.Complete"/> happens once. A shutdown gives jobs back at once and costs them no attempt.
/// </summary>
public sealed partial class JobRunner : BackgroundService
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    // So much work is held in hand that workers need not wait for a claim, and so little that other processes get theirs.
    private const double HeldSeconds = 0.2;

    private readonly JobQueue _queue;
    private readonly JobStore _store;
    private readonly Databases _databases;
    private readonly Wakeups _wakeups;
    private readonly Node _node;
    private readonly JobHandlers _handlers;
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<JobRunner> _log;
    private readonly ConcurrentDictionary<(Guid Id, int Attempt), HeldJob> _held = new();
    private readonly Channel<HeldJob> _waiting = Channel.CreateUnbounded<HeldJob>();
    private readonly Channel<JobEnd> _ends = Channel.CreateUnbounded<JobEnd>(new UnboundedChannelOptions { SingleReader = true });
    private double _secondsPerJob = HeldSeconds;

    internal JobRunner(JobQueue queue, JobStore store, Databases databases, Wakeups wakeups, Node node, JobHandlers handlers, IServiceScopeFactory scopes, ILogger<JobRunner> log) =>
        (_queue, _store, _databases, _wakeups, _node, _handlers, _scopes, _log) = (queue, store, databases, wakeups, node, handlers, scopes, log);

    private string Topic => $"jobs:{_queue.Name}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var afterWork = new CancellationTokenSource();
        var upkeep = KeepLeases(afterWork.Token);
        var ends = WriteEnds(stoppingToken);
        var workers = Enumerable.Range(0, _queue.Workers).Select(_ => Task.Run(Work, CancellationToken.None)).ToArray();

        await ClaimUntil(stoppingToken);

        _waiting.Writer.Complete();
        await Task.WhenAll(workers);
        _ends.Writer.Complete();
        await ends;
        await afterWork.CancelAsync();
        await upkeep;
    }

    private async Task ClaimUntil(CancellationToken stopping)
    {
        using var waiter = _wakeups.Subscribe(Topic);
        var after = Guid.Empty;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var room = Room();
                var jobs = room > 0 ? await _store.Claim(_queue.Name, _node.Name, room, _queue.LeaseSeconds, _queue.PerTenant, after, stopping) : [];
                foreach (var job in jobs)
                {
                    var held = new HeldJob(job, stopping);
                    _held[(job.Id, job.Attempt)] = held;
                    _waiting.Writer.TryWrite(held);
                    after = job.Tenant.Value;
                }

                if (jobs.Count == 0)
                {
                    await waiter.Wait(TimeSpan.FromSeconds(_queue.LookAnywaySeconds), stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
            {
                LogCannotClaim(_log, _queue.Name, fault.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // As many as there are workers; where jobs are short, what they do in a fifth of a second, claimed when half is done.
    private int Room()
    {
        var wanted = Math.Clamp((int)(_queue.Workers * HeldSeconds / Math.Max(_secondsPerJob, 0.000_1)), _queue.Workers, Math.Max(_queue.Workers, _queue.Batch));
        var room = wanted - _held.Count;
        return wanted > 2 * _queue.Workers && room < wanted / 2 ? 0 : Math.Max(0, room);
    }

    private async Task Work()
    {
        await foreach (var held in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            var watch = Stopwatch.StartNew();
            var (outcome, end) = await RunOne(held);
            if (end is null)
            {
                // The handler wrote its own end.
                Drop(held.Job);
                _wakeups.WakeHere(Topic);
            }
            else
            {
                _ends.Writer.TryWrite(end);
            }

            // Races between workers lose a sample, no more.
            _secondsPerJob = (_secondsPerJob * 0.9) + (watch.Elapsed.TotalSeconds * 0.1);
            LyceumTelemetry.JobSeconds.Record(watch.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("type", held.Job.Type), new("outcome", outcome));
        }
    }

    private async Task<(string Outcome, JobEnd? End)> RunOne(HeldJob held)
    {
        var job = held.Job;
        using var activity = LyceumTelemetry.Activities.StartActivity($"job {job.Type}");
        activity?.SetTag("lyceum.job", job.Id).SetTag("lyceum.tenant", job.Tenant.Value).SetTag("lyceum.correlation", job.CorrelationId);
        try
        {
            held.Token.ThrowIfCancellationRequested();
            held.LimitTo(TimeSpan.FromSeconds(_queue.TimeLimitSeconds));
            var db = _databases.For(job.Tenant, Actor.System(job.CorrelationId) with { AccessType = "automation", Label = job.Type });
            await using var scope = _scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CurrentDb>().Set(db);
            var run = new JobRun(job, db, _node.Name);
            await _handlers.Of(job.Type, scope.ServiceProvider).Run(run, held.Token);
            return ("completed", run.Completed ? null : new JobEnd(job, null));
        }
        catch (LeaseLost)
        {
            LogLost(_log, job.Type, job.Id);
            return ("lost", new JobEnd(job, null, Released: true));
        }
        catch (Exception) when (held.IsInterrupted)
        {
            // Shutting down, or the lease is gone; whatever was thrown follows from that. Only what is still ours is given back.
            return ("interrupted", new JobEnd(job, null, Released: true));
        }
        catch (OperationCanceledException fault) when (held.Token.IsCancellationRequested)
        {
            LogFailed(_log, fault, job.Type, job.Id, job.Attempt, "time limit");
            return ("failed", new JobEnd(job, $"The work took longer than the {_queue.TimeLimitSeconds} seconds allowed."));
        }
        catch (JobFailed fault)
        {
            LogFailed(_log, fault.InnerException, job.Type, job.Id, job.Attempt, fault.Message);
            return ("failed", new JobEnd(job, fault.Message, fault.Final));
        }
        catch (Exception fault)
        {
            LogFailed(_log, fault, job.Type, job.Id, job.Attempt, fault.Message);
            return ("failed", new JobEnd(job, Problem.Sentence(fault)));
        }
    }

    // Ends are collected while the ones before are written: under load one statement ends many jobs. Until then their
    // leases are kept, so a slow database makes nothing run twice.
    private async Task WriteEnds(CancellationToken stopping)
    {
        var batch = new List<JobEnd>();
        var deadline = new Stopwatch();
        while (batch.Count > 0 || await _ends.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < 500 && _ends.Reader.TryRead(out var end))
            {
                batch.Add(end);
            }

            try
            {
                await _store.Finish(_node.Name, batch, CancellationToken.None);
                batch.ForEach(end => Drop(end.Job));
                batch.Clear();
                // A tenant at its limit, or this runner with its hands full, may go on now.
                _wakeups.WakeHere(Topic);
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
            {
                LogCannotEnd(_log, _queue.Name, fault.Message);
                if (stopping.IsCancellationRequested)
                {
                    deadline.Start();
                }

                if (deadline.Elapsed > LastWords)
                {
                    // The leases end by themselves and the jobs run once more elsewhere.
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(300), CancellationToken.None);
            }
        }
    }

    private void Drop(ClaimedJob job)
    {
        if (_held.TryRemove((job.Id, job.Attempt), out var held))
        {
            held.Dispose();
        }
    }

    private async Task KeepLeases(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_queue.LeaseSeconds / 3.0));
        while (await Ticks(timer, ct))
        {
            var held = _held.Values.ToArray();
            if (held.Length == 0)
            {
                continue;
            }

            try
            {
                var ours = (await _store.Extend(_node.Name, [.. held.Select(h => h.Job)], _queue.LeaseSeconds, ct)).ToHashSet();
                foreach (var lost in held.Where(h => !ours.Contains(h.Job.Id)))
                {
                    lost.Lose();
                }
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException or OperationCanceledException)
            {
                LogCannotExtend(_log, _queue.Name, fault.Message);
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
