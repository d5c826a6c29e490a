using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>Agents of a team.</summary>
internal sealed class TeamAgents : ITeamHolding
{
    public string Type => "agent";

    public Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => AgentStore.Move(unit, from, to, ct);
}
