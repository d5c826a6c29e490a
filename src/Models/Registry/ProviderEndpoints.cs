using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Models;

/// <summary>HTTP door of providers.</summary>
internal static class ProviderEndpoints
{
    public static void MapProviders(this RouteGroupBuilder models)
    {
        models.MapGet("/providers", List).Needs("models.models.read").WithName("listProviders");
        models.MapPost("/providers", Create).Needs("models.models.write").WithName("createProvider");
    }

    private static async Task<Ok<Providers>> List(ProviderStore store, CancellationToken ct) => TypedResults.Ok(new Providers(await store.List(ct)));

    private static async Task<Results<Created<Provider>, ProblemHttpResult>> Create(CreateProvider request, ProviderStore store, CancellationToken ct)
    {
        if (!ModelClients.Kinds.Contains(request.Kind))
        {
            return Problem.Invalid("unknown_provider_kind", $"There is no provider kind '{request.Kind}'. Use openai_compatible for a server that speaks OpenAI's API.").ToResult();
        }

        if (!string.IsNullOrWhiteSpace(request.BaseUrl) && ModelRules.Address(request.Kind, request.BaseUrl.Trim()) is { } problem)
        {
            return problem.ToResult();
        }

        return await store.Insert(request, ct) is { } provider
            ? TypedResults.Created($"/api/v1/models/providers/{provider.Id}", provider)
            : Problem.Conflict("provider_name_taken", $"There is already a provider called {request.Name.Trim()}. Choose another name.").ToResult();
    }
}
