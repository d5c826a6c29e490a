using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>A person's runs: what they asked agents, and what came of it.</summary>
internal sealed class RunData : IPersonalData
{
    public IReadOnlyList<PersonalSection> Sections { get; } =
    [
        new("runs", (user, after) => $"""
            select r.id, jsonb_build_object('source', r.source, 'status', r.status, 'input', r.input -> 'messages', 'output', r.output -> 'text', 'at', r.created_at)::text
            from agents.runs r where r.user_id = {user} and r.id > {after} order by r.id limit 500
            """),
    ];

    public async Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct) =>
        new(new Dictionary<string, long> { ["runs"] = await RunStore.EraseOf(unit, userId, ct) }, []);
}
