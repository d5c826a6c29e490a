using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Deletes what a set held after it is out of use: its index first, then its vectors in batches, so that no lock is held long.</summary>
internal sealed class RemoveSetJob(Databases databases) : IJobHandler
{
    public const string JobType = "knowledge.remove_embedding_set";
    private const int AtOnce = 2000;

    public string Type => JobType;

    /// <summary>Takes a set out of use in the caller's transaction, which holds the collection's publication lock.</summary>
    public static async Task Remove(Unit unit, Guid set, Guid collection, CancellationToken ct)
    {
        await EmbeddingSetStore.Remove(unit, set, ct);
        await JobStore.Enqueue(unit, new NewJob("maintenance", JobType, RefType: "embedding_set", RefId: set, DedupKey: $"{JobType}:{set}", MaxAttempts: 20), ct);
        await IntakeStore.Tell(unit, collection, ct);
    }

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var set = run.Job.RefId ?? Guid.Empty;
        await VectorIndexes.Drop(databases, UpkeepJob.IndexOf(set), ct);
        while (await run.Db.Atomically(unit => EmbeddingSetStore.DeleteSome(unit, set, AtOnce, ct), ct))
        {
            // the next
        }
    }
}

/// <summary>
/// Once a day for each organisation: sets one could go back to are removed when their time is over, and sets that are to be kept complete are looked at, should a
/// job of theirs have been lost.
/// </summary>
internal sealed class EmbeddingSetsJob(KnowledgeOptions options) : IJobHandler
{
    public const string JobType = "knowledge.embedding_sets";

    public string Type => JobType;

    /// <summary>Asks for it every day, from the first further set on.</summary>
    public static Task Schedule(Unit unit, CancellationToken ct) => JobStore.Schedule(unit, JobType, null, TimeSpan.FromDays(1), null, ct);

    public async Task Run(JobRun run, CancellationToken ct)
    {
        foreach (var (set, collection) in await EmbeddingSetStore.Expired(run.Db, options.PreviousSetDays, ct))
        {
            await run.Db.Atomically(async unit =>
            {
                await Publication.Lock(unit, collection, ct);
                await RemoveSetJob.Remove(unit, set, collection, ct);
            }, ct);
        }

        foreach (var collection in await EmbeddingSetStore.Followed(run.Db, ct))
        {
            await run.Db.Atomically(unit => EmbeddingSetJob.AskFor(unit, collection, ct), ct);
        }
    }
}
