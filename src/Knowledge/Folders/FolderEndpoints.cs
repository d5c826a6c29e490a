using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of folders and of the trees they stand in. Who edits a collection arranges it.</summary>
internal static class FolderEndpoints
{
    public static void MapFolders(this RouteGroupBuilder knowledge)
    {
        const string read = "knowledge.collections.read", write = "knowledge.documents.write", collections = "knowledge.collections.write";
        knowledge.MapGet("/collections/{id:guid}/folders", Tree).Needs(read).WithName("listFolders");
        knowledge.MapPost("/collections/{id:guid}/folders", Create).Needs(write).WithName("createFolder");
        knowledge.MapPost("/collections/{id:guid}/documents/move", Place).Needs(write).WithName("moveDocuments");
        knowledge.MapGet("/folders/{id:guid}", Get).Needs(read).WithName("getFolder");
        knowledge.MapPatch("/folders/{id:guid}", Change).Needs(write).WithName("changeFolder");
        knowledge.MapDelete("/folders/{id:guid}", Delete).Needs(write).WithName("deleteFolder");
        knowledge.MapGet("/repositories", Repositories).Needs(read).WithName("listRepositories");
        knowledge.MapPost("/repositories", CreateRepository).Needs(collections).WithName("createRepository");
        knowledge.MapGet("/repositories/{id:guid}", GetRepository).Needs(read).WithName("getRepository");
        knowledge.MapPatch("/repositories/{id:guid}", ChangeRepository).Needs(collections).WithName("changeRepository");
        knowledge.MapDelete("/repositories/{id:guid}", DeleteRepository).Needs(collections).WithName("deleteRepository");
    }

    private static async Task<Results<Ok<FolderTree>, ProblemHttpResult>> Tree(Guid id, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await collections.Find(reader, id, ct) is null)
        {
            return Problem.NotFound("collection").ToResult();
        }

        var (repository, top) = await FolderStore.Top(db, reader, id, ct);
        return TypedResults.Ok(new FolderTree(repository, top, await FolderStore.Tree(db, reader, id, ct)));
    }

    private static async Task<Results<Created<Folder>, ProblemHttpResult>> Create(Guid id, CreateFolder request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (CollectionRules.Refusal(await collections.Find(reader, id, ct)) is { } refused)
        {
            return refused.ToResult();
        }

        var made = await db.Atomically(unit => FolderActs.Create(unit, id, request, ct), ct);
        return TypedResults.Created($"/api/v1/knowledge/folders/{made}", await FolderStore.Find(db, reader, made, ct));
    }

    private static async Task<Results<Ok<MovedDocuments>, ProblemHttpResult>> Place(Guid id, MoveDocuments request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        return CollectionRules.Refusal(await collections.Find(reader, id, ct)) is { } refused
            ? refused.ToResult()
            : TypedResults.Ok(new MovedDocuments(await db.Atomically(unit => FolderActs.Place(unit, reader, id, request, ct), ct)));
    }

    private static async Task<Results<Ok<Folder>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await FolderStore.Find(db, Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found) : Problem.NotFound("folder").ToResult();

    private static async Task<Results<Ok<Folder>, ProblemHttpResult>> Change(Guid id, ChangeFolder request, Caller caller, Db db, CancellationToken ct)
    {
        var collection = await Editable(db, Reader.Of(caller), id, ct);
        await db.Atomically(unit => FolderActs.Change(unit, collection, id, request, ct), ct);
        return await Get(id, caller, db, ct);
    }

    // Asked with dryRun=true it changes nothing and says what would go; confirm is that number of documents.
    private static async Task<Ok<FolderRemoval>> Delete(Guid id, bool? dryRun, int? confirm, Caller caller, Db db, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var collection = await Editable(db, reader, id, ct);
        return TypedResults.Ok(await db.Atomically(unit => FolderActs.Remove(unit, reader, collection, id, dryRun ?? false, confirm, ct), ct));
    }

    private static async Task<Ok<Paged<Repository>>> Repositories(string? cursor, int? limit, Caller caller, Db db, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await FolderStore.Repositories(db, Reader.Of(caller), page, ct), r => r.Id));
    }

    private static async Task<Results<Created<Repository>, ProblemHttpResult>> CreateRepository(CreateRepository request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var (reader, id) = (Reader.Of(caller), Guid.CreateVersion7());
        if (CollectionRules.Refusal(await collections.Find(reader, request.CollectionId, ct)) is { } refused)
        {
            return refused.ToResult();
        }

        return await db.Atomically(unit => FolderStore.MakeRepository(unit, id, request, ct), ct)
            ? TypedResults.Created($"/api/v1/knowledge/repositories/{id}", await FolderStore.Repository(db, reader, id, ct))
            : Problem.Conflict("repository_exists", "This collection has its file tree already. Add folders to it.").ToResult();
    }

    private static async Task<Results<Ok<Repository>, ProblemHttpResult>> GetRepository(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await FolderStore.Repository(db, Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found) : Problem.NotFound("repository").ToResult();

    private static async Task<Results<Ok<Repository>, ProblemHttpResult>> ChangeRepository(Guid id, ChangeRepository request, Caller caller, Db db, CancellationToken ct)
    {
        await EditableRepository(db, Reader.Of(caller), id, ct);
        await db.Atomically(unit => FolderStore.ChangeRepository(unit, id, request, ct), ct);
        return await GetRepository(id, caller, db, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteRepository(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        await EditableRepository(db, Reader.Of(caller), id, ct);
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            await FolderStore.RemoveRepository(unit, id, ct);
            return new AuditEntry("repository.deleted", "repository", id);
        }, ct), ct);
        return TypedResults.NoContent();
    }

    private static async Task<Guid> Editable(Db db, Reader reader, Guid id, CancellationToken ct) => await FolderStore.Rights(db, reader, id, ct) switch
    {
        null => throw new ProblemException(Problem.NotFound("folder")),
        { Level: < Access.Edit } => throw new ProblemException(AccessRules.TooLittle("folder", Access.Edit)),
        { } found => found.Collection,
    };

    private static async Task EditableRepository(Db db, Reader reader, Guid id, CancellationToken ct)
    {
        var level = await FolderStore.RepositoryRights(db, reader, id, ct);
        if (level is not >= Access.Edit)
        {
            throw new ProblemException(level is null ? Problem.NotFound("repository") : AccessRules.TooLittle("repository", Access.Edit));
        }
    }
}
