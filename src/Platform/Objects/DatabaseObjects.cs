namespace Lyceum.Platform;

/// <summary>
/// Bytes as rows of storage.object_blobs: nothing to share between processes and one backup for everything, at the cost
/// of a larger database. For many or large files, files are the better place.
/// </summary>
public sealed class DatabaseObjects(PlatformOptions options) : IObjectBackend
{
    public string Name => "database";

    // PostgreSQL holds a value in memory while it stores it, and refuses more than 1 GB.
    public long MaxBytes => 256 * 1024 * 1024;

    public string? PathOf(string key) => null;

    public async Task Write(Db db, Guid id, string key, Stream bytes, CancellationToken ct)
    {
        // The protocol wants the length before the bytes, so they pass through a file that has no name any more.
        await using var file = Scratch.File(options);
        await bytes.CopyToAsync(file, 128 * 1024, ct);
        file.Position = 0;
        await db.Run($"insert into storage.object_blobs (id, object_id, data) values ({Guid.CreateVersion7()}, {id}, {(Stream)file})", ct);
    }

    public async Task<Stream?> Open(Db db, Guid id, string key, CancellationToken ct)
    {
        var length = await db.OneOrNone(
            $"select length(data)::bigint from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {id}", row => (long?)row.Get<long>(), ct);
        return length is null ? null : new BlobStream(db, id, length.Value);
    }

    public Task Remove(Db db, Guid id, string key, CancellationToken ct) =>
        db.Run($"delete from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {id}", ct);

    // A blob without its object cannot be: its foreign key forbids it.
    public Task<int> RemoveUnknown(TimeSpan olderThan, Func<TenantId, Guid[], CancellationToken, Task<IReadOnlySet<Guid>>> known, CancellationToken ct) =>
        Task.FromResult(0);

    // Its bytes are rows, and go with them.
    public Task RemoveTenant(TenantId tenant, CancellationToken ct) => Task.CompletedTask;

    public Task<long> CountOf(TenantId tenant, CancellationToken ct) => Task.FromResult(0L);
}
