using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Models;

/// <summary>HTTP door of providers.</summary>
internal static class ProviderEndpoints
{
    private static readonly Problem Gone = Problem.NotFound("provider");

    public static void MapProviders(this RouteGroupBuilder models)
    {
        models.MapGet("/providers", List).Needs("models.models.read").WithName("listProviders");
        models.MapPost("/providers", Create).Needs("models.models.write").WithName("createProvider");
        models.MapPatch("/providers/{id:guid}", Change).Needs("models.models.write").WithName("changeProvider");
        models.MapDelete("/providers/{id:guid}", Delete).Needs("models.models.write").WithName("deleteProvider");
    }

    public static Problem NameTaken(string name) => Problem.Conflict("provider_name_taken", $"There is already a provider called {name}. Choose another name.");

    private static async Task<Ok<Providers>> List(ProviderStore store, CancellationToken ct) => TypedResults.Ok(new Providers(await store.List(ct)));

    private static async Task<Results<Created<Provider>, ProblemHttpResult>> Create(CreateProvider request, ProviderStore store, CancellationToken ct) =>
        ProviderRules.Check(request) is { } problem ? problem.ToResult()
        : await store.Insert(request, ct) is { } provider ? TypedResults.Created($"/api/v1/models/providers/{provider.Id}", provider)
        : NameTaken(request.Name.Trim()).ToResult();

    private static async Task<Results<Ok<Provider>, ProblemHttpResult>> Change(Guid id, ChangeProvider request, ProviderStore store, CancellationToken ct) =>
        await store.Change(id, (old, use) => ProviderRules.Decide(old, request, use), request.ApiKey, ct) switch
        {
            null => Gone.ToResult(),
            { Changed: { } provider } => TypedResults.Ok(provider),
            { Refused: var refused } => refused!.ToResult(), // either changed or refused
        };

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, ProviderStore store, CancellationToken ct) =>
        await store.Delete(id, ProviderRules.Keeps, ct) switch
        {
            null => Gone.ToResult(),
            { Refused: { } refused } => refused.ToResult(),
            _ => TypedResults.NoContent(),
        };
}
