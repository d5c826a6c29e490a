using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>Models of a team. What the old team had chosen as its defaults is not moved: the new one has its own.</summary>
internal sealed class TeamModels : ITeamHolding
{
    public string Type => "model";

    public Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => ModelStore.Move(unit, from, to, ct);
}
