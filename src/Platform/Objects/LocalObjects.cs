namespace Lyceum.Platform;

/// <summary>
/// Bytes as files in LYCEUM_HOME/objects/tenant/xx/id. A file is written beside its place, forced to the disk and then
/// renamed, so after a crash it is there whole or not at all. Several processes need to share the folder.
/// </summary>
public sealed class LocalObjects(PlatformOptions options, TimeProvider time) : IObjectBackend
{
    private const string Incoming = ".incoming";
    private readonly string _root = Path.Combine(options.Home, "objects");

    public string Name => "local";

    public long MaxBytes => long.MaxValue;

    public string PathOf(string key) => Path.Combine(_root, key);

    public async Task Write(Db db, Guid id, string key, Stream bytes, CancellationToken ct)
    {
        var path = PathOf(key);
        var folder = Path.GetDirectoryName(path)!; // A key always has a folder.
        CreateFolder(folder);
        var incoming = path + Incoming;
        try
        {
            await using (var file = new FileStream(incoming, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                await bytes.CopyToAsync(file, 128 * 1024, ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(incoming, path, overwrite: false);
            Folder.Flush(folder);
        }
        catch
        {
            File.Delete(incoming);
            throw;
        }
    }

    public Task<Stream?> Open(Db db, Guid id, string key, CancellationToken ct)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(key), new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous,
            }));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task Remove(Db db, Guid id, string key, CancellationToken ct)
    {
        var path = PathOf(key);
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
            File.Delete(path + Incoming);
        }

        return Task.CompletedTask;
    }

    public async Task<int> RemoveUnknown(TimeSpan olderThan, Func<TenantId, Guid[], CancellationToken, Task<IReadOnlySet<Guid>>> known, CancellationToken ct)
    {
        var before = time.GetUtcNow().UtcDateTime - olderThan;
        var removed = 0;
        if (!Directory.Exists(_root))
        {
            return 0;
        }

        foreach (var folder in Directory.EnumerateDirectories(_root))
        {
            // Anything else in the folder was put there by somebody else and is left alone.
            if (!Guid.TryParseExact(Path.GetFileName(folder), "D", out var tenant))
            {
                continue;
            }

            var old = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(path => (Path: path, Id: Guid.TryParseExact(Path.GetFileName(path).Replace(Incoming, "", StringComparison.Ordinal), "D", out var id) ? id : Guid.Empty))
                .Where(file => file.Id != Guid.Empty && File.GetLastWriteTimeUtc(file.Path) < before);
            foreach (var some in old.Chunk(1000))
            {
                var ours = await known(new TenantId(tenant), [.. some.Select(file => file.Id).Distinct()], ct);
                foreach (var file in some.Where(file => !ours.Contains(file.Id)))
                {
                    File.Delete(file.Path);
                    removed++;
                }
            }
        }

        return removed;
    }

    public Task RemoveTenant(TenantId tenant, CancellationToken ct)
    {
        if (Directory.Exists(PathOf(tenant.ToString())))
        {
            Directory.Delete(PathOf(tenant.ToString()), recursive: true);
        }

        return Task.CompletedTask;
    }

    public Task<long> CountOf(TenantId tenant, CancellationToken ct) => Task.FromResult(
        Directory.Exists(PathOf(tenant.ToString())) ? Directory.EnumerateFiles(PathOf(tenant.ToString()), "*", SearchOption.AllDirectories).LongCount() : 0);

    private static void CreateFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Folder.Flush(Path.GetDirectoryName(folder)!); // Three levels below the root, so there is one.
        }
    }
}
