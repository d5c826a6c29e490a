using Lyceum.Knowledge.Splitting;
using Lyceum.Platform;
using NpgsqlTypes;

namespace Lyceum.Knowledge;

internal sealed record PendingChunk(int Index, string? Section, string Text, string? Summary);

/// <summary>Reads and writes knowledge.pending_chunks: chunks of revisions that are still being embedded.</summary>
internal static class PendingChunkStore
{
    public static async Task Replace(Unit unit, DocumentInWork document, IReadOnlyList<Chunk> chunks, string? language, CancellationToken ct)
    {
        var key = await unit.ContentKey(document.ContentKeyId, ct);
        await unit.Run($"delete from knowledge.pending_chunks where tenant_id = {unit.Tenant.Value} and revision_id = {document.RevisionId}", ct);
        await unit.Load(
            $"""
            create temporary table split (id uuid, chunk_index int, content text, page_number int, section text, headings text[], start_offset int, end_offset int, token_count int, facts jsonb, start_seconds float8, end_seconds float8) on commit drop
            """,
            $"copy split from stdin binary",
            chunks,
            (importer, chunk) =>
            {
                importer.Write(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
                importer.Write(chunk.Index, NpgsqlDbType.Integer);
                importer.Write(key?.Seal(chunk.Text) ?? chunk.Text, NpgsqlDbType.Text);
                importer.WriteNullable(chunk.Page, NpgsqlDbType.Integer);
                importer.WriteNullable(chunk.Section is null ? null : key?.Seal(chunk.Section) ?? chunk.Section, NpgsqlDbType.Text);
                importer.Write(chunk.Headings.Select(h => key?.Seal(h) ?? h).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
                importer.Write(chunk.Start, NpgsqlDbType.Integer);
                importer.Write(Math.Max(chunk.Start, chunk.End), NpgsqlDbType.Integer);
                importer.Write(chunk.TokenCount, NpgsqlDbType.Integer);
                var facts = LyceumJson.Write(Enrichment.Of(chunk.Text));
                importer.Write(key is null ? facts : LyceumJson.Write(key.Seal(facts)), NpgsqlDbType.Jsonb);
                importer.WriteNullable(chunk.From, NpgsqlDbType.Double);
                importer.WriteNullable(chunk.To, NpgsqlDbType.Double);
            },
            $"""
            insert into knowledge.pending_chunks (id, document_id, revision_id, chunk_index, content, content_kind, page_number, section, headings, start_offset, end_offset, token_count, language, facts, start_seconds, end_seconds)
            select id, {document.DocumentId}, {document.RevisionId}, chunk_index, content, case when start_seconds is null then 'original' else 'transcript' end, page_number, section, headings, start_offset, end_offset, token_count, {language}, facts,
              start_seconds, end_seconds from split
            """,
            ct);
    }

    public static Task<(int Total, int Done)> Count(Db db, Guid revisionId, CancellationToken ct) => db.One(
        $"select count(*)::int, count(embedding)::int from knowledge.pending_chunks where tenant_id = {db.Tenant!.Value.Value} and revision_id = {revisionId}",
        row => (row.Get<int>(), row.Get<int>()), ct);

    public static Task<IReadOnlyList<PendingChunk>> WithoutVector(Db db, Guid revisionId, int limit, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select chunk_index, section, content, summary from knowledge.pending_chunks
        where tenant_id = {db.Tenant!.Value.Value} and revision_id = {revisionId} and embedding is null order by chunk_index limit {limit}
        """,
        row => new PendingChunk(row.Get<int>(), row.Get<string?>(), row.Get<string>(), row.Get<string?>()), ct),
        (chunk, open) => chunk with { Section = open(chunk.Section), Text = open(chunk.Text), Summary = open(chunk.Summary) }, ct);

    public static Task KeepVectors(Db db, Guid revisionId, Guid modelId, int[] indexes, float[][] vectors, CancellationToken ct) => db.Atomically(unit => unit.Load(
        $"create temporary table vectors (chunk_index int, embedding halfvec) on commit drop",
        $"copy vectors from stdin binary",
        indexes.Zip(vectors),
        (importer, pair) =>
        {
            importer.Write(pair.First, NpgsqlDbType.Integer);
            importer.Write(HalfVector.ToBinary(pair.Second), NpgsqlDbType.Bytea);
        },
        $"""
        update knowledge.pending_chunks p set embedding = v.embedding, embedding_model_id = {modelId} from vectors v
        where p.tenant_id = {unit.Tenant.Value} and p.revision_id = {revisionId} and p.chunk_index = v.chunk_index
        """,
        ct), ct);

    /// <summary>Keeps summaries, so that another attempt need not ask for them again.</summary>
    public static async Task KeepSummaries(Db db, DocumentInWork document, int[] indexes, string?[] summaries, CancellationToken ct)
    {
        var key = await db.ContentKey(document.ContentKeyId, ct);
        await db.Run(
            $"""
            update knowledge.pending_chunks p set summary = s.summary from unnest({indexes}, {summaries.Select(s => s is null ? null : key?.Seal(s) ?? s).ToArray()}) s(chunk_index, summary)
            where p.tenant_id = {db.Tenant!.Value.Value} and p.revision_id = {document.RevisionId} and p.chunk_index = s.chunk_index and s.summary is not null
            """,
            ct);
    }

    /// <summary>Forgets vectors that another model made; it was the collection's when they were.</summary>
    public static Task<int> ForgetOthers(Db db, Guid revisionId, Guid modelId, CancellationToken ct) => db.Run(
        $"""
        update knowledge.pending_chunks set embedding = null, embedding_model_id = null
        where tenant_id = {db.Tenant!.Value.Value} and revision_id = {revisionId} and embedding_model_id <> {modelId}
        """,
        ct);

    /// <summary>Whether all of them have a vector, and of this model.</summary>
    public static Task<bool> IsEmbedded(Unit unit, Guid revisionId, Guid modelId, CancellationToken ct) => unit.One(
        $"""
        select not exists (select from knowledge.pending_chunks
          where tenant_id = {unit.Tenant.Value} and revision_id = {revisionId} and (embedding is null or embedding_model_id <> {modelId}))
        """,
        row => row.Get<bool>(), ct);

    /// <summary>Moves the embedded chunks of a revision into the staging table of a publication.</summary>
    public static Task MoveToStaging(Unit unit, Guid revisionId, CancellationToken ct) => unit.Run(
        $"""
        with moved as (delete from knowledge.pending_chunks where tenant_id = {unit.Tenant.Value} and revision_id = {revisionId} returning *)
        insert into incoming select id, document_id, revision_id, chunk_index, content, content_kind, page_number, section, headings, start_offset, end_offset, token_count, language, embedding, facts, summary, start_seconds, end_seconds
        from moved
        """,
        ct);

    public static Task Drop(Unit unit, Guid? revisionId, Guid[] documentIds, CancellationToken ct) => unit.Run(
        $"delete from knowledge.pending_chunks where tenant_id = {unit.Tenant.Value} and (revision_id = {revisionId} or document_id = any ({documentIds}))", ct);
}
