using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Things of a room that belong to teams, and how they go over from one team to another.</summary>
public interface ITeamHolding
{
    /// <summary>What they are called in the audit log.</summary>
    string Type { get; }

    /// <summary>Moves all of one team, deleted ones too, in the caller's transaction; says how many things that were.</summary>
    Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct);
}
