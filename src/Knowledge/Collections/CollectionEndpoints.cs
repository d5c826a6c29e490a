using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of collections. Reads the request, asks the store, answers.</summary>
internal static class CollectionEndpoints
{
    public static void MapCollections(this RouteGroupBuilder knowledge)
    {
        var group = knowledge.MapGroup("/collections");
        group.MapGet("/", List).Needs("knowledge.collections.read").WithName("listCollections");
        group.MapPost("/", Create).Needs("knowledge.collections.write").WithName("createCollection");
        group.MapGet("/{id:guid}", Get).Needs("knowledge.collections.read").WithName("getCollection");
        group.MapPatch("/{id:guid}", Change).Needs("knowledge.collections.write").WithName("changeCollection");
        group.MapDelete("/{id:guid}", Delete).Needs("knowledge.collections.write").WithName("deleteCollection");
    }

    private static async Task<Ok<Paged<Collection>>> List(string? cursor, int? limit, Caller caller, CollectionStore store, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.List(Reader.Of(caller), page, ct), c => c.Id));
    }

    private static async Task<Results<Created<Collection>, ProblemHttpResult>> Create(
        CreateCollection request, Caller caller, Db db, CollectionStore store, ModelDirectory models, Quotas quotas, ContentKeys keys, CancellationToken ct)
    {
        if (caller.OnlyCollection is not null)
        {
            return new Problem(403, "key_is_bound", "This API key is bound to one collection and cannot make another.").ToResult();
        }

        var id = Guid.CreateVersion7();
        var slug = request.Slug ?? await CollectionStore.Slug(db, request.Name, ct);
        var embedding = await models.Default(db, "embedding", ct);
        var isMade = false;
        await db.Atomically(
            unit => quotas.Hold(unit, "max_collections", () => request.IsEncrypted ? AuditLog.Act(unit, MakeEncrypted(unit), ct) : Make(unit), ct), ct);
        if (!isMade)
        {
            return Problem.Conflict("collection_slug_taken", $"A collection with the short name '{slug}' exists. Choose another name or slug.").ToResult();
        }

        var made = await store.Find(Reader.Of(caller), id, ct);
        return TypedResults.Created($"/api/v1/knowledge/collections/{id}", made);

        async Task Make(Unit unit) => isMade = await CollectionStore.Insert(unit, id, request, slug, caller, embedding, ct);

        // Two rows change, the collection's and its key's, and the log tells of one thing.
        Func<Task<AuditEntry?>> MakeEncrypted(Unit unit) => async () =>
        {
            await Make(unit);
            if (!isMade)
            {
                return null;
            }

            await CollectionStore.Encrypt(unit, keys, id, ct);
            return new AuditEntry("collection.created", "collection", id, After: request with { Slug = slug }, TeamId: caller.HomeTeam);
        };
    }

    private static async Task<Results<Ok<Collection>, ProblemHttpResult>> Get(Guid id, Caller caller, HttpContext http, CollectionStore store, CancellationToken ct)
    {
        if (await store.Find(Reader.Of(caller), id, ct) is not { } found)
        {
            return Problem.NotFound("collection").ToResult();
        }

        Etag.Send(http, found.UpdatedAt);
        return TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<Collection>, ProblemHttpResult>> Change(
        Guid id, ChangeCollection request, Caller caller, HttpContext http, Db db, CollectionStore store, Gate gate, EmbeddingSetPlans plans, CancellationToken ct)
    {
        if (request.DefaultThreshold.Value is < 0 or > 1)
        {
            return Problem.Invalid("invalid_threshold", "The threshold is a number from 0 to 1, or null for none.").ToResult();
        }

        if (request.MetadataFields is { } fields && MetadataRules.Fault(fields) is { } odd)
        {
            return odd.ToResult();
        }

        if (request.GateSetId.Value is { } set && !await CollectionStore.MayGate(db, id, set, ct))
        {
            return Problem.NotFound("question_set").ToResult();
        }

        if (await gate.Check(db, Reader.Of(caller), id, request, ct) is { } worse)
        {
            return worse.ToResult();
        }

        var reader = Reader.Of(caller);
        var unchangedSince = Etag.Wanted(http);
        var model = request.EmbeddingModelId is { } wanted && await store.Find(reader, id, ct) is { } before && before.EmbeddingModelId != wanted
            ? await plans.Model(db, ModelReader.Of(caller), wanted, ct)
            : null;
        if (await store.Change(reader, id, request, model, unchangedSince, ct) == 0)
        {
            var needed = request.Visibility is null ? Access.Edit : Access.Manage;
            return await store.Find(reader, id, ct) switch
            {
                null => Problem.NotFound("collection").ToResult(),
                { } seen when AccessRules.Parse(seen.MyAccess) < needed => AccessRules.TooLittle("collection", needed).ToResult(),
                _ => Etag.Stale.ToResult(),
            };
        }

        return await Get(id, caller, http, store, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, bool? purge, Caller caller, Db db, CollectionStore store, CancellationToken ct)
    {
        var deleted = await db.Atomically(async unit =>
        {
            if (!await CollectionStore.Delete(unit, Reader.Of(caller), id, ct))
            {
                return false;
            }

            await JobStore.Enqueue(unit, new NewJob("intake", RemoveCollectionJob.JobType, new RemoveCollection(purge ?? false), RefType: "collection", RefId: id, DedupKey: $"remove:{id}", MaxAttempts: 20), ct);
            return true;
        }, ct);
        return deleted ? TypedResults.NoContent()
            : await store.Find(Reader.Of(caller), id, ct) is null ? Problem.NotFound("collection").ToResult()
            : AccessRules.TooLittle("collection", Access.Manage).ToResult();
    }
}
