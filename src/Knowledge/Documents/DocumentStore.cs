using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Which documents of a collection a list shows. Folders: in these; in none, when it is empty; anywhere, when it is null.</summary>
internal sealed record DocumentFilter(string? Status, string? Text, Guid[]? Folders, Guid? Batch)
{
    /// <summary>Only what belongs to this document.</summary>
    public Guid? Parent { get; init; }
}

/// <summary>Reads knowledge.documents for people: each read carries the reader's permissions over the collection.</summary>
internal sealed class DocumentStore(Db db)
{
    private static Sql Columns =>
        $"""
        d.id, d.collection_id, d.external_id, d.title, d.file_name, d.content_type, d.size_bytes, d.status, d.intake_step, d.intake_progress, d.error_code, d.error_message,
        d.attempts, d.chunk_count, d.total_tokens, d.page_count, d.language, d.metadata::text, d.object_id is not null, d.created_at, d.processed_at, d.updated_at,
        d.folder_id, (select f.path from knowledge.folders f where f.tenant_id = d.tenant_id and f.id = d.folder_id), d.batch_id, d.archived_at, d.source_url, d.parent_id, d.live_revision_id
        """;

    public Task<Document?> Find(Reader reader, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        select {Columns} from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.id = {id} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        Read, ct);

    /// <summary>The same as its row is within a transaction.</summary>
    public static Task<Document?> Find(Unit unit, Reader reader, Guid id, CancellationToken ct) => unit.OneOrNone(
        $"""
        select {Columns} from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.id = {id} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        Read, ct);

    /// <summary>Whether the reader may change or remove it.</summary>
    public async Task<bool> MayEdit(Reader reader, Guid id, CancellationToken ct) => (await db.Many(
        $"""
        select d.id from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.id = {id} and d.deleted_at is null and {reader.May(Access.Edit)} and {reader.MaySeeDocument}
        """,
        row => row.Get<Guid>(), ct)).Count == 1;

    public Task<IReadOnlyList<Document>> List(Reader reader, Guid collectionId, DocumentFilter filter, Page page, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.collection_id = {collectionId} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument} and d.id < {page.Before}
          and {(filter.Status == "archived" ? (Sql)$"d.archived_at is not null" : $"d.archived_at is null and ({filter.Status}::text is null or d.status = {filter.Status})")} and ({filter.Text}::text is null or d.title ilike '%' || {Like(filter.Text)} || '%' or d.external_id = {filter.Text})
          {(filter.Folders is null ? Sql.None : filter.Folders.Length == 0 ? (Sql)$"and d.folder_id is null" : $"and d.folder_id = any ({filter.Folders})")}
          {(filter.Parent is null ? Sql.None : $"and d.parent_id = {filter.Parent}")}
          {(filter.Batch is null ? Sql.None : $"and d.batch_id = {filter.Batch}")}
        order by d.id desc limit {page.Limit + 1}
        """,
        Read, ct);

    /// <summary>Documents of a collection that changed since; at most 500, oldest change first.</summary>
    public Task<IReadOnlyList<Document>> ChangedSince(Reader reader, Guid collectionId, DateTimeOffset since, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.collection_id = {collectionId} and d.updated_at >= {since} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument} order by d.updated_at limit 500
        """,
        Read, ct);

    public async Task<IReadOnlyList<ChunkView>> Chunks(Reader reader, Guid documentId, int after, int limit, CancellationToken ct) => [.. (await db.Opened(db.Many(
        $"""
        select k.id, k.chunk_index, k.page_number, k.section, k.headings, k.content, k.token_count, k.start_offset, k.end_offset, case when k.metadata ? 'keywords' or jsonb_typeof(k.metadata) = 'string' then k.metadata #>> array[]::text[] end, k.summary, k.disabled_at is null, k.edited_at, k.start_seconds::float8, k.end_seconds::float8
        from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        join knowledge.chunks k on k.tenant_id = d.tenant_id and k.revision_id = d.live_revision_id
        where d.id = {documentId} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument} and k.chunk_index > {after} order by k.chunk_index limit {limit}
        """,
        row =>
        {
            var view = new ChunkView(row.Get<Guid>(), row.Get<int>(), row.Get<int?>(), row.Get<string?>(), row.Get<string[]>(), row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<int>());
            var facts = row.Get<string?>();
            return (View: view with
            {
                Summary = row.Get<string?>(),
                IsEnabled = row.Get<bool>(),
                EditedAt = row.Get<DateTimeOffset?>(),
                StartSeconds = row.Get<double?>(),
                EndSeconds = row.Get<double?>(),
            }, Facts: facts);
        },
        ct), (chunk, open) => (chunk.View with
        {
            Section = open(chunk.View.Section),
            Headings = [.. chunk.View.Headings.Select(h => open(h))],
            Text = open(chunk.View.Text),
            Summary = open(chunk.View.Summary),
        }, open(chunk.Facts)), ct)).Select(chunk => chunk.View with { Facts = chunk.Facts is null or "{}" ? null : JsonSerializer.Deserialize<ChunkFacts>(chunk.Facts, LyceumJson.Options) })];

    public Task<ChunkPassage?> Chunk(Reader reader, Guid chunkId, CancellationToken ct) => db.Opened(db.OneOrNone(
        $"""
        select k.id, d.id, k.revision_id, d.title, k.page_number, k.content, k.start_offset, k.end_offset, d.source_url, d.file_name, d.content_type, k.start_seconds::float8, k.end_seconds::float8
        from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where k.id = {chunkId} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => new ChunkPassage(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<int?>(), row.Get<string>(), row.Get<int>(), row.Get<int>(),
            row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), false) { StartSeconds = row.Get<double?>(), EndSeconds = row.Get<double?>() }, ct), (passage, open) => passage with { Text = open(passage.Text) }, ct);

    /// <summary>Where the text of a revision is: in an object, or in the row itself. The live revision (else the newest) when none is named.</summary>
    public Task<RevisionText?> TextOf(Reader reader, Guid documentId, Guid? revisionId, CancellationToken ct) => db.Opened(db.OneOrNone(
        $"""
        select r.extracted_text_object_id, r.body from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.document_id = d.id
        where d.id = {documentId} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument} and (r.id = {revisionId} or {revisionId}::uuid is null)
        order by (r.id = d.live_revision_id) desc nulls last, r.revision_number desc limit 1
        """,
        row => new RevisionText(row.Get<Guid?>(), row.Get<string?>()), ct), (text, open) => text with { Body = open(text.Body) }, ct);

    /// <summary>The original of a document, or of an earlier revision of it.</summary>
    public Task<Guid?> ObjectOf(Reader reader, Guid documentId, Guid? revision, CancellationToken ct) => db.OneOrNone(
        $"""
        select case when {revision}::uuid is null then d.object_id
          else (select r.object_id from knowledge.document_revisions r where r.tenant_id = d.tenant_id and r.document_id = d.id and r.id = {revision}) end from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.id = {documentId} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => row.Get<Guid?>(), ct);

    /// <summary>Which of these documents are still there for this reader, with their present titles.</summary>
    public static Task<IReadOnlyList<Guid>> Existing(Db db, Reader reader, Guid[] ids, CancellationToken ct) => db.Many(
        $"""
        select d.id from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.id = any ({ids}) and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => row.Get<Guid>(), ct);

    private static string? Like(string? text) =>
        text?.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    private static Document Read(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<string?>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<long>(),
        row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<string?>(), row.Get<string?>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<int?>(),
        row.Get<string?>(), row.Json<JsonElement>(), row.Get<bool>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset>())
    {
        FolderId = row.Get<Guid?>(),
        FolderPath = row.Get<string?>(),
        BatchId = row.Get<Guid?>(),
        ArchivedAt = row.Get<DateTimeOffset?>(),
        SourceUrl = row.Get<string?>(),
        ParentId = row.Get<Guid?>(),
        LiveRevisionId = row.Get<Guid?>(),
    };
}

/// <summary>The text of a revision: either an object that holds extracted pages, or a body sent as text.</summary>
internal sealed record RevisionText(Guid? ObjectId, string? Body);
