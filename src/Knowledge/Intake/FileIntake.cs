using Lyceum.Iam;
using Lyceum.Knowledge.Media;
using Lyceum.Knowledge.Reading;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Net.Http.Headers;

namespace Lyceum.Knowledge;

/// <summary>Where a file goes: a collection, a folder of it (null is the top), and the folders below that its path names; null when those are too many.</summary>
internal sealed record UploadPlace(Guid CollectionId, Guid? Below, IReadOnlyList<string>? Folders)
{
    /// <summary>What it comes with; made with the first document of it.</summary>
    public Guid? Batch { get; init; }

    /// <summary>What the sender says of it.</summary>
    public FileSource Source { get; init; } = new();

    /// <summary>The document it is a new revision of.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The upload in parts it came by, which ends when the file is taken.</summary>
    public Guid? Upload { get; init; }

    /// <summary>Language a recording is listened to in; null lets the model find out.</summary>
    public string? ForcedLanguage { get; init; }

    /// <summary>The pipeline it comes through.</summary>
    public Guid? Pipeline { get; init; }
}

/// <summary>What became of a file that came in parts, for whoever asks again.</summary>
internal sealed record UploadOutcome(string Status, Guid? DocumentId, ItemProblem? Problem);

/// <summary>Takes one file: stores its bytes as they arrive, looks what it is, and makes it a document unless the collection has it already.</summary>
internal sealed class FileIntake(Db db, ObjectStore objects, DocumentStore documents, TeamDirectory teams, Quotas quotas, ModelDirectory models, KnowledgeOptions options)
{
    /// <summary>Never throws for what is wrong with the file itself: that is an item of the report, and the next file is still taken.</summary>
    public async Task<UploadedFile> Take(UploadPlace place, Caller caller, string name, string? claimedType, Stream bytes, DocumentAccess? access, CancellationToken ct)
    {
        StoredObject? stored = null;
        try
        {
            var most = (await teams.Limits(db, caller, ct)).MaxFileBytes(options.MaxFileBytes);
            stored = await Store(name, claimedType, caller, bytes, most, ct);
            return await Keep(place, caller, name, stored, access, ct);
        }
        catch (ProblemException refused) when (refused.Problem.Status == 413 || refused.Problem.Code is "malware_found" or "scan_failed" or "quota_exceeded" or "too_many_folders" or "folder_too_deep" or "folder_not_found")
        {
            if (stored is not null)
            {
                await db.Atomically(unit => ObjectStore.Delete(unit, stored.Id, ct), ct);
            }

            await Drain(bytes, ct);
            return new UploadedFile(name, "refused", null, new ItemProblem(refused.Problem.Code, refused.Problem.Detail)) 
            {
                Limit = refused.Problem.Code is "quota_exceeded" or "file_too_large" ? refused.Problem : null,
            };
        }
        catch (Exception full) when (FullDisk.Is(full))
        {
            // A smaller one behind it may still have room.
            await Drain(bytes, ct);
            return new UploadedFile(name, "refused", null, new ItemProblem("storage_full", FullDisk.Problem.Detail));
        }
    }

    /// <summary>Takes a file that came in parts. What is wrong with the file itself ends the upload; a limit leaves it open and throws.</summary>
    public async Task<UploadedFile> Take(UploadPlace place, Caller caller, StoredObject stored, DocumentAccess? access, CancellationToken ct)
    {
        try
        {
            return await Keep(place, caller, stored.FileName, stored, access, ct);
        }
        catch (ProblemException)
        {
            await db.Atomically(unit => ObjectStore.Delete(unit, stored.Id, ct), ct);
            throw;
        }
    }

    /// <summary>Ends an upload in parts whose file a scanner found something in.</summary>
    public async Task<UploadedFile> Refuse(UploadPlace place, string name, Problem why, CancellationToken ct)
    {
        var problem = new ItemProblem(why.Code, why.Detail);
        await db.Atomically(unit => Tell(unit, place, "refused", null, problem, ct), ct);
        return new UploadedFile(name, "refused", null, problem);
    }

    // Whoever has no room left is told before a byte is kept, and a file that does not fit stops where the room ends.
    private async Task<StoredObject> Store(string name, string? claimedType, Caller caller, Stream bytes, long most, CancellationToken ct)
    {
        await quotas.Room(db, "max_documents", ct);
        var room = await quotas.Room(db, "max_storage_bytes", ct);
        try
        {
            // Provisional: if this request dies before the document is written, the bytes are swept away.
            return await objects.Write(db, bytes, new NewObject(name, claimedType, caller.HomeTeam, caller.UserId, TimeSpan.FromHours(1)) { FromOutside = true }, Math.Min(most, room ?? most), ct);
        }
        catch (ProblemException tooLarge) when (tooLarge.Problem.Status == 413 && room < most)
        {
            throw await quotas.Full(db, "max_storage_bytes", ct);
        }
    }

    private async Task<UploadedFile> Keep(UploadPlace place, Caller caller, string name, StoredObject stored, DocumentAccess? access, CancellationToken ct)
    {
        var (detected, refusal) = place.Folders is null
            ? (null, new Refusal("folder_too_deep", $"This file lies in more than {FolderRules.Deepest} folders. Send it with a shorter path."))
            : await Look(stored, name, ct);
        if (refusal is not null || detected is null)
        {
            var problem = new ItemProblem(refusal?.Code ?? "unsupported_type", refusal?.Message ?? "This kind of file is not supported.");
            await db.Atomically(
                async unit =>
                {
                    await ObjectStore.Delete(unit, stored.Id, ct);
                    await Tell(unit, place, "refused", null, problem, ct);
                },
                ct);
            return new UploadedFile(name, "refused", null, problem);
        }

        var isRecording = detected.Format == FileFormat.Media;
        if (isRecording && await models.DefaultOrNone(db, "stt", ct) is null)
        {
            await db.Atomically(unit => ObjectStore.Delete(unit, stored.Id, ct), ct);
            return new UploadedFile(name, "refused", null, TranscribeStep.NoModel);
        }

        var folders = place.Folders ?? []; // too many of them were refused
        var folder = await db.Atomically(unit => FolderActs.Ensure(unit, place.CollectionId, place.Below, folders, ct), ct);
        var file = new IncomingFile(Guid.CreateVersion7(), Guid.CreateVersion7(), stored.Id, name, detected.MimeType, stored.SizeBytes, stored.Sha256, access?.Access ?? "collection") { FolderId = folder, BatchId = place.Batch, Source = place.Source, IsRecording = isRecording, ForcedLanguage = place.ForcedLanguage, PipelineId = place.Pipeline };
        if (place.Replaces is not null || place.Source.ExternalId is not null)
        {
            var (status, known) = await Revise(place, caller, file, access, ct);
            return new UploadedFile(name, status, known is { } one ? await documents.Find(Reader.Of(caller), one, ct) : null, ProblemOf(status));
        }

        var same = await db.Atomically(async unit =>
        {
            var isNew = false;
            await quotas.Hold(unit, "max_storage_bytes", () => quotas.Hold(unit, "max_documents", Add, ct), ct);
            if (isNew)
            {
                await Tell(unit, place, "accepted", file.DocumentId, null, ct);
                return null;
            }

            async Task Add()
            {
                await End(unit, place, ct);
                await (place.Batch is { } batch ? BatchStore.Ensure(unit, batch, place.CollectionId, "upload", null, ct) : Task.CompletedTask);
                isNew = await IntakeStore.Add(unit, place.CollectionId, caller.HomeTeam, caller.UserId, file, ct);
                if (isNew)
                {
                    await ObjectStore.Keep(unit, stored.Id, file.MimeType, ct);
                    await (access is null ? Task.CompletedTask : AccessStore.Replace(unit, file.DocumentId, access, ct));
                }
            }

            await ObjectStore.Delete(unit, stored.Id, ct);
            var twin = await IntakeStore.SameContent(unit, place.CollectionId, stored.Sha256, ct);
            await Tell(unit, place, "duplicate", twin, ProblemOf("duplicate"), ct);
            return twin;
        }, ct);
        var document = await documents.Find(Reader.Of(caller), same ?? file.DocumentId, ct);
        return same is null
            ? new UploadedFile(name, "accepted", document, null)
            : new UploadedFile(name, "duplicate", document, new ItemProblem("duplicate_content", $"This collection already has this file, as '{document?.Title}'."));
    }

    // The next revision of the document it stands for, or that document where there is none yet.
    private Task<(string Status, Guid? Document)> Revise(UploadPlace place, Caller caller, IncomingFile file, DocumentAccess? access, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var (status, document) = await Revise(unit, place, caller, file, access, ct);
            await Tell(unit, place, status, document, ProblemOf(status), ct);
            return (status, document);
        },
        ct);

    private async Task<(string Status, Guid? Document)> Revise(Unit unit, UploadPlace place, Caller caller, IncomingFile file, DocumentAccess? access, CancellationToken ct)
    {
        var known = await IntakeStore.Known(unit, place.CollectionId, place.Replaces, place.Replaces is null ? place.Source.ExternalId : null, file.Hash, ct);
        var twin = known is null || place.Replaces is null ? null : await IntakeStore.SameContent(unit, place.CollectionId, file.Hash, ct);
        if (known is { IsSame: true } || (twin is not null && twin != known?.Id))
        {
            await ObjectStore.Delete(unit, file.ObjectId, ct);
            return known is { IsSame: true } same ? ("unchanged", same.Id) : ("duplicate", twin);
        }

        await (place.Batch is { } batch ? BatchStore.Ensure(unit, batch, place.CollectionId, "upload", null, ct) : Task.CompletedTask);
        await quotas.Hold(
            unit,
            "max_storage_bytes",
            async () =>
            {
                await End(unit, place, ct);
                await ObjectStore.Keep(unit, file.ObjectId, file.MimeType, ct);
            },
            ct);
        if (known is { } document)
        {
            await IntakeStore.Revise(unit, document.Id, caller.UserId, file, ct);
            return ("accepted", document.Id);
        }

        var isNew = false;
        await quotas.Hold(unit, "max_documents", async () => isNew = await IntakeStore.Add(unit, place.CollectionId, caller.HomeTeam, caller.UserId, file, ct), ct);
        if (!isNew)
        {
            // Somebody sent the same id at this moment; whoever sends again finds it.
            await ObjectStore.Delete(unit, file.ObjectId, ct);
            return ("refused", null);
        }

        await (access is null ? Task.CompletedTask : AccessStore.Replace(unit, file.DocumentId, access, ct));
        return ("accepted", file.DocumentId);
    }

    private static ItemProblem? ProblemOf(string status) => status switch
    {
        "duplicate" => new ItemProblem("duplicate_content", "This collection already has this file."),
        "refused" => new ItemProblem("external_id_taken", "Another upload with this external id came at the same time. Send it again."),
        _ => null,
    };

    // Before the file counts, what was announced stops counting.
    private static Task End(Unit unit, UploadPlace place, CancellationToken ct) => place.Upload is { } upload ? Uploads.End(unit, upload, ct) : Task.CompletedTask;

    private static Task Tell(Unit unit, UploadPlace place, string status, Guid? document, ItemProblem? problem, CancellationToken ct) =>
        place.Upload is { } upload ? Uploads.Finish(unit, upload, new UploadOutcome(status, document, problem), ct) : Task.CompletedTask;

    /// <summary>The name as sent, which may be a path; never used as one on a disk.</summary>
    public static string SentName(ContentDispositionHeaderValue part) => HeaderUtilities.RemoveQuotes(part.FileNameStar.HasValue ? part.FileNameStar : part.FileName).ToString();

    /// <summary>The last part of the name as sent, without control characters, at most 255 characters; never used as a path.</summary>
    public static string CleanName(ContentDispositionHeaderValue part)
    {
        return Clean(SentName(part));
    }

    /// <summary>As <see cref="CleanName"/>, of a name that came another way.</summary>
    public static string Clean(string raw)
    {
        var name = new string([.. raw[(raw.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c))]).Trim();
        name = name.Length > 255 ? name[^255..] : name;
        return name.Length == 0 ? "unnamed" : name;
    }

    private async Task<(DetectedFormat?, Refusal?)> Look(StoredObject stored, string name, CancellationToken ct)
    {
        if (stored.SizeBytes == 0)
        {
            return (null, new Refusal("empty_file", "This file is empty."));
        }

        using var file = await objects.OnDisk(db, stored.Id, ct);
        if (file is null)
        {
            return (null, new Refusal("file_missing", "The file could not be stored. Upload it again."));
        }

        await using var content = File.OpenRead(file.Path);
        var detected = FormatDetector.Detect(content, name);
        return (detected, detected.Refusal);
    }

    // The rest of a refused file is read past, so that the files behind it are still taken; bounded by the request's own limit.
    private static async Task Drain(Stream bytes, CancellationToken ct)
    {
        var buffer = new byte[81_920];
        while (await bytes.ReadAsync(buffer, ct) > 0)
        {
        }
    }
}
