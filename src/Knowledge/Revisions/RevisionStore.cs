using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Reads what a document was before, and what belongs to it.</summary>
internal static class RevisionStore
{
    public static Task<IReadOnlyList<Revision>> List(Db db, Reader reader, Guid document, CancellationToken ct) => db.Many(
        $"""
        select r.id, r.revision_number, r.status, r.id = d.live_revision_id, coalesce(r.size_bytes, octet_length(r.body)), r.page_count, r.note, r.object_id is not null,
          coalesce(r.object_id, r.extracted_text_object_id) is not null or r.body is not null, r.created_by, r.created_at
        from knowledge.document_revisions r join knowledge.documents d on d.tenant_id = r.tenant_id and d.id = r.document_id
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where r.tenant_id = {db.Tenant!.Value.Value} and r.document_id = {document} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument} order by r.revision_number desc limit 500
        """,
        row => new Revision(
            row.Get<Guid>(), row.Get<int>(), row.Get<string>(), row.Get<bool?>() ?? false, row.Get<long?>(), row.Get<int?>(), row.Get<string?>(), row.Get<bool>(), row.Get<bool>(), row.Get<Guid?>(), row.Get<DateTimeOffset>()),
        ct);

    /// <summary>Whether another document of the collection has the content of a revision, so that going back to it would make two of one.</summary>
    public static Task<bool> IsElsewhere(Unit unit, Guid revision, CancellationToken ct) => unit.One(
        $"""
        select exists (select from knowledge.document_revisions r join knowledge.documents d on d.tenant_id = r.tenant_id and d.id = r.document_id
          join knowledge.documents o on o.tenant_id = d.tenant_id and o.collection_id = d.collection_id and o.id <> d.id and o.content_hash = r.content_hash and o.deleted_at is null and o.external_id is null and o.access = 'collection'
          where r.tenant_id = {unit.Tenant.Value} and r.id = {revision} and d.external_id is null and d.access = 'collection')
        """,
        row => row.Get<bool>(), ct);

    /// <summary>Documents that belong to one, oldest first.</summary>
    public static Task<IReadOnlyList<Guid>> Below(Unit unit, Reader reader, Guid[] documents, CancellationToken ct) => unit.Many(
        $"select d.id from knowledge.documents d where d.tenant_id = {unit.Tenant.Value} and d.id in (select knowledge.documents_below({documents})) and {reader.MaySeeDocument} order by d.id",
        row => row.Get<Guid>(), ct);

    /// <summary>Whether a document may belong to another: both of one collection, and not one below the other. Null when the parent is not there.</summary>
    public static async Task<bool?> MayBelong(Unit unit, Reader reader, Guid document, Guid parent, CancellationToken ct) => await unit.OneOrNone(
        $"""
        select d.id <> {document} and d.id not in (select knowledge.documents_below({new[] { document }})) from knowledge.documents d
        join knowledge.documents own on own.tenant_id = d.tenant_id and own.id = {document} and own.collection_id = d.collection_id
        where d.tenant_id = {unit.Tenant.Value} and d.id = {parent} and d.deleted_at is null and {reader.MaySeeDocument}
        """,
        row => (bool?)row.Get<bool>(), ct);

    public static Task Part(Unit unit, Guid[] parents, CancellationToken ct) => unit.One($"select knowledge.part_children({parents})", row => row.Get<int>(), ct);

    /// <summary>Where a passage stood that is searched no more.</summary>
    public static Task<RetiredChunk?> Retired(Db db, Reader reader, Guid chunk, CancellationToken ct) => db.Opened(db.OneOrNone(
        $"""
        select k.id, d.id, k.revision_id, d.title, k.page_number, k.start_offset, k.end_offset, d.source_url, d.file_name, d.content_type, k.start_seconds::float8, k.end_seconds::float8, r.extracted_text_object_id, r.body
        from knowledge.retired_chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
        join knowledge.document_revisions r on r.tenant_id = k.tenant_id and r.id = k.revision_id
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where k.tenant_id = {db.Tenant!.Value.Value} and k.id = {chunk} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => new RetiredChunk(
            new ChunkPassage(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<int?>(), null, row.Get<int>(), row.Get<int>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), false)
            {
                StartSeconds = row.Get<double?>(),
                EndSeconds = row.Get<double?>(),
            },
            new RevisionText(row.Get<Guid?>(), row.Get<string?>())),
        ct), (chunk, open) => chunk with { Where = chunk.Where with { Body = open(chunk.Where.Body) } }, ct);
}

/// <summary>A passage without its words, and where those are.</summary>
internal sealed record RetiredChunk(ChunkPassage Passage, RevisionText Where);
