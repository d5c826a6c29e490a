namespace Lyceum.Platform;

/// <summary>
/// Bytes as rows of storage.object_blobs: nothing to share between processes and one backup for everything, at the cost
/// of a larger database. For many or large files, files are the better place.
/// </summary>
public sealed class DatabaseObjects(PlatformOptions options) : IObjectBackend
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
        await bytes.CopyToAsync(file, 128 * 1024, ct);
        file.Position = 0;
        await db.Run($"insert into storage.object_blobs (id, object_id, data) values ({Guid.CreateVersion7()}, {place.Id}, {(Stream)file})", ct);
    }

    public async Task<Stream?> Open(Db db, ObjectPlace place, CancellationToken ct)
    {
        var length = await db.OneOrNone(
            $"select length(data)::bigint from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {place.Id}", row => (long?)row.Get<long>(), ct);
        return length is null ? null : new BlobStream(db, place.Id, length.Value);
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
