using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

internal sealed record LinkedAccount(Guid UserId, string Email, string Name, Guid[] Tenants);

/// <summary>Links to reset a password and to prove an address. Only calls functions; what was done is told in the log of every organisation of the account.</summary>
internal sealed class PasswordStore(Databases databases)
{
    public Task<LinkedAccount?> AccountOfReset(byte[] tokenHash, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select user_id, email, display_name, tenants from iam.account_of_reset({tokenHash})", Read, ct);

    /// <summary>Notes that a link with this hash goes out; null when there is no such account, or one was sent less than a minute ago.</summary>
    public Task<LinkedAccount?> BeginReset(string email, byte[] tokenHash, TimeSpan life, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select user_id, email, display_name, tenants from iam.begin_reset({email}, {tokenHash}, {(int)life.TotalSeconds})", Read, ct);

    /// <summary>Uses the link up. False when another request was first.</summary>
    public async Task<bool> Reset(byte[] tokenHash, string passwordHash, LinkedAccount account, HttpContext http, CancellationToken ct)
    {
        var done = await databases.WithoutTenant().One($"select iam.reset_password({tokenHash}, {passwordHash})", row => row.Get<bool>(), ct);
        if (done)
        {
            await Tell(account.UserId, account.Name, account.Tenants, "password.reset", http);
        }

        return done;
    }

    /// <summary>Notes that a link to prove the address goes out; null when it is proved already.</summary>
    public Task<LinkedAccount?> BeginVerification(Guid user, byte[] tokenHash, TimeSpan life, CancellationToken ct) => databases.WithoutTenant().OneOrNone(
        $"select email, display_name from iam.begin_verification({user}, {tokenHash}, {(int)life.TotalSeconds})",
        row => new LinkedAccount(user, row.Get<string>(), row.Get<string>(), []), ct);

    public async Task<bool> Verify(byte[] tokenHash, HttpContext http, CancellationToken ct)
    {
        var found = await databases.WithoutTenant().OneOrNone(
            $"select user_id, display_name, tenants from iam.verify_email({tokenHash})", row => new LinkedAccount(row.Get<Guid>(), "", row.Get<string>(), row.Get<Guid[]>()), ct);
        if (found is not null)
        {
            await Tell(found.UserId, found.Name, found.Tenants, "email.proved", http);
        }

        return found is not null;
    }

    // An account belongs to no organisation, so its act cannot be in one transaction with a row of each; it has happened, so this is not cut short.
    private async Task Tell(Guid user, string name, Guid[] tenants, string action, HttpContext http)
    {
        var actor = new Actor(user, null, name, "user_interface", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);
        foreach (var tenant in tenants)
        {
            await databases.For(new TenantId(tenant), actor).Atomically(unit => AuditLog.Write(unit, new AuditEntry(action, "user", user), CancellationToken.None), CancellationToken.None);
        }
    }

    private static LinkedAccount Read(Row row) => new(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<Guid[]>());
}
