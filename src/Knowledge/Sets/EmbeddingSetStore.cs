using Lyceum.Models;
using Lyceum.Platform;
using NpgsqlTypes;

namespace Lyceum.Knowledge;

/// <summary>An embedding set as whoever works on it needs it.</summary>
internal sealed record SetInWork(
    Guid Id, Guid CollectionId, Guid ModelTenantId, Guid ModelId, int Dimension, string Distance, string Status, string? IndexName, int ChunkCount, bool SwitchesItself, DateTimeOffset? CaughtUpAt, Guid? CreatedBy)
{
    /// <summary>Whether it is kept complete though nobody searches in it.</summary>
    public bool Follows => Status is "building" or "ready" or "retired";
}

/// <summary>A passage that has no vector in a set yet.</summary>
internal sealed record MissingChunk(Guid Id, string Title, string? Section, string Text, string? Summary, byte[] Hash);

/// <summary>
/// Writes knowledge.embedding_sets and knowledge.chunk_embeddings, but for what a person mends, which is a function of the database. Whatever changes what a set
/// holds, or which is searched, holds the collection's publication lock.
/// </summary>
internal static class EmbeddingSetStore
{
    // A transaction that began before a set caught up may be committed after that, so the look back overlaps.
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    private static Sql InWork => $"s.id, s.collection_id, s.embedding_model_tenant_id, s.embedding_model_id, s.dimension, s.distance, s.status, s.index_name, s.chunk_count, s.switches_itself, s.caught_up_at, s.created_by";

    /// <summary>The set that is searched; made, with the length of the staged vectors, when there is none.</summary>
    public static async Task<Guid> Open(Unit unit, Guid collectionId, string distance, CancellationToken ct) => await unit.One(
        $"""
        with made as (
          insert into knowledge.embedding_sets (id, collection_id, embedding_model_tenant_id, embedding_model_id, dimension, distance, progress, activated_at)
          select {Guid.CreateVersion7()}, c.id, c.embedding_model_tenant_id, c.embedding_model_id, (select vector_dims(embedding) from incoming where embedding is not null limit 1), {distance}, 100, now()
          from knowledge.collections c where c.tenant_id = {unit.Tenant.Value} and c.id = {collectionId}
            and not exists (select from knowledge.embedding_sets s where s.tenant_id = c.tenant_id and s.collection_id = c.id and s.status = 'active')
            and exists (select from incoming where embedding is not null)
          returning id)
        select id from made union all
        select id from knowledge.embedding_sets where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId} and status = 'active' limit 1
        """,
        row => row.Get<Guid>(), ct);

    /// <summary>Puts the staged vectors (table <c>stemmed</c>) into a set.</summary>
    public static Task InsertStaged(Unit unit, Guid set, CancellationToken ct) => unit.Run(
        $"""
        with kept as (
          insert into knowledge.chunk_embeddings (id, embedding_set_id, chunk_id, embedding)
          select gen_random_uuid(), {set}, id, embedding from stemmed where embedding is not null returning 1)
        update knowledge.embedding_sets set chunk_count = chunk_count + (select count(*) from kept) where tenant_id = {unit.Tenant.Value} and id = {set}
        """,
        ct);

    /// <summary>Takes the vectors of documents' chunks, which go with the chunks, out of the count of every set that has them.</summary>
    public static Task Uncount(Unit unit, Guid collectionId, Guid[] documents, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.embedding_sets s set chunk_count = greatest(0, s.chunk_count - g.n), index_removed = s.index_removed + case when s.index_name is null then 0 else g.n end from (
          select e.embedding_set_id, count(*) as n from knowledge.chunks k join knowledge.chunk_embeddings e on e.tenant_id = k.tenant_id and e.chunk_id = k.id
          where k.tenant_id = {unit.Tenant.Value} and k.document_id = any ({documents}) group by 1) g
        where s.tenant_id = {unit.Tenant.Value} and s.collection_id = {collectionId} and s.id = g.embedding_set_id
        """,
        ct);

    public static Task<int> NameIndex(Db db, Guid setId, string name, CancellationToken ct) => db.Run(
        $"update knowledge.embedding_sets set index_name = {name}, index_removed = 0 where tenant_id = {db.Tenant!.Value.Value} and id = {setId} and status <> 'removed'", ct);

    /// <summary>Sets of a collection of whose indexed vectors so many are gone that the index should be built anew, and how many that are.</summary>
    public static Task<IReadOnlyList<(Guid Id, string Index, int Removed)>> Churned(Db db, Guid collectionId, CancellationToken ct) => db.Many(
        $"""
        select id, index_name, index_removed from knowledge.embedding_sets
        where tenant_id = {db.Tenant!.Value.Value} and collection_id = {collectionId} and index_name is not null and index_removed > greatest(chunk_count, 1) / 5 and status <> 'removed'
        """,
        row => (row.Get<Guid>(), row.Get<string>(), row.Get<int>()), ct);

    /// <summary>Says that an index knows nothing of so many removed vectors any more.</summary>
    public static Task Rebuilt(Db db, Guid setId, int removed, CancellationToken ct) => db.Run(
        $"update knowledge.embedding_sets set index_removed = greatest(0, index_removed - {removed}) where tenant_id = {db.Tenant!.Value.Value} and id = {setId}", ct);

    /// <summary>Removes the sets of a collection that is gone; returns the indexes they had.</summary>
    public static Task<IReadOnlyList<string>> DropAll(Db db, Guid collectionId, CancellationToken ct) => db.Many(
        $"delete from knowledge.embedding_sets where tenant_id = {db.Tenant!.Value.Value} and collection_id = {collectionId} returning coalesce(index_name, '')",
        row => row.Get<string>(), ct);

    /// <summary>Begins a set; false when another of the collection is being filled or waits to be searched.</summary>
    public static async Task<bool> Add(Unit unit, Guid id, Guid collectionId, ModelInfo model, int dimension, bool switchesItself, CancellationToken ct) => await unit.Run(
        $"""
        insert into knowledge.embedding_sets (id, collection_id, embedding_model_tenant_id, embedding_model_id, dimension, distance, status, switches_itself, created_by)
        values ({id}, {collectionId}, {model.TenantId}, {model.Id}, {dimension}, {model.Distance}, 'building', {switchesItself}, {unit.Actor.UserId}) on conflict do nothing
        """,
        ct) == 1;

    /// <summary>Begins one that switches by itself for every collection of another model where none is under way; at most a thousand at once.</summary>
    public static Task<IReadOnlyList<(Guid Set, Guid Collection)>> AddToAll(Unit unit, ModelInfo model, int dimension, CancellationToken ct) => unit.Many(
        $"""
        insert into knowledge.embedding_sets (id, collection_id, embedding_model_tenant_id, embedding_model_id, dimension, distance, status, switches_itself, created_by)
        select ops.uuid7(), c.id, {model.TenantId}, {model.Id}, {dimension}, {model.Distance}, 'building', true, {unit.Actor.UserId} from knowledge.collections c
        where c.tenant_id = {unit.Tenant.Value} and c.deleted_at is null and c.status <> 'archived' and c.embedding_model_id <> {model.Id} order by c.id limit 1000
        on conflict do nothing returning id, collection_id
        """,
        row => (row.Get<Guid>(), row.Get<Guid>()), ct);

    public static Task<SetInWork?> Find(Db db, Guid id, CancellationToken ct) =>
        db.OneOrNone($"select {InWork} from knowledge.embedding_sets s where s.tenant_id = {db.Tenant!.Value.Value} and s.id = {id} and s.status <> 'removed'", Read, ct);

    /// <summary>Those of a collection that are not gone, held until the transaction ends.</summary>
    public static Task<IReadOnlyList<SetInWork>> Hold(Unit unit, Guid collectionId, CancellationToken ct) => unit.Many(
        $"select {InWork} from knowledge.embedding_sets s where s.tenant_id = {unit.Tenant.Value} and s.collection_id = {collectionId} and s.status <> 'removed' order by s.id for update", Read, ct);

    /// <summary>Sets that are kept complete beside the one that is searched.</summary>
    public static Task<IReadOnlyList<Guid>> Following(Unit unit, Guid collectionId, CancellationToken ct) => unit.Many(
        $"select id from knowledge.embedding_sets where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId} and status in ('building', 'ready', 'retired')", row => row.Get<Guid>(), ct);

    /// <summary>The next documents after one that may have something the set lacks.</summary>
    public static Task<IReadOnlyList<Guid>> Documents(Db db, SetInWork set, Guid after, int most, CancellationToken ct) => db.Many(
        $"""
        select d.id from knowledge.documents d where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {set.CollectionId} and d.id > {after}
          and d.deleted_at is null and d.live_revision_id is not null {Since(set)} order by d.id limit {most}
        """,
        row => row.Get<Guid>(), ct);

    /// <summary>Passages of these documents that the set lacks.</summary>
    public static Task<IReadOnlyList<MissingChunk>> Missing(Db db, Guid set, IReadOnlyList<Guid> documents, int most, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select k.id, d.title, k.section, k.content, k.summary, k.content_hash
        from knowledge.documents d join knowledge.chunks k on k.tenant_id = d.tenant_id and k.document_id = d.id and k.disabled_at is null
        where d.tenant_id = {db.Tenant!.Value.Value} and d.id = any ({documents.ToArray()})
          and not exists (select from knowledge.chunk_embeddings e where e.tenant_id = k.tenant_id and e.embedding_set_id = {set} and e.chunk_id = k.id)
        order by k.document_id, k.chunk_index limit {most}
        """,
        row => new MissingChunk(row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<string>(), row.Get<string?>(), row.Get<byte[]>()), ct), (chunk, open) => chunk with { Section = open(chunk.Section), Text = open(chunk.Text), Summary = open(chunk.Summary) }, ct);

    /// <summary>Whether anything that is searched has no vector in the set. All of it is looked at, or what changed since the set was last complete.</summary>
    public static Task<bool> Lacks(Unit unit, SetInWork set, bool everything, CancellationToken ct) => unit.One(
        $"""
        select exists (select from knowledge.documents d join knowledge.chunks k on k.tenant_id = d.tenant_id and k.document_id = d.id and k.disabled_at is null
          where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {set.CollectionId} and d.deleted_at is null and d.live_revision_id is not null {(everything ? Sql.None : Since(set))}
            and not exists (select from knowledge.chunk_embeddings e where e.tenant_id = k.tenant_id and e.embedding_set_id = {set.Id} and e.chunk_id = k.id))
        """,
        row => row.Get<bool>(), ct);

    /// <summary>Keeps vectors of passages that are still as they were. False when the set is not filled any more.</summary>
    public static async Task<bool> Keep(Unit unit, SetInWork set, IReadOnlyList<MissingChunk> chunks, float[][] vectors, CancellationToken ct)
    {
        if (await unit.OneOrNone($"select status from knowledge.embedding_sets where tenant_id = {unit.Tenant.Value} and id = {set.Id} for update", row => row.Get<string>(), ct) is not ("building" or "ready" or "retired"))
        {
            return false;
        }

        await unit.Load(
            $"create temporary table made (chunk_id uuid, hash bytea, embedding halfvec) on commit drop",
            $"copy made from stdin binary",
            chunks.Zip(vectors),
            (importer, pair) =>
            {
                importer.Write(pair.First.Id, NpgsqlDbType.Uuid);
                importer.Write(pair.First.Hash, NpgsqlDbType.Bytea);
                importer.Write(HalfVector.ToBinary(pair.Second), NpgsqlDbType.Bytea);
            },
            $"""
            with kept as (
              insert into knowledge.chunk_embeddings (id, embedding_set_id, chunk_id, embedding)
              select gen_random_uuid(), {set.Id}, k.id, m.embedding from made m
              join knowledge.chunks k on k.tenant_id = {unit.Tenant.Value} and k.id = m.chunk_id and k.content_hash = m.hash and k.disabled_at is null
              on conflict do nothing returning 1)
            update knowledge.embedding_sets s set chunk_count = s.chunk_count + n.kept,
              progress = case when s.status = 'building' then least(99, 100 * (s.chunk_count + n.kept) / greatest(1, c.chunk_count)) else 100 end
            from (select count(*)::int as kept from kept) n, knowledge.collections c
            where s.tenant_id = {unit.Tenant.Value} and s.id = {set.Id} and c.tenant_id = s.tenant_id and c.id = s.collection_id
            """,
            ct);
        return true;
    }

    /// <summary>Says that nothing is missing: a set that was being filled is complete, and ready unless it waits for its index.</summary>
    public static Task CaughtUp(Unit unit, Guid set, bool isReady, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.embedding_sets set status = case when status = 'building' and {isReady} then 'ready' else status end, progress = 100, error_message = null, caught_up_at = now()
        where tenant_id = {unit.Tenant.Value} and id = {set} and status in ('building', 'ready', 'retired')
        """,
        ct);

    /// <summary>Says why a set could not be filled. The one before stays what it is: whoever goes back to it is told.</summary>
    public static Task Fail(Unit unit, Guid set, string sentence, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.embedding_sets set status = case when status = 'retired' then 'retired' else 'failed' end, error_message = {(sentence.Length > 1000 ? sentence[..1000] : sentence)}
        where tenant_id = {unit.Tenant.Value} and id = {set} and status in ('building', 'ready', 'retired')
        """,
        ct);

    /// <summary>Fills a failed one again. False when it is not failed.</summary>
    public static async Task<bool> Retry(Unit unit, Guid set, CancellationToken ct) => await unit.Run(
        $"update knowledge.embedding_sets set status = 'building', error_message = null, caught_up_at = null where tenant_id = {unit.Tenant.Value} and id = {set} and status = 'failed'", ct) == 1;

    /// <summary>Takes a set out of use; a job then deletes its vectors.</summary>
    public static Task<int> Remove(Unit unit, Guid set, CancellationToken ct) => unit.Run(
        $"update knowledge.embedding_sets set status = 'removed', error_message = null where tenant_id = {unit.Tenant.Value} and id = {set} and status <> 'removed'", ct);

    /// <summary>Makes one set the searched one and another, null for none, the one before.</summary>
    public static async Task Switch(Unit unit, Guid next, Guid? before, CancellationToken ct)
    {
        // Two steps: the place of the searched one has to be free before another takes it.
        await unit.Run(
            $"update knowledge.embedding_sets set status = 'removed' where tenant_id = {unit.Tenant.Value} and id = {before}", ct);
        await unit.Run(
            $"update knowledge.embedding_sets set status = 'active', progress = 100, activated_at = now(), retired_at = null, error_message = null, switches_itself = false where tenant_id = {unit.Tenant.Value} and id = {next}", ct);
        await unit.Run(
            $"update knowledge.embedding_sets set status = 'retired', retired_at = now(), caught_up_at = now() where tenant_id = {unit.Tenant.Value} and id = {before}", ct);
    }

    /// <summary>The collection a set is of, whatever its state; null when it is gone.</summary>
    public static Task<Guid?> CollectionOf(Db db, Guid set, CancellationToken ct) => db.OneOrNone(
        $"select collection_id from knowledge.embedding_sets where tenant_id = {db.Tenant!.Value.Value} and id = {set}", row => (Guid?)row.Get<Guid>(), ct);

    /// <summary>Deletes the next vectors of a removed set, and the set itself with the last of them. False when nothing is left of it.</summary>
    public static async Task<bool> DeleteSome(Unit unit, Guid set, int most, CancellationToken ct)
    {
        var deleted = await unit.One(
            $"""
            with gone as (delete from knowledge.chunk_embeddings where tenant_id = {unit.Tenant.Value} and embedding_set_id = {set} and chunk_id in (
              select e.chunk_id from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.tenant_id = e.tenant_id and s.id = e.embedding_set_id and s.status = 'removed'
              where e.tenant_id = {unit.Tenant.Value} and e.embedding_set_id = {set} limit {most}) returning 1),
            counted as (update knowledge.embedding_sets set chunk_count = greatest(0, chunk_count - (select count(*) from gone)) where tenant_id = {unit.Tenant.Value} and id = {set} and status = 'removed')
            select count(*)::int from gone
            """,
            row => row.Get<int>(), ct);
        if (deleted == most)
        {
            return true;
        }

        await unit.Run($"delete from knowledge.embedding_sets where tenant_id = {unit.Tenant.Value} and id = {set} and status = 'removed'", ct);
        return false;
    }

    /// <summary>Sets that were searched before and whose time to go back is over, and removed ones that still stand here.</summary>
    public static Task<IReadOnlyList<(Guid Set, Guid Collection)>> Expired(Db db, int days, CancellationToken ct) => db.Many(
        $"""
        select id, collection_id from knowledge.embedding_sets
        where tenant_id = {db.Tenant!.Value.Value} and (status = 'removed' or status = 'retired' and retired_at < now() - make_interval(days => {days})) order by id limit 1000
        """,
        row => (row.Get<Guid>(), row.Get<Guid>()), ct);

    /// <summary>Collections that have sets to be kept complete.</summary>
    public static Task<IReadOnlyList<Guid>> Followed(Db db, CancellationToken ct) => db.Many(
        $"select distinct collection_id from knowledge.embedding_sets where tenant_id = {db.Tenant!.Value.Value} and status in ('building', 'ready', 'retired') limit 10000", row => row.Get<Guid>(), ct);

    private static Sql Since(SetInWork set) => set.CaughtUpAt is { } at ? $"and d.updated_at >= {at - Overlap}" : Sql.None;

    private static SetInWork Read(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<int>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<bool>(),
        row.Get<DateTimeOffset?>(), row.Get<Guid?>());
}
