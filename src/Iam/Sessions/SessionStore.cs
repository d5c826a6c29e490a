using System.Diagnostics;
using System.Net;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>How an attempt to renew ended (renewed, reused, raced, suspended, ended, unknown), and whose session it is where there is one.</summary>
internal sealed record Renewal(string Outcome, Guid? UserId, Guid? TenantId, string? DisplayName);

/// <summary>A signed-in account that has not chosen its tenant yet.</summary>
internal sealed record PendingChoice(Guid UserId, string DisplayName, IReadOnlyList<TenantChoice> Tenants);

/// <summary>Opens, renews and ends sessions. Only calls functions: the app role has no rights to iam.sessions itself.</summary>
internal sealed class SessionStore(Databases databases, KnownCredentials known)
{
    public Task Open(Guid userId, Guid tenantId, byte[] refreshHash, byte[] accessHash, IPAddress? ip, string userAgent, CancellationToken ct) => databases.WithoutTenant().Run(
        $"""
        select iam.open_token_session({Guid.CreateVersion7()}, {userId}, {tenantId}, {refreshHash}, {accessHash}, {(int)SessionRules.Refresh.TotalSeconds},
          {(int)SessionRules.Access.TotalSeconds}, {(int)SessionRules.Family.TotalSeconds}, {ip}::inet, {userAgent})
        """,
        ct);

    /// <summary>Exchanges a refresh token for the next pair. <paramref name="arrived"/> is when the request came, as <see cref="Stopwatch"/> tells it.</summary>
    public async Task<Renewal> Renew(byte[] hash, byte[] refreshHash, byte[] accessHash, long arrived, IPAddress? ip, string userAgent, CancellationToken ct)
    {
        // In a transaction, so that the time of waiting for a connection counts as time on the way.
        var renewal = await databases.WithoutTenant().Atomically(unit => unit.One(
            $"""
            select outcome, user_id, tenant_id, display_name
            from iam.refresh_session({hash}, {Guid.CreateVersion7()}, {refreshHash}, {accessHash}, {(int)SessionRules.Refresh.TotalSeconds},
              {(int)SessionRules.Access.TotalSeconds}, {(int)Stopwatch.GetElapsedTime(arrived).TotalMilliseconds}, {ip}::inet, {userAgent})
            """,
            row => new Renewal(row.Get<string>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string?>()), ct), ct);
        if (renewal.Outcome == "reused")
        {
            known.Forget();
        }

        return renewal;
    }

    /// <summary>Ends the family a token belongs to: here at once, on other nodes when they hear of it, at the latest within a second.</summary>
    public async Task Close(byte[] hash, CancellationToken ct)
    {
        await databases.WithoutTenant().Run($"select iam.close_session({hash})", ct);
        known.Forget();
    }

    public Task<PendingChoice?> Choices(byte[] hash, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select user_id, display_name, tenants from iam.session_choices({hash})",
        row => new PendingChoice(row.Get<Guid>(), row.Get<string>(), row.Json<List<TenantChoice>>()), ct);

    public Task<bool> Choose(byte[] hash, Guid tenantId, CancellationToken ct) =>
        databases.WithoutTenant().One($"select iam.choose_session_tenant({hash}, {tenantId})", row => row.Get<bool>(), ct);
}
