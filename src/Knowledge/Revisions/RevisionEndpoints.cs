using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of what a document is called, belongs to and was before.</summary>
internal static class RevisionEndpoints
{
    public static void MapRevisions(this RouteGroupBuilder knowledge)
    {
        const string read = "knowledge.collections.read", write = "knowledge.documents.write";
        knowledge.MapPatch("/documents/{id:guid}", Change).Needs(write).WithName("changeDocument");
        knowledge.MapGet("/documents/{id:guid}/children", Children).Needs(read).WithName("listChildDocuments");
        knowledge.MapGet("/documents/{id:guid}/revisions", Revisions).Needs(read).WithName("listRevisions");
        knowledge.MapPost("/documents/{id:guid}/rollback", GoBack).Needs(write).WithName("rollBackDocument");
    }

    private static async Task<Results<Ok<Paged<Document>>, ProblemHttpResult>> Children(Guid id, string? cursor, int? limit, Caller caller, DocumentStore store, CancellationToken ct)
    {
        var (reader, page) = (Reader.Of(caller), Page.From(cursor, limit));
        return await store.Find(reader, id, ct) is { } parent
            ? TypedResults.Ok(page.Cut(await store.List(reader, parent.CollectionId, new DocumentFilter(null, null, null, null) { Parent = id }, page, ct), d => d.Id))
            : Problem.NotFound("document").ToResult();
    }

    private static async Task<Results<Ok<Paged<Revision>>, ProblemHttpResult>> Revisions(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await RevisionStore.List(db, Reader.Of(caller), id, ct) is { Count: > 0 } found ? TypedResults.Ok(new Paged<Revision>(found, null)) : Problem.NotFound("document").ToResult();

    private static async Task<Results<Ok<Document>, ProblemHttpResult>> Change(
        Guid id, ChangeDocument request, HttpContext http, Caller caller, Db db, DocumentStore store, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await store.Find(reader, id, ct) is not { } before || await collections.Find(reader, before.CollectionId, ct) is not { } collection)
        {
            return Problem.NotFound("document").ToResult();
        }

        if (CollectionRules.Refusal(collection, evenArchived: true) is not null)
        {
            return AccessRules.TooLittle("document", Access.Edit).ToResult();
        }

        if (!SourceRules.IsAddress(request.SourceUrl.Value))
        {
            return SourceRules.NoAddress.ToResult();
        }

        if (request.Metadata is { } metadata && (TextRules.MetadataFault(metadata) ?? MetadataRules.Fault(collection.MetadataFields, collection.FixedMetadata, metadata)) is { } fault)
        {
            return Problem.Invalid("invalid_metadata", fault.Detail).ToResult();
        }

        var wanted = Etag.WantedMark(http);
        var title = request.Title?.Trim() is { Length: > 0 } other && other != before.Title ? other : null;
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            await IntakeStore.Hold(unit, id, ct);
            if (wanted is not null && (await DocumentStore.Find(unit, reader, id, ct))?.Mark != wanted)
            {
                throw new ProblemException(Etag.Stale);
            }

            if (request.ParentId.Value is { } parent && await RevisionStore.MayBelong(unit, reader, id, parent, ct) is not true and var may)
            {
                throw new ProblemException(may is null
                    ? Problem.NotFound("document") : Problem.Conflict("document_into_itself", "A document cannot belong to itself or to one that belongs to it."));
            }

            await IntakeStore.Change(unit, id, title, request, ct);
            if (title is not null && before is { Status: "indexed", ArchivedAt: null })
            {
                await LifeStore.Anew(unit, id, null, "renamed", ct);
            }

            return new AuditEntry("document.changed", "document", id, Before: new { before.Title, before.Metadata, before.Language, before.SourceUrl, before.ParentId }, After: request);
        }, ct), ct);
        if (await store.Find(reader, id, ct) is not { } changed)
        {
            return Problem.NotFound("document").ToResult();
        }

        Etag.Send(http, changed.Mark);
        return TypedResults.Ok(changed);
    }

    private static async Task<Results<Accepted<Document>, ProblemHttpResult>> GoBack(Guid id, RollBack request, Caller caller, Db db, DocumentStore store, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var revisions = await RevisionStore.List(db, reader, id, ct);
        if (revisions.Count == 0)
        {
            return Problem.NotFound("document").ToResult();
        }

        if (!await store.MayEdit(reader, id, ct))
        {
            return AccessRules.TooLittle("document", Access.Edit).ToResult();
        }

        if (revisions.FirstOrDefault(r => r.Id == request.RevisionId) is not { } wanted)
        {
            return Problem.NotFound("revision").ToResult();
        }

        if (wanted.IsLive || !wanted.CanRestore)
        {
            return Problem.Conflict("revision_not_possible", wanted.IsLive ? "This revision is the one that is searched now." : "Neither the file nor the text of this revision is left.").ToResult();
        }

        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            if (await RevisionStore.IsElsewhere(unit, wanted.Id, ct))
            {
                throw new ProblemException(Problem.Conflict("revision_not_possible", "Another document of this collection has this content already."));
            }

            await LifeStore.Anew(unit, id, wanted.Id, $"back to {wanted.Number}", ct);
            return new AuditEntry("document.rolled_back", "document", id, Metadata: new { to = wanted.Number, revision = wanted.Id });
        }, ct), ct);
        return TypedResults.Accepted($"/api/v1/knowledge/documents/{id}", await store.Find(reader, id, ct));
    }
}
