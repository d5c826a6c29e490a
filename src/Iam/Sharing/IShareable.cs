using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>A kind of thing that has an owner and can be shared. Its room says who may do what with it; the shares themselves are kept here.</summary>
public interface IShareable
{
    /// <summary>Its name in shares and in the audit log.</summary>
    string Type { get; }

    /// <summary>What the caller may do with it; null when there is no such thing, or none they may see.</summary>
    Task<Access?> AccessTo(Db db, Caller caller, Guid id, CancellationToken ct);

    /// <summary>Those of <paramref name="ids"/> that exist, live or deleted, and that the caller may not see.</summary>
    Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Guid[] ids, CancellationToken ct);
}

/// <summary>All kinds of things that can be shared, by name.</summary>
public sealed class Shareables(IEnumerable<IShareable> kinds)
{
    private readonly Dictionary<string, IShareable> _kinds = kinds.ToDictionary(k => k.Type, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Types => _kinds.Keys;

    public IShareable? Find(string? type) => type is null ? null : _kinds.GetValueOrDefault(type);

    /// <summary>Answers of a statement that selects one <see cref="Viewer.Level"/>.</summary>
    public static async Task<Access?> Ask(Db db, Sql level, CancellationToken ct) => (Access?)await db.OneOrNone(level, row => row.Get<int?>(), ct);

    /// <summary>Answers of a statement that selects ids.</summary>
    public static async Task<IReadOnlySet<Guid>> Ids(Db db, Sql ids, CancellationToken ct) => (await db.Many(ids, row => row.Get<Guid>(), ct)).ToHashSet();
}
