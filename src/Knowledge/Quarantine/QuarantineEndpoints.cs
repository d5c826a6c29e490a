using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of what could not be taken in: what, why, and once more.</summary>
internal static class QuarantineEndpoints
{
    private const int RetriedMax = 500, NamedMax = 1_000;

    public static void MapQuarantine(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/quarantine", List).Needs("knowledge.collections.read").WithName("listQuarantine");
        knowledge.MapGet("/quarantine/reasons", Reasons).Needs("knowledge.collections.read").WithName("listQuarantineReasons");
        knowledge.MapPost("/quarantine/retry", Retry).Needs("knowledge.documents.write").WithName("retryQuarantine");
    }

    private static async Task<Results<Ok<Paged<QuarantinedDocument>>, ProblemHttpResult>> List(
        Guid? collection, string? code, string? cursor, int? limit, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (collection is { } id && await collections.Find(reader, id, ct) is null)
        {
            return Problem.NotFound("collection").ToResult();
        }

        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await QuarantineStore.List(db, reader, collection, code, page, ct), d => d.Id));
    }

    private static async Task<Results<Ok<QuarantineReasons>, ProblemHttpResult>> Reasons(Guid? collection, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        return collection is { } id && await collections.Find(reader, id, ct) is null
            ? Problem.NotFound("collection").ToResult()
            : TypedResults.Ok(new QuarantineReasons(await QuarantineStore.Reasons(db, reader, collection, ct)));
    }

    private static async Task<Results<Accepted<QuarantineRetried>, ProblemHttpResult>> Retry(RetryQuarantine request, Caller caller, Db db, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (request.Documents is { Count: > NamedMax })
        {
            return Problem.Invalid("invalid_item_count", $"Name at most {NamedMax:N0} documents, or none for all.").ToResult();
        }

        if (request.CollectionId is { } id && await collections.Find(reader, id, ct) is null)
        {
            return Problem.NotFound("collection").ToResult();
        }

        var answer = await db.Atomically(async unit =>
        {
            var (ids, all) = await QuarantineStore.ToRetry(unit, reader, request, RetriedMax, ct);
            var begun = 0;
            foreach (var document in ids)
            {
                begun += await IntakeStore.Retry(unit, document, ct) ? 1 : 0;
            }

            if (begun > 0)
            {
                await AuditLog.Write(unit, new AuditEntry("document.retried", "document", ids.Count == 1 ? ids[0] : null, Metadata: new { documents = begun, request.CollectionId, request.ErrorCode }), ct);
            }

            return new QuarantineRetried(begun, all - ids.Count);
        }, ct);
        return TypedResults.Accepted("/api/v1/knowledge/quarantine", answer);
    }
}
