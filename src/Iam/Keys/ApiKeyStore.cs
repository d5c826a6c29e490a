using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads and writes iam.api_keys. A person sees and changes only their own keys; who manages all keys sees and ends the others' too.</summary>
internal sealed class ApiKeyStore(Db db)
{
    public async Task<ApiKey> Insert(Guid owner, string secret, CreateApiKey request, CancellationToken ct) => await db.One(Adding(owner, secret, request), Read, ct);

    public static Task<ApiKey> Insert(Unit unit, Guid owner, string secret, CreateApiKey request, CancellationToken ct) => unit.One(Adding(owner, secret, request), Read, ct);

    private static Sql Adding(Guid owner, string secret, CreateApiKey request) =>
        $"""
        insert into iam.api_keys as k (id, user_id, name, key_kind, key_prefix, key_hash, scopes, expires_at, team_id, agent_id, collection_id, requests_per_minute, tokens_per_minute)
        values ({Guid.CreateVersion7()}, {owner}, {request.Name.Trim()}, {request.Kind ?? "api"}, {ApiKeySecret.Prefix(secret)}, {ApiKeySecret.Hash(secret)},
          {request.Scopes ?? []}, {request.ExpiresAt}, {request.TeamId}, {request.AgentId}, {request.CollectionId}, {request.RequestsPerMinute}, {request.TokensPerMinute})
        returning {Columns}
        """;

    /// <summary>Ends a key within the act that takes away what it belongs to.</summary>
    public static Task End(Unit unit, Guid id, CancellationToken ct) => unit.Run(
        $"""
        update iam.api_keys set status = 'revoked', revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, {unit.Actor.UserId}),
          previous_prefix = null, previous_hash = null, previous_until = null
        where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is null
        """,
        ct);

    /// <summary>What the things that these keys belong to may show of them.</summary>
    public static Task<IReadOnlyList<BoundKey>> Bound(Db db, IReadOnlyList<Guid> ids, CancellationToken ct) => db.Many(
        $"""
        select k.id, k.key_prefix, case when k.status = 'active' and k.expires_at <= now() then 'expired' else k.status end, k.last_used_at,
          coalesce((select u.display_name from iam.users u where u.id = k.user_id), '')
        from iam.api_keys k where k.id = any ({ids.ToArray()}) and k.deleted_at is null
        """,
        row => new BoundKey(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<DateTimeOffset?>(), row.Get<string>()), ct);

    /// <summary>Newest first: of one owner, or of everybody when null.</summary>
    public Task<IReadOnlyList<ApiKey>> List(Guid? owner, Page page, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from iam.api_keys k
        where ({owner}::uuid is null or k.user_id = {owner}) and k.deleted_at is null and k.id < {page.Before}
        order by k.id desc limit {page.Limit + 1}
        """,
        Read, ct);

    public Task<ApiKey?> Find(Guid owner, Guid id, CancellationToken ct) => db.OneOrNone(
        $"select {Columns} from iam.api_keys k where k.id = {id} and k.user_id = {owner} and k.deleted_at is null", Read, ct);

    /// <summary>Stores what may be changed of a live key.</summary>
    public Task<ApiKey?> Change(ApiKey key, CancellationToken ct) => db.OneOrNone(
        $"""
        update iam.api_keys k set name = {key.Name}, scopes = {key.Scopes}, expires_at = {key.ExpiresAt}, requests_per_minute = {key.RequestsPerMinute},
          tokens_per_minute = {key.TokensPerMinute}
        where k.id = {key.Id} and k.user_id = {key.OwnerId} and k.status = 'active' and k.deleted_at is null returning {Columns}
        """,
        Read, ct);

    /// <summary>Replaces the secret of a live key; the old one opens for <paramref name="overlap"/> more. One rotated before ends at once.</summary>
    public Task<ApiKey?> Rotate(Guid owner, Guid id, string secret, TimeSpan overlap, CancellationToken ct) => db.OneOrNone(
        $"""
        update iam.api_keys k set key_prefix = {ApiKeySecret.Prefix(secret)}, key_hash = {ApiKeySecret.Hash(secret)},
          previous_prefix = case when {overlap} > interval '0' then k.key_prefix end, previous_hash = case when {overlap} > interval '0' then k.key_hash end,
          previous_until = case when {overlap} > interval '0' then now() + {overlap} end
        where k.id = {id} and k.user_id = {owner} and k.status = 'active' and (k.expires_at is null or k.expires_at > now()) and k.deleted_at is null
        returning {Columns}
        """,
        Read, ct);

    /// <summary>Ends a key of <paramref name="owner"/>, or of anybody when null.</summary>
    public Task<ApiKey?> Revoke(Guid? owner, Guid id, Guid by, CancellationToken ct) => db.OneOrNone(
        $"""
        update iam.api_keys k set status = 'revoked', revoked_at = coalesce(k.revoked_at, now()), revoked_by = coalesce(k.revoked_by, {by}),
          previous_prefix = null, previous_hash = null, previous_until = null
        where k.id = {id} and ({owner}::uuid is null or k.user_id = {owner}) and k.deleted_at is null
        returning {Columns}
        """,
        Read, ct);

    /// <summary>Whether somebody belongs to a live team.</summary>
    public async Task<bool> BelongsTo(Guid user, Guid team, CancellationToken ct) => await db.One(
        $"""
        select exists (select from iam.team_members m join iam.teams t on t.tenant_id = m.tenant_id and t.id = m.team_id and t.deleted_at is null
          where m.user_id = {user} and m.team_id = {team} and m.deleted_at is null)
        """,
        row => row.Get<bool>(), ct);

    public Task<IReadOnlyList<string>> UnknownScopes(string[] scopes, CancellationToken ct) => db.Many(
        $"select s from unnest({scopes}) s where s not in (select key from iam.permissions)", row => row.Get<string>(), ct);

    /// <summary>Revokes every key of somebody who leaves the organisation; says how many.</summary>
    public static Task<int> RevokeAllOf(Unit unit, Guid owner, CancellationToken ct) => unit.Run(
        $"update iam.api_keys set status = 'revoked', revoked_at = now(), revoked_by = {unit.Actor.UserId} where user_id = {owner} and deleted_at is null and status = 'active'", ct);

    /// <summary>Keys that open something, as metering.hold_rows counts them.</summary>
    internal static Task<long> Count(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*) from iam.api_keys where tenant_id = ops.tenant() and status = 'active' and deleted_at is null and (expires_at is null or expires_at > now())", row => row.Get<long>(), ct);

    private static Sql Columns =>
        $"""
        k.id, k.name, k.key_kind, k.key_prefix, k.scopes, case when k.status = 'active' and k.expires_at <= now() then 'expired' else k.status end,
          k.expires_at, k.last_used_at, k.created_at, k.user_id, coalesce((select u.display_name from iam.users u where u.id = k.user_id), ''), k.team_id, k.agent_id,
          k.collection_id, k.requests_per_minute, k.tokens_per_minute, case when k.previous_until > now() then k.previous_until end
        """;

    private static ApiKey Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string[]>(), row.Get<string>(),
        row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset>(), row.Get<Guid>(), row.Get<string>(), row.Get<Guid?>(), row.Get<Guid?>(),
        row.Get<Guid?>(), row.Get<int?>(), row.Get<int?>(), row.Get<DateTimeOffset?>());
}
