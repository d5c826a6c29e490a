using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Which retrievals a list shows.</summary>
internal sealed record QueryFilter(bool Everybodys, Guid? Collection, Guid? Message, string? Strategy, string? Feedback, string? Text);

/// <summary>Reads the log of retrievals. What was found is shown only as far as the reader may see it now.</summary>
internal static class QueryStore
{
    public static Task<IReadOnlyList<RetrievalQuery>> List(Db db, Reader reader, QueryFilter filter, Page page, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from knowledge.retrieval_queries q
        where q.tenant_id = {db.Tenant!.Value.Value} and q.id < {page.Before} and {Readable(reader, filter.Everybodys)}
          {(filter.Collection is { } collection ? (Sql)$"and (q.collection_id = {collection} or exists (select from knowledge.retrieval_query_collections x where x.tenant_id = q.tenant_id and x.query_id = q.id and x.collection_id = {collection}))" : Sql.None)}
          {(filter.Message is { } message ? (Sql)$"and q.message_id = {message}" : Sql.None)}
          and ({filter.Strategy}::text is null or q.strategy = {filter.Strategy}) and ({filter.Text}::text is null or strpos(lower(q.query_text), lower({filter.Text})) > 0)
          and ({filter.Feedback}::text is null or case {filter.Feedback} when 'good' then q.feedback_score = 1 when 'bad' then q.feedback_score = -1 else q.feedback_score is null end)
        order by q.id desc limit {page.Limit + 1}
        """,
        ReadQuery, ct);

    public static async Task<RetrievalRecord?> Find(Db db, Reader reader, bool everybodys, Guid id, CancellationToken ct)
    {
        var found = await db.OneOrNone(
            $"""
            select {Columns}, q.filters::text, q.settings::text, q.timings::text, q.notes, q.candidates::text,
              case when q.collection_id is not null then array[q.collection_id] else array(select x.collection_id from knowledge.retrieval_query_collections x where x.tenant_id = q.tenant_id and x.query_id = q.id limit 50) end
            from knowledge.retrieval_queries q where q.tenant_id = {db.Tenant!.Value.Value} and q.id = {id} and {Readable(reader, everybodys)}
            """,
            row => (Query: ReadQuery(row), Filters: row.Json<JsonElement?>(), Settings: row.Json<JsonElement?>(), Timings: row.Json<JsonElement?>(), Notes: row.Get<string[]>(),
                Candidates: row.Json<Candidate[]?>() ?? [], Collections: row.Get<Guid[]>()), ct);
        if (found.Query is null)
        {
            return null;
        }

        var hits = await Hits(db, reader, id, ct);
        var seen = (await Chunks(db, reader, [.. found.Candidates.Select(c => c.Chunk)], ct)).ToDictionary(c => c.Chunk);
        var chosen = hits.Select(h => h.ChunkId).ToHashSet();
        var collections = await new CollectionDirectory().Readable(db, reader, found.Collections, ct);
        return new RetrievalRecord(
            found.Query, found.Filters, found.Settings, found.Timings, found.Notes, collections, hits,
            [.. found.Candidates.Where(c => seen.ContainsKey(c.Chunk)).Select(c => new RetrievalCandidate(
                c.Chunk, seen[c.Chunk].Document, seen[c.Chunk].Title, seen[c.Chunk].Page, c.Score, c.VectorRank, c.VectorScore, c.LexicalRank, c.LexicalScore, chosen.Contains(c.Chunk)))]);
    }

    private static Task<IReadOnlyList<RetrievalHit>> Hits(Db db, Reader reader, Guid id, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select h.rank, h.chunk_id, h.score::float8, h.vector_rank, h.vector_score::float8, h.lexical_rank, h.lexical_score::float8, h.rerank_score::float8, h.used_in_answer,
          s.document_id, s.collection_id, s.title, s.page_number, s.content
        from knowledge.retrieval_hits h left join lateral (
          select d.id as document_id, d.collection_id, d.title, k.page_number, k.content from knowledge.chunks k
          join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
          join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
          where k.tenant_id = h.tenant_id and k.id = h.chunk_id and {reader.MaySee} and {reader.MaySeeDocument}) s on true
        where h.tenant_id = {db.Tenant!.Value.Value} and h.query_id = {id} order by h.rank limit 100
        """,
        row =>
        {
            var (rank, chunk, score) = (row.Get<int>(), row.Get<Guid>(), row.Get<double>());
            var (vectorRank, vectorScore, lexicalRank, lexicalScore, rerank, used) = (row.Get<int?>(), row.Get<double?>(), row.Get<int?>(), row.Get<double?>(), row.Get<double?>(), row.Get<bool>());
            var (document, collection, title, page, text) = (row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string?>(), row.Get<int?>(), row.Get<string?>());
            return new RetrievalHit(rank, chunk, document, collection, title, page, text, Short(score), vectorRank, Short(vectorScore), lexicalRank, Short(lexicalScore), Short(rerank), used, document is null);
        },
        ct), (hit, open) => hit with { Text = open(hit.Text) }, ct);

    private static Task<IReadOnlyList<(Guid Chunk, Guid Document, string Title, int? Page)>> Chunks(Db db, Reader reader, Guid[] chunks, CancellationToken ct) => db.Many(
        $"""
        select k.id, d.id, d.title, k.page_number from knowledge.chunks k
        join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where k.tenant_id = {db.Tenant!.Value.Value} and k.id = any ({chunks}) and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => (row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<int?>()), ct);

    // A key that is bound to one collection reads of searches in that one.
    private static Sql Readable(Reader reader, bool everybodys) => reader.OnlyCollection is { } only
        ? $"q.user_id = {reader.UserId} and q.collection_id = {only}"
        : everybodys ? (Sql)$"true" : $"q.user_id = {reader.UserId}";

    private static Sql Columns =>
        $"""
        q.id, q.created_at, q.user_id, q.agent_id, q.conversation_id, q.message_id, q.query_text, q.rephrased_query, q.strategy, q.top_k, q.result_count, q.top_score::float8,
        q.reranked, q.duration_ms, q.feedback_score::int, q.feedback_text
        """;

    private static RetrievalQuery ReadQuery(Row row) => new(
        row.Get<Guid>(), row.Get<DateTimeOffset>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string?>(), row.Get<string>(), row.Get<int>(),
        row.Get<int>(), Short(row.Get<double?>()), row.Get<bool>(), row.Get<int>(), row.Get<int?>(), row.Get<string?>());

    // Stored as real: six digits mean something.
    private static double? Short(double? score) => score is { } s ? Math.Round(s, 6) : null;

    private static double Short(double score) => Math.Round(score, 6);

    private sealed record Candidate(Guid Chunk, double Score, int? VectorRank, double? VectorScore, int? LexicalRank, double? LexicalScore);
}
