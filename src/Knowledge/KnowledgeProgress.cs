using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>How far an account has come with knowledge of its own, for the first-run checklist.</summary>
public static class KnowledgeProgress
{
    /// <summary>Whether the account made a collection, and whether it brought a document itself; the samples were brought in its name and do not count.</summary>
    public static Task<(bool Collection, bool Document)> Of(Db db, Guid userId, CancellationToken ct) => db.One(
        $"""
        select exists (select from knowledge.collections c where c.created_by = {userId} and c.slug <> {SampleCollection.Slug}::citext and c.deleted_at is null),
          exists (select from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
            where d.uploaded_by = {userId} and d.deleted_at is null and c.slug <> {SampleCollection.Slug}::citext)
        """,
        row => (row.Get<bool>(), row.Get<bool>()), ct);
}
