using System.Globalization;
using System.Security.Cryptography;

namespace Lyceum.Platform;

/// <summary>
/// Files that come in parts, so that a cut line or a killed server costs one part. Each part is an object of its own, over any backend; the whole is
/// written from them in one stream, and its size and hash are compared with what was announced before anybody can see it.
/// </summary>
public sealed class Uploads(ObjectStore objects)
{
    /// <summary>How long an upload stays open.</summary>
    internal static readonly TimeSpan Open = TimeSpan.FromHours(24);

    /// <summary>The most bytes of a part.</summary>
    public const int PartBytes = 8 * 1024 * 1024;

    /// <summary>The most uploads one organisation has open.</summary>
    internal const int MostOpen = 200;
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(90);
    private static readonly Problem Over = Problem.Conflict("upload_over", "This upload is over: it was completed, stopped, or not finished within a day. Begin a new one.");
    private static readonly Problem Busy = Problem.Conflict("upload_completing", "The parts of this upload are being put together. Ask again in a few seconds.") with { RetryAfter = 5 };

    /// <summary>Begins an upload in the caller's transaction. From then on its size counts as used.</summary>
    public async Task<Guid> Begin(Unit unit, NewUpload what, CancellationToken ct)
    {
        if (what.SizeBytes > objects.MaxBytes)
        {
            throw TooLarge(objects.MaxBytes);
        }

        var id = Guid.CreateVersion7();
        return await UploadStore.Begin(unit, id, what, ObjectStore.Fit(what.FileName), PartBytes, Open, MostOpen, ct)
            ? id
            : throw new ProblemException(Problem.Conflict("too_many_uploads", $"The organisation has {MostOpen} uploads open, which is as many as it may. Finish or stop some."));
    }

    /// <summary>The refusal of a file that is too large to begin with.</summary>
    public static ProblemException TooLarge(long most) => new(new Problem(413, "file_too_large", $"A file can have up to {MeasuredStream.Size(most)}; this one has more.")
    {
        More = new Dictionary<string, object?> { ["maxBytes"] = most },
    });

    public static Task<UploadSession?> Find(Db db, Guid id, Guid user, CancellationToken ct) => UploadStore.Find(db, id, user, ct);

    public static Task<IReadOnlyList<UploadPart>> Parts(Db db, Guid id, CancellationToken ct) => UploadStore.Parts(db, id, ct);

    /// <summary>Keeps one part; the same number again replaces it. What is cut off in the middle, or is not what <paramref name="sha256"/> says, leaves nothing.</summary>
    public async Task<UploadPart> Put(Db db, UploadSession session, int number, byte[]? sha256, Stream bytes, CancellationToken ct)
    {
        if (session.Status != "initiated")
        {
            throw new ProblemException(Over);
        }

        if (number < 1 || number > session.PartCount)
        {
            throw new ProblemException(Problem.Invalid("invalid_part", string.Create(CultureInfo.InvariantCulture, $"This upload has the parts 1 to {session.PartCount}.")));
        }

        var part = await objects.Write(db, bytes, new NewObject($"{session.Id} {number}", Provisional: Open + TimeSpan.FromHours(1)), PartBytes, ct);
        var fault = part.SizeBytes != session.SizeOf(number)
            ? Problem.Invalid("invalid_part", string.Create(CultureInfo.InvariantCulture, $"Part {number} has {session.SizeOf(number)} bytes; {part.SizeBytes} came. Send it again."))
            : sha256 is not null && !sha256.AsSpan().SequenceEqual(part.Sha256)
                ? Problem.Invalid("part_differs", $"Part {number} is not what its digest says. Send it again.")
                : null;
        await db.Atomically(
            async unit =>
            {
                if (fault is null && await UploadStore.Put(unit, session.Id, number, part.Id, ct))
                {
                    return;
                }

                await ObjectStore.Delete(unit, part.Id, ct);
                fault ??= Over;
            },
            ct);
        return fault is null ? new UploadPart(number, part.SizeBytes, part.Sha256, part.Id) : throw new ProblemException(fault);
    }

    /// <summary>
    /// Puts the parts together into a provisional object, for <paramref name="take"/> to keep it and to end the upload in one transaction. Only one does that
    /// at a time; when it fails, the upload stays open with its parts.
    /// </summary>
    public async Task<T> Complete<T>(Db db, UploadSession session, NewObject what, Func<StoredObject, Task<T>> take, CancellationToken ct)
    {
        if (session.Status != "initiated")
        {
            throw new ProblemException(Over);
        }

        if (!await UploadStore.Take(db, session.Id, Held, mine: false, ct))
        {
            throw new ProblemException(Busy);
        }

        try
        {
            return await take(await Assemble(db, session, what, ct));
        }
        finally
        {
            await UploadStore.LetGo(db, session.Id, CancellationToken.None);
        }
    }

    /// <summary>Ends an upload, so that what it announced no longer counts, in the transaction that keeps the file. Throws when it is over already: then nothing is kept.</summary>
    public static async Task End(Unit unit, Guid session, CancellationToken ct)
    {
        if (!await UploadStore.End(unit, session, "completed", ct))
        {
            throw new ProblemException(Over);
        }
    }

    /// <summary>Writes what became of the file, in the same transaction, and ends the upload if nobody did.</summary>
    public static async Task Finish(Unit unit, Guid session, object result, CancellationToken ct)
    {
        await UploadStore.End(unit, session, "completed", ct);
        if (!await UploadStore.Tell(unit, session, LyceumJson.Write(result), ct))
        {
            throw new ProblemException(Over);
        }
    }

    /// <summary>Stops an upload; false when it is over already.</summary>
    public static Task<bool> Abort(Unit unit, Guid session, CancellationToken ct) => UploadStore.End(unit, session, "aborted", ct);

    private async Task<StoredObject> Assemble(Db db, UploadSession session, NewObject what, CancellationToken ct)
    {
        var parts = await UploadStore.Parts(db, session.Id, ct);
        var missing = Enumerable.Range(1, session.PartCount).Except(parts.Select(p => p.Number)).ToList();
        if (missing.Count > 0)
        {
            throw new ProblemException(Problem.Conflict("parts_missing", string.Create(CultureInfo.InvariantCulture, $"{missing.Count} of {session.PartCount} parts are missing. Send them, then complete again."))
                with { More = new Dictionary<string, object?> { ["missing"] = missing.Take(100) } });
        }

        await using var whole = new PartsStream(objects, db, [.. parts.Select(p => p.ObjectId)], Hold);
        var stored = await objects.Write(db, whole, what, session.SizeBytes, ct);
        if (stored.SizeBytes == session.SizeBytes && (session.Sha256 is null || session.Sha256.AsSpan().SequenceEqual(stored.Sha256)))
        {
            return stored;
        }

        await db.Atomically(unit => ObjectStore.Delete(unit, stored.Id, ct), ct);
        throw new ProblemException(new Problem(422, "upload_differs", $"The file that came has the SHA-256 {Convert.ToHexStringLower(stored.Sha256)}, not the one that was announced. Send the parts again, or begin anew."));

        async Task Hold(CancellationToken cancel)
        {
            if (!await UploadStore.Take(db, session.Id, Held, mine: true, cancel))
            {
                throw new ProblemException(Over);
            }
        }
    }
}
