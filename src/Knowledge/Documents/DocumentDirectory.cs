using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Which documents a reader may see now. For rooms that keep references to documents, such as citations.</summary>
public sealed class DocumentDirectory
{
    /// <summary>Those of <paramref name="documents"/> that exist and that the reader may see.</summary>
    public async Task<IReadOnlySet<Guid>> Readable(Db db, Reader reader, IReadOnlyCollection<Guid> documents, CancellationToken ct) => (await db.Many(
        $"""
        select d.id from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.id = any ({documents.ToArray()}) and d.deleted_at is null and d.status <> 'deleted' and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => row.Get<Guid>(), ct)).ToHashSet();
}
