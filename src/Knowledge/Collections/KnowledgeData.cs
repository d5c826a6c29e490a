using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// A person's private collections with their documents, and what they searched for. What they brought into collections of a team or of all belongs
/// to the organisation and stays, with their id, which names nobody once the account is erased.
/// </summary>
internal sealed class KnowledgeData : IPersonalData
{
    public IReadOnlyList<PersonalSection> Sections { get; } =
    [
        new("privateCollections", (user, after) => $"""
            select c.id, jsonb_build_object('name', c.name, 'description', c.description, 'createdAt', c.created_at)::text
            from knowledge.collections c where c.created_by = {user} and c.visibility = 'private' and c.deleted_at is null and c.id > {after} order by c.id limit 500
            """),
        new("documents", (user, after) => $"""
            select d.id, jsonb_build_object('title', d.title, 'fileName', d.file_name, 'uploadedAt', d.uploaded_at, 'metadata', d.metadata)::text
            from knowledge.documents d where d.uploaded_by = {user} and d.deleted_at is null and d.id > {after} order by d.id limit 500
            """),
        new("searches", (user, after) => $"""
            select q.id, jsonb_build_object('query', q.query_text, 'at', q.created_at)::text from knowledge.retrieval_queries q where q.user_id = {user} and q.id > {after} order by q.id limit 500
            """),
        new("memories", (user, after) => $"""
            select m.id, jsonb_build_object('type', m.memory_type, 'content', m.content, 'at', m.created_at)::text from knowledge.memories m where m.user_id = {user} and m.id > {after} order by m.id limit 500
            """),
    ];

    public async Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct)
    {
        var collections = await CollectionStore.DeletePrivateOf(unit, userId, ct);
        var documents = await IntakeStore.Blank(unit, [.. collections], ct);
        await FolderStore.RemoveOf(unit, [.. collections], ct);
        await JobStore.Enqueue(
            unit, [.. collections.Select(id => new NewJob("intake", RemoveCollectionJob.JobType, new RemoveCollection(false), RefType: "collection", RefId: id, DedupKey: $"remove:{id}", MaxAttempts: 20))], ct);
        var searches = await RetrievalStore.EraseOf(unit, userId, ct);
        var memories = await MemoryStore.EraseOf(unit, userId, ct);
        return new Erased(new Dictionary<string, long> { ["privateCollections"] = collections.Count, ["documents"] = documents.Count, ["searches"] = searches, ["memories"] = memories }, [.. collections, .. documents]);
    }
}
