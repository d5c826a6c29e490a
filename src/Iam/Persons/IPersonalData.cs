using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// One kind of rows that are about a person. <paramref name="Page"/> selects, for an account and the id after which to go on, at most 500 ids with
/// the row as JSON text, by id.
/// </summary>
public sealed record PersonalSection(string Name, Func<Guid, Guid, Sql> Page);

/// <summary>What an erasure took away: how many of what, and the ids of things whose former values are to go from the audit log too.</summary>
public sealed record Erased(IReadOnlyDictionary<string, long> Counts, IReadOnlyList<Guid> Things);

/// <summary>What a room knows of persons: to give it to them, and to take it away.</summary>
public interface IPersonalData
{
    IReadOnlyList<PersonalSection> Sections { get; }

    /// <summary>Takes away what the room keeps of a person, in the transaction of the erasure.</summary>
    Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct);
}
