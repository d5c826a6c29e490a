using Lyceum.Metering;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>
/// Starts and stops runs. A run is a row first: it begins when the caller's transaction is committed, goes on without its reader, and moves to
/// another process when its own dies.
/// </summary>
public sealed class RunEngine
{
    private readonly RunHost _host;
    private readonly Wakeups _wakeups;
    private readonly Node _node;
    private readonly Quotas _quotas;
    private readonly AgentsOptions _options;

    internal RunEngine(RunHost host, Wakeups wakeups, Node node, Quotas quotas, AgentsOptions options) =>
        (_host, _wakeups, _node, _quotas, _options) = (host, wakeups, node, quotas, options);

    /// <summary>Writes the run in the caller's transaction; it begins after the commit, here when there is room. Returns its id.</summary>
    public async Task<Guid> Start(Unit unit, NewRun run, CancellationToken ct)
    {
        RunRules.Check(run);
        if (run.IdempotencyKey is { } key && await RunStore.ByIdempotencyKey(unit, key, ct) is { } known)
        {
            return known;
        }

        var agent = await AgentStore.Usable(unit, run.AgentId, run.UserId, run.TeamIds, ct) ?? throw new ProblemException(Problem.NotFound("agent"));
        var id = Guid.CreateVersion7();
        var here = _host.HasRoom;
        var clean = RunRules.Clean(run);
        await _quotas.HoldTokens(unit, ct);
        await _quotas.Hold(unit, "concurrent_runs", () => RunStore.Insert(unit, id, clean, agent, here ? _node.Name : null, _options.LeaseSeconds, ct), ct);
        if (here)
        {
            var (tenant, correlation) = (unit.Tenant, unit.Actor.CorrelationId);
            unit.AfterCommit(() => _host.Take(tenant, id, new RunBegun(RunRow.New(id, clean, agent, correlation), agent)));
        }
        else
        {
            await Wakeups.Send(unit, RunHost.Topic, ct);
        }

        await AuditLog.Write(unit, new AuditEntry("run.started", "run", id, Metadata: new { agentId = agent.AgentId, conversationId = run.ConversationId, source = run.Source }), ct);
        return id;
    }

    /// <summary>
    /// Stops a run wherever it is executed. What it has written stays and is paid for. False when there is no such run or it has ended.
    /// Whether the caller may stop it is decided before: see <see cref="RunDirectory"/>.
    /// </summary>
    public async Task<bool> Cancel(Db db, Guid runId, CancellationToken ct)
    {
        var asked = await RunStore.RequestCancel(db, runId, ct);
        if (asked)
        {
            _host.StopHere(runId);
            _wakeups.WakeHere(RunHost.Topic);
        }

        return asked;
    }
}
