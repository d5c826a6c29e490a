using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of pipelines: what brings documents to a collection, with which key, and what becomes of them.</summary>
internal static class PipelineEndpoints
{
    /// <summary>Pipelines a collection may have.</summary>
    private const int Most = 100;

    private static readonly Problem Missing = Problem.NotFound("pipeline");

    public static void MapPipelines(this RouteGroupBuilder knowledge)
    {
        const string write = "knowledge.documents.write", keys = "iam.keys.manage";
        knowledge.MapGet("/collections/{id:guid}/pipelines", List).Needs(write).WithName("listPipelines");
        knowledge.MapPost("/collections/{id:guid}/pipelines", Create).Needs(keys).WithName("createPipeline").AnswersSecret();
        knowledge.MapGet("/pipelines/{id:guid}", Get).Needs(write).WithName("getPipeline");
        knowledge.MapPut("/pipelines/{id:guid}", Save).Needs(write).WithName("savePipeline");
        knowledge.MapPost("/pipelines/{id:guid}/rotate", Rotate).Needs(keys).WithName("rotatePipelineKey").AnswersSecret();
        knowledge.MapDelete("/pipelines/{id:guid}", Delete).Needs(write).WithName("deletePipeline");
    }

    private static async Task<Results<Ok<Paged<Pipeline>>, ProblemHttpResult>> List(Guid id, string? cursor, int? limit, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var (reader, page) = (Reader.Of(caller), Page.From(cursor, limit));
        return CollectionRules.Refusal(await collections.Find(reader, id, ct), evenArchived: true) is { } refused
            ? refused.ToResult()
            : TypedResults.Ok(page.Cut(await PipelineStore.List(db, reader, id, page, ct), p => p.Id));
    }

    private static async Task<Results<Ok<Pipeline>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await PipelineStore.Find(db, Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found.Pipeline) : Missing.ToResult();

    private static async Task<Results<Created<CreatedPipeline>, ProblemHttpResult>> Create(
        Guid id, SavePipeline request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var collection = await collections.Find(reader, id, ct);
        if ((CollectionRules.Refusal(collection) ?? await Fault(request, collection!, reader, db, ct)) is { } refused) // one that is not there was refused
        {
            return refused.ToResult();
        }

        if ((await PipelineStore.List(db, reader, id, Page.From(null, Most), ct)).Count >= Most)
        {
            return Problem.Conflict("too_many_pipelines", $"A collection has at most {Most} pipelines. Delete one that nobody uses.").ToResult();
        }

        var (made, text) = (Guid.CreateVersion7(), "");
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            (var key, text) = await BoundKeys.ForIngest(unit, caller, request.Name, id, ct);
            await PipelineStore.Insert(unit, made, id, key, request, ct);
            return new AuditEntry("pipeline.created", "pipeline", made, After: Told(request), Metadata: new { collectionId = id, apiKeyId = key });
        }, ct), ct);
        return await PipelineStore.Find(db, reader, made, ct) is { } found
            ? TypedResults.Created($"/api/v1/knowledge/pipelines/{made}", new CreatedPipeline(made, text, found.Pipeline))
            : Missing.ToResult();
    }

    private static async Task<Results<Ok<Pipeline>, ProblemHttpResult>> Save(Guid id, SavePipeline request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await PipelineStore.Find(db, reader, id, ct) is not { Pipeline: { } before } || await collections.Find(reader, before.CollectionId, ct) is not { } collection)
        {
            return Missing.ToResult();
        }

        if (await Fault(request, collection, reader, db, ct) is { } fault)
        {
            return fault.ToResult();
        }

        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            await PipelineStore.Save(unit, id, request, ct);
            return new AuditEntry("pipeline.changed", "pipeline", id, Before: Told(new SavePipeline(before.Name, before.FolderId, before.Access, before.IsPaused)), After: Told(request));
        }, ct), ct);
        return await Get(id, caller, db, ct);
    }

    // Another key, so that one that has ended, or whose owner has left, can be replaced too.
    private static async Task<Results<Ok<CreatedPipeline>, ProblemHttpResult>> Rotate(Guid id, Caller caller, Db db, BoundKeys keys, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await PipelineStore.Find(db, reader, id, ct) is not { Pipeline: { } before })
        {
            return Missing.ToResult();
        }

        var text = "";
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            var old = await PipelineStore.Hold(unit, id, ct) ?? throw new ProblemException(Missing);
            await BoundKeys.End(unit, old, ct);
            (var key, text) = await BoundKeys.ForIngest(unit, caller, before.Name, before.CollectionId, ct);
            await PipelineStore.Rotate(unit, id, key, ct);
            return new AuditEntry("pipeline.key_rotated", "pipeline", id, Metadata: new { revokedApiKeyId = old, apiKeyId = key });
        }, ct), ct);
        keys.Forget();
        return await PipelineStore.Find(db, reader, id, ct) is { } found ? TypedResults.Ok(new CreatedPipeline(id, text, found.Pipeline)) : Missing.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, Db db, BoundKeys keys, CancellationToken ct)
    {
        if (await PipelineStore.Find(db, Reader.Of(caller), id, ct) is null)
        {
            return Missing.ToResult();
        }

        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            var key = await PipelineStore.Hold(unit, id, ct) ?? throw new ProblemException(Missing);
            await BoundKeys.End(unit, key, ct);
            await PipelineStore.Delete(unit, id, ct);
            return new AuditEntry("pipeline.deleted", "pipeline", id, Metadata: new { revokedApiKeyId = key });
        }, ct), ct);
        keys.Forget();
        return TypedResults.NoContent();
    }

    // A sender may still give what the collection asks for; only what the pipeline itself gives must be right.
    private static async Task<Problem?> Fault(SavePipeline request, Collection collection, Reader reader, Db db, CancellationToken ct)
    {
        if (request.Access is { } access && DocumentAccessRules.Fault(access) is { } odd)
        {
            return odd;
        }

        if (request.Metadata is { } metadata
            && (TextRules.MetadataFault(metadata) ?? MetadataRules.Fault([.. collection.MetadataFields.Select(f => f with { Required = false })], collection.FixedMetadata, metadata)) is { } fault)
        {
            return Problem.Invalid("invalid_metadata", fault.Detail);
        }

        return request.FolderId is { } folder && (await FolderStore.Find(db, reader, folder, ct))?.CollectionId != collection.Id ? Problem.NotFound("folder") : null;
    }

    // Without the names of people in its access list.
    private static object Told(SavePipeline pipeline) => new { pipeline.Name, pipeline.FolderId, pipeline.IsPaused, Access = pipeline.Access?.Access };
}
