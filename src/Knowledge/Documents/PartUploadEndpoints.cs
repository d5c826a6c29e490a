using System.Globalization;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of uploads in parts: begin, send parts in any order and as often as needed, complete, or stop. Only who began one goes on with it.</summary>
internal static class PartUploadEndpoints
{
    public static void MapPartUploads(this RouteGroupBuilder knowledge)
    {
        knowledge.MapPost("/collections/{id:guid}/uploads", Begin).Needs("knowledge.documents.write").WithName("beginUpload").ForKeys("ingest");
        knowledge.MapGet("/uploads/{id:guid}", Get).Needs("knowledge.documents.write").WithName("getUpload").ForKeys("ingest");
        knowledge.MapPut("/uploads/{id:guid}/parts/{number}", Put).Needs("knowledge.documents.write").WithName("putUploadPart").ForKeys("ingest").LimitBody(Uploads.PartBytes);
        knowledge.MapPost("/uploads/{id:guid}/complete", Complete).Needs("knowledge.documents.write").WithName("completeUpload").ForKeys("ingest");
        knowledge.MapDelete("/uploads/{id:guid}", Abort).Needs("knowledge.documents.write").WithName("abortUpload").ForKeys("ingest");
    }

    private static async Task<Results<Created<PartUpload>, ProblemHttpResult>> Begin(
        Guid id, BeginUpload request, Caller caller, Db db, CollectionStore collections, DocumentStore store, TeamDirectory teams, Uploads uploads, Quotas quotas, KnowledgeOptions options, CancellationToken ct)
    {
        if (request.Access is { } access && DocumentAccessRules.Fault(access) is { } fault)
        {
            return fault.ToResult();
        }

        var pipeline = await PipelineStore.Of(db, caller, ct);
        if (pipeline?.Refusal(request.FolderId is not null, request.Access is not null) is { } stopped)
        {
            return stopped.ToResult();
        }

        var source = new FileSource(request.ExternalId, request.SourceUrl, request.Parent, request.Metadata is { ValueKind: not JsonValueKind.Null } given ? given.GetRawText() : null);
        var target = new UploadTarget(
            id, request.FolderId ?? pipeline?.FolderId, request.Paths ? FolderRules.FoldersOf(request.FileName) : [], request.Batch, request.Access ?? pipeline?.Settings.Access,
            pipeline?.Completed(source, request.Replaces) ?? source, request.Replaces, pipeline?.Id);
        if (await Refusal(target, caller, db, collections, store, ct) is { } refused)
        {
            return refused.ToResult();
        }

        var most = (await teams.Limits(db, caller, ct)).MaxFileBytes(options.MaxFileBytes);
        if (request.SizeBytes > most)
        {
            throw Uploads.TooLarge(most);
        }

        await quotas.Room(db, "max_documents", ct);
        var begun = await db.Atomically(
            async unit =>
            {
                var upload = Guid.Empty;
                var what = new NewUpload(FileIntake.Clean(request.FileName), request.ContentType, request.SizeBytes, request.Sha256 is { } hex ? Convert.FromHexString(hex) : null, caller.UserId, LyceumJson.Write(target));
                await quotas.Hold(unit, "max_storage_bytes", async () => upload = await uploads.Begin(unit, what, ct), ct);
                await AuditLog.Write(unit, new AuditEntry("upload.begun", "upload", upload, After: new { what.FileName, what.SizeBytes, collectionId = id }), ct);
                return upload;
            },
            ct);
        var session = await Uploads.Find(db, begun, caller.UserId, ct) ?? throw new InvalidOperationException("The upload was just begun.");
        return TypedResults.Created($"/api/v1/knowledge/uploads/{begun}", await View(session, caller, db, store, ct));
    }

    private static async Task<Results<Ok<PartUpload>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, DocumentStore store, CancellationToken ct) =>
        await Find(id, caller, db, ct) is { } session ? TypedResults.Ok(await View(session, caller, db, store, ct)) : Problem.NotFound("upload").ToResult();

    private static async Task<Results<Ok<ArrivedPart>, ProblemHttpResult>> Put(
        Guid id, string number, [FromHeader(Name = "Content-Digest")] string? digest, HttpContext http, Caller caller, Db db, Uploads uploads, CancellationToken ct)
    {
        if (await Find(id, caller, db, ct) is not { } session)
        {
            return Problem.NotFound("upload").ToResult();
        }

        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return Problem.Invalid("invalid_part", $"This upload has the parts 1 to {session.PartCount.ToString(CultureInfo.InvariantCulture)}.").ToResult();
        }

        if (!ContentDigest.TryRead(digest, out var sha256))
        {
            return Problem.Invalid("invalid_digest", "Content-Digest is sha-256=:…: with the base64 of the part's SHA-256, as RFC 9530 has it.").ToResult();
        }

        var part = await uploads.Put(db, session, place, sha256, http.Request.Body, ct);
        return TypedResults.Ok(new ArrivedPart(part.Number, part.SizeBytes, Convert.ToHexStringLower(part.Sha256)));
    }

    private static async Task<Results<Ok<UploadedFile>, ProblemHttpResult>> Complete(
        Guid id, Caller caller, Db db, CollectionStore collections, DocumentStore store, FileIntake intake, Uploads uploads, CancellationToken ct)
    {
        if (await Find(id, caller, db, ct) is not { } session)
        {
            return Problem.NotFound("upload").ToResult();
        }

        // Whoever did not hear the answer asks again, and hears the same.
        if (session is { Status: "completed", Result: not null })
        {
            return TypedResults.Ok(await Result(session, caller, store, ct));
        }

        if (await PipelineStore.Of(db, caller, ct) is { IsPaused: true })
        {
            return PipelineInUse.Paused.ToResult();
        }

        var target = Target(session);
        if (await Refusal(target, caller, db, collections, store, ct) is { } refused)
        {
            return refused.ToResult();
        }

        var place = new UploadPlace(target.CollectionId, target.FolderId, target.Folders) { Batch = target.Batch ?? Guid.CreateVersion7(), Source = target.Source, Replaces = target.Replaces, Upload = id, Pipeline = target.Pipeline };
        var what = new NewObject(session.FileName, session.MimeType, caller.HomeTeam, caller.UserId, TimeSpan.FromHours(1)) { FromOutside = true };
        try
        {
            return TypedResults.Ok(await uploads.Complete(db, session, what, stored => intake.Take(place, caller, stored, target.Access, ct), ct));
        }
        catch (ProblemException found) when (found.Problem.Code == "malware_found")
        {
            return TypedResults.Ok(await intake.Refuse(place, session.FileName, found.Problem, ct));
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Abort(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        if (await Find(id, caller, db, ct) is not { } session)
        {
            return Problem.NotFound("upload").ToResult();
        }

        await db.Atomically(
            async unit =>
            {
                if (await Uploads.Abort(unit, id, ct))
                {
                    await AuditLog.Write(unit, new AuditEntry("upload.aborted", "upload", id, After: new { session.FileName }), ct);
                }
            },
            ct);
        return TypedResults.NoContent();
    }

    // Checked at the beginning, so that nobody sends gigabytes in vain, and at the end, since much may change in a day.
    private static async Task<Problem?> Refusal(UploadTarget target, Caller caller, Db db, CollectionStore collections, DocumentStore store, CancellationToken ct)
    {
        var collection = await collections.Find(Reader.Of(caller), target.CollectionId, ct);
        if (CollectionRules.Refusal(collection) is { } refused)
        {
            return refused;
        }

        if (target.Folders is null)
        {
            return Problem.Conflict("folder_too_deep", $"This file lies in more than {FolderRules.Deepest} folders. Send it with a shorter path.");
        }

        var (_, odd) = await UploadEndpoints.Source(target.Source, target.Replaces, collection!, caller, db, store, ct); // one that is not there was refused
        return odd is not null ? odd
            : target.FolderId is { } into && (await FolderStore.Find(db, Reader.Of(caller), into, ct))?.CollectionId != target.CollectionId ? Problem.NotFound("folder")
            : await UploadEndpoints.NoBatch(db, caller, target.CollectionId, target.Batch, ct) ? Problem.NotFound("batch")
            : null;
    }

    // A key of one collection finds the uploads into that one.
    private static async Task<UploadSession?> Find(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await Uploads.Find(db, id, caller.UserId, ct) is { } session && (caller.OnlyCollection is not { } only || Target(session).CollectionId == only) ? session : null;

    private static UploadTarget Target(UploadSession session) =>
        JsonSerializer.Deserialize<UploadTarget>(session.Target, LyceumJson.Options) ?? throw new InvalidDataException("The upload has no target.");

    private static async Task<PartUpload> View(UploadSession session, Caller caller, Db db, DocumentStore store, CancellationToken ct) => new(
        session.Id, Target(session).CollectionId, session.FileName, session.SizeBytes, session.PartBytes, session.PartCount, session.Status, session.ExpiresAt,
        [.. (await Uploads.Parts(db, session.Id, ct)).Select(p => new ArrivedPart(p.Number, p.SizeBytes, Convert.ToHexStringLower(p.Sha256)))],
        session.Result is null ? null : await Result(session, caller, store, ct));

    private static async Task<UploadedFile> Result(UploadSession session, Caller caller, DocumentStore store, CancellationToken ct)
    {
        var outcome = JsonSerializer.Deserialize<UploadOutcome>(session.Result ?? "null", LyceumJson.Options) ?? throw new InvalidDataException("The upload has no result.");
        return new UploadedFile(session.FileName, outcome.Status, outcome.DocumentId is { } document ? await store.Find(Reader.Of(caller), document, ct) : null, outcome.Problem);
    }
}

/// <summary>The header Content-Digest (RFC 9530) as far as it is SHA-256. Pure.</summary>
internal static class ContentDigest
{
    private const string Start = "sha-256=:";

    /// <summary>False when there is one that cannot be read; true and null when there is none, or none of SHA-256.</summary>
    public static bool TryRead(string? header, out byte[]? sha256)
    {
        sha256 = null;
        if (header?.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(one => one.StartsWith(Start, StringComparison.OrdinalIgnoreCase)) is not { } found)
        {
            return true;
        }

        var hash = new byte[33];
        var read = found.EndsWith(':') && Convert.TryFromBase64String(found[Start.Length..^1], hash, out var length) && length == 32;
        sha256 = read ? hash[..32] : null;
        return read;
    }
}
