using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Reads the sets of a collection that its reader was allowed to see.</summary>
internal sealed class EmbeddingSetList(ModelDirectory models, KnowledgeOptions options)
{
    public async Task<IReadOnlyList<EmbeddingSet>> Of(Db db, Guid collectionId, CancellationToken ct)
    {
        var sets = await db.Many(
            $"""
            select s.id, s.collection_id, s.embedding_model_id, s.dimension, s.distance, s.status, s.progress, s.chunk_count, s.index_name is not null, s.switches_itself, s.error_message,
              s.created_at, s.activated_at, s.retired_at
            from knowledge.embedding_sets s where s.tenant_id = {db.Tenant!.Value.Value} and s.collection_id = {collectionId} and s.status <> 'removed'
            order by s.status <> 'active', s.id desc limit 100
            """,
            Read, ct);
        var named = new List<EmbeddingSet>();
        foreach (var set in sets)
        {
            named.Add(set with { ModelName = (await models.Find(db, set.EmbeddingModelId, ct))?.DisplayName });
        }

        return named;
    }

    private EmbeddingSet Read(Row row)
    {
        var set = new EmbeddingSet(
            row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), null, row.Get<int>(), row.Get<string>(), row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<bool>(), row.Get<bool>(),
            row.Get<string?>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset?>(), null);
        return set with { Progress = set.Status == "active" ? 100 : set.Progress, KeptUntil = set.Status == "retired" ? set.RetiredAt?.AddDays(options.PreviousSetDays) : null };
    }
}
