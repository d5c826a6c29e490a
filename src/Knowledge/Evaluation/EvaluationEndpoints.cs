using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of question sets and of what was measured with them.</summary>
internal static class EvaluationEndpoints
{
    private static readonly Problem Gone = Problem.NotFound("question_set"), ReadOnly = AccessRules.TooLittle("question_set", Access.Edit);

    public static void MapEvaluation(this RouteGroupBuilder knowledge)
    {
        const string read = "knowledge.collections.read", write = "knowledge.collections.write";
        var sets = knowledge.MapGroup("/question-sets");
        sets.MapGet("/", List).Needs(read).WithName("listQuestionSets");
        sets.MapPost("/", Create).Needs(write).WithName("createQuestionSet");
        sets.MapGet("/{id:guid}", Get).Needs(read).WithName("getQuestionSet");
        sets.MapPatch("/{id:guid}", Change).Needs(write).WithName("changeQuestionSet");
        sets.MapDelete("/{id:guid}", Delete).Needs(write).WithName("deleteQuestionSet");
        sets.MapGet("/{id:guid}/questions", Questions).Needs(read).WithName("listQuestions");
        sets.MapPost("/{id:guid}/questions", Add).Needs(write).WithName("addQuestions");
        sets.MapDelete("/{id:guid}/questions/{question:guid}", Remove).Needs(write).WithName("removeQuestion");
        sets.MapGet("/{id:guid}/runs", Runs).Needs(read).WithName("listEvaluationRuns");
        sets.MapPost("/{id:guid}/runs", Run).Needs(write).WithName("startEvaluation");
        knowledge.MapGet("/evaluation-runs/{id:guid}", Report).Needs(read).WithName("getEvaluationRun");
        knowledge.MapGet("/evaluation-runs/{id:guid}/compare/{other:guid}", Compare).Needs(read).WithName("compareEvaluationRuns");
    }

    private static async Task<Ok<Paged<QuestionSet>>> List(Guid? collection, string? cursor, int? limit, Caller caller, Db db, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await QuestionStore.List(db, Reader.Of(caller), collection, page, ct), s => s.Id));
    }

    private static async Task<Results<Created<QuestionSet>, ProblemHttpResult>> Create(CreateQuestionSet request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var id = await db.Atomically(async unit =>
        {
            var made = await QuestionStore.Insert(unit, reader, request, ct);
            await (made is null ? Task.CompletedTask : AuditLog.Write(unit, new AuditEntry("question_set.created", "question_set", made, After: request), ct));
            return made;
        }, ct);
        return id is { } found
            ? TypedResults.Created($"/api/v1/knowledge/question-sets/{found}", await QuestionStore.Find(db, reader, found, ct))
            : (await collections.Find(reader, request.CollectionId, ct) is null ? Problem.NotFound("collection") : AccessRules.TooLittle("collection", Access.Edit)).ToResult();
    }

    private static async Task<Results<Ok<QuestionSet>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await QuestionStore.Find(db, Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found) : Gone.ToResult();

    private static async Task<Results<Ok<QuestionSet>, ProblemHttpResult>> Change(Guid id, ChangeQuestionSet request, Caller caller, Db db, CancellationToken ct) =>
        await Audited(db, new AuditEntry("question_set.changed", "question_set", id, After: request), unit => QuestionStore.Change(unit, Reader.Of(caller), id, request, ct), ct)
            ? await Get(id, caller, db, ct)
            : await Refusal(db, caller, id, ct);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await Audited(db, new AuditEntry("question_set.deleted", "question_set", id), unit => QuestionStore.Delete(unit, Reader.Of(caller), id, ct), ct)
            ? TypedResults.NoContent()
            : await Refusal(db, caller, id, ct);

    private static async Task<Results<Ok<Paged<SavedQuestion>>, ProblemHttpResult>> Questions(Guid id, string? cursor, int? limit, Caller caller, Db db, CancellationToken ct)
    {
        var (reader, page) = (Reader.Of(caller), Page.From(cursor, limit));
        return await QuestionStore.Find(db, reader, id, ct) is null ? Gone.ToResult() : TypedResults.Ok(page.Cut(await QuestionStore.Questions(db, reader, id, page, ct), q => q.Id));
    }

    private static async Task<Results<Ok<QuestionSet>, ProblemHttpResult>> Add(Guid id, AddQuestions request, Caller caller, Db db, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await QuestionStore.Find(db, reader, id, ct) is not { } set)
        {
            return Gone.ToResult();
        }

        if (!await QuestionStore.MayEdit(db, reader, id, ct))
        {
            return ReadOnly.ToResult();
        }

        if (request.Questions.Any(q => string.IsNullOrWhiteSpace(q.Question) || (q.ExpectedDocuments ?? []).Count + (q.ExpectedChunks ?? []).Count + (q.ExpectedQuotes ?? []).Count(t => !string.IsNullOrWhiteSpace(t)) == 0))
        {
            return Problem.Invalid("invalid_question", "Each question needs words, and at least one document, passage or quote that should be found for it.").ToResult();
        }

        var added = await db.Atomically(async unit =>
        {
            var ids = await QuestionStore.Add(unit, reader, set, request.Questions, ct);
            await (ids is null ? Task.CompletedTask : AuditLog.Write(unit, new AuditEntry("question_set.questions_added", "question_set", id, Metadata: new { count = ids.Count }), ct));
            return ids is not null;
        }, ct);
        return added
            ? await Get(id, caller, db, ct)
            : Problem.Invalid("invalid_question", $"A document or passage that should be found is not in this collection, or the set would have more than {QuestionStore.Most} questions.").ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Guid question, Caller caller, Db db, CancellationToken ct)
    {
        if (!await QuestionStore.MayEdit(db, Reader.Of(caller), id, ct))
        {
            return await Refusal(db, caller, id, ct);
        }

        return await Audited(db, new AuditEntry("question_set.question_removed", "question_set", id, Metadata: new { question }), unit => QuestionStore.Remove(unit, id, question, ct), ct)
            ? TypedResults.NoContent()
            : Problem.NotFound("question").ToResult();
    }

    private static async Task<Results<Ok<Paged<EvaluationRun>>, ProblemHttpResult>> Runs(Guid id, string? cursor, int? limit, Caller caller, Db db, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return await QuestionStore.Find(db, Reader.Of(caller), id, ct) is null ? Gone.ToResult() : TypedResults.Ok(page.Cut(await EvaluationStore.List(db, id, page, ct), r => r.Id));
    }

    private static async Task<Results<Created<EvaluationRun>, ProblemHttpResult>> Run(Guid id, StartEvaluation request, Caller caller, Db db, Evaluation evaluation, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await QuestionStore.Find(db, reader, id, ct) is not { } set || await collections.Find(reader, set.CollectionId, ct) is not { } collection)
        {
            return Gone.ToResult();
        }

        if (set.QuestionCount == 0)
        {
            return Problem.Conflict("question_set_empty", "This set has no questions yet. Add some, then measure.").ToResult();
        }

        var settings = new CollectionDefaults(
            request.Settings?.TopK ?? collection.DefaultTopK, request.Settings is null ? collection.DefaultThreshold : request.Settings.Threshold, request.Settings?.Retrieval ?? collection.Retrieval);
        var run = await evaluation.Run(db, reader, set, "retrieval", request.Label, settings, request.Sample ?? 1, request.Judge, ct);
        return TypedResults.Created($"/api/v1/knowledge/evaluation-runs/{run.Id}", run);
    }

    private static async Task<Results<Ok<EvaluationReport>, ProblemHttpResult>> Report(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await Find(db, caller, id, ct) is { } report ? TypedResults.Ok(report) : Problem.NotFound("evaluation_run").ToResult();

    private static async Task<Results<Ok<EvaluationComparison>, ProblemHttpResult>> Compare(Guid id, Guid other, Caller caller, Db db, CancellationToken ct) =>
        await Find(db, caller, id, ct) is { } first && await Find(db, caller, other, ct) is { } second
            ? TypedResults.Ok(Evaluation.Compare(first, second))
            : Problem.NotFound("evaluation_run").ToResult();

    private static async Task<EvaluationReport?> Find(Db db, Caller caller, Guid id, CancellationToken ct) =>
        await EvaluationStore.Find(db, Reader.Of(caller), id, ct) is { } run ? new EvaluationReport(run, await EvaluationStore.Results(db, Reader.Of(caller), id, ct)) : null;

    private static Task<bool> Audited(Db db, AuditEntry entry, Func<Unit, Task<bool>> change, CancellationToken ct) => db.Atomically(async unit =>
    {
        var changed = await change(unit);
        await (changed ? AuditLog.Write(unit, entry, ct) : Task.CompletedTask);
        return changed;
    }, ct);

    private static async Task<ProblemHttpResult> Refusal(Db db, Caller caller, Guid id, CancellationToken ct) =>
        (await QuestionStore.Find(db, Reader.Of(caller), id, ct) is null ? Gone : ReadOnly).ToResult();
}
