using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A document that may go, with what goes with it.</summary>
internal sealed record Removable(Guid Id, int Chunks, long Bytes);

/// <summary>Takes documents and collections away: out of search, their vectors, their files, in one act.</summary>
internal static class RemovalStore
{
    private const int AtOnce = 500;

    /// <summary>
    /// Deletes a document: chunks, vectors and work in hand go in this transaction, its files with the objects' own removal. The row
    /// stays as a mark, so that citations can say "removed"; a purge takes that too. What belongs to it goes with it, or stands
    /// by itself from then on. False when the reader may not edit its collection.
    /// </summary>
    public static async Task<bool> Document(Unit unit, Reader reader, Guid documentId, bool purge, bool withChildren, CancellationToken ct)
    {
        var found = false;
        await AuditLog.Act(unit, async () =>
        {
            var collection = await unit.OneOrNone(
                $"""
                select d.collection_id, d.title from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
                where d.id = {documentId} and d.deleted_at is null and {reader.May(Access.Edit)} and {reader.MaySeeDocument}
                """,
                row => ((Guid Id, string Title)?)(row.Get<Guid>(), row.Get<string>()), ct);
            if (collection is not { } of)
            {
                return null;
            }

            found = true;
            Guid[] going = withChildren ? [documentId, .. await RevisionStore.Below(unit, reader, [documentId], ct)] : [documentId];
            await Remove(unit, of.Id, going, ct);
            await (purge ? LifeStore.Purge(unit, of.Id, going, going.Length, ct) : Task.CompletedTask);
            await IntakeStore.Tell(unit, of.Id, ct);
            return new AuditEntry(purge ? "document.purged" : "document.deleted", "document", documentId, Before: new { title = of.Title, collection_id = of.Id }, Metadata: withChildren ? new { documents = going } : null);
        }, ct);
        return found;
    }

    /// <summary>Takes documents of a collection away, however many, in the caller's transaction; in batches, so that no statement is long.</summary>
    public static async Task Remove(Unit unit, Guid collectionId, Guid[] documentIds, CancellationToken ct)
    {
        await Publication.Lock(unit, collectionId, ct);
        foreach (var batch in documentIds.Chunk(AtOnce))
        {
            await Publication.RemoveChunks(unit, collectionId, batch, ct);
            await PendingChunkStore.Drop(unit, null, batch, ct);
            await ObjectStore.Delete(unit, [.. await IntakeStore.MarkDeleted(unit, batch, ct)], ct);
            await JobStore.CancelForDocuments(unit, batch, ct);
            await RevisionStore.Part(unit, batch, ct);
        }
    }

    /// <summary>The documents that stand in these folders and that the reader may see, locked.</summary>
    public static Task<IReadOnlyList<Removable>> In(Unit unit, Reader reader, Guid collectionId, Guid[] folders, CancellationToken ct) => unit.Many(
        $"""
        select d.id, d.chunk_count, d.size_bytes from knowledge.documents d
        where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collectionId} and d.folder_id = any ({folders}) and d.deleted_at is null and {reader.MaySeeDocument} order by d.id for update
        """,
        Read, ct);

    /// <summary>How many of these are documents of the collection that the reader sees.</summary>
    public static Task<int> Seen(Unit unit, Reader reader, Guid collectionId, Guid[] documents, CancellationToken ct) => unit.One(
        $"select count(*)::int from knowledge.documents d where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collectionId} and d.id = any ({documents}) and d.deleted_at is null and {reader.MaySeeDocument}",
        row => row.Get<int>(), ct);

    private static Removable Read(Row row) => new(row.Get<Guid>(), row.Get<int>(), row.Get<long>());

    /// <summary>The next documents of a deleted collection, to be removed batch by batch.</summary>
    public static Task<IReadOnlyList<Guid>> Left(Db db, Guid collectionId, CancellationToken ct) => db.Many(
        $"select id from knowledge.documents where tenant_id = {db.Tenant!.Value.Value} and collection_id = {collectionId} and deleted_at is null order by id limit 200",
        row => row.Get<Guid>(), ct);
}

/// <summary>Purge leaves not even the marks that say what was there.</summary>
internal sealed record RemoveCollection(bool Purge);

/// <summary>Removes the content of a deleted collection, a batch of documents at a time, so that no lock is held long.</summary>
internal sealed class RemoveCollectionJob(Databases databases) : IJobHandler
{
    public const string JobType = "knowledge.remove_collection";
    private const int AtOnce = 500;

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var collectionId = run.Job.RefId ?? Guid.Empty;
        while (await RemovalStore.Left(run.Db, collectionId, ct) is { Count: > 0 } documents)
        {
            await run.Db.Atomically(unit => RemovalStore.Remove(unit, collectionId, [.. documents], ct), ct);
        }

        await run.Db.Atomically(unit => AuditLog.Act(
            unit, async () => await FolderStore.RemoveOf(unit, [collectionId], ct) == 0 ? null : new AuditEntry("repository.deleted", "repository", null, Metadata: new { collectionId }), ct), ct);
        foreach (var index in await EmbeddingSetStore.DropAll(run.Db, collectionId, ct))
        {
            if (index.Length > 0)
            {
                await VectorIndexes.Drop(databases, index, ct);
            }
        }

        await run.Db.Atomically(unit => AuditLog.Act(
            unit, async () => await CollectionStore.DestroyKey(unit, collectionId, ct) ? new AuditEntry("collection.key_destroyed", "collection", collectionId) : null, ct), ct);

        // Jobs of earlier releases carry no input.
        if (run.Job.InputJson is not null && run.Job.Input<RemoveCollection>().Purge)
        {
            await Purge(run.Db, collectionId, ct);
        }
    }

    private static async Task Purge(Db db, Guid collectionId, CancellationToken ct)
    {
        var left = 0L;
        int some;
        do
        {
            some = 0;
            await db.Atomically(unit => AuditLog.Act(unit, async () =>
            {
                some = await LifeStore.Purge(unit, collectionId, null, AtOnce, ct);
                return some == 0 ? null : new AuditEntry("documents.purged", "collection", collectionId, Metadata: new { documents = some });
            }, ct), ct);
            left += some;
        }
        while (some == AtOnce);

        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            await Publication.ForgetTerms(unit, collectionId, ct);
            await CollectionStore.UngateOne(unit, collectionId, ct);
            await QuestionStore.PurgeOf(unit, collectionId, ct);
            await CollectionStore.Purge(unit, collectionId, ct);
            return new AuditEntry("collection.purged", "collection", collectionId, Metadata: new { documents = left });
        }, ct), ct);
    }
}
