using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>Agents as things to share.</summary>
internal sealed class SharedAgents : IShareable
{
    public string Type => "agent";

    public Task<Access?> AccessTo(Db db, Caller caller, Guid id, CancellationToken ct) => Shareables.Ask(db, AgentStore.Level(caller, id), ct);

    public Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Guid[] ids, CancellationToken ct) => Shareables.Ids(db, AgentStore.Hidden(caller, ids), ct);
}
