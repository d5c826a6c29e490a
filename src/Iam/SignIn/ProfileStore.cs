using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads accounts as seen from a tenant, and changes one's own.</summary>
internal static class ProfileStore
{
    /// <summary>An account as it begins a session: in the first team it joined.</summary>
    public static Task<Me> Read(Db db, Guid userId, CancellationToken ct) => Read(db, userId, null, ct);

    /// <summary>For a key, the permissions are the key's, not its owner's.</summary>
    public static async Task<Me> Read(Db db, Caller caller, CancellationToken ct) =>
        await Read(db, caller.UserId, caller.HomeTeam, ct) with
        {
            Permissions = [.. caller.Permissions.Order(StringComparer.Ordinal)],
            ActedBy = caller.ActedByName,
        };

    /// <summary>An account working in a team; where it does not belong to that, in the first it joined.</summary>
    public static Task<Me> Read(Db db, Guid userId, Guid? wanted, CancellationToken ct) => db.One(
        $"""
        select u.id, u.email::text, u.display_name, u.first_name, u.last_name, u.locale, u.avatar_object_id, u.email_verified_at is not null,
          u.platform_role, u.preferences::text, t.id, t.slug::text, t.name, team.id, team.name,
          (select coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'name', x.name, 'kind', x.kind) order by x.name, x.id), '[]')::text
            from iam.teams x where x.tenant_id = t.id and x.id = any (iam.teams_of(t.id, u.id))),
          array(select r.key from iam.tenant_members m join iam.roles r on r.tenant_id = m.role_tenant_id and r.id = m.role_id
                where m.tenant_id = t.id and m.user_id = u.id and m.deleted_at is null
                union select r.key from iam.team_members tm join iam.team_member_roles tr on tr.tenant_id = tm.tenant_id and tr.team_member_id = tm.id
                join iam.roles r on r.tenant_id = tr.role_tenant_id and r.id = tr.role_id
                where tm.tenant_id = t.id and tm.team_id = team.id and tm.user_id = u.id and tm.deleted_at is null order by 1),
          iam.permissions_in(t.id, u.id, team.id)
        from iam.users u cross join iam.tenants t
        left join iam.teams team on team.tenant_id = t.id and team.id = iam.working_team(t.id, u.id, {wanted})
        where u.id = {userId} and t.id = ops.tenant()
        """,
        row => new Me(ReadUser(row), new MeTenant(row.Get<Guid>(), row.Get<string>(), row.Get<string>()), ReadTeam(row), row.Json<List<MyTeam>>(), row.Get<string[]>(), row.Get<string[]>()), ct);

    /// <summary>The account as a change finds it, held until the transaction ends.</summary>
    public static Task<MeUser> Hold(Unit unit, Guid userId, CancellationToken ct) => unit.One(
        $"""
        select u.id, u.email::text, u.display_name, u.first_name, u.last_name, u.locale, u.avatar_object_id, u.email_verified_at is not null,
          u.platform_role, u.preferences::text
        from iam.users u where u.id = {userId} for update
        """,
        ReadUser, ct);

    public static Task Change(Unit unit, MeUser after, CancellationToken ct) => unit.Run(
        $"""
        update iam.users set display_name = {after.DisplayName}, first_name = {after.FirstName}, last_name = {after.LastName}, locale = {after.Locale},
          preferences = {after.Preferences.GetRawText()}::jsonb
        where id = {after.Id}
        """,
        ct);

    /// <summary>Puts another picture in the place of the old one, and returns the old one.</summary>
    public static Task<Guid?> SetAvatar(Unit unit, Guid userId, Guid? picture, CancellationToken ct) => unit.One(
        $"""
        update iam.users u set avatar_object_id = {picture} from (select id, avatar_object_id from iam.users where id = {userId} for update) old
        where u.id = old.id returning old.avatar_object_id
        """,
        row => row.Get<Guid?>(), ct);

    /// <summary>The stored picture of somebody of this organisation; null when there is no such person, or no picture.</summary>
    public static Task<Guid?> AvatarOf(Db db, Guid userId, CancellationToken ct) => db.OneOrNone(
        $"""
        select u.avatar_object_id from iam.users u join iam.tenant_members m on m.user_id = u.id and m.deleted_at is null where u.id = {userId}
        """,
        row => row.Get<Guid?>(), ct);

    public static Task Audit(Db db, string action, string status, string? error, CancellationToken ct) =>
        db.Atomically(unit => AuditLog.Write(unit, new AuditEntry(action, "session", unit.Actor.UserId, status, error), ct), ct);

    private static MeUser ReadUser(Row row)
    {
        var id = row.Get<Guid>();
        return new MeUser(
            id, row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), Avatar.Address(id, row.Get<Guid?>()),
            row.Get<bool>(), row.Get<string>(), row.Json<JsonElement>());
    }

    private static MeTeam? ReadTeam(Row row)
    {
        var (id, name) = (row.Get<Guid?>(), row.Get<string?>());
        return id is { } team ? new MeTeam(team, name!) : null; // a team has a name
    }
}
