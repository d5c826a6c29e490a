using System.Text.Json;

namespace Lyceum.Platform;

/// <summary>An answer as it was given. The body's bytes come back unchanged.</summary>
internal sealed record KeptAnswer(string? ContentType, string? Location, string? ETag, byte[] Body);

/// <summary>What a key stands for: <paramref name="Attempt"/> when the request is ours to run now, else what is known of the earlier one.</summary>
internal sealed record KeyState(Guid? Attempt, bool SameRequest, int? Status, KeptAnswer? Answer);

/// <summary>Reads and writes ops.idempotency_keys.</summary>
internal static class IdempotencyStore
{
    /// <summary>How long an attempt is believed to be alive without a sign of life.</summary>
    public static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>
    /// Takes the key for a new attempt, unless it is taken. An abandoned or outdated row is taken over and gets a new id,
    /// so an attempt that wakes up late finds its row gone and cannot write over the new one's answer.
    /// </summary>
    public static Task<KeyState> Begin(Db db, string key, string path, byte[] requestHash, CancellationToken ct)
    {
        var attempt = Guid.CreateVersion7();
        var (user, apiKey, tenant) = (db.Actor.UserId, db.Actor.ApiKeyId, Tenant(db));
        return db.One(
            $"""
            with taken as (
              insert into ops.idempotency_keys as k (id, api_key_id, user_id, key, method, path, request_hash, expires_at)
              values ({attempt}, {apiKey}, {user}, {key}, 'POST', {path}, {requestHash}, now() + {Kept})
              on conflict (tenant_id, key, path, api_key_id, user_id) do update
                set id = excluded.id, request_hash = excluded.request_hash, response_status = null, response_body = null, expires_at = excluded.expires_at
                where k.expires_at < now() or (k.response_status is null and k.updated_at < now() - {Abandoned} and k.request_hash = excluded.request_hash)
              returning k.id)
            select t.id, k.request_hash = {requestHash}, k.response_status, k.response_body::text
            from (select 1) one left join taken t on true
            left join ops.idempotency_keys k on t.id is null and k.tenant_id = {tenant} and k.key = {key} and k.path = {path}
              and k.api_key_id is not distinct from {apiKey} and k.user_id is not distinct from {user}
            """,
            row => new KeyState(row.Get<Guid?>(), row.Get<bool?>() ?? true, row.Get<int?>(), Answer(row.Get<string?>())),
            ct);
    }

    /// <summary>Says that the attempt is still being worked on.</summary>
    public static Task<int> Touch(Db db, Guid attempt, CancellationToken ct) => db.Run(
        $"update ops.idempotency_keys set expires_at = now() + {Kept} where tenant_id = {Tenant(db)} and id = {attempt} and response_status is null", ct);

    public static Task<int> Keep(Db db, Guid attempt, int status, KeptAnswer answer, CancellationToken ct) => db.Run(
        $"""
        update ops.idempotency_keys set response_status = {status}, response_body = {LyceumJson.Write(answer)}::jsonb, expires_at = now() + {Kept}
        where tenant_id = {Tenant(db)} and id = {attempt}
        """,
        ct);

    /// <summary>Forgets an attempt whose answer is not kept: the same key may try again.</summary>
    public static Task<int> Forget(Db db, Guid attempt, CancellationToken ct) =>
        db.Run($"delete from ops.idempotency_keys where tenant_id = {Tenant(db)} and id = {attempt} and response_status is null", ct);

    /// <summary>Removes what is past its day, of all tenants. Returns how many.</summary>
    public static Task<int> Sweep(Databases databases, CancellationToken ct) =>
        databases.WithoutTenant().One($"select ops.sweep_idempotency_keys()", row => row.Get<int>(), ct);

    private static KeptAnswer? Answer(string? json) => json is null ? null : JsonSerializer.Deserialize<KeptAnswer>(json, LyceumJson.Options);

    private static Guid Tenant(Db db) => (db.Tenant ?? throw new InvalidOperationException("Idempotency keys belong to a tenant.")).Value;
}
