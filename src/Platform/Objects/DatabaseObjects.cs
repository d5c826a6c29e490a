using System.Security.Cryptography;

namespace Lyceum.Platform;

/// <summary>
/// Bytes as rows of storage.object_blobs: nothing to share between processes and one backup for everything, at the cost
/// of a larger database. For many or large files, files are the better place. Each is sealed under a key of its own, wrapped by the master key:
/// a dump of the database shows no file to whoever lacks that.
/// </summary>
public sealed class DatabaseObjects(PlatformOptions options, MasterKey master) : IObjectBackend
{
    public string Name => "database";

    public string Bucket => "";

    // PostgreSQL holds a value in memory while it stores it, and refuses more than 1 GB.
    public long MaxBytes => 256 * 1024 * 1024;

    public string? PathOf(string key) => null;

    public async Task Write(Db db, ObjectPlace place, Stream bytes, CancellationToken ct)
    {
        // The protocol wants the length before the bytes, so they pass through a file that has no name any more.
        await using var file = Scratch.File(options);
        var key = RandomNumberGenerator.GetBytes(32);
        await new SealedBytes(key, place.Id).Write(bytes, file, ct);
        var wrapped = master.Wrap(db.Tenant!.Value, key);
        file.Position = 0;
        await db.Run(
            $"insert into storage.object_blobs (id, object_id, data, encrypted, key_id, dek_wrapped) values ({Guid.CreateVersion7()}, {place.Id}, {(Stream)file}, true, {master.Id}, {wrapped})", ct);
    }

    public async Task<Stream?> Open(Db db, ObjectPlace place, CancellationToken ct)
    {
        var blob = await db.OneOrNone(
            $"select length(data)::bigint, key_id, dek_wrapped from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {place.Id}",
            row => new { Length = row.Get<long>(), Key = row.Get<string?>(), Wrapped = row.Get<byte[]?>() }, ct);
        return blob is null ? null : new BlobStream(db, place.Id, blob.Length, blob is { Key: { } id, Wrapped: { } wrapped } ? Seal(db.Tenant.Value, place.Id, id, wrapped) : null);
    }

    /// <summary>Wraps the keys of a tenant's blobs anew that are still wrapped by the previous master key; the blobs stay as they are. Returns how many it was.</summary>
    internal static async Task<int> Rotate(Db db, MasterKey master, CancellationToken ct)
    {
        const int Batch = 500;
        for (var done = 0; ;)
        {
            var count = await db.Atomically(async unit =>
            {
                var old = await unit.Many(
                    $"select id, dek_wrapped from storage.object_blobs where tenant_id = {unit.Tenant.Value} and key_id = {master.PreviousId} order by id limit {Batch} for update",
                    row => (Id: row.Get<Guid>(), Wrapped: row.Get<byte[]>()), ct);
                await unit.Run(
                    $"""
                    update storage.object_blobs b set key_id = {master.Id}, dek_wrapped = n.wrapped
                    from unnest({old.Select(o => o.Id).ToArray()}, {old.Select(o => master.Wrap(unit.Tenant, master.Unwrap(unit.Tenant, master.PreviousId!, o.Wrapped))).ToArray()}) n(id, wrapped)
                    where b.tenant_id = {unit.Tenant.Value} and b.id = n.id
                    """,
                    ct);
                return old.Count;
            }, ct);
            done += count;
            if (count < Batch)
            {
                return done;
            }
        }
    }

    private SealedBytes Seal(TenantId tenant, Guid id, string keyId, byte[] wrapped)
    {
        try
        {
            return new SealedBytes(master.Unwrap(tenant, keyId, wrapped), id);
        }
        catch (CryptographicException fault)
        {
            throw new IOException($"The bytes of object {id} cannot be read: {fault.Message}.", fault);
        }
    }

    public Task Remove(Db db, ObjectPlace place, CancellationToken ct) =>
        db.Run($"delete from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {place.Id}", ct);

    // A blob without its object cannot be: its foreign key forbids it.
    public IAsyncEnumerable<KeptBytes> List(TenantId? tenant, CancellationToken ct) => AsyncEnumerable.Empty<KeptBytes>();

    public Task Discard(KeptBytes bytes, CancellationToken ct) => Task.CompletedTask;

    // Its bytes are rows, and go with them.
    public Task RemoveTenant(TenantId tenant, CancellationToken ct) => Task.CompletedTask;

    // A database that does not answer is told by its own check.
    public Task<string?> Fault(CancellationToken ct) => Task.FromResult<string?>(null);
}
