using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Connect;

/// <summary>Reads and writes connect.oauth_clients.</summary>
internal sealed class OAuthClientStore(SecretStore secrets)
{
    private const string SecretKind = "oauth_client_secret";

    private static Sql Columns => $"""
        select c.id, c.provider, c.client_id, c.secret_id is not null, (select h.last_four from ops.secret_hints h where h.tenant_id = c.tenant_id and h.id = c.secret_id),
          c.authorization_url, c.token_url, c.revocation_url, c.default_scopes, c.created_at, c.updated_at
        from connect.oauth_clients c where c.tenant_id = ops.tenant() and c.deleted_at is null
        """;

    public static Task<IReadOnlyList<OAuthClient>> List(Db db, Page page, CancellationToken ct) =>
        db.Many($"{Columns} and c.id < {page.Before} order by c.id desc limit {page.Limit + 1}", Read, ct);

    public static Task<OAuthClient?> Find(Db db, Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} and c.id = {id}", Read, ct);

    /// <summary>Null when the organisation is registered at this address already.</summary>
    public Task<OAuthClient?> Insert(Db db, OAuthClient draft, string? secret, CancellationToken ct) => Unique(db.Atomically<OAuthClient?>(
        async unit =>
        {
            Guid? kept = string.IsNullOrEmpty(secret) ? null : await secrets.Put(unit, SecretKind, secret, ct);
            await unit.Run(
                $"""
                insert into connect.oauth_clients (id, provider, client_id, secret_id, authorization_url, token_url, revocation_url, default_scopes)
                values ({draft.Id}, {draft.Provider}, {draft.ClientId}, {kept}, {draft.AuthorizationUrl}, {draft.TokenUrl}, {draft.RevocationUrl}, {draft.DefaultScopes})
                """,
                ct);
            return await unit.One($"{Columns} and c.id = {draft.Id}", Read, ct);
        },
        ct));

    /// <summary>Null when the organisation is registered at the new address already. An empty secret removes the stored one, null leaves it.</summary>
    public Task<OAuthClient?> Change(Db db, OAuthClient draft, string? secret, CancellationToken ct) => Unique(db.Atomically<OAuthClient?>(
        async unit =>
        {
            if (secret is not null)
            {
                await WriteSecret(unit, draft.Id, secret, ct);
            }

            await unit.Run(
                $"""
                update connect.oauth_clients set provider = {draft.Provider}, client_id = {draft.ClientId}, authorization_url = {draft.AuthorizationUrl}, token_url = {draft.TokenUrl},
                  revocation_url = {draft.RevocationUrl}, default_scopes = {draft.DefaultScopes}
                where tenant_id = ops.tenant() and id = {draft.Id}
                """,
                ct);
            return await unit.One($"{Columns} and c.id = {draft.Id}", Read, ct);
        },
        ct));

    /// <summary>Removes a registration with its secret. False when there is none.</summary>
    public Task<bool> Delete(Db db, Guid id, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            if (await unit.OneOrNone($"{Columns} and c.id = {id}", Read, ct) is null)
            {
                return false;
            }

            await WriteSecret(unit, id, "", ct);
            return await unit.Run($"update connect.oauth_clients set deleted_at = now() where tenant_id = ops.tenant() and id = {id} and deleted_at is null", ct) > 0;
        },
        ct);

    /// <summary>The registration for an address: the organisation's own before the platform's.</summary>
    public async Task<RegisteredClient?> Matching(Db db, string authorizationUrl, CancellationToken ct)
    {
        var found = await db.OneOrNone(
            $"""
            select c.id, c.client_id, c.secret_id, c.tenant_id = ops.tenant(), c.token_url, c.revocation_url, c.default_scopes
            from connect.oauth_clients c
            where c.tenant_id in (ops.tenant(), ops.platform_tenant()) and c.authorization_url = {authorizationUrl} and c.deleted_at is null
            order by c.tenant_id = ops.tenant() desc limit 1
            """,
            row => (Id: row.Get<Guid>(), ClientId: row.Get<string>(), Secret: row.Get<Guid?>(), IsOwn: row.Get<bool>(), Token: row.Get<string>(), Revocation: row.Get<string?>(), Scopes: row.Get<string[]>()), ct);
        if (found.ClientId is null)
        {
            return null;
        }

        // A secret of the platform tenant cannot be read as another tenant, which is right: what uses it acts for the platform then.
        var secret = found is { Secret: { } id, IsOwn: true } ? await secrets.Reveal(db, id, ct) : null;
        return new RegisteredClient(found.Id, found.ClientId, secret, new Uri(found.Token), found.Revocation is null ? null : new Uri(found.Revocation), found.Scopes);
    }

    private async Task WriteSecret(Unit unit, Guid id, string secret, CancellationToken ct)
    {
        var stored = await unit.One($"select secret_id from connect.oauth_clients where tenant_id = ops.tenant() and id = {id}", row => row.Get<Guid?>(), ct);
        if (stored is { } kept && secret.Length > 0 && await secrets.Replace(unit, kept, secret, ct))
        {
            return;
        }

        Guid? fresh = secret.Length > 0 ? await secrets.Put(unit, SecretKind, secret, ct) : null;
        await unit.Run($"update connect.oauth_clients set secret_id = {fresh} where tenant_id = ops.tenant() and id = {id}", ct);
        if (stored is { } old)
        {
            await SecretStore.Delete(unit, old, ct);
        }
    }

    private static async Task<OAuthClient?> Unique(Task<OAuthClient?> work)
    {
        try
        {
            return await work;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    private static OAuthClient Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<bool>(), row.Get<string?>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string[]>(),
        row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());
}
