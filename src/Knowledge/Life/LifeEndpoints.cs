using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of what happens to documents and collections after they came: batches, archive and back, deletion of many, numbers.</summary>
internal static class LifeEndpoints
{
    private const string Reads = "knowledge.collections.read", Writes = "knowledge.documents.write", Manages = "knowledge.collections.write";

    public static void MapLife(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/collections/{id:guid}/batches", Batches).Needs(Reads).WithName("listBatches");
        knowledge.MapPost("/collections/{id:guid}/batches", CreateBatch).Needs(Writes).WithName("createBatch").ForKeys("ingest");
        knowledge.MapGet("/batches/{id:guid}", Batch).Needs(Reads).WithName("getBatch");
        knowledge.MapPost("/collections/{id:guid}/documents/delete", DeleteMany).Needs(Writes).WithName("deleteDocuments");
        knowledge.MapPost("/documents/{id:guid}/archive", Archive).Needs(Writes).WithName("archiveDocument");
        knowledge.MapPost("/documents/{id:guid}/restore", Restore).Needs(Writes).WithName("restoreDocument");
        knowledge.MapPost("/collections/{id:guid}/archive", ArchiveCollection).Needs(Manages).WithName("archiveCollection");
        knowledge.MapPost("/collections/{id:guid}/restore", RestoreCollection).Needs(Manages).WithName("restoreCollection");
        knowledge.MapGet("/collections/{id:guid}/statistics", Statistics).Needs(Reads).WithName("getCollectionStatistics");
        knowledge.MapPost("/collections/{id:guid}/recount", Recount).Needs(Manages).WithName("recountCollection");
    }

    private static async Task<Results<Ok<Paged<Batch>>, ProblemHttpResult>> Batches(Guid id, string? cursor, int? limit, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return await collections.Find(Reader.Of(caller), id, ct) is null
            ? Problem.NotFound("collection").ToResult()
            : TypedResults.Ok(page.Cut(await BatchStore.List(db, Reader.Of(caller), id, page, ct), b => b.Id));
    }

    private static async Task<Results<Created<Batch>, ProblemHttpResult>> CreateBatch(Guid id, CreateBatch request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var (reader, batch) = (Reader.Of(caller), Guid.CreateVersion7());
        if (CollectionRules.Refusal(await collections.Find(reader, id, ct)) is { } refused)
        {
            return refused.ToResult();
        }

        await db.Atomically(async unit =>
        {
            await BatchStore.Ensure(unit, batch, id, "upload", request.Name?.Trim(), ct);
            await AuditLog.Write(unit, new AuditEntry("batch.created", "batch", batch, After: new { collection = id, request.Name }), ct);
        }, ct);
        return TypedResults.Created($"/api/v1/knowledge/batches/{batch}", await BatchStore.Find(db, reader, batch, ct));
    }

    private static async Task<Results<Ok<Batch>, ProblemHttpResult>> Batch(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await BatchStore.Find(db, Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found) : Problem.NotFound("batch").ToResult();

    private static async Task<Results<Ok<DocumentRemoval>, ProblemHttpResult>> DeleteMany(Guid id, RemoveDocuments request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (CollectionRules.Refusal(await collections.Find(reader, id, ct), evenArchived: true) is { } refused)
        {
            return refused.ToResult();
        }

        if (SelectionRules.Read(request) is { Problem: { } fault })
        {
            return fault.ToResult();
        }

        var removal = new DocumentRemoval(request.DryRun, 0, 0, 0);
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            await Publication.Lock(unit, id, ct);
            var documents = await SelectionStore.Selected(unit, reader, id, request, ct);
            if (request.Documents is { } named && documents.Count != named.Distinct().Count())
            {
                throw new ProblemException(Problem.NotFound("document"));
            }

            removal = new DocumentRemoval(request.DryRun, documents.Count, documents.Sum(d => d.Chunks), documents.Sum(d => d.Bytes));
            if (request.DryRun || documents.Count == 0)
            {
                return null;
            }

            if (request.Documents is null && request.Confirm != documents.Count)
            {
                throw new ProblemException(Problem.Conflict("confirm_count", $"This would delete {documents.Count} documents. Say confirm: {documents.Count} to delete them."));
            }

            await RemovalStore.Remove(unit, id, [.. documents.Select(d => d.Id)], ct);
            await IntakeStore.Tell(unit, id, ct);
            return new AuditEntry("documents.deleted", "collection", id, Metadata: new { removal.Documents, removal.Chunks, removal.Bytes, request.Where, request.All, ids = documents.Take(500).Select(d => d.Id) });
        }, ct), ct);
        return TypedResults.Ok(removal);
    }

    private static Task<Results<Accepted<Document>, ProblemHttpResult>> Archive(Guid id, Caller caller, Db db, DocumentStore store, CancellationToken ct) => Turn(id, caller, db, store, archived: false, async (unit, collection) =>
    {
        await LifeStore.Archive(unit, collection, id, ct);
        return new AuditEntry("document.archived", "document", id);
    }, ct);

    private static Task<Results<Accepted<Document>, ProblemHttpResult>> Restore(Guid id, Caller caller, Db db, DocumentStore store, CancellationToken ct) => Turn(id, caller, db, store, archived: true, async (unit, _) =>
        await LifeStore.Anew(unit, id, null, "restored", ct) is null
            ? throw new ProblemException(Problem.Conflict("nothing_to_restore", "Neither the file nor the text of this document is left. Upload it again."))
            : new AuditEntry("document.restored", "document", id), ct);

    private static async Task<Results<Accepted<Document>, ProblemHttpResult>> Turn(
        Guid id, Caller caller, Db db, DocumentStore store, bool archived, Func<Unit, Guid, Task<AuditEntry>> work, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var done = false;
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            if (await LifeStore.Editable(unit, reader, id, archived, ct) is not { } collection)
            {
                return null;
            }

            done = true;
            return await work(unit, collection);
        }, ct), ct);
        return await store.Find(reader, id, ct) switch
        {
            null => Problem.NotFound("document").ToResult(),
            { } found when done => TypedResults.Accepted($"/api/v1/knowledge/documents/{id}", found),
            { ArchivedAt: var at } when at is not null != archived => Problem.Conflict(
                archived ? "document_not_archived" : "document_archived", archived ? "This document is in use; only an archived one can be restored." : "This document is archived already.").ToResult(),
            _ => AccessRules.TooLittle("document", Access.Edit).ToResult(),
        };
    }

    private static Task<Results<Ok<Collection>, ProblemHttpResult>> ArchiveCollection(Guid id, Caller caller, Db db, CollectionStore store, CancellationToken ct) => Turn(id, caller, db, store, archive: true, ct);

    private static Task<Results<Ok<Collection>, ProblemHttpResult>> RestoreCollection(Guid id, Caller caller, Db db, CollectionStore store, CancellationToken ct) => Turn(id, caller, db, store, archive: false, ct);

    private static async Task<Results<Ok<Collection>, ProblemHttpResult>> Turn(Guid id, Caller caller, Db db, CollectionStore store, bool archive, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var done = await db.Atomically(async unit =>
        {
            var turned = await CollectionStore.Turn(unit, reader, id, archive, ct);
            await (turned ? AuditLog.Write(unit, new AuditEntry(archive ? "collection.archived" : "collection.restored", "collection", id), ct) : Task.CompletedTask);
            return turned;
        }, ct);
        return await store.Find(reader, id, ct) switch
        {
            null => Problem.NotFound("collection").ToResult(),
            { } found when done => TypedResults.Ok(found),
            { } found when AccessRules.Parse(found.MyAccess) < Access.Manage => AccessRules.TooLittle("collection", Access.Manage).ToResult(),
            _ when archive => CollectionRules.Archived.ToResult(),
            _ => Problem.Conflict("collection_not_archived", "This collection is in use; only an archived one can be restored.").ToResult(),
        };
    }

    private static async Task<Results<Ok<CollectionStatistics>, ProblemHttpResult>> Statistics(Guid id, Caller caller, Db db, CollectionStore collections, CancellationToken ct) =>
        await collections.Find(Reader.Of(caller), id, ct) is null ? Problem.NotFound("collection").ToResult() : TypedResults.Ok(await StatisticsStore.Of(db, Reader.Of(caller), id, ct));

    private static async Task<Results<Ok<RecountReport>, ProblemHttpResult>> Recount(Guid id, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        if (await collections.Find(Reader.Of(caller), id, ct) is not { } found)
        {
            return Problem.NotFound("collection").ToResult();
        }

        if (AccessRules.Parse(found.MyAccess) < Access.Manage)
        {
            return AccessRules.TooLittle("collection", Access.Manage).ToResult();
        }

        return TypedResults.Ok(await db.Atomically(unit => RecountJob.Recount(unit, id, always: true, ct), ct));
    }
}
