using Lyceum.Iam;
using Lyceum.Knowledge.Media;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of how texts are cut: settings, a look at what they would do, and cutting again what was cut otherwise.</summary>
internal static class ChunkingEndpoints
{
    private const int ShownMax = 50, CharactersMax = 200_000;
    private static readonly Problem Gone = Problem.NotFound("collection");

    public static void MapChunking(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/collections/{id:guid}/chunking", Get).Needs("knowledge.collections.read").WithName("getChunking");
        knowledge.MapPut("/collections/{id:guid}/chunking", Put).Needs("knowledge.collections.write").WithName("setChunking");
        knowledge.MapPost("/collections/{id:guid}/chunking/preview", Preview).Needs("knowledge.collections.read").WithName("previewChunking");
        knowledge.MapPost("/collections/{id:guid}/chunking/apply", Apply).Needs("knowledge.documents.write").WithName("rechunkCollection");
    }

    private static async Task<Results<Ok<Chunking>, ProblemHttpResult>> Get(Guid id, Caller caller, CollectionStore store, CancellationToken ct) =>
        await store.Chunking(Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found) : Gone.ToResult();

    private static async Task<Results<Ok<Chunking>, ProblemHttpResult>> Put(Guid id, ChunkingSettings request, Caller caller, CollectionStore store, CancellationToken ct)
    {
        if (ChunkingRules.Fault(request) is { } fault)
        {
            return fault.ToResult();
        }

        if (await store.SetChunking(Reader.Of(caller), id, request, ct) == 0)
        {
            return await Refusal(id, caller, store, ct);
        }

        return await Get(id, caller, store, ct);
    }

    private static async Task<Results<Ok<ChunkingPreview>, ProblemHttpResult>> Preview(
        Guid id, PreviewChunking request, Caller caller, Db db, CollectionStore store, DocumentStore documents, TextObjects texts, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await store.Chunking(reader, id, ct) is not { } chunking)
        {
            return Gone.ToResult();
        }

        var settings = request.Settings ?? chunking.Settings;
        if (request.Settings is not null && ChunkingRules.Fault(settings) is { } fault)
        {
            return fault.ToResult();
        }

        if ((request.DocumentId is null) == (request.Text is null))
        {
            return Problem.Invalid("invalid_preview", "Name a document of the collection, or send a text.").ToResult();
        }

        ExtractedText? text;
        if (request.DocumentId is { } documentId)
        {
            if (await documents.Find(reader, documentId, ct) is not { } document || document.CollectionId != id || await documents.TextOf(reader, documentId, null, ct) is not { } where)
            {
                return Problem.NotFound("document").ToResult();
            }

            text = where.Body is { } body ? SplitRules.Plain(document.Title, body) : await texts.Read(db, where.ObjectId, ct);
            if (text is null)
            {
                return Problem.Conflict("document_not_read", $"This document is {document.Status} and has no text yet. Try again when it has been read.").ToResult();
            }
        }
        else
        {
            text = SplitRules.Plain(null, request.Text!); // one of the two is there
        }

        var (part, isPart) = Beginning(text);
        try
        {
            return TypedResults.Ok(Show(part.Format == FileFormat.Media ? TimeSplit.Split(part, await MediaStore.Windows(db, request.DocumentId ?? Guid.Empty, ct)) : SplitRules.Split(part, settings), isPart));
        }
        catch (IntakeRefused slow)
        {
            return Problem.Invalid("invalid_chunking", slow.Message).ToResult();
        }
    }

    private static async Task<Results<Accepted<RechunkStarted>, ProblemHttpResult>> Apply(Guid id, Caller caller, Db db, CollectionStore store, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var begun = await db.Atomically(async unit =>
        {
            var outdated = await CollectionStore.BeginRechunk(unit, reader, id, ct);
            if (outdated > 0)
            {
                await RechunkJob.Begin(unit, id, ct);
                await AuditLog.Write(unit, new AuditEntry("collection.rechunked", "collection", id, Metadata: new { documents = outdated }), ct);
            }

            return outdated;
        }, ct);
        if (begun > 0)
        {
            return TypedResults.Accepted($"/api/v1/knowledge/collections/{id}/chunking", new RechunkStarted(begun));
        }

        return await store.Chunking(reader, id, ct) switch
        {
            null => Gone.ToResult(),
            { Status: "reindexing" } => Problem.Conflict("rechunk_under_way", "The documents of this collection are being cut again already.").ToResult(),
            { OutdatedCount: 0 } => Problem.Conflict("nothing_outdated", "Every document of this collection is cut as its settings say.").ToResult(),
            _ => AccessRules.TooLittle("collection", Access.Edit).ToResult(),
        };
    }

    private static async Task<ProblemHttpResult> Refusal(Guid id, Caller caller, CollectionStore store, CancellationToken ct) =>
        (await store.Chunking(Reader.Of(caller), id, ct) is null ? Gone : AccessRules.TooLittle("collection", Access.Edit)).ToResult();

    // Enough to see how it is cut; a book would keep the server busy at every change of a number.
    private static (ExtractedText Text, bool IsPart) Beginning(ExtractedText text)
    {
        var (pages, left) = (new List<TextPage>(), CharactersMax);
        foreach (var page in text.Pages)
        {
            if (left <= 0)
            {
                return (text with { Pages = pages }, true);
            }

            if (page.Text.Length > left)
            {
                var end = char.IsHighSurrogate(page.Text[left - 1]) ? left - 1 : left;
                pages.Add(page with { Text = page.Text[..end], Blocks = [.. page.Blocks.Where(b => b.Start < end).Select(b => b with { End = Math.Min(b.End, end) })] });
                return (text with { Pages = pages }, true);
            }

            pages.Add(page);
            left -= page.Text.Length;
        }

        return (text, false);
    }

    private static ChunkingPreview Show(IReadOnlyList<Chunk> chunks, bool isPart) => new(
        chunks.Count, chunks.Sum(c => c.TokenCount), chunks.Count == 0 ? 0 : chunks.Min(c => c.TokenCount), chunks.Count == 0 ? 0 : chunks.Max(c => c.TokenCount), isPart,
        [
            .. chunks.Take(ShownMax).Select((c, i) => new PreviewedChunk(
                c.Index, c.Page, c.Section, c.Headings, c.Text, c.TokenCount, c.RepeatedChars, i > 0 && chunks[i - 1].EndPageIndex == c.PageIndex && c.Start < chunks[i - 1].End)),
        ]);
}
