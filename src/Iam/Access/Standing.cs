using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// What somebody who is not here may do in a tenant right now: for what they left behind, such as a link. Null once they have no active place
/// there, the organisation is not active, or the key they used has ended.
/// </summary>
public sealed record Standing(Guid[] TeamIds, IReadOnlySet<string> Permissions)
{
    public static Task<Standing?> Of(Db db, Guid user, Guid? key, CancellationToken ct) => db.OneOrNone(
        $"""
        select coalesce(iam.teams_of(m.tenant_id, m.user_id), array[]::uuid[]), iam.permissions_of(m.tenant_id, m.user_id)
        from iam.tenant_members m join iam.users u on u.id = m.user_id and u.is_active and u.deleted_at is null
        where m.tenant_id = {db.Tenant!.Value.Value} and m.user_id = {user} and m.status = 'active' and m.deleted_at is null
          and exists (select from iam.tenants t where t.id = ops.tenant() and t.status = 'active')
          and ({key}::uuid is null or exists (select from iam.api_keys k where k.tenant_id = m.tenant_id and k.id = {key} and k.user_id = m.user_id
            and k.status = 'active' and k.deleted_at is null and (k.expires_at is null or k.expires_at > now())))
        """,
        row => new Standing(row.Get<Guid[]>(), row.Get<string[]>().ToHashSet()), ct); // a standing is in a tenant
}
