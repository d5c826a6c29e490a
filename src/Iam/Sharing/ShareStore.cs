using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads and writes iam.resource_shares. Whether the caller may is decided before, by the thing's room.</summary>
internal sealed class ShareStore(Db db)
{
    /// <summary>Who a thing is shared with, at most 500, the oldest share first.</summary>
    public Task<IReadOnlyList<Share>> Of(string type, Guid id, CancellationToken ct) => db.Many(
        $"{Columns} where s.resource_type = {type} and s.resource_id = {id} order by s.id limit 500", Read, ct);

    public Task<Share?> Find(Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} where s.id = {id}", Read, ct);

    /// <summary>Shares, or changes the access of a share there is. Null when there is no such user, team or tenant here.</summary>
    public Task<Share?> Put(PutShare share, Guid grantee, Guid by, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var kept = await unit.OneOrNone(
                $"""
                insert into iam.resource_shares as s (id, resource_type, resource_id, grantee_type, grantee_id, access, created_by)
                select {Guid.CreateVersion7()}, {share.ResourceType}, {share.ResourceId}, {share.GranteeType}, {grantee}, {share.Access}, {by}
                where case {share.GranteeType}
                  when 'user' then exists (select from iam.tenant_members m where m.user_id = {grantee} and m.status = 'active' and m.deleted_at is null)
                  when 'team' then exists (select from iam.teams t where t.id = {grantee} and t.deleted_at is null)
                  else {grantee} = ops.tenant() end
                on conflict (tenant_id, resource_type, resource_id, grantee_type, grantee_id) do update set access = excluded.access
                returning s.id
                """,
                row => (Guid?)row.Get<Guid>(), ct);
            return kept is { } id ? await unit.OneOrNone($"{Columns} where s.id = {id}", Read, ct) : null;
        },
        ct);

    public async Task<bool> Delete(Guid id, CancellationToken ct) => await db.Run($"delete from iam.resource_shares where id = {id}", ct) == 1;

    private static Sql Columns =>
        $"""
        select s.id, s.resource_type, s.resource_id, s.grantee_type, s.grantee_id,
          case s.grantee_type when 'user' then (select u.display_name from iam.users u where u.id = s.grantee_id)
            when 'team' then (select t.name from iam.teams t where t.tenant_id = s.tenant_id and t.id = s.grantee_id)
            else (select t.name from iam.tenants t where t.id = s.grantee_id) end,
          s.access, s.created_at
        from iam.resource_shares s
        """;

    private static Share Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<Guid>(), row.Get<string>(), row.Get<Guid>(), row.Get<string?>() ?? "", row.Get<string>(), row.Get<DateTimeOffset>());
}
