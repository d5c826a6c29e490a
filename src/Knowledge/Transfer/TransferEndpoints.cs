using System.IO.Compression;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of collections as files: a ZIP with what it is (collection.json), its documents line by line (documents.jsonl) and their originals (files/).</summary>
internal static class TransferEndpoints
{
    public static void MapTransfer(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/collections/{id:guid}/export", Export).Needs("knowledge.collections.read").WithName("exportCollection");
        knowledge.MapPost("/collections/import", Import).Needs("knowledge.collections.write").WithName("importCollection")
            .WithMetadata(new RequestSizeLimitAttribute(4L << 30)).DisableAntiforgery();
    }

    private static async Task<IResult> Export(Guid id, HttpContext http, Caller caller, Db db, CollectionStore collections, ObjectStore objects, TimeProvider clock, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await collections.Find(reader, id, ct) is not { } collection)
        {
            return Problem.NotFound("collection").ToResult();
        }

        // An archive writes some bytes of its own synchronously; only this answer may.
        http.Features.Get<IHttpBodyControlFeature>()?.AllowSynchronousIO = true;
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{collection.Slug}.zip\"";
        var about = new ExportedCollection(
            ExportedCollection.Name1, 1, clock.GetUtcNow(), collection.Name, collection.Description, collection.ChunkingStrategy, collection.ChunkSize, collection.ChunkOverlap, collection.DefaultTopK,
            collection.DefaultThreshold, collection.Retrieval, collection.MetadataFields, collection.FixedMetadata, [.. (await FolderStore.Tree(db, reader, id, ct)).Select(f => f.Path)])
        {
            IsEncrypted = collection.IsEncrypted,
        };
        await using var archive = await ZipArchive.CreateAsync(http.Response.Body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, ct);
        await using (var entry = await archive.CreateEntry(ExportedCollection.Entry).OpenAsync(ct))
        {
            await JsonSerializer.SerializeAsync(entry, about, LyceumJson.Options, ct);
        }

        await using (var entry = await archive.CreateEntry(ExportedCollection.Documents).OpenAsync(ct))
        {
            var after = Guid.Empty;
            while (await ExportStore.Next(db, reader, id, after, ct) is { Count: > 0 } documents)
            {
                foreach (var document in documents)
                {
                    await JsonSerializer.SerializeAsync(entry, document, LyceumJson.Options, ct);
                    await entry.WriteAsync("\n"u8.ToArray(), ct);
                }

                after = documents[^1].Id;
            }
        }

        var last = Guid.Empty;
        while (await ExportStore.Files(db, reader, id, last, ct) is { Count: > 0 } files)
        {
            foreach (var (document, file) in files)
            {
                if (await objects.Open(db, file, ct) is { } content)
                {
                    await using (content)
                    await using (var entry = await archive.CreateEntry($"{ExportedCollection.Files}{document}", CompressionLevel.Fastest).OpenAsync(ct))
                    {
                        await content.Bytes.CopyToAsync(entry, ct);
                    }
                }
            }

            last = files[^1].Document;
        }

        return TypedResults.Empty;
    }

    private static async Task<Results<Created<ImportReport>, ProblemHttpResult>> Import(string? name, HttpContext http, Caller caller, Db db, ObjectStore objects, CollectionImport import, CancellationToken ct)
    {
        if (caller.OnlyCollection is not null)
        {
            return new Problem(403, "key_is_bound", "This API key is bound to one collection and cannot make another.").ToResult();
        }

        if (http.Request.ContentType?.StartsWith("application/zip", StringComparison.OrdinalIgnoreCase) != true)
        {
            return new Problem(415, "zip_expected", "Send the file of an export as it is, with the content type application/zip.").ToResult();
        }

        if (name is { Length: 0 or > 200 })
        {
            return Problem.Invalid("invalid_name", "A name has 1 to 200 characters.").ToResult();
        }

        // Read where it lies: an archive's directory is at its end. Swept away if this request dies.
        var stored = await objects.Write(db, http.Request.Body, new NewObject("import.zip", "application/zip", caller.HomeTeam, caller.UserId, TimeSpan.FromHours(6)) { FromOutside = true }, 4L << 30, ct);
        try
        {
            using var file = await objects.OnDisk(db, stored.Id, ct) ?? throw new FileNotFoundException("The import is no longer there.");
            var report = await import.Run(file.Path, name, caller, ct);
            return TypedResults.Created($"/api/v1/knowledge/collections/{report.Collection.Id}", report);
        }
        catch (Exception odd) when (odd is InvalidDataException or JsonException)
        {
            return Problem.Invalid("invalid_import", "This file is not an export of a collection, or it is damaged.").ToResult();
        }
        finally
        {
            await db.Atomically(unit => ObjectStore.Delete(unit, stored.Id, CancellationToken.None), CancellationToken.None);
        }
    }
}
