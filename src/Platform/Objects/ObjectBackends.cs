namespace Lyceum.Platform;

/// <summary>The backends this process can reach: new bytes go to one of them, and those that are there are read where they lie.</summary>
public sealed class ObjectBackends : IDisposable
{
    private readonly IReadOnlyList<IObjectBackend> _all;

    public ObjectBackends(PlatformOptions options, EgressGuard egress, MasterKey master)
    {
        _all = [new LocalObjects(options), new DatabaseObjects(options, master), .. options.S3 is { } s3 ? new[] { new S3Objects(s3, egress) } : []];
        Current = _all.First(backend => backend.Name == options.ObjectBackend); // options that name S3 without a bucket were refused
    }

    internal ObjectBackends(IObjectBackend current, params IObjectBackend[] others) => (Current, _all) = (current, [current, .. others]);

    /// <summary>Where new bytes go.</summary>
    public IObjectBackend Current { get; }

    public IReadOnlyList<IObjectBackend> All => _all;

    /// <summary>The backend an object says it is in.</summary>
    public IObjectBackend Of(ObjectPlace place) => _all.FirstOrDefault(backend => backend.Name == place.Backend)
        ?? throw new ObjectsUnavailable($"The file lies in the backend {place.Backend}, which this server has no settings for.");

    public void Dispose()
    {
        foreach (var backend in _all.OfType<IDisposable>())
        {
            backend.Dispose();
        }
    }
}
