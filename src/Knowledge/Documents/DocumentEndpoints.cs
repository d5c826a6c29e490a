using System.Globalization;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of documents: what there is, what it says, and taking it away.</summary>
internal static class DocumentEndpoints
{
    private static readonly Problem ReadOnly = AccessRules.TooLittle("document", Access.Edit);

    public static void MapDocuments(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/collections/{id:guid}/documents", List).Needs("knowledge.collections.read").WithName("listDocuments");
        knowledge.MapGet("/documents/{id:guid}", Get).Needs("knowledge.collections.read").WithName("getDocument");
        knowledge.MapDelete("/documents/{id:guid}", Delete).Needs("knowledge.documents.write").WithName("deleteDocument");
        knowledge.MapPost("/documents/{id:guid}/retry", Retry).Needs("knowledge.documents.write").WithName("retryDocument");
        knowledge.MapFiles();
        knowledge.MapGet("/documents/{id:guid}/text", Text).Needs("knowledge.collections.read").WithName("getDocumentText");
        knowledge.MapGet("/documents/{id:guid}/chunks", Chunks).Needs("knowledge.collections.read").WithName("listChunks");
        knowledge.MapGet("/chunks/{id:guid}", Chunk).Needs("knowledge.collections.read").WithName("getChunk");
    }

    private static async Task<Results<Ok<Paged<Document>>, ProblemHttpResult>> List(
        Guid id, string? status, string? q, Guid? folder, bool? below, bool? top, Guid? batch, string? cursor, int? limit, Caller caller, Db db, DocumentStore store, CollectionStore collections, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (status is not (null or "uploading" or "pending" or "processing" or "indexed" or "failed" or "archived"))
        {
            return Problem.Invalid("invalid_status", "status is one of uploading, pending, processing, indexed, failed, archived.").ToResult();
        }

        var page = Page.From(cursor, limit);
        if (folder is { } asked && await FolderStore.Find(db, reader, asked, ct) is not { } known)
        {
            return Problem.NotFound("folder").ToResult();
        }

        if (batch is { } came && await BatchStore.Find(db, reader, came, ct) is null)
        {
            return Problem.NotFound("batch").ToResult();
        }

        Guid[]? folders = folder is { } one ? (below is true ? await FolderStore.WithAllBelow(db, [one], ct) : [one]) : top is true ? [] : null;
        var rows = await store.List(reader, id, new DocumentFilter(status, string.IsNullOrWhiteSpace(q) ? null : q.Trim(), folders, batch), page, ct);
        return rows.Count == 0 && await collections.Find(reader, id, ct) is null
            ? Problem.NotFound("collection").ToResult()
            : TypedResults.Ok(page.Cut(rows, d => d.Id));
    }

    private static async Task<Results<Ok<Document>, ProblemHttpResult>> Get(Guid id, Caller caller, HttpContext http, DocumentStore store, CancellationToken ct)
    {
        if (await store.Find(Reader.Of(caller), id, ct) is not { } found)
        {
            return Problem.NotFound("document").ToResult();
        }

        Etag.Send(http, found.Mark);
        return TypedResults.Ok(found);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, bool? purge, string? children, Caller caller, Db db, DocumentStore store, CancellationToken ct) =>
        children is not (null or "keep" or "delete") ? Problem.Invalid("invalid_children", "children is keep or delete.").ToResult()
        : await db.Atomically(unit => RemovalStore.Document(unit, Reader.Of(caller), id, purge ?? false, children == "delete", ct), ct)
            ? TypedResults.NoContent()
            : await store.Find(Reader.Of(caller), id, ct) is null ? Problem.NotFound("document").ToResult() : ReadOnly.ToResult();

    private static async Task<Results<Accepted<Document>, ProblemHttpResult>> Retry(Guid id, Caller caller, Db db, DocumentStore store, CancellationToken ct)
    {
        if (await store.Find(Reader.Of(caller), id, ct) is not { } found)
        {
            return Problem.NotFound("document").ToResult();
        }

        if (!await store.MayEdit(Reader.Of(caller), id, ct))
        {
            return ReadOnly.ToResult();
        }

        var again = await db.Atomically(async unit =>
        {
            var begun = await IntakeStore.Retry(unit, id, ct);
            if (begun)
            {
                await AuditLog.Write(unit, new AuditEntry("document.retried", "document", id), ct);
            }

            return begun;
        }, ct);
        if (!again)
        {
            return Problem.Conflict("document_not_failed", $"This document is {found.Status}; only a failed one can be retried.").ToResult();
        }

        return TypedResults.Accepted($"/api/v1/knowledge/documents/{id}", await store.Find(Reader.Of(caller), id, ct));
    }

    private static async Task<Results<Ok<DocumentText>, ProblemHttpResult>> Text(
        Guid id, Guid? revision, Caller caller, Db db, DocumentStore store, TextObjects texts, CancellationToken ct)
    {
        if (await store.TextOf(Reader.Of(caller), id, revision, ct) is not { } where)
        {
            return Problem.NotFound("document").ToResult();
        }

        if (where.Body is not null)
        {
            return TypedResults.Ok(new DocumentText([new PageText(null, where.Body)]));
        }

        var text = await texts.Read(db, where.ObjectId, ct);
        return TypedResults.Ok(new DocumentText([.. (text?.Pages ?? []).Select(p => new PageText(p.Number, p.Text)
        {
            Spoken = [.. p.Blocks.Where(b => b.From is not null).Select(b => new SpokenText(b.From ?? 0, b.To ?? 0, b.Start, b.End))],
        })]));
    }

    private static async Task<Results<Ok<Paged<ChunkView>>, ProblemHttpResult>> Chunks(Guid id, string? cursor, int? limit, Caller caller, DocumentStore store, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var most = Math.Clamp(limit ?? Page.Default, 1, Page.Most);
        var after = string.IsNullOrEmpty(cursor) ? -1
            : int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
            : throw new ProblemException(Problem.Invalid("invalid_cursor", "This cursor is not one we gave. Start again without it."));
        var rows = await store.Chunks(reader, id, after, most + 1, ct);
        if (rows.Count == 0 && await store.Find(reader, id, ct) is null)
        {
            return Problem.NotFound("document").ToResult();
        }

        return TypedResults.Ok(rows.Count <= most
            ? new Paged<ChunkView>(rows, null)
            : new Paged<ChunkView>([.. rows.Take(most)], rows[most - 1].Index.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<Ok<ChunkPassage>, ProblemHttpResult>> Chunk(Guid id, Caller caller, Db db, DocumentStore store, TextObjects texts, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await store.Chunk(reader, id, ct) is { } live)
        {
            return TypedResults.Ok(live);
        }

        if (await RevisionStore.Retired(db, reader, id, ct) is not { } old)
        {
            return Problem.NotFound("chunk").ToResult();
        }

        // Its words are where they were: in the text of the revision it was cut from.
        var pages = old.Where.Body is null ? (await texts.Read(db, old.Where.ObjectId, ct))?.Pages ?? [] : [];
        var text = old.Where.Body ?? (pages.FirstOrDefault(p => p.Number == old.Passage.Page) ?? (pages.Count > 0 ? pages[0] : null))?.Text ?? "";
        var (start, end) = (Math.Min(old.Passage.StartOffset, text.Length), Math.Min(old.Passage.EndOffset, text.Length));
        return TypedResults.Ok(old.Passage with { Text = end > start ? text[start..end] : null, Removed = end <= start, IsCurrent = false });
    }
}
