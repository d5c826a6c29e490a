using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of who may see a single document.</summary>
internal static class AccessEndpoints
{
    private static readonly Problem Gone = Problem.NotFound("document");

    public static void MapDocumentAccess(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/documents/{id:guid}/access", Get).Needs("knowledge.documents.write").WithName("getDocumentAccess");
        knowledge.MapPut("/documents/{id:guid}/access", Put).Needs("knowledge.documents.write").WithName("setDocumentAccess");
    }

    private static async Task<Results<Ok<DocumentAccess>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await AccessStore.Find(db, Reader.Of(caller), id, ct) is { } access ? TypedResults.Ok(access) : Gone.ToResult();

    private static async Task<Results<Ok<DocumentAccess>, ProblemHttpResult>> Put(Guid id, DocumentAccess request, Caller caller, Db db, DocumentStore store, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (DocumentAccessRules.Fault(request) is { } fault)
        {
            return fault.ToResult();
        }

        if (await AccessStore.Find(db, reader, id, ct) is not { } before)
        {
            return Gone.ToResult();
        }

        if (!await store.MayEdit(reader, id, ct))
        {
            return AccessRules.TooLittle("document", Access.Edit).ToResult();
        }

        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            await AccessStore.Set(unit, id, request, ct);
            if (!await AccessStore.Sees(unit, reader, id, ct))
            {
                throw new ProblemException(Problem.Invalid("access_locks_you_out", "After this you could not see the document yourself. Name yourself or one of your teams too."));
            }

            return new AuditEntry("document.access_changed", "document", id, Before: before, After: request);
        }, ct), ct);
        return TypedResults.Ok(await AccessStore.Find(db, reader, id, ct));
    }
}
