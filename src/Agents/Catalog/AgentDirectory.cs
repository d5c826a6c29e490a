using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>An agent as the people who may ask it see it. <paramref name="TenantId"/> is the own tenant or the platform's.</summary>
public sealed record AgentCard(Guid TenantId, Guid Id, string Slug, string Name, string Description, bool IsDefault, IReadOnlyList<string> StarterMessages, Guid? Icon)
{
    /// <summary>Where its picture is; null for none. The id in the query makes a new picture a new address.</summary>
    public string? IconUrl => Icon is { } icon ? $"/api/v1/agents/agents/{Id}/icon?v={icon.ToString()[^12..]}" : null;

    /// <summary>Whether the caller may try to change it; what they may with one agent is asked when they do.</summary>
    public bool MayBeChangedBy(Caller caller) => TenantId == Platform.TenantId.Platform.Value ? caller.RunsInstallation : caller.May("agents.agents.write");
}

/// <summary>Which agents a caller may ask. A key that is bound to an agent sees that one only.</summary>
public static class AgentDirectory
{
    /// <summary>The shipped agent that answers from collections, where a tenant has chosen no other.</summary>
    public static readonly Guid Assistant = new("00000000-0000-7000-8000-000000000301");

    public static Task<IReadOnlyList<AgentCard>> Usable(Db db, Caller caller, CancellationToken ct) =>
        AgentStore.List(db, caller.UserId, caller.TeamIds, Bound(caller), ct);

    /// <summary>The agent of a slug; the tenant's own before the shared one.</summary>
    public static async Task<AgentCard?> BySlug(Db db, Caller caller, string slug, CancellationToken ct)
    {
        var found = await AgentStore.List(db, caller.UserId, caller.TeamIds, $"{Bound(caller)} and a.slug = {slug}::citext and (a.tenant_id <> ops.platform_tenant() or not exists (select from agents.agents own where own.tenant_id = {caller.Tenant.Value} and own.slug = a.slug and own.deleted_at is null))", ct);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Slugs of agents by id, also of deleted ones: conversations with them stay readable.</summary>
    public static async Task<IReadOnlyDictionary<Guid, string>> Slugs(Db db, IReadOnlyCollection<Guid> agents, CancellationToken ct) =>
        agents.Count == 0 ? new Dictionary<Guid, string>() : (await AgentStore.Slugs(db, [.. agents.Distinct()], ct)).ToDictionary(a => a.Id, a => a.Slug);

    private static Sql Bound(Caller caller) => caller.OnlyAgent is { } only ? $"and a.id = {only}" : Sql.None;
}
