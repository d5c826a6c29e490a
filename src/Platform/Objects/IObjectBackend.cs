namespace Lyceum.Platform;

/// <summary>
/// Where bytes lie. A key begins with the tenant and is made by us; it never holds a name from outside. Whatever a
/// backend does is seen whole or not at all: a key that can be opened has all its bytes.
/// </summary>
public interface IObjectBackend
{
    /// <summary>Its name in storage.objects.</summary>
    string Name { get; }

    /// <summary>The most bytes one object may have here.</summary>
    long MaxBytes { get; }

    /// <summary>Keeps a stream that is read once, in constant memory. When it throws, nothing was kept.</summary>
    Task Write(Db db, Guid id, string key, Stream bytes, CancellationToken ct);

    /// <summary>The bytes as a stream that can seek; null when they are not there.</summary>
    Task<Stream?> Open(Db db, Guid id, string key, CancellationToken ct);

    /// <summary>The file that holds the bytes; null where the backend has no files.</summary>
    string? PathOf(string key);

    /// <summary>Removes the bytes; removing what is not there is fine.</summary>
    Task Remove(Db db, Guid id, string key, CancellationToken ct);

    /// <summary>Removes bytes, older than <paramref name="olderThan"/>, of which <paramref name="known"/> does not know the ids. Returns how many.</summary>
    Task<int> RemoveUnknown(TimeSpan olderThan, Func<TenantId, Guid[], CancellationToken, Task<IReadOnlySet<Guid>>> known, CancellationToken ct);

    /// <summary>Removes everything of a tenant that is not in rows.</summary>
    Task RemoveTenant(TenantId tenant, CancellationToken ct);

    /// <summary>How many of a tenant's objects have bytes here outside of rows.</summary>
    Task<long> CountOf(TenantId tenant, CancellationToken ct);
}
