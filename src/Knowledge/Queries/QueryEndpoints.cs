using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of the log of retrievals: one's own, and with the permission everybody's.</summary>
internal static class QueryEndpoints
{
    private const string ReadAll = "knowledge.queries.read_all";

    public static void MapQueries(this RouteGroupBuilder knowledge)
    {
        var group = knowledge.MapGroup("/queries");
        group.MapGet("/", List).Needs("knowledge.search").WithName("listRetrievals");
        group.MapGet("/{id:guid}", Get).Needs("knowledge.search").WithName("getRetrieval");
        group.MapPut("/{id:guid}/feedback", Rate).Needs("knowledge.search").WithName("rateRetrieval");
    }

    private static async Task<Results<Ok<Paged<RetrievalQuery>>, ProblemHttpResult>> List(
        string? scope, Guid? collection, Guid? message, string? strategy, string? feedback, string? q, string? cursor, int? limit, Caller caller, Db db, CancellationToken ct)
    {
        if (scope is not (null or "own" or "all") || feedback is not (null or "good" or "bad" or "none"))
        {
            return Problem.Invalid("invalid_query_filter", "scope is own or all; feedback is good, bad or none.").ToResult();
        }

        var page = Page.From(cursor, limit);
        var filter = new QueryFilter(scope == "all" && caller.May(ReadAll), collection, message, strategy, feedback, string.IsNullOrWhiteSpace(q) ? null : q.Trim());
        return TypedResults.Ok(page.Cut(await QueryStore.List(db, Reader.Of(caller), filter, page, ct), r => r.Id));
    }

    private static async Task<Results<Ok<RetrievalRecord>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await QueryStore.Find(db, Reader.Of(caller), caller.May(ReadAll), id, ct) is { } found ? TypedResults.Ok(found) : Problem.NotFound("retrieval").ToResult();

    private static async Task<Results<NoContent, ProblemHttpResult>> Rate(Guid id, RateRetrieval request, Caller caller, Db db, CancellationToken ct)
    {
        var rated = await db.Atomically(async unit =>
        {
            var changed = await RetrievalStore.Rate(unit, id, caller.UserId, request, ct);
            if (changed)
            {
                await AuditLog.Write(unit, new AuditEntry("retrieval.rated", "retrieval", id), ct);
            }

            return changed;
        }, ct);
        return rated ? TypedResults.NoContent() : Problem.NotFound("retrieval").ToResult();
    }
}
