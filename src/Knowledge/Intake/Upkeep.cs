using System.Globalization;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// What a collection needs after it changed: an index of its own for a large embedding set, another for one of which much was removed, and fresh weights when
/// average lengths drifted.
/// </summary>
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
        await Renew(databases, run.Db, collectionId, ct);
    }

    /// <summary>
    /// Builds indexes anew of which a fifth was removed. Vacuum mends the graph around what is gone, and yet less of it is found (B9: 0.02 of the ten nearest
    /// after half was replaced). The old one is searched until the new one is there.
    /// </summary>
    public static async Task Renew(Databases databases, Db db, Guid collectionId, CancellationToken ct)
    {
        foreach (var (set, index, removed) in await EmbeddingSetStore.Churned(db, collectionId, ct))
        {
            await VectorIndexes.Rebuild(databases, index, ct);
            await EmbeddingSetStore.Rebuilt(db, set, removed, ct);
        }
    }

    private async Task BuildIndex(Db db, Guid collectionId, CancellationToken ct)
    {
        var sets = await db.Many(
            $"""
            select id, dimension, distance from knowledge.embedding_sets
            where tenant_id = {db.Tenant!.Value.Value} and collection_id = {collectionId} and (status in ('active', 'ready', 'retired') or status = 'building' and progress = 100) and index_name is null and chunk_count > {options.ExactSearchChunks}
            """,
            row => (Id: row.Get<Guid>(), Dimension: row.Get<int>(), Distance: row.Get<string>()), ct);
        foreach (var set in sets)
        {
            await Build(databases, db, set.Id, set.Dimension, set.Distance, ct);
        }
    }

    /// <summary>Gives a set an index of its own, without stopping anybody. One that was removed meanwhile gets none.</summary>
    public static async Task Build(Databases databases, Db db, Guid set, int dimension, string distance, CancellationToken ct)
    {
        var name = IndexOf(set);
        await VectorIndexes.Build(databases, name, set, dimension, distance, ct);
        if (await EmbeddingSetStore.NameIndex(db, set, name, ct) == 0)
        {
            await VectorIndexes.Drop(databases, name, ct);
        }
    }

    public static string IndexOf(Guid set) => "vectors_" + set.ToString("N", CultureInfo.InvariantCulture);
}
