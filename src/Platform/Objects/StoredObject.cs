namespace Lyceum.Platform;

/// <summary>
/// A file to keep. One that is <paramref name="Provisional"/> goes away by itself after that time unless
/// <see cref="ObjectStore.Keep"/> was called in the transaction that refers to it: then a crash in between leaves nothing.
/// </summary>
public sealed record NewObject(string FileName, string? MimeType = null, Guid? TeamId = null, Guid? CreatedBy = null, TimeSpan? Provisional = null)
{
    /// <summary>Somebody sent it: where a scanner is set, it looks first.</summary>
    public bool FromOutside { get; init; }
}

/// <summary>A kept file, without its bytes.</summary>
public sealed record StoredObject(Guid Id, string FileName, string? MimeType, long SizeBytes, byte[] Sha256, DateTimeOffset CreatedAt);

/// <summary>A kept file, open for reading. The stream can seek, so that ranges can be served.</summary>
public sealed class ObjectContent(StoredObject about, Stream bytes) : IAsyncDisposable
{
    public StoredObject Object { get; } = about;

    public Stream Bytes { get; } = bytes;

    public ValueTask DisposeAsync() => Bytes.DisposeAsync();
}

/// <summary>A kept file on the local disk, for programs that want a path. Read only; a copy is gone when this is disposed.</summary>
public sealed class ObjectFile(StoredObject about, string path, bool isCopy) : IDisposable
{
    public StoredObject Object { get; } = about;

    public string Path { get; } = path;

    public void Dispose()
    {
        if (isCopy)
        {
            File.Delete(Path);
        }
    }
}

/// <summary>What a sweep removed.</summary>
public sealed record ObjectSweep(int Unfinished, int Deleted, int Expired, int WithoutRow);
