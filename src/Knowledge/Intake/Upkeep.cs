using System.Globalization;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>What a collection needs after it grew: an index of its own for a large embedding set, and fresh weights when average lengths drifted.</summary>
internal static class Upkeep
{
    /// <summary>Asks for it as a job, at most one waiting at a time.</summary>
    public static Task AskFor(Unit unit, Guid collectionId, CancellationToken ct) => JobStore.Enqueue(
        unit, new NewJob("maintenance", UpkeepJob.JobType, RefType: "collection", RefId: collectionId, DedupKey: $"upkeep:{collectionId}", Delay: TimeSpan.FromSeconds(5)), ct);
}

/// <summary>Does it. Searches go on meanwhile: weights change in one statement, the index is built concurrently.</summary>
internal sealed class UpkeepJob(Databases databases, KnowledgeOptions options) : IJobHandler
{
    public const string JobType = "knowledge.upkeep";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var collectionId = run.Job.RefId ?? Guid.Empty;
        await Publication.Reweigh(run.Db, collectionId, ct);
        await BuildIndex(run.Db, collectionId, ct);
    }

    private async Task BuildIndex(Db db, Guid collectionId, CancellationToken ct)
    {
        var set = await db.OneOrNone(
            $"""
            select id, dimension, chunk_count from knowledge.embedding_sets
            where tenant_id = {db.Tenant!.Value.Value} and collection_id = {collectionId} and status = 'active' and index_name is null and chunk_count > {options.ExactSearchChunks}
            """,
            row => (Guid?)row.Get<Guid>() is { } id ? new { Id = id, Dimension = row.Get<int>() } : null, ct);
        if (set is null)
        {
            return;
        }

        var name = "vectors_" + set.Id.ToString("N", CultureInfo.InvariantCulture);
        await VectorIndexes.Build(databases, name, set.Id, set.Dimension, ct);
        await Publication.NameIndex(db, set.Id, name, ct);
    }
}
