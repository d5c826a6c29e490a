using System.Text;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Reads and writes storage.objects; new bytes go to the backend of LYCEUM_OBJECT_BACKEND and are read from the one their row names. Streams in both directions,
/// SHA-256 on the way in. A row is <c>pending</c> until its bytes are safe, and <c>deleted</c> until they are gone, so
/// whatever a crash leaves behind has a row that says so, and the sweep finds it.
/// </summary>
public sealed class ObjectStore(ObjectBackends backends, PlatformOptions options, TimeProvider time, MalwareScanner? scanner = null)
{
    /// <summary>A pending object older than this was abandoned.</summary>
    internal static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    /// <summary>How long what a scanner found something in is kept, for whoever wants to look.</summary>
    private static readonly TimeSpan Quarantined = TimeSpan.FromDays(30);

    private const int MaxNameBytes = 1024;

    /// <summary>
    /// Keeps a file. Above <paramref name="maxBytes"/> it stops reading and throws <see cref="ProblemException"/>
    /// <c>file_too_large</c>; whenever it throws, nothing is left.
    /// </summary>
    public async Task<StoredObject> Write(Db db, Stream content, NewObject what, long maxBytes, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var backend = backends.Current;
        var place = new ObjectPlace(id, backend.Name, backend.Bucket, Key(db, id));
        var name = Fit(what.FileName);
        var expires = what.Provisional?.TotalSeconds;
        await db.Run(
            $"""
            insert into storage.objects (id, team_id, created_by, file_name, mime_type, backend, bucket, storage_key, expires_at)
            values ({id}, {what.TeamId}, {what.CreatedBy}, {name}, {what.MimeType}, {place.Backend}, {place.Bucket}, {place.Key}, now() + make_interval(secs => {expires}))
            """,
            ct);
        string? found;
        StoredObject stored;
        try
        {
            await using var measured = new MeasuredStream(content, Math.Min(maxBytes, backend.MaxBytes));
            await backend.Write(db, place, measured, ct);
            var sha256 = measured.Sha256();
            var verdict = what.FromOutside && scanner is { IsOn: true } ? await Look(scanner, db, place, ct) : null;
            found = verdict?.Found;
            var said = verdict is null ? null : found is { Length: > 200 } ? found[..200] : found ?? (verdict.Unscanned is null ? "clean" : "unscanned");
            var created = await db.OneOrNone(
                $"""
                update storage.objects set status = {(found is null ? "available" : "quarantined")}, scan_status = {said},
                  expires_at = case when {found is null} then expires_at else now() + {Quarantined} end, size_bytes = {measured.Count}, content_sha256 = {sha256}
                where tenant_id = {Tenant(db)} and id = {id} and status = 'pending' returning created_at
                """,
                row => (DateTimeOffset?)row.Get<DateTimeOffset>(), ct)
                ?? throw new TimeoutException($"The file took longer than {Abandoned.TotalMinutes:0} minutes to arrive and was given up.");
            stored = new StoredObject(id, name, what.MimeType, measured.Count, sha256, created);
        }
        catch
        {
            await Undo(db, place);
            throw;
        }

        if (found is null)
        {
            return stored;
        }

        await db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("file.quarantined", "object", id, Metadata: new { fileName = name, found }), ct), ct);
        throw new ProblemException(new Problem(422, "malware_found", $"The malware scanner found {found} in this file. It was not taken, and the organisation's administrators can see that in the log."));
    }

    // What nobody could look at is not taken, unless the operator said so.
    private async Task<ScanVerdict> Look(MalwareScanner with, Db db, ObjectPlace place, CancellationToken ct)
    {
        await using var bytes = await backends.Of(place).Open(db, place, ct) ?? throw Missing(place);
        var verdict = await with.Scan(bytes, ct);
        return verdict.Unscanned is { } why && !with.KeepsUnscanned
            ? throw new ProblemException(new Problem(503, "scan_failed", $"The malware scanner could not look at this file: {why}. It was not taken.", "Try again later, or tell the operator.") { RetryAfter = 60 })
            : verdict;
    }

    /// <summary>
    /// Turns a provisional object into a lasting one, in the transaction that begins to refer to it, and notes the type its content shows where somebody looked.
    /// False when it is gone already.
    /// </summary>
    public static async Task<bool> Keep(Unit unit, Guid id, string? detected, CancellationToken ct) => await unit.Run(
        $"""
        update storage.objects set expires_at = null, detected_mime = coalesce({detected}, detected_mime)
        where tenant_id = {unit.Tenant.Value} and id = {id} and status = 'available'
        """,
        ct) == 1;

    /// <summary>Bytes the tenant keeps, and those that open uploads have announced; what is provisional does not count yet.</summary>
    internal static Task<long> Bytes(Unit unit, CancellationToken ct) => unit.One(
        $"""
        select (select coalesce(sum(size_bytes), 0) from storage.objects where tenant_id = {unit.Tenant.Value} and status = 'available' and expires_at is null)::bigint
          + (select coalesce(sum(expected_size), 0) from storage.upload_sessions where tenant_id = {unit.Tenant.Value} and status = 'initiated' and expires_at > now())::bigint
        """,
        row => row.Get<long>(), ct);

    /// <summary>The most bytes one new object may have.</summary>
    internal long MaxBytes => backends.Current.MaxBytes;

    /// <summary>Opens a file; null when there is none. One that is moved at this moment is read where it went.</summary>
    public async Task<ObjectContent?> Open(Db db, Guid id, CancellationToken ct)
    {
        ObjectPlace? before = null;
        while (await Find(db, id, ct) is var (about, place))
        {
            if (place == before)
            {
                throw Missing(place);
            }

            if (await backends.Of(place).Open(db, place, ct) is { } bytes)
            {
                return new ObjectContent(about, bytes);
            }

            before = place;
        }

        return null;
    }

    /// <summary>Whether a file that can be opened has bytes where its row says; true for one that is gone altogether.</summary>
    internal async Task<bool> HasBytes(Db db, Guid id, CancellationToken ct)
    {
        try
        {
            await using var content = await Open(db, id, ct);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>A file as a path on the local disk, copied there when the backend has no files; null when there is none.</summary>
    public async Task<ObjectFile?> OnDisk(Db db, Guid id, CancellationToken ct)
    {
        var found = await Find(db, id, ct);
        if (found is not var (about, place))
        {
            return null;
        }

        if (backends.Of(place).PathOf(place.Key) is { } path)
        {
            return new ObjectFile(about, path, isCopy: false);
        }

        await using var content = await Open(db, id, ct) ?? throw Missing(place);
        await using var copy = Scratch.File(options, out var own);
        var file = new ObjectFile(about, own, isCopy: true);
        try
        {
            await content.Bytes.CopyToAsync(copy, ct);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Deletes a file in the caller's transaction: it can no longer be opened once that commits, and a job of the same
    /// transaction removes the bytes. False when there is none.
    /// </summary>
    public static async Task<bool> Delete(Unit unit, Guid id, CancellationToken ct)
    {
        var deleted = await unit.Run(
            $"update storage.objects set status = 'deleted', deleted_at = now() where tenant_id = {unit.Tenant.Value} and id = {id} and status <> 'deleted'", ct);
        if (deleted == 1)
        {
            await JobStore.Enqueue(unit, new NewJob("maintenance", RemoveObjectJob.JobType, RefType: "object", RefId: id, MaxAttempts: 10), ct);
        }

        return deleted == 1;
    }

    /// <summary>As <see cref="Delete(Unit, Guid, CancellationToken)"/>, for many at once.</summary>
    public static async Task Delete(Unit unit, Guid[] ids, CancellationToken ct)
    {
        var deleted = await unit.Many(
            $"update storage.objects set status = 'deleted', deleted_at = now() where tenant_id = {unit.Tenant.Value} and id = any ({ids}) and status <> 'deleted' returning id", row => row.Get<Guid>(), ct);
        await JobStore.Enqueue(unit, [.. deleted.Select(id => new NewJob("maintenance", RemoveObjectJob.JobType, RefType: "object", RefId: id, MaxAttempts: 10))], ct);
    }

    /// <summary>Removes the bytes and the row of a deleted object. Doing it twice is fine.</summary>
    internal async Task Remove(Db db, Guid id, CancellationToken ct)
    {
        var place = await db.OneOrNone(
            $"select id, backend, bucket, storage_key from storage.objects where tenant_id = {Tenant(db)} and id = {id} and status = 'deleted'", ReadPlace, ct);
        if (place is not null)
        {
            await backends.Of(place).Remove(db, place, ct);
            await db.Run($"delete from storage.objects where tenant_id = {Tenant(db)} and id = {id} and status = 'deleted'", ct);
        }
    }

    /// <summary>Removes what crashes left of one tenant: uploads that never ended, deletions that were not finished, provisional objects nobody kept.</summary>
    internal async Task<ObjectSweep> Sweep(Db db, CancellationToken ct)
    {
        var unfinished = await Claim(db, $"status = 'pending' and created_at < now() - {Abandoned}", ct);
        var expired = await Claim(db, $"status in ('available', 'quarantined') and expires_at < now()", ct);
        var deleted = await db.Many(
            $"""
            select id, backend, bucket, storage_key from storage.objects
            where tenant_id = {Tenant(db)} and status = 'deleted' and deleted_at < now() - {Abandoned} order by id limit 1000
            """,
            ReadPlace, ct);
        foreach (var place in unfinished.Concat(expired).Concat(deleted).DistinctBy(p => p.Id))
        {
            await Remove(db, place.Id, ct);
        }

        return new ObjectSweep(unfinished.Count, deleted.Count, expired.Count, 0);
    }

    /// <summary>Removes bytes that no row knows to be where they are.</summary>
    internal async Task<int> SweepUnknown(Databases databases, CancellationToken ct)
    {
        var removed = 0;
        await Unknown(databases, async (backend, bytes) =>
        {
            await backend.Discard(bytes, ct);
            removed++;
        }, ct);
        return removed;
    }

    /// <summary>Finds bytes that no row knows to be where they are; what is younger than an hour may still get one.</summary>
    internal async Task Unknown(Databases databases, Func<IObjectBackend, KeptBytes, Task> found, CancellationToken ct)
    {
        var before = time.GetUtcNow() - Abandoned;
        foreach (var backend in backends.All)
        {
            await foreach (var some in backend.List(null, ct).Where(bytes => bytes.WrittenAt < before).Chunk(1000).WithCancellation(ct))
            {
                foreach (var ofTenant in some.GroupBy(bytes => bytes.Tenant))
                {
                    var known = await Known(databases.For(ofTenant.Key, Actor.System()), backend, [.. ofTenant.Select(bytes => bytes.Id).Distinct()], ct);
                    foreach (var bytes in ofTenant.Where(bytes => !known.Contains(bytes.Id)))
                    {
                        await found(backend, bytes);
                    }
                }
            }
        }
    }

    /// <summary>Names another place as that of a file, when it still lies where it lay.</summary>
    internal static async Task<bool> Switch(Unit unit, ObjectPlace from, ObjectPlace to, CancellationToken ct) => await unit.Run(
        $"""
        update storage.objects set backend = {to.Backend}, bucket = {to.Bucket}, storage_key = {to.Key}
        where tenant_id = {unit.Tenant.Value} and id = {from.Id} and backend = {from.Backend} and bucket = {from.Bucket} and status = 'available'
        """,
        ct) == 1;

    // What was moved just now may still be read where it was.
    private static async Task<HashSet<Guid>> Known(Db db, IObjectBackend backend, Guid[] ids, CancellationToken ct) => (await db.Many(
        $"""
        select id from storage.objects where tenant_id = {Tenant(db)} and id = any ({ids})
          and ((backend = {backend.Name} and bucket = {backend.Bucket}) or updated_at > now() - {Abandoned})
        """,
        row => row.Get<Guid>(), ct)).ToHashSet();

    // Marking comes first: an upload that ends just now finds its row no longer pending and fails instead of losing its bytes.
    private Task<IReadOnlyList<ObjectPlace>> Claim(Db db, Sql which, CancellationToken ct) => db.Many(
        $"""
        update storage.objects set status = 'deleted', deleted_at = now()
        where tenant_id = {Tenant(db)} and id in (select id from storage.objects where tenant_id = {Tenant(db)} and {which} limit 1000)
          and {which}
        returning id, backend, bucket, storage_key
        """,
        ReadPlace, ct);

    private async Task Undo(Db db, ObjectPlace place)
    {
        try
        {
            await backends.Of(place).Remove(db, place, CancellationToken.None);
            await db.Run($"delete from storage.objects where tenant_id = {Tenant(db)} and id = {place.Id}", CancellationToken.None);
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException or TimeoutException)
        {
            // What cannot be undone now is pending and will be swept.
        }
    }

    private async Task<(StoredObject About, ObjectPlace Place)?> Find(Db db, Guid id, CancellationToken ct) => await db.OneOrNone(
        $"""
        select id, file_name, mime_type, size_bytes, content_sha256, created_at, id, backend, bucket, storage_key
        from storage.objects where tenant_id = {Tenant(db)} and id = {id} and status = 'available'
        """,
        row => ((StoredObject, ObjectPlace)?)(
            new StoredObject(row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<long>(), row.Get<byte[]>(), row.Get<DateTimeOffset>()),
            ReadPlace(row)),
        ct);

    private static FileNotFoundException Missing(ObjectPlace place) => new($"The bytes of object {place.Id} are missing from the {place.Backend} backend.");

    private static ObjectPlace ReadPlace(Row row) => new(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>());

    private static Guid Tenant(Db db) => (db.Tenant ?? throw new InvalidOperationException("Objects belong to a tenant.")).Value;

    // The last digits of a UUIDv7 are random: 256 folders of equal size.
    private static string Key(Db db, Guid id) => $"{Tenant(db)}/{id.ToString()[^2..]}/{id}";

    // Cut to the column's size; what is no valid text is replaced, since the database would refuse it.
    internal static string Fit(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name.Replace('\0', ' '));
        var length = Math.Min(bytes.Length, MaxNameBytes);
        while (length < bytes.Length && (bytes[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return length == 0 ? "file" : Encoding.UTF8.GetString(bytes, 0, length);
    }
}
