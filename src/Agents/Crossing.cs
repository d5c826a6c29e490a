namespace Lyceum.Agents;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } = ["agents.claim_runs", "agents.erase_run_events", "agents.extend_run_leases", "agents.release_runs"];
}
