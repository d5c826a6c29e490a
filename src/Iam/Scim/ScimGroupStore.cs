using System.Text.Json.Nodes;
using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>A group of the directory with its members.</summary>
internal sealed record ScimGroup(Guid Id, string DisplayName, string? ExternalId, IReadOnlyList<(Guid Id, string Name)> Members, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public JsonObject ToJson(string origin)
    {
        var json = Document();
        json["members"] = new JsonArray([.. Members.Select(m => new JsonObject
        {
            ["value"] = m.Id.ToString(), ["display"] = m.Name, ["type"] = "User", ["$ref"] = $"{origin}{ScimNames.Prefix}/Users/{m.Id}",
        })]);
        json["meta"] = new JsonObject
        {
            ["resourceType"] = "Group", ["created"] = CreatedAt.UtcDateTime, ["lastModified"] = UpdatedAt.UtcDateTime, ["location"] = $"{origin}{ScimNames.Prefix}/Groups/{Id}",
        };
        return json;
    }

    /// <summary>What a PATCH works on.</summary>
    public JsonObject Document()
    {
        var json = new JsonObject { ["schemas"] = new JsonArray(ScimNames.Group), ["id"] = Id.ToString(), ["displayName"] = DisplayName };
        if (ExternalId is not null)
        {
            json["externalId"] = ExternalId;
        }

        json["members"] = new JsonArray([.. Members.Select(m => new JsonObject { ["value"] = m.Id.ToString() })]);
        return json;
    }
}

/// <summary>What a directory wants a group to be. Members is null where it does not say.</summary>
internal sealed record ScimGroupWish(string DisplayName, string? ExternalId, IReadOnlyList<Guid>? Members)
{
    private const int MostMembers = 20_000;

    public static ScimGroupWish From(JsonObject resource)
    {
        if (ScimJson.TextOf(resource, "displayName")?.Trim() is not { Length: > 0 and <= 500 } name || name.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid("displayName is needed, with at most 500 characters.");
        }

        if (ScimJson.TextOf(resource, "externalId") is { } external && (external.Length > 500 || external.Contains('\0', StringComparison.Ordinal)))
        {
            throw Invalid("externalId has at most 500 characters.");
        }

        var members = ScimJson.Get(resource, "members") switch
        {
            null => null,
            JsonArray { Count: <= MostMembers } list => list.Select(Member).Distinct().ToArray(),
            JsonArray => throw Invalid($"A group has at most {MostMembers} members."),
            var one => [Member(one)],
        };
        return new ScimGroupWish(name, ScimJson.TextOf(resource, "externalId") is { Length: > 0 } id ? id : null, members);
    }

    private static Guid Member(JsonNode? node) =>
        Guid.TryParse(node is JsonObject item ? ScimJson.TextOf(item, "value") : ScimJson.Text(node), out var id) ? id : throw Invalid("A member's value is the id of a user.");

    private static ScimException Invalid(string detail) => new(ScimError.Invalid("invalidValue", detail));
}

/// <summary>Reads and writes iam.directory_groups and iam.directory_group_members. Whoever enters or leaves a group gets and loses the roles it gives at once.</summary>
internal static class ScimGroupStore
{
    private static readonly ScimError Taken = ScimError.NotUnique("There is a group with this displayName already.");

    private static Sql Columns(bool withMembers) => $"""
        select g.id, g.display_name::text, g.external_id,
          case when {withMembers} then (
            select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'name', u.display_name) order by gm.id), '[]')
            from iam.directory_group_members gm join iam.users u on u.id = gm.user_id where gm.tenant_id = g.tenant_id and gm.group_id = g.id) else '[]' end,
          g.created_at, g.updated_at
        from iam.directory_groups g where g.tenant_id = ops.tenant()
        """;

    public static async Task<(int Total, IReadOnlyList<ScimGroup> Groups)> List(Db db, ScimFilter? filter, ScimPage page, bool withMembers, CancellationToken ct)
    {
        var where = filter is null ? Sql.None : $"and {Where(filter)}";
        var total = await db.One($"select count(*)::int from iam.directory_groups g where g.tenant_id = ops.tenant() {where}", row => row.Get<int>(), ct);
        return page.Count == 0 ? (total, []) : (total, await db.Many($"{Columns(withMembers)} {where} order by g.id limit {page.Count} offset {page.Start - 1}", Read, ct));
    }

    public static Task<ScimGroup?> Find(Db db, Guid id, bool withMembers, CancellationToken ct) => db.OneOrNone($"{Columns(withMembers)} and g.id = {id}", Read, ct);

    public static Task<ScimGroup> Insert(Db db, ScimGroupWish wish, CancellationToken ct) => Refusing(db.Atomically(
        async unit =>
        {
            var id = Guid.CreateVersion7();
            await AuditLog.Act(
                unit,
                async () =>
                {
                    await unit.Run($"insert into iam.directory_groups (id, display_name, external_id) values ({id}, {wish.DisplayName}::citext, {wish.ExternalId})", ct);
                    await SetMembers(unit, id, [], wish.Members ?? [], false, ct);
                    return new AuditEntry("directory_group.created", "directory_group", id, After: new { displayName = wish.DisplayName, externalId = wish.ExternalId, members = wish.Members?.Count ?? 0 });
                },
                ct);
            return await unit.One($"{Columns(true)} and g.id = {id}", Read, ct);
        },
        ct));

    /// <summary>Null when there is no such group; <paramref name="change"/> sees it as it is, under a lock.</summary>
    public static Task<ScimGroup?> Change(Db db, Guid id, Func<ScimGroup, ScimGroupWish> change, CancellationToken ct) => Refusing(db.Atomically(
        async unit =>
        {
            await unit.Run($"select 1 from iam.directory_groups where tenant_id = ops.tenant() and id = {id} for update", ct);
            if (await unit.OneOrNone($"{Columns(true)} and g.id = {id}", Read, ct) is not { } before)
            {
                return null;
            }

            var wish = change(before);
            await AuditLog.Act(
                unit,
                async () =>
                {
                    var renamed = before.DisplayName != wish.DisplayName;
                    await unit.Run(
                        $"update iam.directory_groups set display_name = {wish.DisplayName}::citext, external_id = {wish.ExternalId} where tenant_id = ops.tenant() and id = {id}", ct);
                    var (joined, gone) = await SetMembers(unit, id, [.. before.Members.Select(m => m.Id)], wish.Members ?? [], renamed, ct);
                    return new AuditEntry("directory_group.updated", "directory_group", id,
                        Before: new { displayName = before.DisplayName, externalId = before.ExternalId, left = gone.Take(100) },
                        After: new { displayName = wish.DisplayName, externalId = wish.ExternalId, joined = joined.Take(100) });
                },
                ct);
            return await unit.OneOrNone($"{Columns(true)} and g.id = {id}", Read, ct);
        },
        ct));

    public static Task<bool> Delete(Db db, Guid id, CancellationToken ct) => Refusing(db.Atomically(
        async unit =>
        {
            await unit.Run($"select 1 from iam.directory_groups where tenant_id = ops.tenant() and id = {id} for update", ct);
            if (await unit.OneOrNone($"{Columns(true)} and g.id = {id}", Read, ct) is not { } group)
            {
                return false;
            }

            await AuditLog.Act(
                unit,
                async () =>
                {
                    await unit.Run($"delete from iam.directory_groups where tenant_id = ops.tenant() and id = {id}", ct);
                    await Apply(unit, [.. group.Members.Select(m => m.Id)], ct);
                    return new AuditEntry("directory_group.deleted", "directory_group", id, Before: new { displayName = group.DisplayName, externalId = group.ExternalId, members = group.Members.Count });
                },
                ct);
            return true;
        },
        ct));

    private static async Task<(Guid[] Joined, Guid[] Gone)> SetMembers(Unit unit, Guid id, HashSet<Guid> before, IReadOnlyList<Guid> after, bool all, CancellationToken ct)
    {
        Guid[] joined = [.. after.Where(m => !before.Contains(m))], gone = [.. before.Except(after)];
        var known = await unit.One(
            $"select count(*)::int from iam.tenant_members where tenant_id = ops.tenant() and user_id = any ({joined}) and deleted_at is null", row => row.Get<int>(), ct);
        if (known != joined.Length)
        {
            throw new ScimException(ScimError.Invalid("invalidValue", "A member is not a user here."));
        }

        await unit.Run($"delete from iam.directory_group_members where tenant_id = ops.tenant() and group_id = {id} and user_id = any ({gone})", ct);
        await unit.Run(
            $"insert into iam.directory_group_members (id, group_id, user_id) select ops.uuid7(), {id}, m from unnest({joined}) m on conflict (tenant_id, group_id, user_id) do nothing", ct);
        await Apply(unit, all ? [.. before.Union(after)] : [.. joined, .. gone], ct);
        return (joined, gone);
    }

    private static Task<int> Apply(Unit unit, Guid[] people, CancellationToken ct) => unit.Run($"select iam.apply_directory(p) from unnest({people}) p", ct);

    private static async Task<T> Refusing<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new ScimException(Taken);
        }
    }

    private static Sql Where(ScimFilter filter) => filter switch
    {
        ScimFilter.And both => $"({Where(both.Left)} and {Where(both.Right)})",
        ScimFilter.Or either => $"({Where(either.Left)} or {Where(either.Right)})",
        ScimFilter.Not not => $"not coalesce({Where(not.Inner)}, false)",
        ScimFilter.Compare { Attribute: "members" or "members.value", Operation: "eq", Value: string member } =>
            $"exists (select from iam.directory_group_members gm where gm.tenant_id = g.tenant_id and gm.group_id = g.id and gm.user_id::text = {member.ToLowerInvariant()})",
        ScimFilter.Compare compare => ScimSql.Compare(
            compare.Attribute switch
            {
                "id" => $"g.id::text",
                "displayname" => $"g.display_name::text",
                "externalid" => $"g.external_id",
                _ => throw new ScimException(ScimError.Invalid("invalidFilter", $"Groups cannot be filtered by '{compare.Attribute}'.")),
            },
            compare, exact: compare.Attribute == "externalid"),
        _ => throw new ScimException(ScimError.Invalid("invalidFilter", "The filter cannot be read.")),
    };

    private static ScimGroup Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), [.. row.Json<List<Member>>().Select(m => (m.Id, m.Name))], row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());

    private sealed record Member(Guid Id, string Name);
}
