using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Collections of a team, with their documents.</summary>
internal sealed class TeamCollections : ITeamHolding
{
    public string Type => "collection";

    public async Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct)
    {
        await IntakeStore.Move(unit, from, to, ct);
        await FolderStore.MoveTeam(unit, from, to, ct);
        return await CollectionStore.Move(unit, from, to, ct);
    }
}
