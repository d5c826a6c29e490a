using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Models;

/// <summary>HTTP door of models and their defaults.</summary>
internal static class ModelEndpoints
{
    private static readonly Problem Gone = Problem.NotFound("model");

    public static void MapModelRegistry(this RouteGroupBuilder models)
    {
        models.MapGet("/models", List).Needs("models.models.read").WithName("listModels");
        models.MapPost("/models", Create).Needs("models.models.write").WithName("createModel");
        models.MapGet("/models/{id:guid}", Get).Needs("models.models.read").WithName("getModel");
        models.MapPatch("/models/{id:guid}", Change).Needs("models.models.write").WithName("changeModel");
        models.MapDelete("/models/{id:guid}", Delete).Needs("models.models.write").WithName("deleteModel");
        models.MapPost("/models/{id:guid}/test", Test).Needs("models.models.write").WithName("testModel");
        models.MapGet("/defaults", Defaults).Needs("models.models.read").WithName("listDefaultModels");
        models.MapPut("/defaults/{purpose}", SetDefault).Needs("models.models.write").WithName("setDefaultModel");
    }

    private static async Task<Ok<Paged<Model>>> List(string? cursor, int? limit, Caller caller, ModelStore store, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.List(ModelReader.Of(caller), page, ct), model => model.Id));
    }

    private static async Task<Results<Created<Model>, ProblemHttpResult>> Create(
        CreateModel request, Caller caller, ProviderStore providers, ModelStore store, HttpResponse response, CancellationToken ct)
    {
        if (await providers.Find(request.ProviderId, ct) is not { } provider)
        {
            return Problem.NotFound("provider").ToResult();
        }

        if (provider.Kind == "builtin" || !provider.IsEnabled)
        {
            return Problem.Invalid("provider_not_open", $"No models can be added to {provider.Name}. Choose another provider.").ToResult();
        }

        var draft = ModelRules.Draft(request, caller.HomeTeam);
        if (ModelRules.Check(draft, provider, caller.TeamIds) is { } problem)
        {
            return problem.ToResult();
        }

        if (string.IsNullOrWhiteSpace(request.ApiKey) && !provider.ApiKeyOptional && !provider.HasApiKey && draft.BaseUrl is null)
        {
            return Problem.Invalid("api_key_needed", $"{provider.Name} needs an API key. Copy one from its console.").ToResult();
        }

        var model = await store.Insert(ModelReader.Of(caller), provider.Id, draft, request.ApiKey, ct);
        response.Headers.ETag = ModelRules.Tag(model);
        return TypedResults.Created($"/api/v1/models/models/{model.Id}", model);
    }

    private static async Task<Results<Ok<Model>, ProblemHttpResult>> Get(Guid id, Caller caller, ModelStore store, HttpResponse response, CancellationToken ct)
    {
        if (await store.Find(ModelReader.Of(caller), id, ct) is not { } model)
        {
            return Gone.ToResult();
        }

        response.Headers.ETag = ModelRules.Tag(model);
        return TypedResults.Ok(model);
    }

    private static async Task<Results<Ok<Model>, ProblemHttpResult>> Change(
        Guid id, ChangeModel request, [FromHeader(Name = "If-Match")] string? ifMatch, Caller caller, ProviderStore providers, ModelStore store, HttpResponse response, CancellationToken ct)
    {
        if (await store.Find(ModelReader.Of(caller), id, ct) is not { } seen || await providers.Find(seen.ProviderId, ct) is not { } provider)
        {
            return Gone.ToResult();
        }

        var answer = await store.Change(
            ModelReader.Of(caller), id, (old, purposes) => ModelRules.Decide(old, request, purposes, provider, caller, ifMatch), request.ApiKey, ct);
        if (answer is not { } outcome)
        {
            return AccessRules.TooLittle("model", Access.Edit).ToResult();
        }

        if (outcome.Changed is not { } model)
        {
            return outcome.Refused!.ToResult(); // either changed or refused
        }

        response.Headers.ETag = ModelRules.Tag(model);
        return TypedResults.Ok(model);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, ModelStore store, CancellationToken ct)
    {
        var answer = await store.Delete(
            ModelReader.Of(caller), id, (model, purposes) => model.IsBuiltin ? ModelRules.ReadOnly : purposes.Count > 0 ? ModelRules.InUse(model, purposes) : null, ct);
        return answer switch
        {
            null => await store.Find(ModelReader.Of(caller), id, ct) is null ? Gone.ToResult() : AccessRules.TooLittle("model", Access.Edit).ToResult(),
            { Refused: { } refused } => refused.ToResult(),
            _ => TypedResults.NoContent(),
        };
    }

    private static async Task<Results<Ok<ModelTest>, ProblemHttpResult>> Test(
        Guid id, Caller caller, Db db, ModelStore store, ConnectionTest test, CancellationToken ct)
    {
        if (await store.Find(ModelReader.Of(caller), id, ct) is null || await test.Subject(db, id, ct) is not { } model)
        {
            return Gone.ToResult();
        }

        if (!CallRules.Chats(model) && !CallRules.Embeds(model) && !CallRules.Transcribes(model))
        {
            return Problem.Invalid("model_not_testable", $"Models of type {model.ModelType} cannot be tested here.").ToResult();
        }

        var result = await test.Run(db, model, caller, ct);
        // Whoever closed the page still wants to find the result there.
        await store.NoteTest(id, result, CancellationToken.None);
        return TypedResults.Ok(result);
    }

    private static async Task<Ok<ModelDefaults>> Defaults(DefaultStore store, CancellationToken ct) => TypedResults.Ok(new ModelDefaults(await store.List(ct)));

    private static async Task<Results<Ok<ChosenDefault>, ProblemHttpResult>> SetDefault(
        string purpose, SetDefault request, Caller caller, Db db, ModelStore models, ModelDirectory directory, DefaultStore store, IEnumerable<DefaultUse> uses, CancellationToken ct)
    {
        if (await models.Find(ModelReader.Of(caller), request.ModelId, ct) is not { } model)
        {
            return Gone.ToResult();
        }

        if (ModelRules.FitsPurpose(purpose, model) is { } problem)
        {
            return problem.ToResult();
        }

        var use = uses.FirstOrDefault(u => u.Purpose == purpose);
        var anew = request.Reembed && use is not null && await directory.Find(db, model.Id, ct) is { } info ? await use.MakeAnew(db, info, caller.UserId, ct) : null;
        if (!await store.Set(purpose, model.Id, unit => anew?.Invoke(unit) ?? Task.CompletedTask, ct))
        {
            return Gone.ToResult();
        }

        var work = use is null ? new DefaultWork(0, 0) : await use.Count(db, model.Id, ct);
        return TypedResults.Ok(new ChosenDefault(purpose, model.Id, work.Documents, work.Collections, anew is not null));
    }
}
