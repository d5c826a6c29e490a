using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of a collection's embedding sets: what another model would take, filling one beside the searched one, comparing, switching and going back.</summary>
internal static class EmbeddingSetEndpoints
{
    private static readonly Problem Gone = Problem.NotFound("embedding_set");

    public static void MapEmbeddingSets(this RouteGroupBuilder knowledge)
    {
        const string write = "knowledge.collections.write";
        var sets = knowledge.MapGroup("/collections/{id:guid}/embedding-sets");
        sets.MapGet("/", List).Needs("knowledge.collections.read").WithName("listEmbeddingSets");
        sets.MapPost("/", Create).Needs(write).WithName("createEmbeddingSet");
        sets.MapPost("/{set:guid}/activate", Activate).Needs(write).WithName("activateEmbeddingSet");
        sets.MapPost("/{set:guid}/comparison", Compare).Needs(write).WithName("compareEmbeddingSet");
        sets.MapPost("/{set:guid}/retry", Retry).Needs(write).WithName("retryEmbeddingSet");
        sets.MapPost("/undo", Undo).Needs(write).WithName("undoEmbeddingSet");
        sets.MapDelete("/{set:guid}", Remove).Needs(write).WithName("removeEmbeddingSet");
    }

    private static async Task<Results<Ok<EmbeddingSets>, ProblemHttpResult>> List(
        Guid id, Caller caller, Db db, CollectionStore collections, EmbeddingSetList list, CancellationToken ct) =>
        await collections.Find(Reader.Of(caller), id, ct) is null ? Problem.NotFound("collection").ToResult() : TypedResults.Ok(new EmbeddingSets(await list.Of(db, id, ct)));

    private static async Task<Results<Ok<EmbeddingSetPlan>, Accepted<EmbeddingSetPlan>, ProblemHttpResult>> Create(
        Guid id, CreateEmbeddingSet request, Caller caller, Db db, CollectionStore collections, EmbeddingSetPlans plans, EmbeddingSetList list, CancellationToken ct)
    {
        if (await Refusal(id, caller, collections, ct) is { } refused)
        {
            return refused.ToResult();
        }

        var model = await plans.Model(db, ModelReader.Of(caller), request.ModelId, ct);
        var plan = await plans.Of(db, id, model, request.PricePerMillionTokens, caller.UserId, ct);
        if (request.DryRun)
        {
            return TypedResults.Ok(plan);
        }

        var set = Guid.CreateVersion7();
        var isBegun = await db.Atomically(async unit =>
        {
            if (!await EmbeddingSetStore.Add(unit, set, id, model, plan.Dimension, request.SwitchesItself, ct))
            {
                return false;
            }

            await EmbeddingSetsJob.Schedule(unit, ct);
            await EmbeddingSetJob.Begin(unit, set, ct);
            await IntakeStore.Tell(unit, id, ct);
            await AuditLog.Write(unit, new AuditEntry("embedding_set.begun", "collection", id, After: new { embeddingSet = set, model = model.Id, plan.Chunks, request.SwitchesItself }), ct);
            return true;
        }, ct);
        return isBegun
            ? TypedResults.Accepted($"/api/v1/knowledge/collections/{id}/embedding-sets", plan with { Set = (await list.Of(db, id, ct)).FirstOrDefault(s => s.Id == set) })
            : Problem.Conflict("embedding_set_under_way", "Vectors of another model are being made for this collection already, or wait to be searched. Switch to them or cancel them first.").ToResult();
    }

    private static async Task<Results<Ok<EmbeddingSets>, ProblemHttpResult>> Activate(
        Guid id, Guid set, ActivateEmbeddingSet request, Caller caller, Db db, CollectionStore collections, Gate gate, EmbeddingSetList list, CancellationToken ct)
    {
        if (await Refusal(id, caller, collections, ct) is { } refused)
        {
            return refused.ToResult();
        }

        if (!request.Force && (await list.Of(db, id, ct)).FirstOrDefault(s => s.Id == set) is { Status: "ready" } && await gate.Check(db, Reader.Of(caller), id, set, ct) is { } worse)
        {
            return worse.ToResult();
        }

        return await Answer(await db.Atomically(unit => EmbeddingSwitch.To(unit, id, set, ct), ct), id, db, list, ct);
    }

    private static async Task<Results<Ok<EmbeddingSets>, ProblemHttpResult>> Undo(Guid id, Caller caller, Db db, CollectionStore collections, EmbeddingSetList list, CancellationToken ct) =>
        await Refusal(id, caller, collections, ct) is { } refused
            ? refused.ToResult()
            : await Answer(await db.Atomically(unit => EmbeddingSwitch.Back(unit, id, ct), ct), id, db, list, ct);

    private static async Task<Results<Ok<EvaluationComparison>, ProblemHttpResult>> Compare(
        Guid id, Guid set, CompareEmbeddingSet request, Caller caller, Db db, CollectionStore collections, Evaluation evaluation, EmbeddingSetList list, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await Refusal(id, caller, collections, ct) is { } refused)
        {
            return refused.ToResult();
        }

        if (await QuestionStore.Find(db, reader, request.QuestionSetId, ct) is not { } questions || questions.CollectionId != id)
        {
            return Problem.NotFound("question_set").ToResult();
        }

        if ((await list.Of(db, id, ct)).FirstOrDefault(s => s.Id == set) is not { } other)
        {
            return Gone.ToResult();
        }

        if (other.Status is not ("ready" or "retired"))
        {
            return Problem.Conflict("embedding_set_not_ready", "These vectors are not complete, or are the ones that are searched. Compare when all passages have one.").ToResult();
        }

        if (questions.QuestionCount == 0 || await CollectionStore.GateOf(db, reader, id, ct) is not { } rule)
        {
            return Problem.Conflict("question_set_empty", "This set has no questions yet. Add some, then measure.").ToResult();
        }

        return TypedResults.Ok(await evaluation.CompareSets(db, reader, questions, "retrieval", rule.Now, set, other.ModelName, ct));
    }

    private static async Task<Results<Ok<EmbeddingSets>, ProblemHttpResult>> Retry(Guid id, Guid set, Caller caller, Db db, CollectionStore collections, EmbeddingSetList list, CancellationToken ct)
    {
        if (await Refusal(id, caller, collections, ct) is { } refused)
        {
            return refused.ToResult();
        }

        var problem = await db.Atomically(async unit =>
        {
            await Publication.Lock(unit, id, ct);
            if (!(await EmbeddingSetStore.Hold(unit, id, ct)).Any(s => s.Id == set))
            {
                return Gone;
            }

            if (!await EmbeddingSetStore.Retry(unit, set, ct))
            {
                return Problem.Conflict("embedding_set_not_failed", "Only vectors that could not be made can be tried again.");
            }

            await EmbeddingSetJob.Begin(unit, set, ct);
            await IntakeStore.Tell(unit, id, ct);
            await AuditLog.Write(unit, new AuditEntry("embedding_set.retried", "collection", id, Metadata: new { embeddingSet = set }), ct);
            return null;
        }, ct);
        return await Answer(problem, id, db, list, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Guid set, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        if (await Refusal(id, caller, collections, ct) is { } refused)
        {
            return refused.ToResult();
        }

        var problem = await db.Atomically(async unit =>
        {
            await Publication.Lock(unit, id, ct);
            switch ((await EmbeddingSetStore.Hold(unit, id, ct)).FirstOrDefault(s => s.Id == set))
            {
                case null:
                    return Gone;
                case { Status: "active" }:
                    return Problem.Conflict("embedding_set_active", "This collection is searched with these vectors. Switch to others first.");
                case { } other:
                    await RemoveSetJob.Remove(unit, set, id, ct);
                    await AuditLog.Write(unit, new AuditEntry("embedding_set.removed", "collection", id, Before: new { embeddingSet = set, model = other.ModelId, other.Status }), ct);
                    return null;
            }
        }, ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }

    private static async Task<Results<Ok<EmbeddingSets>, ProblemHttpResult>> Answer(Problem? problem, Guid id, Db db, EmbeddingSetList list, CancellationToken ct) =>
        problem is null ? TypedResults.Ok(new EmbeddingSets(await list.Of(db, id, ct))) : problem.ToResult();

    private static async Task<Problem?> Refusal(Guid id, Caller caller, CollectionStore collections, CancellationToken ct) =>
        CollectionRules.Refusal(await collections.Find(Reader.Of(caller), id, ct));
}
