using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>A role that a group shall give, as far as deciding about it needs: where it can be given, and what it holds that the caller does not.</summary>
internal sealed record MappedRole(Guid Id, Guid TenantId, string Scope, string? Beyond);

/// <summary>Reads and writes iam.identity_providers and iam.identity_provider_roles.</summary>
internal sealed class IdentityProviderStore(Databases databases, SecretStore secrets)
{
    private const string SecretKind = "oidc_client_secret";

    private static Sql Columns => $"""
        select p.id, p.name, p.slug::text, p.issuer, p.client_id, p.secret_id is not null, p.scopes, p.email_domains, p.groups_claim, p.roles_claim, (
            select coalesce(jsonb_agg(jsonb_build_object('group', r.group_name, 'roleId', r.role_id, 'teamId', r.team_id) order by r.group_name, r.id), '[]')
            from iam.identity_provider_roles r where r.tenant_id = p.tenant_id and r.provider_id = p.id),
          p.is_enabled, p.create_accounts, p.is_trusted, p.created_at, p.updated_at
        from iam.identity_providers p where p.tenant_id = ops.tenant() and p.deleted_at is null
        """;

    public static Task<IReadOnlyList<IdentityProvider>> List(Db db, Page page, CancellationToken ct) =>
        db.Many($"{Columns} and p.id < {page.Before} order by p.id desc limit {page.Limit + 1}", Read, ct);

    public static Task<IdentityProvider?> Find(Db db, Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} and p.id = {id}", Read, ct);

    /// <summary>The tenant of a provider that is switched on, for somebody who is not signed in; null when there is none.</summary>
    public Task<(Guid TenantId, bool IsActive)?> DoorOf(Guid id, CancellationToken ct) => databases.WithoutTenant().OneOrNone<(Guid, bool)?>(
        $"select tenant_id, tenant_status from iam.identity_provider_door({id})", row => (row.Get<Guid>(), row.Get<string>() == "active"), ct);

    public static Task<Provider?> ForSignIn(Db db, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        select id, tenant_id, name, issuer, client_id, secret_id, scopes, email_domains, groups_claim, roles_claim, create_accounts, is_trusted
        from iam.identity_providers where tenant_id = ops.tenant() and id = {id} and is_enabled and deleted_at is null
        """,
        row => new Provider(row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<Guid?>(), row.Get<string[]>(), row.Get<string[]>(),
            row.Get<string>(), row.Get<string>(), row.Get<bool>(), row.Get<bool>()), ct);

    public Task<IReadOnlyList<(Guid Id, string Name, string Slug, string Tenant)>> Options(string? domain, string? tenant, CancellationToken ct) => databases.WithoutTenant().Many(
        $"select id, name, tenant_slug, tenant_name from iam.sign_in_options({domain}, {tenant})",
        row => (row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>()), ct);

    /// <summary>The roles among these that exist, each with a permission it would give beyond <paramref name="permissions"/>; and the teams that exist.</summary>
    public static async Task<(IReadOnlyList<MappedRole> Roles, IReadOnlyList<Guid> Teams)> Mappable(
        Db db, Guid[] roles, Guid[] teams, string[] permissions, CancellationToken ct) => (
        await db.Many(
            $"""
            select r.id, r.tenant_id, r.scope, (
              select min(rp.permission_key) from iam.role_permissions rp where rp.tenant_id = r.tenant_id and rp.role_id = r.id and rp.permission_key <> all ({permissions}))
            from iam.roles r where r.tenant_id in (ops.tenant(), ops.platform_tenant()) and r.id = any ({roles}) and r.deleted_at is null
            """,
            row => new MappedRole(row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>()), ct),
        await db.Many($"select id from iam.teams where tenant_id = ops.tenant() and id = any ({teams}) and deleted_at is null", row => row.Get<Guid>(), ct));

    /// <summary>Null when the short name is taken.</summary>
    public async Task<IdentityProvider?> Insert(Db db, IdentityProvider draft, string? clientSecret, IReadOnlyList<MappedRole> roles, CancellationToken ct)
    {
        try
        {
            return await db.Atomically(
                async unit =>
                {
                    Guid? secret = string.IsNullOrEmpty(clientSecret) ? null : await secrets.Put(unit, SecretKind, clientSecret, ct);
                    await unit.Run(
                        $"""
                        insert into iam.identity_providers (id, name, slug, issuer, client_id, secret_id, scopes, email_domains, groups_claim, roles_claim, is_enabled,
                          create_accounts, is_trusted)
                        values ({draft.Id}, {draft.Name}, {draft.Slug}, {draft.Issuer}, {draft.ClientId}, {secret}, {draft.Scopes}, {draft.EmailDomains}, {draft.GroupsClaim},
                          {draft.RolesClaim}, {draft.IsEnabled}, {draft.CreateProvision}, {draft.IsTrusted})
                        """,
                        ct);
                    await WriteRoles(unit, draft, roles, ct);
                    return await unit.One($"{Columns} and p.id = {draft.Id}", Read, ct);
                },
                ct);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    /// <summary>Changes a provider and gives everybody it spoke for the roles that follow from the change. Null when the short name is taken.</summary>
    public async Task<IdentityProvider?> Change(Db db, IdentityProvider draft, string? clientSecret, IReadOnlyList<MappedRole>? roles, CancellationToken ct)
    {
        try
        {
            return await db.Atomically(
                async unit =>
                {
                    if (clientSecret is not null)
                    {
                        await WriteSecret(unit, draft.Id, clientSecret, ct);
                    }

                    await unit.Run(
                        $"""
                        update iam.identity_providers set name = {draft.Name}, slug = {draft.Slug}, client_id = {draft.ClientId}, scopes = {draft.Scopes},
                          email_domains = {draft.EmailDomains}, groups_claim = {draft.GroupsClaim}, roles_claim = {draft.RolesClaim}, is_enabled = {draft.IsEnabled},
                          create_accounts = {draft.CreateProvision}, is_trusted = {draft.IsTrusted}
                        where tenant_id = ops.tenant() and id = {draft.Id}
                        """,
                        ct);
                    if (roles is not null)
                    {
                        await WriteRoles(unit, draft, roles, ct);
                    }

                    await ApplyToAll(unit, ct);
                    return await unit.One($"{Columns} and p.id = {draft.Id}", Read, ct);
                },
                ct);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    /// <summary>Removes a provider with its secret; its sessions end and the roles its groups gave are taken back. False when there is none.</summary>
    public Task<bool> Delete(Db db, Guid id, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var found = await unit.OneOrNone(
                $"select id from iam.identity_providers where tenant_id = ops.tenant() and id = {id} and deleted_at is null for update", row => row.Get<Guid?>(), ct);
            if (found is null)
            {
                return false;
            }

            await WriteSecret(unit, id, "", ct);
            await unit.Run($"update iam.identity_providers set deleted_at = now(), is_enabled = false where tenant_id = ops.tenant() and id = {id}", ct);
            await ApplyToAll(unit, ct);
            await unit.Run($"select iam.forget_provider({id})", ct);
            return true;
        },
        ct);

    // A change of a provider touches whoever came through any: a person may have come through two, and groups of SCIM belong to none.
    private static Task<int> ApplyToAll(Unit unit, CancellationToken ct) => unit.Run(
        $"""
        select iam.apply_directory(u.user_id) from (
          select user_id from iam.provider_members where tenant_id = ops.tenant()
          union select user_id from iam.directory_group_members where tenant_id = ops.tenant()) u
        """,
        ct);

    private static async Task WriteRoles(Unit unit, IdentityProvider draft, IReadOnlyList<MappedRole> roles, CancellationToken ct)
    {
        var tenants = roles.ToDictionary(r => r.Id, r => r.TenantId);
        await unit.Run($"delete from iam.identity_provider_roles where tenant_id = ops.tenant() and provider_id = {draft.Id}", ct);
        await unit.Run(
            $"""
            insert into iam.identity_provider_roles (id, provider_id, group_name, role_tenant_id, role_id, team_id)
            select ops.uuid7(), {draft.Id}, m.group_name, m.role_tenant_id, m.role_id, m.team_id
            from unnest({draft.GroupRoles.Select(r => r.Group).ToArray()}, {draft.GroupRoles.Select(r => tenants[r.RoleId]).ToArray()},
              {draft.GroupRoles.Select(r => r.RoleId).ToArray()}, {draft.GroupRoles.Select(r => r.TeamId).ToArray()}) m(group_name, role_tenant_id, role_id, team_id)
            on conflict do nothing
            """,
            ct);
    }

    private async Task WriteSecret(Unit unit, Guid id, string clientSecret, CancellationToken ct)
    {
        var stored = await unit.One($"select secret_id from iam.identity_providers where tenant_id = ops.tenant() and id = {id}", row => row.Get<Guid?>(), ct);
        if (stored is { } kept && clientSecret.Length > 0 && await secrets.Replace(unit, kept, clientSecret, ct))
        {
            return;
        }

        Guid? secret = clientSecret.Length > 0 ? await secrets.Put(unit, SecretKind, clientSecret, ct) : null;
        await unit.Run($"update iam.identity_providers set secret_id = {secret} where tenant_id = ops.tenant() and id = {id}", ct);
        if (stored is { } old)
        {
            await SecretStore.Delete(unit, old, ct);
        }
    }

    private static IdentityProvider Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<bool>(), row.Get<string[]>(), row.Get<string[]>(), row.Get<string>(),
        row.Get<string>(), row.Json<List<GroupRole>>(), row.Get<bool>(), row.Get<bool>(), row.Get<bool>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());
}
