using System.Runtime.CompilerServices;

namespace Lyceum.Platform;

/// <summary>
/// Bytes as files in LYCEUM_HOME/objects/tenant/xx/id. A file is written beside its place, forced to the disk and then
/// renamed, so after a crash it is there whole or not at all. Several processes need to share the folder.
/// </summary>
public sealed class LocalObjects(PlatformOptions options) : IObjectBackend
{
    private const string Incoming = ".incoming";
    private readonly string _root = Path.Combine(options.Home, "objects");

    public string Name => "local";

    public string Bucket => "";

    public long MaxBytes => long.MaxValue;

    public string PathOf(string key) => Path.Combine(_root, key);

    public async Task Write(Db db, ObjectPlace place, Stream bytes, CancellationToken ct)
    {
        var path = PathOf(place.Key);
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

    public Task<Stream?> Open(Db db, ObjectPlace place, CancellationToken ct)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(place.Key), new FileStreamOptions
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

    public Task Remove(Db db, ObjectPlace place, CancellationToken ct)
    {
        var path = PathOf(place.Key);
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
            File.Delete(path + Incoming);
        }

        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<KeptBytes> List(TenantId? tenant, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        foreach (var folder in Directory.Exists(_root) ? Directory.EnumerateDirectories(_root, tenant?.ToString() ?? "*") : [])
        {
            // Anything else in the folder was put there by somebody else and is left alone.
            if (!Guid.TryParseExact(Path.GetFileName(folder), "D", out var owner))
            {
                continue;
            }

            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                ct.ThrowIfCancellationRequested();
                if (Guid.TryParseExact(file.Name.Replace(Incoming, "", StringComparison.Ordinal), "D", out var id) && Length(file) is { } length)
                {
                    yield return new KeptBytes(new TenantId(owner), id, file.FullName, length, file.LastWriteTimeUtc);
                }
            }
        }
    }

    public Task Discard(KeptBytes bytes, CancellationToken ct)
    {
        File.Delete(bytes.Handle);
        return Task.CompletedTask;
    }

    public Task RemoveTenant(TenantId tenant, CancellationToken ct)
    {
        if (Directory.Exists(PathOf(tenant.ToString())))
        {
            Directory.Delete(PathOf(tenant.ToString()), recursive: true);
        }

        return Task.CompletedTask;
    }

    public Task<string?> Fault(CancellationToken ct)
    {
        try
        {
            CreateFolder(_root);
            using var file = new FileStream(Path.Combine(_root, $".{Guid.NewGuid():N}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            return Task.FromResult<string?>(null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<string?>("Files cannot be written in the home of the server.");
        }
    }

    // A file may go away while the folder is walked.
    private static long? Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static void CreateFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Folder.Flush(Path.GetDirectoryName(folder)!); // Three levels below the root, so there is one.
        }
    }
}
