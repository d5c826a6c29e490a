using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>How an agent behaves in one published version.</summary>
internal sealed record AgentVersion(
    Guid TenantId, Guid AgentId, Guid Id, Guid? ModelId, string? SystemPrompt, decimal? Temperature, int? MaxCompletionTokens, int? MaxHistoryItems,
    int? MaxChunks, int? TimeoutSeconds, int? MaxIterations, string? RetrievalStrategy, Guid[] Collections)
{
    /// <summary>What each collection counts, where it is said.</summary>
    public IReadOnlyList<(Guid Collection, float Weight)> Weights { get; init; } = [];

    /// <summary>Tokens of what is remembered of the asker that it is shown; null when it does not remember.</summary>
    public int? MemoryTokens { get; init; }
}

/// <summary>The picture an agent had before; null for none.</summary>
internal sealed record ReplacedIcon(Guid? Old);

/// <summary>Reads agents.agents, agents.agent_versions and agents.agent_collections, and moves agents between teams.</summary>
internal static class AgentStore
{
    // An agent of no team is the whole tenant's.
    private static readonly Owned Rows = new("agent", $"a.id", $"case when a.team_id is null and a.visibility = 'team' then 'company' else a.visibility end", $"a.team_id", $"a.created_by");

    /// <summary>The published version of an agent the user may ask; with null, of the tenant's default agent, or the shipped one.</summary>
    public static async Task<AgentVersion?> Usable(Unit unit, Guid? agent, Guid user, Guid[] teams, CancellationToken ct)
    {
        var found = await unit.Many(
            Sql.Prepared($"""
            select {Columns} from agents.agents a join agents.agent_versions v on v.tenant_id = a.tenant_id and v.id = a.current_version_id
            where {(agent is null ? (Sql)$"a.is_default" : $"a.id = {agent.Value}")} and {May(Access.Use, user, teams)}
            order by a.tenant_id = ops.platform_tenant(), a.id limit 1
            """),
            Read, ct);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Moves all of one team to another.</summary>
    public static Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => unit.Run(
        $"update agents.agents set team_id = {to} where tenant_id = {unit.Tenant.Value} and team_id = {from}", ct);

    /// <summary>A version as a run began with it, whatever became of the agent since.</summary>
    public static Task<AgentVersion> Version(Db db, Guid tenant, Guid version, CancellationToken ct) => db.One(
        Sql.Prepared($"select {Columns} from agents.agents a join agents.agent_versions v on v.tenant_id = a.tenant_id and v.agent_id = a.id where v.tenant_id = {tenant} and v.id = {version}"), Read, ct);

    public static Task<IReadOnlyList<AgentCard>> List(Db db, Guid user, Guid[] teams, Sql only, CancellationToken ct) => db.Many(
        $"""
        select a.tenant_id, a.id, a.slug::text, a.name, coalesce(a.description, ''), a.is_default and not (a.tenant_id = ops.platform_tenant()
            and exists (select from agents.agents own where own.tenant_id = {db.Tenant!.Value.Value} and own.is_default and own.deleted_at is null and own.status = 'active')),
          v.starter_messages, a.icon_object_id
        from agents.agents a join agents.agent_versions v on v.tenant_id = a.tenant_id and v.id = a.current_version_id
        where {May(Access.Use, user, teams)} {only}
        order by a.display_priority desc, a.name, a.id limit 200
        """,
        row => new AgentCard(row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<bool>(), row.Get<string[]>(), row.Get<Guid?>()), ct);

    public static Task<IReadOnlyList<(Guid Id, string Slug)>> Slugs(Db db, Guid[] agents, CancellationToken ct) => db.Many(
        $"select id, slug::text from agents.agents where id = any ({agents})", row => (row.Get<Guid>(), row.Get<string>()), ct);

    /// <summary>Gives an agent another picture, or none, and says which it had; null when there is no such agent.</summary>
    public static Task<ReplacedIcon?> SetIcon(Unit unit, Guid agent, Guid? picture, CancellationToken ct) => unit.OneOrNone(
        $"""
        update agents.agents a set icon_object_id = {picture}
        from (select id, icon_object_id from agents.agents where tenant_id = {unit.Tenant.Value} and id = {agent} and deleted_at is null for update) old
        where a.tenant_id = {unit.Tenant.Value} and a.id = old.id returning old.icon_object_id
        """,
        row => new ReplacedIcon(row.Get<Guid?>()), ct);

    /// <summary>Selects what the caller may do with an agent of the tenant; a shared one of the platform can be asked and nothing else.</summary>
    public static Sql Level(Caller caller, Guid id) =>
        $"select case when a.tenant_id = ops.tenant() then {Looks(caller).Level(Rows)} else 2 end from agents.agents a where a.id = {id} and a.deleted_at is null and {Looks(caller).May(Access.View, Rows)}";

    /// <summary>Selects those the caller may not see.</summary>
    public static Sql Hidden(Caller caller, Guid[] ids) => $"select a.id from agents.agents a where a.id = any ({ids}) and {Looks(caller).Level(Rows)} is null";

    // Row level security leaves the tenant's own agents and the shared ones; this is the rest of who may ask whom.
    private static Sql May(Access least, Guid user, Guid[] teams) => $"a.status = 'active' and a.deleted_at is null and {new Viewer(user, teams).May(least, Rows)}";

    private static Viewer Looks(Caller caller) => new(caller.UserId, caller.TeamIds, caller.May("agents.agents.write"), caller.May(Viewer.ManageAll));

    private static Sql Columns =>
        $"""
        v.tenant_id, a.id, v.id, v.model_id, v.system_prompt, v.temperature, v.max_completion_tokens, v.max_history_items, v.max_chunks, v.timeout_seconds,
          v.max_iterations, v.retrieval_strategy,
          array(select c.collection_id from agents.agent_collections c where c.tenant_id = v.tenant_id and c.agent_version_id = v.id and c.is_default order by c.order_index, c.id limit 100),
          array(select c.weight from agents.agent_collections c where c.tenant_id = v.tenant_id and c.agent_version_id = v.id and c.is_default order by c.order_index, c.id limit 100),
          case when v.memory_enabled then coalesce(v.memory_max_tokens, 500) end
        """;

    private static AgentVersion Read(Row row)
    {
        var version = new AgentVersion(
            row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid?>(), row.Get<string?>(), row.Get<decimal?>(), row.Get<int?>(), row.Get<int?>(),
            row.Get<int?>(), row.Get<int?>(), row.Get<int?>(), row.Get<string?>(), row.Get<Guid[]>());
        return version with { Weights = [.. version.Collections.Zip(row.Get<float[]>())], MemoryTokens = row.Get<int?>() };
    }
}
