using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Writes knowledge.document_acl: who may see a restricted document. Effective with the transaction, on every path.</summary>
internal static class AccessStore
{
    /// <summary>Null when the reader sees no such document.</summary>
    public static async Task<DocumentAccess?> Find(Db db, Reader reader, Guid document, CancellationToken ct)
    {
        var rows = await db.Many(
            $"""
            select d.access, a.principal_type, a.principal from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
            left join knowledge.document_acl a on a.tenant_id = d.tenant_id and a.document_id = d.id
            where d.tenant_id = {db.Tenant!.Value.Value} and d.id = {document} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
            order by a.principal_key limit 501
            """,
            row => (Access: row.Get<string>(), Type: row.Get<string?>(), Name: row.Get<string?>()), ct);
        return rows.Count == 0 ? null : new DocumentAccess(rows[0].Access, [.. rows.Where(r => r.Type is not null).Select(r => new DocumentPrincipal(r.Type!, r.Name ?? ""))]); // filtered the word before
    }

    /// <summary>Sets both, the mark on the document and the list.</summary>
    public static async Task Set(Unit unit, Guid document, DocumentAccess access, CancellationToken ct)
    {
        await IntakeStore.SetAccess(unit, [document], access.Access, ct);
        await Replace(unit, document, access, ct);
    }

    public static async Task Replace(Unit unit, Guid document, DocumentAccess access, CancellationToken ct)
    {
        var named = (access.Allowed ?? []).Select(p => (p.Type, Name: DocumentAccessRules.Name(p))).Distinct().ToList();
        await unit.Run($"delete from knowledge.document_acl where tenant_id = {unit.Tenant.Value} and document_id = {document}", ct);
        await unit.Run(
            $"""
            insert into knowledge.document_acl (id, document_id, principal_type, principal)
            select ops.uuid7(), {document}, t, n from unnest({named.Select(n => n.Type).ToArray()}, {named.Select(n => n.Name).ToArray()}) p(t, n)
            """,
            ct);
    }

    /// <summary>Whether the reader would still see it.</summary>
    public static async Task<bool> Sees(Unit unit, Reader reader, Guid document, CancellationToken ct) => await unit.One(
        $"select exists (select from knowledge.documents d where d.tenant_id = {unit.Tenant.Value} and d.id = {document} and {reader.MaySeeDocument})", row => row.Get<bool>(), ct);

    /// <summary>Those of these external ids that belong to documents the reader may not see, and so may not replace either.</summary>
    public static Task<IReadOnlyList<string>> Hidden(Unit unit, Reader reader, Guid collection, string[] externalIds, CancellationToken ct) => unit.Many(
        $"""
        select d.external_id from knowledge.documents d
        where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collection} and d.external_id = any ({externalIds}) and d.deleted_at is null and d.access = 'restricted' and not {reader.MaySeeDocument}
        """,
        row => row.Get<string>(), ct);
}
