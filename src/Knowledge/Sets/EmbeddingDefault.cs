using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// What another default embedding model means for collections that are there: they keep theirs, and are told in numbers; or they all get vectors of the new one and
/// switch by themselves, each when it is complete.
/// </summary>
internal static class EmbeddingDefault
{
    public static DefaultUse Of(EmbeddingSetPlans plans) => new(
        "embedding", Count, async (db, model, user, ct) =>
        {
            var dimension = await plans.Dimension(db, model, user, ct);
            return unit => Begin(unit, model, dimension, ct);
        });

    private static Task<DefaultWork> Count(Db db, Guid model, CancellationToken ct) => db.One(
        $"""
        select coalesce(sum(c.document_count), 0)::int, count(*)::int from knowledge.collections c
        where c.tenant_id = {db.Tenant!.Value.Value} and c.deleted_at is null and c.embedding_model_id <> {model} and c.chunk_count > 0
        """,
        row => new DefaultWork(row.Get<int>(), row.Get<int>()), ct);

    private static async Task Begin(Unit unit, ModelInfo model, int dimension, CancellationToken ct)
    {
        foreach (var (set, collection) in await EmbeddingSetStore.AddToAll(unit, model, dimension, ct))
        {
            await EmbeddingSetJob.Begin(unit, set, ct);
            await IntakeStore.Tell(unit, collection, ct);
            await AuditLog.Write(unit, new AuditEntry("embedding_set.begun", "collection", collection, After: new { embeddingSet = set, model = model.Id, switchesItself = true }), ct);
        }

        await EmbeddingSetsJob.Schedule(unit, ct);
    }
}
