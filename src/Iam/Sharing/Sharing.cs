using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>How much somebody may do with a thing. Each includes those before it; what a role forbids, no access allows.</summary>
public enum Access
{
    /// <summary>See it and read what is in it.</summary>
    View = 1,

    /// <summary>Ask it, search it, run it.</summary>
    Use = 2,

    /// <summary>Change what is in it.</summary>
    Edit = 3,

    /// <summary>Share it, change who sees it, delete it.</summary>
    Manage = 4,
}

/// <summary>
/// The columns that say whose a row is, as SQL of the room that owns the table. <paramref name="WrittenByAll"/>: whoever has the room's
/// write permission manages what the whole tenant sees, such as models; otherwise only its team does.
/// </summary>
public sealed record Owned(string Type, Sql Id, Sql Visibility, Sql Team, Sql Owner, bool WrittenByAll = false);

/// <summary>
/// Who looks. <paramref name="Writes"/>: has the write permission of the room that asks; <paramref name="ManagesAll"/>: manages whatever the
/// whole tenant sees. The one place that decides who may see, use, change and share a thing; every room splices it into its statements.
/// </summary>
public sealed record Viewer(Guid UserId, Guid[] TeamIds, bool Writes = false, bool ManagesAll = false)
{
    /// <summary>Permission to manage what the whole tenant sees, whoever made it.</summary>
    public const string ManageAll = "iam.shares.manage_all";

    /// <summary>
    /// True for rows of which this viewer may do at least that: their own, their teams', the tenant's, and what was shared with them. The own
    /// ones too belong to a team, and are there while one works in it; what a deleted team holds is nowhere until the team is restored, and what a
    /// frozen one holds can be seen and used, not changed.
    /// </summary>
    public Sql May(Access least, Owned what) =>
        $"""
        (({what.Team} is null or {what.Team} not in (select x.id from iam.teams x where x.deleted_at is not null{(least >= Access.Edit ? (Sql)$" or x.is_frozen" : Sql.None)}))
        and (({what.Owner} = {UserId} and ({what.Team} is null or {what.Team} = any ({TeamIds}))) {Company(least, what)} {Team(least, what)} or {what.Id} in (
          select s.resource_id from iam.resource_shares s
          where s.tenant_id = ops.tenant() and s.resource_type = {what.Type} and s.access = any ({Names(least)})
            and (s.grantee_type = 'tenant' or (s.grantee_type = 'user' and s.grantee_id = {UserId}) or (s.grantee_type = 'team' and s.grantee_id = any ({TeamIds}))))))
        """;

    /// <summary>
    /// The most this viewer may do with a row, 1 to 4; null for nothing. The greatest <see cref="Access"/> for which <see cref="May"/> is true, found by
    /// looking once at the row's team and once at its shares: for statements that read few rows.
    /// </summary>
    public Sql Level(Owned what) =>
        $"""
        nullif(least(
          case when {what.Team} is null then 4 else coalesce((select case when x.deleted_at is not null then 0 when x.is_frozen then 2 end from iam.teams x where x.tenant_id = ops.tenant() and x.id = {what.Team}), 4) end,
          greatest(
            case when {what.Owner} = {UserId} and ({what.Team} is null or {what.Team} = any ({TeamIds})) then 4 else 0 end,
            case when {what.Visibility} = 'company' then {(ManagesAll || (Writes && what.WrittenByAll) ? 4 : 2)} else 0 end,
            case when {what.Visibility} <> 'private' and {what.Team} = any ({TeamIds}) then {(Writes || ManagesAll ? 4 : 2)} else 0 end,
            (select max(array_position({Names(Access.View)}, s.access)) from iam.resource_shares s
              where s.tenant_id = ops.tenant() and s.resource_type = {what.Type} and s.resource_id = {what.Id}
                and (s.grantee_type = 'tenant' or (s.grantee_type = 'user' and s.grantee_id = {UserId}) or (s.grantee_type = 'team' and s.grantee_id = any ({TeamIds})))))), 0)
        """;

    private Sql Company(Access least, Owned what) => least <= Access.Use || ManagesAll || (Writes && what.WrittenByAll) ? $"or {what.Visibility} = 'company'" : Sql.None;

    private Sql Team(Access least, Owned what) =>
        least <= Access.Use || Writes || ManagesAll ? $"or ({what.Visibility} <> 'private' and {what.Team} = any ({TeamIds}))" : Sql.None;

    private static string[] Names(Access least) => [.. Enum.GetValues<Access>().Where(a => a >= least).Select(AccessRules.Name)];
}

/// <summary>Names of access in the API and in the table.</summary>
public static class AccessRules
{
    public static string Name(Access access) => access switch
    {
        Access.View => "view",
        Access.Use => "use",
        Access.Edit => "edit",
        _ => "manage",
    };

    public static Access? Parse(string? name) => name switch
    {
        "view" => Access.View,
        "use" => Access.Use,
        "edit" => Access.Edit,
        "manage" => Access.Manage,
        _ => null,
    };

    /// <summary>Somebody sees a thing and wants more than they may: this may be said, since its existence is no secret to them.</summary>
    public static Problem TooLittle(string what, Access needed) => new(
        403, "access_too_low", $"You may see this {what.Replace('_', ' ')}, but this needs '{Name(needed)}' access to it.", "Ask its owner to share it with you for that.");
}
