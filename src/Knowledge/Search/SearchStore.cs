using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A collection as a search needs it: whose model, which set, how large.</summary>
internal sealed record SearchableCollection(Guid Id, Guid EmbeddingModelId, Guid? SetId, int? Dimension, string? IndexName, float? Threshold);

/// <summary>A chunk one leg found, best first.</summary>
internal sealed record Found(Guid ChunkId, double Score);

/// <summary>The searches themselves. Each statement names the tenant beside the policy and applies the reader's permission inside.</summary>
internal static class SearchStore
{
    public static Task<IReadOnlyList<SearchableCollection>> Collections(Db db, Reader reader, Guid[] ids, CancellationToken ct) => db.Many(
        $"""
        select c.id, c.embedding_model_id, s.id, s.dimension, s.index_name, c.default_threshold
        from knowledge.collections c left join knowledge.embedding_sets s on s.tenant_id = c.tenant_id and s.collection_id = c.id and s.status = 'active'
        where c.id = any ({ids}) and {reader.MaySee}
        """,
        row => new SearchableCollection(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid?>(), row.Get<int?>(), row.Get<string?>(), row.Get<float?>()), ct);

    /// <summary>Nearest chunks of a set. Exact, unless the set has an index of its own. The score is the cosine; equal ones by id.</summary>
    public static async Task<IReadOnlyList<Found>> Nearest(Db db, SearchableCollection collection, float[] query, int k, MetadataFilter? filter, CancellationToken ct)
    {
        if (collection.SetId is not { } set)
        {
            return [];
        }

        var dimension = collection.Dimension ?? query.Length;
        Sql matching = filter is null
            ? Sql.None
            : (Sql)$"""
            and exists (select from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
              where k.tenant_id = e.tenant_id and k.id = e.chunk_id and jsonb_path_exists(d.metadata, {filter.Path}::jsonpath, {filter.Variables}::jsonb))
            """;
        if (collection.IndexName is null)
        {
            return await db.Many(
                $"""
                select e.chunk_id, 1 - (e.embedding <=> {query}::real[]::halfvec)::float8 from knowledge.chunk_embeddings e
                where e.tenant_id = {db.Tenant!.Value.Value} and e.embedding_set_id = {set} {matching} order by e.embedding <=> {query}::real[]::halfvec, e.chunk_id limit {k}
                """,
                Read, ct);
        }

        // The cast to a fixed dimension and the set's own predicate are what lets the planner take the set's partial index. Iterating
        // in strict order keeps the answer full under a filter; ef_search bounds the work.
        return await db.Atomically(async unit =>
        {
            await unit.Run($"select set_config('hnsw.ef_search', {Math.Clamp(k * 4, 100, 1000).ToString(System.Globalization.CultureInfo.InvariantCulture)}, true), set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.max_scan_tuples', '200000', true)", ct);
            return await unit.Many(
                $"""
                with nearest as materialized (
                  select e.chunk_id, e.embedding::halfvec({dimension:literal}) <=> {query}::real[]::halfvec({dimension:literal}) as distance from knowledge.chunk_embeddings e
                  where e.tenant_id = {unit.Tenant.Value} and e.embedding_set_id = {set} {matching} order by 2 limit {k})
                select chunk_id, 1 - distance::float8 from nearest order by distance, chunk_id
                """,
                Read, ct);
        }, ct);
    }

    /// <summary>Best chunks by BM25, exact.</summary>
    public static Task<IReadOnlyList<Found>> Lexical(Db db, Guid collectionId, string query, string? language, int k, MetadataFilter? filter, CancellationToken ct) => db.Many(
        $"""
        select chunk, score::float8 from knowledge.bm25({collectionId}, {query}, {language}, {k}, {filter?.Path}::jsonpath, {filter?.Variables}::jsonb) order by score desc, chunk
        """,
        Read, ct);

    /// <summary>
    /// The passages of the chosen chunks, checked once more against what the reader may see, and the log row of the whole retrieval: one
    /// statement. Candidates that are no longer there are left out.
    /// </summary>
    public static Task<IReadOnlyList<Passage>> FetchAndLog(Db db, Reader reader, RetrievalLog log, Guid[] chunkIds, double[] scores, CancellationToken ct) => db.Many(
        $"""
        with chosen as (
          select u.rank, u.score, k.id, k.document_id, k.revision_id, k.collection_id, d.external_id, d.title, k.page_number, k.content, k.start_offset, k.end_offset, k.section
          from unnest({chunkIds}, {scores}) with ordinality u(chunk_id, score, rank)
          join knowledge.chunks k on k.tenant_id = {db.Tenant!.Value.Value} and k.id = u.chunk_id
          join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
          join knowledge.collections c on c.tenant_id = k.tenant_id and c.id = k.collection_id and {reader.MaySee}),
        logged as (
          insert into knowledge.retrieval_queries (id, team_id, user_id, api_key_id, agent_id, conversation_id, message_id, collection_id, query_text, rephrased_query, strategy, top_k, filters,
            result_count, top_score, duration_ms, timings, candidates)
          select {log.Id}, {log.TeamId}, {reader.UserId}, {log.Origin.ApiKeyId}, {log.Origin.AgentId}, {log.Origin.ConversationId}, {log.Origin.MessageId},
            {(log.Collections.Length == 1 ? log.Collections[0] : (Guid?)null)}, {log.Origin.RephrasedFrom ?? log.Query}, {(log.Origin.RephrasedFrom is null ? null : log.Query)}, {log.Strategy}, {log.TopK}, {log.Filters}::jsonb,
            (select count(*) from chosen), (select max(score) from chosen), {log.DurationMs}, {log.Timings}::jsonb, {log.Candidates}::jsonb),
        searched as (
          insert into knowledge.retrieval_query_collections (id, query_id, collection_id)
          select ops.uuid7(), {log.Id}, c from unnest({(log.Collections.Length > 1 ? log.Collections : [])}) c),
        hits as (
          insert into knowledge.retrieval_hits (id, query_id, rank, chunk_id, score) select ops.uuid7(), {log.Id}, row_number() over (order by rank), id, score from chosen)
        select id, document_id, revision_id, collection_id, external_id, title, page_number, content, start_offset, end_offset, section from chosen order by rank
        """,
        row => new Passage(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string?>(), row.Get<string>(), row.Get<int?>(), row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<string?>()), ct);

    /// <summary>Takes away what a person searched for.</summary>
    public static async Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct)
    {
        Sql theirs = $"(select q.id from knowledge.retrieval_queries q where q.tenant_id = {unit.Tenant.Value} and q.user_id = {user})";
        await unit.Run($"delete from knowledge.retrieval_hits where tenant_id = {unit.Tenant.Value} and query_id in {theirs}", ct);
        await unit.Run($"delete from knowledge.retrieval_query_collections where tenant_id = {unit.Tenant.Value} and query_id in {theirs}", ct);
        return await unit.Run($"delete from knowledge.retrieval_queries where tenant_id = {unit.Tenant.Value} and user_id = {user}", ct);
    }

    public static Task MarkUsed(Db db, Guid queryId, Guid[] chunkIds, CancellationToken ct) => db.Run(
        $"update knowledge.retrieval_hits set used_in_answer = true where tenant_id = {db.Tenant!.Value.Value} and query_id = {queryId} and chunk_id = any ({chunkIds})", ct);

    private static Found Read(Row row) => new(row.Get<Guid>(), row.Get<double>());
}

internal sealed record Passage(
    Guid ChunkId, Guid DocumentId, Guid RevisionId, Guid CollectionId, string? ExternalId, string Title, int? Page, string Text, int Start, int End, string? Section);

internal sealed record RetrievalLog(
    Guid Id, Guid? TeamId, SearchOrigin Origin, Guid[] Collections, string Query, string Strategy, int TopK, string? Filters, int DurationMs, string Timings, string Candidates);
