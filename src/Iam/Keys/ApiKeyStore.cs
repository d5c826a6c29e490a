using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Reads and writes iam.api_keys. A person sees and ends only their own keys.</summary>
internal sealed class ApiKeyStore(Db db)
{
    public async Task<ApiKey> Insert(Guid owner, string secret, CreateApiKey request, CancellationToken ct) => await db.One(
        $"""
        insert into iam.api_keys (id, user_id, name, key_kind, key_prefix, key_hash, scopes, expires_at)
        values ({Guid.CreateVersion7()}, {owner}, {request.Name.Trim()}, {request.Kind ?? "api"}, {ApiKeySecret.Prefix(secret)}, {ApiKeySecret.Hash(secret)},
          {request.Scopes ?? []}, {request.ExpiresAt})
        returning id, name, key_kind, key_prefix, scopes, status, expires_at, last_used_at, created_at
        """,
        Read, ct);

    public Task<IReadOnlyList<ApiKey>> List(Guid owner, Page page, CancellationToken ct) => db.Many(
        $"""
        select id, name, key_kind, key_prefix, scopes, case when status = 'active' and expires_at <= now() then 'expired' else status end,
          expires_at, last_used_at, created_at
        from iam.api_keys where user_id = {owner} and deleted_at is null and id < {page.Before}
        order by id desc limit {page.Limit + 1}
        """,
        Read, ct);

    public Task<ApiKey?> Revoke(Guid owner, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        update iam.api_keys set status = 'revoked', revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, {owner})
        where id = {id} and user_id = {owner} and deleted_at is null
        returning id, name, key_kind, key_prefix, scopes, status, expires_at, last_used_at, created_at
        """,
        Read, ct);

    public Task<IReadOnlyList<string>> UnknownScopes(string[] scopes, CancellationToken ct) => db.Many(
        $"select s from unnest({scopes}) s where s not in (select key from iam.permissions)", row => row.Get<string>(), ct);

    /// <summary>Revokes every key of somebody who leaves the organisation; says how many.</summary>
    public static Task<int> RevokeAllOf(Unit unit, Guid owner, CancellationToken ct) => unit.Run(
        $"update iam.api_keys set status = 'revoked', revoked_at = now(), revoked_by = {unit.Actor.UserId} where user_id = {owner} and deleted_at is null and status = 'active'", ct);

    private static ApiKey Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string[]>(), row.Get<string>(),
        row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset>());
}
