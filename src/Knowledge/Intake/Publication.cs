using Lyceum.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Lyceum.Knowledge;

/// <summary>A chunk with its vector, ready to be searched.</summary>
public sealed record ReadyChunk(
    Guid DocumentId, Guid RevisionId, int Index, string Text, int? Page, string? Section, string[] Headings, int Start, int End, int TokenCount, string? Language, float[] Vector)
{
    /// <summary>What its words speak of, as JSON.</summary>
    public string Facts { get; init; } = "{}";

    public string? Summary { get; init; }
}

/// <summary>
/// Makes revisions live: stage their chunks with <see cref="Stage"/> or <see cref="StagePending"/>, then <see cref="Publish"/>. All in the
/// caller's transaction: old chunks leave, new ones come, statistics, counters and states follow. Publications of one
/// collection happen one after the other, so its statistics need no finer locks and cannot deadlock.
/// </summary>
internal static class Publication
{
    private static Sql Staging =>
        $"""
        create temporary table incoming (id uuid, document_id uuid, revision_id uuid, chunk_index int, content text, content_kind text, page_number int, section text,
          headings text[], start_offset int, end_offset int, token_count int, language text, embedding halfvec, facts jsonb, summary text, start_seconds numeric, end_seconds numeric) on commit drop
        """;

    /// <summary>The stems of a staged chunk <c>i</c>, of its document's title and its text; to be used with <see cref="Languages"/>.</summary>
    internal static Sql Stemmed(Sql content) => $"to_tsvector(l.config, d.title || E'\n' || {content})";

    internal static Sql Languages =>
        $"""
        join knowledge.documents d on d.tenant_id = ops.tenant() and d.id = i.document_id
        join (select s.language, knowledge.text_config(s.language) as config from (select distinct coalesce(language, '') as language from incoming) s) l on l.language = coalesce(i.language, '')
        """;

    /// <summary>Stages chunks held in memory, through COPY.</summary>
    public static Task Stage(Unit unit, IEnumerable<ReadyChunk> chunks, CancellationToken ct) => unit.Load(
        Staging, $"copy incoming from stdin binary", chunks, Write, $"analyze incoming (document_id, revision_id, language)", ct);

    /// <summary>Stages the embedded chunks in hand of a revision.</summary>
    public static async Task StagePending(Unit unit, Guid revisionId, CancellationToken ct)
    {
        await unit.Run(Staging, ct);
        await PendingChunkStore.MoveToStaging(unit, revisionId, ct);
    }

    /// <summary>Publishes what is staged. Where this is the collection's first vectors, they are compared by <paramref name="distance"/> from then on.</summary>
    public static async Task Publish(Unit unit, Guid collectionId, string distance, CancellationToken ct)
    {
        var tenant = unit.Tenant.Value;
        await Lock(unit, collectionId, ct);

        // A document may have been deleted, or a newer revision sent, since the chunks were made: those are dropped here.
        await unit.Run(
            $"""
            delete from incoming i where not exists (
              select from knowledge.documents d join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = i.revision_id and r.status in ('pending', 'processing')
              where d.tenant_id = {tenant} and d.id = i.document_id and d.deleted_at is null
                and r.revision_number = (select max(n.revision_number) from knowledge.document_revisions n where n.tenant_id = d.tenant_id and n.document_id = d.id))
            """,
            ct);
        var replaced = await unit.Many(
            $"""
            select d.id from knowledge.documents d where d.tenant_id = {tenant} and d.id in (select document_id from incoming) and d.live_revision_id is not null for update
            """,
            row => row.Get<Guid>(), ct);
        if (replaced.Count > 0)
        {
            await RemoveChunks(unit, collectionId, [.. replaced], ct);
        }

        var set = await EmbeddingSetStore.Open(unit, collectionId, distance, ct);
        await CheckDimension(unit, set, ct);
        if (await CollectionStore.Key(unit, collectionId, ct) is { } key)
        {
            await SealedStage.Stem(unit, key, ct);
        }
        else
        {
            await unit.Run($"create temporary table stemmed on commit drop as select i.*, {Stemmed($"i.content")} as fts, null::bytea as hash from incoming i {Languages}", ct);
        }

        var stems = await Weigh(unit, collectionId, ct);
        await unit.Run(
            $"""
            insert into knowledge.chunks (id, collection_id, document_id, revision_id, chunk_index, content, content_kind, content_hash, page_number, section, headings,
              start_offset, end_offset, token_count, language, metadata, summary, fts, terms, term_weights, term_total, start_seconds, end_seconds)
            select s.id, {collectionId}, document_id, revision_id, chunk_index, content, content_kind, coalesce(hash, sha256(convert_to(content, 'UTF8'))), page_number, section, headings,
              start_offset, end_offset, token_count, language, facts, summary, fts, terms, term_weights, term_total, start_seconds, end_seconds
            from stemmed s join weighed w on w.id = s.id
            """,
            ct);
        await unit.Run($"select knowledge.merge_postings()", ct);
        await EmbeddingSetStore.InsertStaged(unit, set, ct);
        await CountTerms(unit, collectionId, stems, ct);
        var added = await IntakeStore.MakeLive(unit, ct);
        await CollectionStore.Count(unit, collectionId, added.Documents, added.Chunks, added.Tokens, ct);
        await Upkeep.AskFor(unit, collectionId, ct);
        await EmbeddingSetJob.AskFor(unit, collectionId, ct);
        await IntakeStore.Tell(unit, collectionId, ct);
    }

    /// <summary>
    /// Takes the chunks and vectors of documents out of search, with their share of the statistics and counters. Locks as
    /// <see cref="Publish"/> does; call <see cref="Lock"/> first.
    /// </summary>
    public static async Task RemoveChunks(Unit unit, Guid collectionId, Guid[] documentIds, CancellationToken ct)
    {
        var tenant = unit.Tenant.Value;
        await EmbeddingSetStore.Uncount(unit, collectionId, documentIds, ct);
        var gone = await Hashed(unit, () => unit.One(
            $"""
            with gone as (delete from knowledge.chunks where tenant_id = {tenant} and document_id = any ({documentIds}) returning id, document_id, revision_id, page_number, section, start_offset, end_offset, start_seconds, end_seconds, term_total, terms, token_count, disabled_at),
            retired as (
              insert into knowledge.retired_chunks (id, document_id, revision_id, page_number, section, start_offset, end_offset, start_seconds, end_seconds)
              select id, document_id, revision_id, page_number, section, start_offset, end_offset, start_seconds, end_seconds from gone on conflict do nothing),
            terms as (
              update knowledge.term_stats s set chunk_count = s.chunk_count - g.n from (select t, count(*) as n from gone, unnest(terms) t group by t) g
              where s.tenant_id = {tenant} and s.collection_id = {collectionId} and s.term = g.t returning 1),
            sizes as (
              update knowledge.lexical_stats set chunk_count = chunk_count - (select count(*) from gone where disabled_at is null), term_total = term_total - (select coalesce(sum(term_total), 0) from gone)
              where tenant_id = {tenant} and collection_id = {collectionId} returning 1)
            select count(*)::int, coalesce(sum(token_count), 0)::bigint, (select count(*)::int from knowledge.documents d where d.tenant_id = {tenant} and d.id = any ({documentIds}) and d.live_revision_id is not null)
            from gone
            """,
            row => (Chunks: row.Get<int>(), Tokens: row.Get<long>(), Documents: row.Get<int>()), ct), ct);
        await IntakeStore.Retire(unit, documentIds, ct);
        await CollectionStore.Count(unit, collectionId, -gone.Documents, -gone.Chunks, -gone.Tokens, ct);
        await Upkeep.AskFor(unit, collectionId, ct);
    }

    public static Task Lock(Unit unit, Guid collectionId, CancellationToken ct) =>
        unit.Run($"select pg_advisory_xact_lock(hashtextextended('knowledge.publication', hashtextextended({collectionId.ToString()}, 0)))", ct);

    // The staged chunks' stems are numbered here; their weights, at the collection's average length, go back as the table "weighed".
    private static async Task<IReadOnlyList<ChunkStems>> Weigh(Unit unit, Guid collectionId, CancellationToken ct)
    {
        var numbers = new Stems(collectionId);
        var stems = await unit.Many($"select id, fts from stemmed", row => numbers.Of(row.Get<Guid>(), row.Get<NpgsqlTsVector>()), ct);
        var average = await unit.One(
            $"""
            insert into knowledge.lexical_stats as s (collection_id, chunk_count, term_total, weights_average)
            values ({collectionId}, {stems.Count}, {stems.Sum(s => (long)s.Total)}, {Math.Max(1f, (float)stems.Select(s => s.Total).DefaultIfEmpty(1).Average())})
            on conflict (tenant_id, collection_id) do update set chunk_count = s.chunk_count + excluded.chunk_count, term_total = s.term_total + excluded.term_total,
              weights_average = case when s.chunk_count = 0 then excluded.weights_average else s.weights_average end
            returning weights_average
            """,
            row => row.Get<float>(), ct);
        await unit.Load(
            $"create temporary table weighed (id uuid, terms int[], term_weights sparsevec, term_total int) on commit drop",
            $"copy weighed from stdin binary",
            stems,
            (importer, chunk) =>
            {
                importer.Write(chunk.ChunkId, NpgsqlDbType.Uuid);
                importer.Write(chunk.Numbers, NpgsqlDbType.Array | NpgsqlDbType.Integer);
                importer.Write(chunk.Weights(average), NpgsqlDbType.Bytea);
                importer.Write(chunk.Total, NpgsqlDbType.Integer);
            },
            $"analyze weighed (id)",
            ct);
        return stems;
    }

    // Under the collection's lock nobody else writes its terms, so what is known is counted up and the rest added, without asking for conflicts row by row.
    private static async Task CountTerms(Unit unit, Guid collectionId, IReadOnlyList<ChunkStems> chunks, CancellationToken ct)
    {
        var counts = new SortedDictionary<int, int>();
        foreach (var number in chunks.SelectMany(c => c.Numbers))
        {
            counts[number] = counts.GetValueOrDefault(number) + 1;
        }

        await Hashed(unit, () => unit.Run(
            $"""
            with added as materialized (select * from unnest({counts.Keys.ToArray()}, {counts.Values.ToArray()}) a(term, chunks)),
            known as (
              update knowledge.term_stats s set chunk_count = s.chunk_count + a.chunks from added a
              where s.tenant_id = {unit.Tenant.Value} and s.collection_id = {collectionId} and s.term = a.term returning s.term)
            insert into knowledge.term_stats (collection_id, term, chunk_count)
            select {collectionId}, a.term, a.chunks from added a where not exists (select from known k where k.term = a.term)
            """,
            ct), ct);
    }

    // How many stems come or go is not known when it is planned, and thousands compared with thousands one by one take seconds.
    private static async Task<T> Hashed<T>(Unit unit, Func<Task<T>> work, CancellationToken ct)
    {
        await unit.Run($"select set_config('enable_nestloop', 'off', true)", ct);
        var done = await work();
        await unit.Run($"select set_config('enable_nestloop', 'on', true)", ct);
        return done;
    }

    // A vector of another length would make every search of the collection fail.
    private static async Task CheckDimension(Unit unit, Guid set, CancellationToken ct)
    {
        var wrong = await unit.OneOrNone(
            $"""
            select vector_dims(i.embedding), s.dimension from knowledge.embedding_sets s, incoming i
            where s.tenant_id = {unit.Tenant.Value} and s.id = {set} and i.embedding is not null and vector_dims(i.embedding) <> s.dimension limit 1
            """,
            row => new { Got = row.Get<int>(), Wanted = row.Get<int>() }, ct);
        if (wrong is not null)
        {
            throw new IntakeRefused(
                "wrong_dimension", $"The embedding model gives vectors of {wrong.Got} numbers now, and this collection is searched with {wrong.Wanted}. Set the model as it was, or choose another for the collection, then retry.");
        }
    }

    private static void Write(NpgsqlBinaryImporter importer, ReadyChunk chunk)
    {
        importer.Write(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
        importer.Write(chunk.DocumentId, NpgsqlDbType.Uuid);
        importer.Write(chunk.RevisionId, NpgsqlDbType.Uuid);
        importer.Write(chunk.Index, NpgsqlDbType.Integer);
        importer.Write(chunk.Text, NpgsqlDbType.Text);
        importer.Write("original", NpgsqlDbType.Text);
        importer.WriteNullable(chunk.Page, NpgsqlDbType.Integer);
        importer.WriteNullable(chunk.Section, NpgsqlDbType.Text);
        importer.Write(chunk.Headings, NpgsqlDbType.Array | NpgsqlDbType.Text);
        importer.Write(chunk.Start, NpgsqlDbType.Integer);
        importer.Write(chunk.End, NpgsqlDbType.Integer);
        importer.Write(chunk.TokenCount, NpgsqlDbType.Integer);
        importer.WriteNullable(chunk.Language, NpgsqlDbType.Text);
        importer.Write(HalfVector.ToBinary(chunk.Vector), NpgsqlDbType.Bytea);
        importer.Write(chunk.Facts, NpgsqlDbType.Jsonb);
        importer.WriteNullable(chunk.Summary, NpgsqlDbType.Text);
        importer.WriteNull(); // texts are not spoken
        importer.WriteNull();
    }

    /// <summary>Computes BM25 weights anew when the average length is 5 % off the one they were computed with.</summary>
    internal static Task Reweigh(Db db, Guid collectionId, CancellationToken ct) => db.Atomically(async unit =>
    {
        await Lock(unit, collectionId, ct);
        var averages = await unit.Many(
            $"""
            update knowledge.lexical_stats set weights_average = term_total::real / chunk_count
            where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId} and chunk_count > 0 and abs(term_total::real / chunk_count / weights_average - 1) > 0.05
            returning weights_average
            """,
            row => row.Get<float>(), ct);
        if (averages is [var average])
        {
            await unit.Run(
                $"""
                update knowledge.chunks set term_weights = knowledge.term_weights(collection_id, fts, term_total, {average}), updated_at = now()
                where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId}
                """,
                ct);
        }
    }, ct);

    /// <summary>Takes away what is known of the stems of a collection that is gone.</summary>
    public static Task ForgetTerms(Unit unit, Guid collectionId, CancellationToken ct) =>
        unit.Run($"delete from knowledge.term_stats where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId}", ct);
}
