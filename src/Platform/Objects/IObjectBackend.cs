namespace Lyceum.Platform;

/// <summary>Where the bytes of one object lie in a backend.</summary>
public sealed record ObjectPlace(Guid Id, string Backend, string Bucket, string Key);

/// <summary>Bytes that a backend has outside of rows: whose they say they are, and how the backend finds them again.</summary>
public sealed record KeptBytes(TenantId Tenant, Guid Id, string Handle, long Size, DateTimeOffset WrittenAt);

/// <summary>
/// Where bytes lie. A key begins with the tenant and is made by us; it never holds a name from outside. Whatever a
/// backend does is seen whole or not at all: a key that can be opened has all its bytes.
/// </summary>
public interface IObjectBackend
{
    /// <summary>Its name in storage.objects.</summary>
    string Name { get; }

    /// <summary>The bucket that new objects go to; empty where it has none.</summary>
    string Bucket { get; }

    /// <summary>The most bytes one object may have here.</summary>
    long MaxBytes { get; }

    /// <summary>Keeps a stream that is read once, in constant memory. When it throws, nothing was kept.</summary>
    Task Write(Db db, ObjectPlace place, Stream bytes, CancellationToken ct);

    /// <summary>The bytes as a stream that can seek; null when they are not there.</summary>
    Task<Stream?> Open(Db db, ObjectPlace place, CancellationToken ct);

    /// <summary>The file that holds the bytes; null where the backend has no files.</summary>
    string? PathOf(string key);

    /// <summary>Removes the bytes; removing what is not there is fine.</summary>
    Task Remove(Db db, ObjectPlace place, CancellationToken ct);

    /// <summary>Everything it has outside of rows, of one tenant or of all, whole or half written.</summary>
    IAsyncEnumerable<KeptBytes> List(TenantId? tenant, CancellationToken ct);

    /// <summary>Removes what <see cref="List"/> told of.</summary>
    Task Discard(KeptBytes bytes, CancellationToken ct);

    /// <summary>Removes everything of a tenant that is not in rows.</summary>
    Task RemoveTenant(TenantId tenant, CancellationToken ct);

    /// <summary>What is wrong with it right now, in a sentence without names or addresses; null when it answers.</summary>
    Task<string?> Fault(CancellationToken ct);
}

/// <summary>The place where bytes are kept does not answer, or refuses us. Trying again later may help.</summary>
public sealed class ObjectsUnavailable(string message, Exception? cause = null) : IOException(message, cause);
