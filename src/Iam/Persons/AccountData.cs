using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What this room and the audit log know of a person.</summary>
internal sealed class AccountData : IPersonalData
{
    public IReadOnlyList<PersonalSection> Sections { get; } =
    [
        new("account", (user, after) => $"""
            select u.id, jsonb_build_object('email', u.email, 'displayName', u.display_name, 'firstName', u.first_name, 'lastName', u.last_name, 'locale', u.locale,
              'preferences', u.preferences, 'createdAt', u.created_at, 'lastLoginAt', u.last_login_at)::text
            from iam.users u where u.id = {user} and u.id > {after}
            """),
        new("memberships", (user, after) => $"""
            select m.id, jsonb_build_object('team', t.name, 'since', m.created_at, 'until', m.deleted_at)::text
            from iam.team_members m join iam.teams t on t.tenant_id = m.tenant_id and t.id = m.team_id where m.user_id = {user} and m.id > {after} order by m.id limit 500
            """),
        new("apiKeys", (user, after) => $"""
            select k.id, jsonb_build_object('name', k.name, 'kind', k.key_kind, 'prefix', k.key_prefix, 'status', k.status, 'createdAt', k.created_at, 'lastUsedAt', k.last_used_at, 'lastUsedIp', host(k.last_used_ip))::text
            from iam.api_keys k where k.user_id = {user} and k.id > {after} order by k.id limit 500
            """),
        new("auditLog", AuditLog.ActsOf),
    ];

    // Memberships and keys end with the departure, which is told apart; here goes what that leaves.
    public async Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct)
    {
        var keys = await unit.Many($"select id from iam.api_keys where user_id = {userId}", row => row.Get<Guid>(), ct);
        var traces = await unit.One($"select iam.erase_member_traces({userId})", row => row.Get<long>(), ct);
        return new Erased(new Dictionary<string, long> { ["traces"] = traces }, [.. keys, userId]);
    }
}
