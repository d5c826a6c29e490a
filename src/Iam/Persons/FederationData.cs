using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What identity providers and directories said of a person.</summary>
internal sealed class FederationData : IPersonalData
{
    public IReadOnlyList<PersonalSection> Sections { get; } =
    [
        new("identityProviders", (user, after) => $"""
            select m.id, jsonb_build_object('provider', p.name, 'issuer', p.issuer, 'subject', m.subject, 'since', m.created_at, 'lastSeenAt', m.last_seen_at)::text
            from iam.provider_members m join iam.identity_providers p on p.tenant_id = m.tenant_id and p.id = m.provider_id
            where m.tenant_id = ops.tenant() and m.user_id = {user} and m.id > {after} order by m.id limit 500
            """),
        new("claims", (user, after) => $"""
            select g.id, jsonb_build_object('kind', g.claim_kind, 'name', g.group_name, 'seenAt', g.seen_at)::text
            from iam.user_idp_groups g where g.tenant_id = ops.tenant() and g.user_id = {user} and g.id > {after} order by g.id limit 500
            """),
        new("directory", (user, after) => $"""
            select s.id, jsonb_build_object('userName', s.user_name, 'externalId', s.external_id, 'attributes', s.attributes)::text
            from iam.scim_users s where s.tenant_id = ops.tenant() and s.user_id = {user} and s.id > {after} order by s.id limit 500
            """),
        new("directoryGroups", (user, after) => $"""
            select m.id, jsonb_build_object('group', g.display_name, 'since', m.created_at)::text
            from iam.directory_group_members m join iam.directory_groups g on g.tenant_id = m.tenant_id and g.id = m.group_id
            where m.tenant_id = ops.tenant() and m.user_id = {user} and m.id > {after} order by m.id limit 500
            """),
    ];

    public async Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct) => new(
        new Dictionary<string, long> { ["directory"] = await unit.One($"select iam.forget_directory({userId})::bigint", row => row.Get<long>(), ct) }, []);
}
