using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>What became of a text: its document, and its revision when there is something to index.</summary>
internal sealed record TakenText(string ExternalId, Guid DocumentId, Guid? RevisionId);

/// <summary>Takes texts sent as such: one statement for any number of them.</summary>
internal static class TextsStore
{
    /// <summary>
    /// Makes documents and revisions for texts that are new or changed; an unchanged one gets no revision. External ids are distinct.
    /// </summary>
    public static async Task<IReadOnlyList<TakenText>> Take(Unit unit, Guid collectionId, Guid? teamId, Guid userId, IReadOnlyList<TextItem> items, CancellationToken ct) => await unit.Many(
        $"""
        with sent as (
          select * from unnest({items.Select(_ => Guid.CreateVersion7()).ToArray()}, {items.Select(_ => Guid.CreateVersion7()).ToArray()}, {items.Select(i => i.ExternalId).ToArray()},
            {items.Select(i => Title(i)).ToArray()}, {items.Select(i => i.Text).ToArray()}, {items.Select(i => Hash(i)).ToArray()},
            {items.Select(i => i.Metadata is { ValueKind: JsonValueKind.Object } m ? m.GetRawText() : "{}").ToArray()}, {items.Select(i => (long)Encoding.UTF8.GetByteCount(i.Text)).ToArray()})
            s(document_id, revision_id, external_id, title, body, hash, metadata, size)),
        kept as (
          insert into knowledge.documents as d (id, team_id, collection_id, external_id, title, content_type, size_bytes, content_hash, status, intake_step, metadata, uploaded_by)
          select document_id, {teamId}, {collectionId}, external_id, title, 'text/plain', size, hash, 'pending', 'split', metadata::jsonb, {userId} from sent
          on conflict (tenant_id, collection_id, external_id) where deleted_at is null and external_id is not null do update set
            title = excluded.title, metadata = excluded.metadata, size_bytes = excluded.size_bytes,
            status = case when d.content_hash = excluded.content_hash and d.status <> 'failed' then d.status else 'pending' end,
            content_hash = excluded.content_hash
          returning d.id, d.external_id, d.status, (select p.content_hash from knowledge.documents p where p.tenant_id = d.tenant_id and p.id = d.id) as hash_before),
        revisions as (
          insert into knowledge.document_revisions (id, document_id, revision_number, body, content_hash, created_by)
          select s.revision_id, k.id, coalesce((select max(r.revision_number) from knowledge.document_revisions r where r.tenant_id = {unit.Tenant.Value} and r.document_id = k.id), 0) + 1, s.body, s.hash, {userId}
          from kept k join sent s on s.external_id = k.external_id
          where k.status = 'pending' and k.hash_before is distinct from s.hash or k.status = 'pending' and not exists (
            select from knowledge.document_revisions r where r.tenant_id = {unit.Tenant.Value} and r.document_id = k.id and r.content_hash = s.hash and r.status in ('pending', 'processing'))
          returning id, document_id)
        select k.external_id, k.id, r.id from kept k left join revisions r on r.document_id = k.id
        """,
        row => new TakenText(row.Get<string>(), row.Get<Guid>(), row.Get<Guid?>()), ct);

    public static string Title(TextItem item) => string.IsNullOrWhiteSpace(item.Title) ? item.ExternalId : item.Title.Trim();

    // The title is part of what is searched, so a new title is a new text.
    private static byte[] Hash(TextItem item) => SHA256.HashData(Encoding.UTF8.GetBytes($"{Title(item)}\n{item.Text}"));
}
