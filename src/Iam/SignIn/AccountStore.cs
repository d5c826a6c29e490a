using System.Net;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

internal sealed record TenantChoice(Guid Id, string Slug, string Name, string Status);

internal sealed record Account(Guid UserId, string DisplayName, bool IsActive, string PasswordHash, DateTimeOffset? LockedUntil, IReadOnlyList<TenantChoice> Tenants);

/// <summary>Accounts before a tenant is known: sign-in, sessions, the first administrator. Only calls functions; holds no table rights of its own.</summary>
public sealed class AccountStore(Databases databases)
{
    internal Task<Account?> Find(string email, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select user_id, display_name, is_active, password_hash, locked_until, tenants from iam.find_account({email})",
        row => new Account(row.Get<Guid>(), row.Get<string>(), row.Get<bool>(), row.Get<string>(), row.Get<DateTimeOffset?>(), row.Json<List<TenantChoice>>()), ct);

    /// <summary>The same for the development sign-in, which asks for no password.</summary>
    internal Task<Account?> FindWithoutPassword(string email, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select user_id, display_name, is_active, tenants from iam.find_account_by_address({email})",
        row => new Account(row.Get<Guid>(), row.Get<string>(), row.Get<bool>(), "", null, row.Json<List<TenantChoice>>()), ct);

    internal Task<DateTimeOffset?> NoteSignIn(Guid userId, bool right, CancellationToken ct) =>
        databases.WithoutTenant().One($"select iam.note_sign_in({userId}, {right})", row => row.Get<DateTimeOffset?>(), ct);

    /// <summary>Until when an address that has no account with a password has to wait.</summary>
    internal Task<DateTimeOffset?> UnknownLockedUntil(string address, CancellationToken ct) =>
        databases.WithoutTenant().One($"select iam.unknown_locked_until({address})", row => row.Get<DateTimeOffset?>(), ct);

    internal Task<DateTimeOffset?> NoteUnknown(string address, CancellationToken ct) =>
        databases.WithoutTenant().One($"select iam.note_unknown_sign_in({address})", row => row.Get<DateTimeOffset?>(), ct);

    internal Task OpenSession(Guid userId, Guid tenantId, byte[] tokenHash, TimeSpan life, IPAddress? ip, string? userAgent, CancellationToken ct) =>
        databases.WithoutTenant().Run(
            $"select iam.open_session({Guid.CreateVersion7()}, {userId}, {tenantId}, {tokenHash}, {(int)life.TotalSeconds}, {ip}::inet, {userAgent})", ct);

    internal Task<Caller?> BySession(byte[] tokenHash, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select user_id, tenant_id, email, display_name, platform_role, tenant_status, permissions, team_ids, session_id, is_confined, check_provider from iam.resolve_session({tokenHash})",
        row =>
        {
            var (user, tenant, email, name, role) = (row.Get<Guid>(), new TenantId(row.Get<Guid>()), row.Get<string>(), row.Get<string>(), row.Get<string>());
            var active = row.Get<string>() == "active";
            var permissions = row.Get<string[]>();
            return new Caller(user, null, tenant, email, name, role, new HashSet<string>(active ? permissions : []), row.Get<Guid[]>())
            {
                TenantSuspended = !active,
                SessionId = row.Get<Guid>(),
                IsConfined = row.Get<bool>(),
                CheckProvider = row.Get<Guid?>(),
            };
        },
        ct);

    internal Task<KeyRow?> ByKeyPrefix(string prefix, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"""
        select key_id, key_hash, user_id, tenant_id, label, kind, status, expires_at, scopes, agent_id, collection_id, tenant_status, permissions, team_ids, last_used_at,
          team_id, requests_per_minute, tokens_per_minute
        from iam.resolve_api_key({prefix})
        """,
        row => new KeyRow(row.Get<Guid>(), row.Get<byte[]>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<DateTimeOffset?>(),
            row.Get<string[]>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string[]>(), row.Get<Guid[]>(), row.Get<DateTimeOffset?>(),
            row.Get<Guid?>(), row.Get<int?>(), row.Get<int?>()), ct);

    internal Task TouchKey(Guid keyId, IPAddress? ip, CancellationToken ct) =>
        databases.WithoutTenant().Run($"select iam.touch_api_key({keyId}, {ip}::inet)", ct);

    /// <summary>The account and tenant behind an address, when it has exactly one; for work the platform does in its name at start.</summary>
    public async Task<(Guid UserId, TenantId Tenant)?> OnlyTenantOf(string email, CancellationToken ct) =>
        await Find(email, ct) is { Tenants: [var only] } account ? (account.UserId, new TenantId(only.Id)) : null;

    /// <summary>Makes the first administrator with a tenant and a team. True for exactly one call of all processes, ever.</summary>
    public Task<bool> MakeFirstAdministrator(Guid userId, string email, string name, string password, TenantId tenant, string slug, string tenantName, Guid teamId, CancellationToken ct) =>
        databases.WithoutTenant().One(
            $"select iam.first_administrator({userId}, {email}, {name}, {PasswordHash.Of(password)}, {tenant.Value}, {slug}, {tenantName}, {teamId})",
            row => row.Get<bool>(), ct);
}

internal sealed record KeyRow(
    Guid KeyId, byte[] Hash, Guid UserId, Guid TenantId, string Label, string Kind, string Status, DateTimeOffset? ExpiresAt, string[] Scopes,
    Guid? AgentId, Guid? CollectionId, string TenantStatus, string[] Permissions, Guid[] TeamIds, DateTimeOffset? LastUsedAt,
    Guid? TeamId, int? RequestsPerMinute, int? TokensPerMinute);
