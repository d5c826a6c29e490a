using System.Text.Json.Nodes;
using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>Reads members as a directory sees them; writes iam.scim_users, and through functions accounts and memberships.</summary>
internal static class ScimUserStore
{
    public static readonly ScimError Taken = ScimError.NotUnique("There is a user with this userName or address already.");

    private static Sql Rows => $"""
        from iam.tenant_members m join iam.users u on u.id = m.user_id and u.deleted_at is null
        left join iam.scim_users s on s.tenant_id = m.tenant_id and s.user_id = m.user_id
        where m.tenant_id = ops.tenant() and m.deleted_at is null
        """;

    private static Sql Columns => $"""
        select u.id, coalesce(s.user_name, u.email)::text, s.external_id, m.status = 'active', u.email::text, u.display_name, u.first_name, u.last_name, coalesce(s.attributes, jsonb_build_object())::text,
          (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.display_name) order by g.id), '[]')
           from iam.directory_group_members gm join iam.directory_groups g on g.tenant_id = gm.tenant_id and g.id = gm.group_id where gm.tenant_id = m.tenant_id and gm.user_id = u.id),
          coalesce(s.created_at, m.created_at), greatest(s.updated_at, m.updated_at)
        """;

    public static async Task<(int Total, IReadOnlyList<ScimPerson> People)> List(Db db, ScimFilter? filter, ScimPage page, CancellationToken ct)
    {
        var where = filter is null ? Sql.None : $"and {Where(filter)}";
        var total = await db.One($"select count(*)::int {Rows} {where}", row => row.Get<int>(), ct);
        return page.Count == 0 ? (total, []) : (total, await db.Many($"{Columns} {Rows} {where} order by m.id limit {page.Count} offset {page.Start - 1}", Read, ct));
    }

    public static Task<ScimPerson?> Find(Db db, Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} {Rows} and u.id = {id}", Read, ct);

    /// <summary>
    /// Takes somebody into the tenant: with the account their address has, else with a new one that the directory may change. An account that
    /// another organisation has is refused with <see cref="ScimConsent.AsksFirst"/>.
    /// </summary>
    public static Task<ScimPerson> Insert(Db db, ScimWish wish, CancellationToken ct) => Refusing(db.Atomically(
        async unit =>
        {
            if (await unit.One($"select exists (select {Rows} and (s.user_name = {wish.UserName}::citext or u.email = {wish.Email}::citext))", row => row.Get<bool>(), ct))
            {
                throw new ScimException(Taken);
            }

            var id = Guid.CreateVersion7();
            await AuditLog.Act(
                unit,
                async () =>
                {
                    var made = await unit.One(
                        $"select iam.create_account({id}, {wish.Email}, {wish.DisplayName ?? wish.UserName}, {wish.FirstName}, {wish.LastName}, null, false)", row => row.Get<bool>(), ct);
                    if (!made)
                    {
                        // Somebody of another organisation: they get a place here, and their account stays theirs.
                        id = await unit.One($"select user_id from iam.find_account_by_address({wish.Email})", row => row.Get<Guid>(), ct);
                        if (!await unit.One($"select iam.may_admit({unit.Tenant.Value}, {id})", row => row.Get<bool>(), ct))
                        {
                            throw new ScimException(ScimConsent.AsksFirst);
                        }
                    }

                    await unit.Run($"select iam.admit({Guid.CreateVersion7()}, {id})", ct);
                    await Keep(unit, id, wish, made, ct);
                    if (wish.Active is false)
                    {
                        await unit.Run($"select iam.set_place({id}, false)", ct);
                    }

                    return new AuditEntry("scim_user.created", "scim_user", id, After: Told(wish, wish.Active ?? true));
                },
                ct);
            return await unit.One($"{Columns} {Rows} and u.id = {id}", Read, ct);
        },
        ct));

    /// <summary>Makes a member what the directory wants, as far as it may. Null when there is no such member; <paramref name="change"/> sees them as they are, under a lock.</summary>
    public static Task<ScimPerson?> Change(Db db, Guid id, Func<ScimPerson, ScimWish> change, CancellationToken ct) => Refusing(db.Atomically(
        async unit =>
        {
            await unit.Run($"select 1 from iam.tenant_members m where m.tenant_id = ops.tenant() and m.user_id = {id} and m.deleted_at is null for update", ct);
            if (await unit.OneOrNone($"{Columns} {Rows} and u.id = {id}", Read, ct) is not { } before)
            {
                return null;
            }

            var wish = change(before);
            await AuditLog.Act(
                unit,
                async () =>
                {
                    await Keep(unit, id, wish, false, ct);
                    // Only what the directory changes now: a name that somebody chose for themselves since is theirs.
                    var old = ScimWish.From(before.Document());
                    await unit.Run(
                        $"""
                        select iam.change_directory_account({unit.Tenant.Value}, {id}, {Changed(old.Email, wish.Email)}, {Changed(old.DisplayName, wish.DisplayName)},
                          {Changed(old.FirstName, wish.FirstName)}, {Changed(old.LastName, wish.LastName)})
                        """,
                        ct);
                    if (wish.Active is { } active && active != before.Active)
                    {
                        await unit.Run($"select iam.set_place({id}, {active})", ct);
                    }

                    return new AuditEntry("scim_user.updated", "scim_user", id, Before: Told(before), After: Told(wish, wish.Active ?? before.Active));
                },
                ct);
            return await unit.OneOrNone($"{Columns} {Rows} and u.id = {id}", Read, ct);
        },
        ct));

    private static string? Changed(string? before, string? after) => before == after ? null : after;

    private static Task<int> Keep(Unit unit, Guid id, ScimWish wish, bool made, CancellationToken ct) => unit.Run(
        $"""
        insert into iam.scim_users (id, user_id, user_name, external_id, account_made, attributes)
        values ({Guid.CreateVersion7()}, {id}, {wish.UserName}::citext, {wish.ExternalId}, {made}, {wish.Attributes.ToJsonString()}::jsonb)
        on conflict (tenant_id, user_id) do update set user_name = excluded.user_name, external_id = excluded.external_id, attributes = excluded.attributes,
          account_made = iam.scim_users.account_made or excluded.account_made
        """,
        ct);

    // What collides is a userName or an address; what must not be left alone is the tenant.
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
        catch (PostgresException alone) when (alone.SqlState == LastOwner.SqlState)
        {
            throw new ScimException(new ScimError(409, "mutability", alone.MessageText));
        }
    }

    private static object Told(ScimPerson person) => new { userName = person.UserName, externalId = person.ExternalId, active = person.Active, email = person.Email, displayName = person.DisplayName };

    private static object Told(ScimWish wish, bool active) => new { userName = wish.UserName, externalId = wish.ExternalId, active, email = wish.Email, displayName = wish.DisplayName };

    private static Sql Where(ScimFilter filter) => filter switch
    {
        ScimFilter.And both => $"({Where(both.Left)} and {Where(both.Right)})",
        ScimFilter.Or either => $"({Where(either.Left)} or {Where(either.Right)})",
        ScimFilter.Not not => $"not coalesce({Where(not.Inner)}, false)",
        ScimFilter.Compare { Attribute: "active" } compare => $"((m.status = 'active') = {ScimJson.Flag(JsonValue.Create(compare.Value?.ToString())) ?? true}) = {compare.Operation == "eq"}",
        ScimFilter.Compare compare => ScimSql.Compare(
            compare.Attribute switch
            {
                "id" => $"u.id::text",
                "username" => $"coalesce(s.user_name, u.email)::text",
                "externalid" => $"s.external_id",
                "displayname" => $"u.display_name",
                "name.givenname" => $"u.first_name",
                "name.familyname" => $"u.last_name",
                "emails" or "emails.value" => $"u.email::text",
                // Kept addresses are for work unless the directory says otherwise, and there is one that counts.
                "emails.type" => $"'work'::text",
                "emails.primary" => $"'true'::text",
                _ => throw new ScimException(ScimError.Invalid("invalidFilter", $"Users cannot be filtered by '{compare.Attribute}'.")),
            },
            compare, exact: compare.Attribute == "externalid"),
        _ => throw new ScimException(ScimError.Invalid("invalidFilter", "The filter cannot be read.")),
    };

    private static ScimPerson Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<bool>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(),
        (JsonObject)JsonNode.Parse(row.Get<string>())!, [.. row.Json<List<GroupName>>().Select(g => (g.Id, g.Name))], row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>()); // an object by its default

    private sealed record GroupName(Guid Id, string Name);
}
