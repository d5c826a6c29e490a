using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Which documents of a collection were cut with other settings than it has now, and cutting them anew.</summary>
internal static class ChunkingStore
{
    /// <summary>Documents in use that were cut otherwise, the next so many that are not on their way already.</summary>
    public static Task<IReadOnlyList<Guid>> Outdated(Db db, Guid collection, int most, CancellationToken ct) => db.Many(
        $"""
        select d.id from knowledge.documents d where d.tenant_id = {db.Tenant!.Value.Value} and d.id in (select knowledge.outdated_documents({collection})) and d.status = 'indexed' order by d.id limit {most}
        """,
        row => row.Get<Guid>(), ct);

    /// <summary>Says on the collection whether it is done; call it after each document that went through or failed.</summary>
    public static Task Settle(Unit unit, Guid collection, CancellationToken ct) => unit.Many($"select knowledge.settle_rechunk({collection})", _ => true, ct);

    public static Task Begin(Unit unit, Guid collection, CancellationToken ct) => JobStore.Enqueue(
        unit, new NewJob("intake", RechunkJob.JobType, RefType: "collection", RefId: collection, DedupKey: $"rechunk:{collection}"), ct);
}

/// <summary>
/// Cuts the documents of a collection anew with its present settings: each gets a new revision of the same text, and what is searched stays the old one until
/// that is ready. Done again it goes on with those that are left.
/// </summary>
internal sealed class RechunkJob : IJobHandler
{
    public const string JobType = "knowledge.rechunk";
    private const int AtOnce = 50;

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var collection = run.Job.RefId ?? Guid.Empty;
        while (await ChunkingStore.Outdated(run.Db, collection, AtOnce, ct) is { Count: > 0 } documents)
        {
            await run.Db.Atomically(async unit =>
            {
                foreach (var document in documents)
                {
                    await LifeStore.Anew(unit, document, null, "cut anew", ct);
                }
            }, ct);
        }

        await run.Db.Atomically(unit => ChunkingStore.Settle(unit, collection, ct), ct);
    }
}
