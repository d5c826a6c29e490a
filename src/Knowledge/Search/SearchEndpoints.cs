using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of search.</summary>
internal static class SearchEndpoints
{
    public static void MapSearch(this RouteGroupBuilder knowledge) =>
        knowledge.MapPost("/search", Search).Needs("knowledge.search").WithName("search");

    private static async Task<Results<Ok<SearchAnswer>, ProblemHttpResult>> Search(SearchRequest request, Caller caller, Db db, KnowledgeSearch search, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(request.Query)
            ? Problem.Invalid("empty_query", "Write what to search for.").ToResult()
            : TypedResults.Ok(await search.Search(db, Reader.Of(caller), request, new SearchOrigin(caller.ApiKeyId is null ? "ui" : "api", ApiKeyId: caller.ApiKeyId), ct));
}
