using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Reads a collection for its export, as far as the reader may see it; archived documents are left out.</summary>
internal static class ExportStore
{
    private const int AtOnce = 100;

    public static Task<IReadOnlyList<ExportedDocument>> Next(Db db, Reader reader, Guid collection, Guid after, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select d.id, d.external_id, d.title, d.file_name, d.content_type, d.source_url, d.metadata::text, d.language, (select f.path from knowledge.folders f where f.tenant_id = d.tenant_id and f.id = d.folder_id),
          d.parent_id, d.access, (select coalesce(jsonb_agg(jsonb_build_object('type', a.principal_type, 'name', a.principal) order by a.principal_key), '[]')::text from knowledge.document_acl a where a.tenant_id = d.tenant_id and a.document_id = d.id),
          d.object_id is not null, case when d.object_id is null then (select r.body from knowledge.document_revisions r where r.tenant_id = d.tenant_id and r.document_id = d.id and r.body is not null order by r.revision_number desc limit 1) end,
          (select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'index', k.chunk_index, 'page', k.page_number, 'section', k.section, 'start', k.start_offset, 'end', k.end_offset) order by k.chunk_index), '[]')::text
            from knowledge.chunks k where k.tenant_id = d.tenant_id and k.document_id = d.id)
        from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {collection} and d.deleted_at is null and d.archived_at is null and {reader.MaySee} and {reader.MaySeeDocument} and d.id > {after}
        order by d.id limit {AtOnce}
        """,
        row =>
        {
            var (id, external, title, file, type, url, metadata, language, folder, parent) = (
                row.Get<Guid>(), row.Get<string?>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), row.Json<JsonElement>(), row.Get<string?>(), row.Get<string?>(), row.Get<Guid?>());
            var (access, allowed, hasFile, text, chunks) = (row.Get<string>(), row.Json<DocumentPrincipal[]>(), row.Get<bool>(), row.Get<string?>(), row.Json<ExportedChunk[]>());
            return new ExportedDocument(
                id, external, title, file, type, url, metadata, language, folder, parent, access == "collection" ? null : new DocumentAccess(access, allowed), hasFile, text, chunks);
        },
        ct), (document, open) => document with { Text = open(document.Text), Chunks = document.Chunks?.Select(c => c with { Section = open(c.Section) }).ToList() }, ct);

    /// <summary>Documents with an original, after one.</summary>
    public static Task<IReadOnlyList<(Guid Document, Guid Object)>> Files(Db db, Reader reader, Guid collection, Guid after, CancellationToken ct) => db.Many(
        $"""
        select d.id, d.object_id from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {collection} and d.deleted_at is null and d.archived_at is null and d.object_id is not null
          and {reader.MaySee} and {reader.MaySeeDocument} and d.id > {after} order by d.id limit 500
        """,
        row => (row.Get<Guid>(), row.Get<Guid>()), ct);
}
