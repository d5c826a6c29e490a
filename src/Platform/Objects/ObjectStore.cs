using System.Text;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Reads and writes storage.objects; the bytes go to the backend of LYCEUM_OBJECT_BACKEND. Streams in both directions,
/// SHA-256 on the way in. A row is <c>pending</c> until its bytes are safe, and <c>deleted</c> until they are gone, so
/// whatever a crash leaves behind has a row that says so, and the sweep finds it.
/// </summary>
public sealed class ObjectStore(IObjectBackend backend, PlatformOptions options)
{
    /// <summary>A pending object older than this was abandoned.</summary>
    internal static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private const int MaxNameBytes = 1024;

    private sealed record Place(Guid Id, string Key);

    /// <summary>
    /// Keeps a file. Above <paramref name="maxBytes"/> it stops reading and throws <see cref="ProblemException"/>
    /// <c>file_too_large</c>; whenever it throws, nothing is left.
    /// </summary>
    public async Task<StoredObject> Write(Db db, Stream content, NewObject what, long maxBytes, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var key = Key(db, id);
        var name = Fit(what.FileName);
        var expires = what.Provisional?.TotalSeconds;
        await db.Run(
            $"""
            insert into storage.objects (id, team_id, created_by, file_name, mime_type, backend, storage_key, expires_at)
            values ({id}, {what.TeamId}, {what.CreatedBy}, {name}, {what.MimeType}, {backend.Name}, {key}, now() + make_interval(secs => {expires}))
            """,
            ct);
        try
        {
            await using var measured = new MeasuredStream(content, Math.Min(maxBytes, backend.MaxBytes));
            await backend.Write(db, id, key, measured, ct);
            var sha256 = measured.Sha256();
            var created = await db.OneOrNone(
                $"""
                update storage.objects set status = 'available', size_bytes = {measured.Count}, content_sha256 = {sha256}
                where tenant_id = {Tenant(db)} and id = {id} and status = 'pending' returning created_at
                """,
                row => (DateTimeOffset?)row.Get<DateTimeOffset>(), ct)
                ?? throw new TimeoutException($"The file took longer than {Abandoned.TotalMinutes:0} minutes to arrive and was given up.");
            return new StoredObject(id, name, what.MimeType, measured.Count, sha256, created);
        }
        catch
        {
            await Undo(db, id, key);
            throw;
        }
    }

    /// <summary>Turns a provisional object into a lasting one, in the transaction that begins to refer to it. False when it is gone already.</summary>
    public static async Task<bool> Keep(Unit unit, Guid id, CancellationToken ct) => await unit.Run(
        $"update storage.objects set expires_at = null where tenant_id = {unit.Tenant.Value} and id = {id} and status = 'available'", ct) == 1;

    /// <summary>Bytes the tenant keeps; what is provisional does not count yet.</summary>
    internal static Task<long> Bytes(Unit unit, CancellationToken ct) => unit.One(
        $"select coalesce(sum(size_bytes), 0)::bigint from storage.objects where tenant_id = {unit.Tenant.Value} and status = 'available' and expires_at is null", row => row.Get<long>(), ct);

    /// <summary>Opens a file; null when there is none.</summary>
    public async Task<ObjectContent?> Open(Db db, Guid id, CancellationToken ct)
    {
        var found = await Find(db, id, ct);
        if (found is not var (about, key))
        {
            return null;
        }

        var bytes = await backend.Open(db, id, key, ct) ?? throw new FileNotFoundException($"The bytes of object {id} are missing from the {backend.Name} backend.");
        return new ObjectContent(about, bytes);
    }

    /// <summary>A file as a path on the local disk, copied there when the backend has no files; null when there is none.</summary>
    public async Task<ObjectFile?> OnDisk(Db db, Guid id, CancellationToken ct)
    {
        var found = await Find(db, id, ct);
        if (found is not var (about, key))
        {
            return null;
        }

        if (backend.PathOf(key) is { } path)
        {
            return new ObjectFile(about, path, isCopy: false);
        }

        await using var bytes = await backend.Open(db, id, key, ct) ?? throw new FileNotFoundException($"The bytes of object {id} are missing from the {backend.Name} backend.");
        await using var copy = Scratch.File(options, out var own);
        var file = new ObjectFile(about, own, isCopy: true);
        try
        {
            await bytes.CopyToAsync(copy, ct);
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
            $"select id, storage_key from storage.objects where tenant_id = {Tenant(db)} and id = {id} and status = 'deleted' and backend = {backend.Name}", ReadPlace, ct);
        if (place is not null)
        {
            await backend.Remove(db, id, place.Key, ct);
            await db.Run($"delete from storage.objects where tenant_id = {Tenant(db)} and id = {id} and status = 'deleted'", ct);
        }
    }

    /// <summary>Removes what crashes left of one tenant: uploads that never ended, deletions that were not finished, provisional objects nobody kept.</summary>
    internal async Task<ObjectSweep> Sweep(Db db, CancellationToken ct)
    {
        var unfinished = await Claim(db, $"status = 'pending' and created_at < now() - {Abandoned}", ct);
        var expired = await Claim(db, $"status = 'available' and expires_at < now()", ct);
        var deleted = await db.Many(
            $"""
            select id, storage_key from storage.objects
            where tenant_id = {Tenant(db)} and status = 'deleted' and deleted_at < now() - {Abandoned} and backend = {backend.Name} order by id limit 1000
            """,
            ReadPlace, ct);
        foreach (var place in unfinished.Concat(expired).Concat(deleted).DistinctBy(p => p.Id))
        {
            await Remove(db, place.Id, ct);
        }

        return new ObjectSweep(unfinished.Count, deleted.Count, expired.Count, 0);
    }

    /// <summary>Removes bytes that no row knows.</summary>
    internal Task<int> SweepUnknown(Databases databases, CancellationToken ct) => backend.RemoveUnknown(
        Abandoned,
        async (tenant, ids, cancel) => (await databases.For(tenant, Actor.System()).Many(
            $"select id from storage.objects where tenant_id = {tenant.Value} and id = any({ids})", row => row.Get<Guid>(), cancel)).ToHashSet(),
        ct);

    // Marking comes first: an upload that ends just now finds its row no longer pending and fails instead of losing its bytes.
    private Task<IReadOnlyList<Place>> Claim(Db db, Sql which, CancellationToken ct) => db.Many(
        $"""
        update storage.objects set status = 'deleted', deleted_at = now()
        where tenant_id = {Tenant(db)} and id in (select id from storage.objects where tenant_id = {Tenant(db)} and backend = {backend.Name} and {which} limit 1000)
          and {which}
        returning id, storage_key
        """,
        ReadPlace, ct);

    private async Task Undo(Db db, Guid id, string key)
    {
        try
        {
            await backend.Remove(db, id, key, CancellationToken.None);
            await db.Run($"delete from storage.objects where tenant_id = {Tenant(db)} and id = {id}", CancellationToken.None);
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException or TimeoutException)
        {
            // What cannot be undone now is pending and will be swept.
        }
    }

    private async Task<(StoredObject About, string Key)?> Find(Db db, Guid id, CancellationToken ct) => await db.OneOrNone(
        $"""
        select id, file_name, mime_type, size_bytes, content_sha256, created_at, storage_key
        from storage.objects where tenant_id = {Tenant(db)} and id = {id} and status = 'available' and backend = {backend.Name}
        """,
        row => ((StoredObject, string)?)(
            new StoredObject(row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<long>(), row.Get<byte[]>(), row.Get<DateTimeOffset>()),
            row.Get<string>()),
        ct);

    private static Place ReadPlace(Row row) => new(row.Get<Guid>(), row.Get<string>());

    private static Guid Tenant(Db db) => (db.Tenant ?? throw new InvalidOperationException("Objects belong to a tenant.")).Value;

    // The last digits of a UUIDv7 are random: 256 folders of equal size.
    private static string Key(Db db, Guid id) => $"{Tenant(db)}/{id.ToString()[^2..]}/{id}";

    // Cut to the column's size; what is no valid text is replaced, since the database would refuse it.
    private static string Fit(string name)
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
