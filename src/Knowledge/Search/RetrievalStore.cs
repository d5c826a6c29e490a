using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A passage as it is handed on, checked against what its reader may see.</summary>
internal sealed record Passage(
    Guid ChunkId, Guid DocumentId, Guid RevisionId, Guid CollectionId, string? ExternalId, string Title, int? Page, string Text, int Start, int End, string? Section, int Index, JsonElement Metadata, string? FolderPath)
{
    public double? StartSeconds { get; init; }

    public double? EndSeconds { get; init; }
}

/// <summary>What is remembered of a retrieval.</summary>
internal sealed record RetrievalLog(
    Guid Id, Guid? TeamId, SearchOrigin Origin, Guid[] Collections, string Query, IReadOnlyList<string> Rephrasings, SearchPlan Plan, string? Filters, bool Reranked, int DurationMs,
    string Timings, string Candidates, string[] Notes, bool IsFinal)
{
    /// <summary>Whether it is written at all: a measurement is nobody's question.</summary>
    public bool Keep => Origin.Source != SearchOrigin.Evaluation;
}

/// <summary>A hit as it is logged: what each leg and the second ordering said of it.</summary>
internal sealed record LoggedHit(Guid ChunkId, double Score, int? VectorRank, double? VectorScore, int? LexicalRank, double? LexicalScore, double? RerankScore);

/// <summary>Writes knowledge.retrieval_queries, their collections and their hits: what was asked, how, what was found and what was made of it.</summary>
internal static class RetrievalStore
{
    /// <summary>
    /// The passages of the chosen chunks, checked once more against what the reader may see, and the log row of the whole retrieval: one
    /// statement. Candidates that are no longer there are left out.
    /// </summary>
    public static Task<IReadOnlyList<Passage>> FetchAndLog(Db db, Reader reader, RetrievalLog log, IReadOnlyList<LoggedHit> hits, CancellationToken ct) => db.Opened(db.Many(
        $"""
        with chosen as (
          select u.*, k.document_id, k.revision_id, k.collection_id, d.external_id, d.title, k.page_number, k.content, k.start_offset, k.end_offset, k.section, k.chunk_index, k.start_seconds, k.end_seconds, d.metadata,
            (select f.path from knowledge.folders f where f.tenant_id = d.tenant_id and f.id = d.folder_id) as folder_path
          from unnest({hits.Select(h => h.ChunkId).ToArray()}, {hits.Select(h => h.Score).ToArray()}, {hits.Select(h => h.VectorRank).ToArray()}, {hits.Select(h => h.VectorScore).ToArray()},
            {hits.Select(h => h.LexicalRank).ToArray()}, {hits.Select(h => h.LexicalScore).ToArray()}, {hits.Select(h => h.RerankScore).ToArray()})
            with ordinality u(id, score, vector_rank, vector_score, lexical_rank, lexical_score, rerank_score, rank)
          join knowledge.chunks k on k.tenant_id = {db.Tenant!.Value.Value} and k.id = u.id
          join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null and {reader.MaySeeDocument}
          join knowledge.collections c on c.tenant_id = k.tenant_id and c.id = k.collection_id and {reader.MaySee}),
        logged as (
          insert into knowledge.retrieval_queries (id, team_id, user_id, api_key_id, agent_id, conversation_id, message_id, collection_id, query_text, rephrased_query, strategy, top_k, threshold, filters,
            result_count, top_score, reranked, duration_ms, timings, candidates, settings, notes)
          select {log.Id}, {log.TeamId}, {reader.UserId}, {log.Origin.ApiKeyId}, {log.Origin.AgentId}, {log.Origin.ConversationId}, {log.Origin.MessageId},
            {(log.Collections.Length == 1 ? log.Collections[0] : (Guid?)null)}, {log.Origin.RephrasedFrom ?? log.Query}, {Rephrased(log)}, {log.Plan.Strategy}, {log.Plan.TopK}, {(float?)log.Plan.Threshold},
            {log.Filters}::jsonb, (select count(*) from chosen), (select max(score) from chosen), {log.Reranked}, {log.DurationMs}, {log.Timings}::jsonb, {log.Candidates}::jsonb, {LyceumJson.Write(log.Plan)}::jsonb, {log.Notes}
          where {Kept(log, hits)}),
        searched as (
          insert into knowledge.retrieval_query_collections (id, query_id, collection_id)
          select ops.uuid7(), {log.Id}, c from unnest({(log.Collections.Length > 1 ? log.Collections : [])}) c where {Kept(log, hits)}),
        hits as (
          insert into knowledge.retrieval_hits (id, query_id, rank, chunk_id, score, document_id, vector_rank, vector_score, lexical_rank, lexical_score, rerank_score)
          select ops.uuid7(), {log.Id}, row_number() over (order by rank), id, score, document_id, vector_rank, vector_score, lexical_rank, lexical_score, rerank_score from chosen where {Kept(log, hits)})
        select id, document_id, revision_id, collection_id, external_id, title, page_number, content, start_offset, end_offset, section, chunk_index, metadata::text, folder_path, start_seconds::float8, end_seconds::float8 from chosen order by rank
        """,
        row => new Passage(
            row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string?>(), row.Get<string>(), row.Get<int?>(), row.Get<string>(), row.Get<int>(), row.Get<int>(),
            row.Get<string?>(), row.Get<int>(), row.Json<JsonElement>(), row.Get<string?>())
        {
            StartSeconds = row.Get<double?>(),
            EndSeconds = row.Get<double?>(),
        },
        ct), (passage, open) => passage with { Text = open(passage.Text), Section = open(passage.Section) }, ct);

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

    /// <summary>Keeps what the asker thought of it. False when it is not theirs.</summary>
    public static async Task<bool> Rate(Unit unit, Guid id, Guid user, RateRetrieval opinion, CancellationToken ct) => await unit.Run(
        $"""
        update knowledge.retrieval_queries set feedback_score = {(short?)opinion.Score}, feedback_text = {(opinion.Score is null ? null : opinion.Text)}, feedback_at = {(opinion.Score is null ? (Sql)$"null" : $"now()")}
        where tenant_id = {unit.Tenant.Value} and id = {id} and user_id = {user}
        """,
        ct) == 1;

    // An answer that lacks a passage is asked for once more, and only the last one is an answer.
    private static Sql Kept(RetrievalLog log, IReadOnlyList<LoggedHit> hits) => $"{log.Keep} and ({log.IsFinal} or (select count(*) from chosen) = {hits.Count})";

    // The question as it was searched, where it differs from the one asked, and its other wordings, one on each line.
    private static string? Rephrased(RetrievalLog log)
    {
        string[] wordings = [.. log.Origin.RephrasedFrom is null ? [] : new[] { log.Query }, .. log.Rephrasings];
        return wordings.Length == 0 ? null : string.Join('\n', wordings);
    }
}
