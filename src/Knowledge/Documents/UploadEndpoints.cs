using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Knowledge.Reading;
using Lyceum.Metering;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Lyceum.Knowledge;

/// <summary>What can be uploaded here.</summary>
public sealed record UploadLimits(long MaxFileBytes, IReadOnlyList<string> AcceptedExtensions, int MaxFilesPerRequest);

/// <summary>HTTP door for what comes in: files as multipart, streamed to storage one after the other, and texts as JSON.</summary>
internal static class UploadEndpoints
{
    private static readonly string[] Extensions = [".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".tsv", ".html", ".htm", ".md", ".markdown", ".txt", ".json", ".rtf", ".odt", ".epub", ".eml", ".doc", ".xls", ".ppt", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".webp", ".bmp",
        ".mp3", ".wav", ".m4a", ".mp4", ".webm", ".ogg", ".oga", ".opus", ".flac", ".aac", ".mov", ".mkv", ".avi", ".wmv", ".wma", ".flv", ".mpeg", ".mpg", ".aiff"];

    public static void MapUploads(this RouteGroupBuilder knowledge)
    {
        knowledge.MapPost("/collections/{id:guid}/documents", Upload).Needs("knowledge.documents.write").WithName("uploadDocuments").ForKeys("ingest")
            .Accepts<IFormFile>("multipart/form-data").WithMetadata(new RequestSizeLimitAttribute(2L << 30)).DisableAntiforgery();
        knowledge.MapPost("/collections/{id:guid}/texts", Texts).Needs("knowledge.documents.write").WithName("indexTexts").ForKeys("ingest");
        knowledge.MapPartUploads();
        knowledge.MapGet("/limits", Limits).NeedsOnlySignIn().WithName("getUploadLimits").ForKeys("ingest");
    }

    private static async Task<Ok<UploadLimits>> Limits(Db db, Caller caller, TeamDirectory teams, KnowledgeOptions options, CancellationToken ct) => TypedResults.Ok(
        new UploadLimits((await teams.Limits(db, caller, ct)).MaxFileBytes(options.MaxFileBytes), Extensions, options.MaxFilesPerRequest));

    private static async Task<Results<Ok<UploadReport>, ProblemHttpResult>> Upload(
        Guid id, string? access, [FromQuery] string[]? allow, Guid? folder, bool? paths, Guid? batch,
        string? externalId, string? sourceUrl, Guid? parent, Guid? replaces, string? metadata, string? forcedLanguage, HttpContext http, Caller caller, Db db, FileIntake intake, CollectionStore collections, DocumentStore store, Quotas quotas, KnowledgeOptions options, CancellationToken ct)
    {
        var (seen, unknown) = DocumentAccessRules.Read(access, allow);
        if (unknown is not null)
        {
            return unknown.ToResult();
        }

        var collection = await collections.Find(Reader.Of(caller), id, ct);
        if (CollectionRules.Refusal(collection) is { } refused)
        {
            return refused.ToResult();
        }

        var pipeline = await PipelineStore.Of(db, caller, ct);
        if (pipeline?.Refusal(folder is not null, seen is not null) is { } stopped)
        {
            return stopped.ToResult();
        }

        seen ??= pipeline?.Settings.Access;
        folder ??= pipeline?.FolderId;
        var said = new FileSource(externalId, sourceUrl, parent, metadata);
        var (source, odd) = await Source(pipeline?.Completed(said, replaces) ?? said, replaces, collection!, caller, db, store, ct); // one that is not there was refused
        if (odd is not null)
        {
            return odd.ToResult();
        }

        if (forcedLanguage is not null && (forcedLanguage.Length is < 2 or > 3 || !forcedLanguage.All(char.IsAsciiLetterLower)))
        {
            return Problem.Invalid("invalid_language", "forcedLanguage is a code of ISO 639, two or three small letters, such as en.").ToResult();
        }

        if (folder is { } into && (await FolderStore.Find(db, Reader.Of(caller), into, ct))?.CollectionId != id)
        {
            return Problem.NotFound("folder").ToResult();
        }

        if (await NoBatch(db, caller, id, batch, ct))
        {
            return Problem.NotFound("batch").ToResult();
        }

        // Where nothing fits any more, nothing is read.
        await quotas.Room(db, "max_documents", ct);
        await quotas.Room(db, "max_storage_bytes", ct);

        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
        {
            return new Problem(415, "multipart_expected", "Send the files as multipart/form-data, each in a part named 'file'.").ToResult();
        }

        var items = new List<UploadedFile>();
        var came = batch ?? Guid.CreateVersion7();
        var reader = new MultipartReader(boundary, http.Request.Body) { HeadersLengthLimit = 16 * 1024 };
        while (await reader.ReadNextSectionAsync(ct) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var part) || !part.IsFileDisposition())
            {
                continue;
            }

            if (items.Count == 1 && (replaces is not null || externalId is not null))
            {
                items.Add(new UploadedFile(FileIntake.CleanName(part), "refused", null, new ItemProblem("too_many_files", "One file is one document: an external id or a document to replace goes with one file. Send the others by themselves.")));
                break;
            }

            if (items.Count == options.MaxFilesPerRequest)
            {
                items.Add(new UploadedFile(FileIntake.CleanName(part), "refused", null, new ItemProblem("too_many_files", $"At most {options.MaxFilesPerRequest} files can be sent at once. Send the rest in another request.")));
                break;
            }

            var place = new UploadPlace(id, folder, paths is true ? FolderRules.FoldersOf(FileIntake.SentName(part)) : []) { Batch = came, Source = source, Replaces = replaces, ForcedLanguage = forcedLanguage, Pipeline = pipeline?.Id };
            items.Add(await intake.Take(place, caller, FileIntake.CleanName(part), section.ContentType, section.Body, seen, ct));
        }

        if (items.Count > 0 && items.All(item => item.Limit is not null))
        {
            return items[0].Limit!.ToResult(); // just looked
        }

        return items.Count == 0
            ? Problem.Invalid("no_file", "The request carries no file. Send at least one part named 'file' with a file name.").ToResult()
            : TypedResults.Ok(new UploadReport(items) { BatchId = batch is not null || items.Exists(item => item.Status == "accepted") ? came : null });
    }

    // What a sender says of a file must hold before a byte of it is read.
    internal static async Task<(FileSource Source, Problem? Problem)> Source(FileSource said, Guid? replaces, Collection collection, Caller caller, Db db, DocumentStore store, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        foreach (var named in new[] { said.ParentId, replaces })
        {
            if (named is { } document && (await store.Find(reader, document, ct))?.CollectionId != collection.Id)
            {
                return (said, Problem.NotFound("document"));
            }
        }

        if (!SourceRules.IsAddress(said.Url))
        {
            return (said, SourceRules.NoAddress);
        }

        if (said.ExternalId is { } external && (external.Length is 0 or > 500 || external.Contains('\0', StringComparison.Ordinal)))
        {
            return (said, Problem.Invalid("invalid_external_id", "externalId has 1 to 500 characters."));
        }

        if (said.ExternalId is { } hidden && (await db.Atomically(unit => AccessStore.Hidden(unit, reader, collection.Id, [hidden], ct), ct)).Count > 0)
        {
            return (said, Problem.Invalid("invalid_external_id", "This external id cannot be written by you. Use another one."));
        }

        JsonElement? metadata = null;
        try
        {
            metadata = said.Metadata is null ? null : JsonDocument.Parse(said.Metadata).RootElement;
        }
        catch (JsonException)
        {
            return (said, Problem.Invalid("invalid_metadata", "metadata is a JSON object."));
        }

        var fault = (metadata is { } given ? TextRules.MetadataFault(given) : null) ?? (replaces is null || metadata is not null ? MetadataRules.Fault(collection.MetadataFields, collection.FixedMetadata, metadata) : null);
        return fault is null ? (said, null) : (said, Problem.Invalid("invalid_metadata", fault.Detail));
    }

    internal static async Task<bool> NoBatch(Db db, Caller caller, Guid collection, Guid? batch, CancellationToken ct) =>
        batch is { } named && (await BatchStore.Find(db, Reader.Of(caller), named, ct))?.CollectionId != collection;

    private static async Task<Results<Ok<TextsReport>, ProblemHttpResult>> Texts(
        Guid id, IndexTexts request, Guid? batch, Caller caller, Db db, CollectionStore collections, Quotas quotas, CancellationToken ct)
    {
        if (request.Items.Count is 0 or > 1000)
        {
            return Problem.Invalid("invalid_item_count", "Send from 1 to 1,000 items.").ToResult();
        }

        var collection = await collections.Find(Reader.Of(caller), id, ct);
        if (CollectionRules.Refusal(collection) is { } refused)
        {
            return refused.ToResult();
        }

        if (await NoBatch(db, caller, id, batch, ct))
        {
            return Problem.NotFound("batch").ToResult();
        }

        var pipeline = await PipelineStore.Of(db, caller, ct);
        if (pipeline?.Refusal(false, request.Items.Any(item => item?.Access is not null)) is { } stopped)
        {
            return stopped.ToResult();
        }

        var items = request.Items.Select(item => pipeline?.Completed(item) ?? item).ToList();
        var came = batch ?? Guid.CreateVersion7();
        var report = new IndexedText?[items.Count];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var good = new List<(TextItem Item, int Place)>();
        for (var i = 0; i < report.Length; i++)
        {
            if ((TextRules.Fault(items[i], seen) ?? MetadataRules.Fault(collection!.MetadataFields, collection.FixedMetadata, items[i]?.Metadata)) is { } fault) // one that is not there was refused
            {
                report[i] = new IndexedText(items[i]?.ExternalId, "failed", null, fault);
            }
            else
            {
                good.Add((items[i]!, i)); // Fault refuses a null item
            }
        }

        if (good.Count > 0)
        {
            IReadOnlyList<TakenText> texts = [];
            await db.Atomically(unit => TextIntake.AsOneAct(unit, id, good.Count, () => Take(unit), ct), ct);
            var taken = texts.ToDictionary(t => t.ExternalId);
            foreach (var (item, place) in good)
            {
                var text = taken[item.ExternalId];
                report[place] = new IndexedText(item.ExternalId, text.RevisionId is null ? "unchanged" : "accepted", text.DocumentId, null);
            }

            async Task<IReadOnlyList<TakenText>> Take(Unit unit)
            {
                foreach (var hidden in await AccessStore.Hidden(unit, Reader.Of(caller), id, [.. good.Select(g => g.Item.ExternalId)], ct))
                {
                    var at = good.FindIndex(g => g.Item.ExternalId == hidden);
                    report[good[at].Place] = new IndexedText(hidden, "failed", null, new ItemProblem("external_id_taken", "This external id cannot be written by you. Use another one."));
                    good.RemoveAt(at);
                }

                await BatchStore.Ensure(unit, came, id, "texts", null, ct);
                // A list that a person changed since stays as they left it.
                var known = pipeline?.Settings.Access is null ? [] : await IntakeStore.KnownIds(unit, id, [.. good.Select(g => g.Item.ExternalId)], ct);
                await quotas.Hold(unit, "max_documents", async () => texts = await TextIntake.Take(unit, id, caller.HomeTeam, caller.UserId, [.. good.Select(g => g.Item)], came, pipeline, ct), ct);
                var ids = texts.ToDictionary(t => t.ExternalId, t => t.DocumentId);
                foreach (var (item, _) in good.Where(g => g.Item.Access is not null))
                {
                    await AccessStore.Set(unit, ids[item.ExternalId], item.Access!, ct);
                }

                foreach (var (item, _) in good.Where(g => pipeline?.Settings.Access is not null && !known.Contains(g.Item.ExternalId)))
                {
                    await AccessStore.Set(unit, ids[item.ExternalId], pipeline!.Settings.Access!, ct); // just looked
                }

                // One after the other: each sees what the ones before it made of the tree.
                foreach (var (item, _) in good.Where(g => g.Item.ParentExternalId is not null))
                {
                    await IntakeStore.Belong(unit, id, item.ExternalId, item.ParentExternalId!, ct);
                }

                await TextsJob.Enqueue(unit, texts.Where(t => t.RevisionId is not null).Select(t => (t.DocumentId, t.RevisionId!.Value)), ct);
                await IntakeStore.Tell(unit, id, ct);
                return texts;
            }
        }

        return TypedResults.Ok(new TextsReport(good.Count, report.Length - good.Count, report!) { BatchId = good.Count > 0 ? came : batch });
    }
}

/// <summary>What makes one text of a batch unusable, so that the others are still taken.</summary>
internal static class TextRules
{
    public static ItemProblem? MetadataFault(JsonElement metadata) =>
        metadata.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null) ? new ItemProblem("metadata_not_an_object", "metadata is a JSON object.")
        : metadata.GetRawText().Length > 60_000 ? new ItemProblem("metadata_too_large", "metadata has at most 60,000 characters.")
        : null;

    public static ItemProblem? Fault(TextItem? item, HashSet<string> seen) => item switch
    {
        null => new ItemProblem("item_missing", "This item is null."),
        { ExternalId: null or "" } => new ItemProblem("external_id_missing", "externalId is required."),
        { ExternalId.Length: > 500 } => new ItemProblem("external_id_too_long", "externalId has at most 500 characters."),
        { Title.Length: > 1000 } => new ItemProblem("title_too_long", "title has at most 1,000 characters."),
        { Text: null } => new ItemProblem("text_missing", "text is required."),
        { Text.Length: > 5_000_000 } => new ItemProblem("text_too_long", "text has at most 5,000,000 characters. Upload it as a file instead."),
        { Metadata: { } m } when MetadataFault(m) is { } odd => odd,
        { SourceUrl: { } url } when !SourceRules.IsAddress(url) => new ItemProblem("invalid_source_url", SourceRules.NoAddress.Detail),
        { Access: { } access } when DocumentAccessRules.Fault(access) is { } fault => new ItemProblem(fault.Code, fault.Detail),
        _ when string.IsNullOrWhiteSpace(item.Text) => new ItemProblem("no_text", "The text is empty."),
        _ when item.Text.Contains('\0', StringComparison.Ordinal) || item.ExternalId.Contains('\0', StringComparison.Ordinal) || item.Title?.Contains('\0', StringComparison.Ordinal) == true
            => new ItemProblem("nul_character", "The item contains a NUL character, which is not text."),
        _ when !seen.Add(item.ExternalId) => new ItemProblem("external_id_repeated", "Another item of this request has the same externalId."),
        _ => null,
    };
}
