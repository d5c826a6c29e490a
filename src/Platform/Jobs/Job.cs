using System.Text.Json;

namespace Lyceum.Platform;

/// <summary>A piece of background work to enqueue. <paramref name="DedupKey"/>: at most one pending or running job of the tenant and queue has it.</summary>
public sealed record NewJob(
    string Queue, string Type, object? Input = null, string? RefType = null, Guid? RefId = null, Guid? DocumentId = null,
    string? DedupKey = null, int Priority = 0, int MaxAttempts = 5, TimeSpan? Delay = null);

/// <summary>A job this process holds under a lease.</summary>
public sealed record ClaimedJob(
    Guid Id, TenantId Tenant, string Type, string? RefType, Guid? RefId, Guid? DocumentId, string? InputJson, int Attempt, int MaxAttempts, string? CorrelationId)
{
    /// <summary>The input it was enqueued with.</summary>
    public T Input<T>() => JsonSerializer.Deserialize<T>(InputJson ?? "null", LyceumJson.Options)
        ?? throw new JobFailed($"Job {Id} of type {Type} has no input.", final: true);

    public bool IsLastAttempt => Attempt >= MaxAttempts;
}

/// <summary>How an attempt ended: well, with an error, or given back as if it had never begun.</summary>
internal sealed record JobEnd(ClaimedJob Job, string? Error, bool Final = false, bool Released = false);

/// <summary>
/// Handles one type of job. Runs at least once: work that must not happen twice is written in one transaction with
/// <see cref="JobRun.Complete"/>. Throwing fails the attempt; <see cref="JobFailed"/> says why in a sentence.
/// </summary>
public interface IJobHandler
{
    /// <summary>The job type it handles.</summary>
    string Type { get; }

    Task Run(JobRun run, CancellationToken ct);
}

/// <summary>An attempt that failed for a reason worth telling. When <paramref name="final"/>, another attempt would not help.</summary>
public sealed class JobFailed(string reason, bool final, Exception? cause = null) : Exception(reason, cause)
{
    public bool Final { get; } = final;
}

/// <summary>The lease was lost: another process runs the job now, so whatever this one was about to commit is rolled back.</summary>
public sealed class LeaseLost(Guid job) : Exception($"The lease of job {job} was taken over.");

/// <summary>One attempt of a job: the tenant's database, and the way to finish inside the handler's own transaction.</summary>
public sealed class JobRun(ClaimedJob job, Db db, string node)
{
    public ClaimedJob Job { get; } = job;

    /// <summary>The database as the job's tenant.</summary>
    public Db Db { get; } = db;

    internal bool Completed { get; private set; }

    /// <summary>
    /// Finishes the job in <paramref name="unit"/>'s transaction: what the handler wrote and the end of the job become true
    /// together, or neither. Throws <see cref="LeaseLost"/> when the job is no longer ours. Call it last in the transaction.
    /// </summary>
    public async Task Complete(Unit unit, CancellationToken ct)
    {
        if (!await JobStore.Complete(unit, Job, node, ct))
        {
            throw new LeaseLost(Job.Id);
        }

        unit.AfterCommit(() => Completed = true);
    }
}
