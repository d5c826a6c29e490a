namespace Lyceum.Platform;

/// <summary>
/// The database of the request or job that is being served. Set once, by the door (sign-in, key) or by the job runner;
/// <see cref="Db"/> is injected from here, so nobody else chooses a tenant.
/// </summary>
public sealed class CurrentDb
{
    private Db? _db;

    public Db Db => _db ?? throw new InvalidOperationException("This request has no tenant: its endpoint must name the permission it needs.");

    public bool IsSet => _db is not null;

    public void Set(Db db) => _db = _db is null ? db : throw new InvalidOperationException("The tenant of a request is chosen once.");
}
