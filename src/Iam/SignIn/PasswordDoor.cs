using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>Lets in by e-mail address and password: a browser that gets a cookie and a program that gets tokens pass the same checks.</summary>
internal sealed class PasswordDoor(AccountStore accounts, Databases databases, SignInThrottle throttle, TimeProvider clock)
{
    /// <summary>The account and the tenant to enter, or the problem to answer with. Wrong attempts are counted and written down.</summary>
    public async Task<(Account? Account, TenantChoice? Tenant, Problem? Problem)> Enter(string email, string password, string? tenant, HttpContext http, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            return (null, null, SignInRules.TooMany(seconds));
        }

        // An address without an account waits like one with: that it has none is not told by an answer, nor by when it comes.
        var address = email.Trim();
        var account = await accounts.Find(address, ct);
        if ((account is null ? await accounts.UnknownLockedUntil(address, ct) : account.LockedUntil) is { } until && until > clock.GetUtcNow())
        {
            return (null, null, SignInRules.TooMany((int)Math.Ceiling((until - clock.GetUtcNow()).TotalSeconds)));
        }

        var right = PasswordHash.Matches(password, account?.PasswordHash) && account!.IsActive; // Matches is false without an account
        await (account is null ? accounts.NoteUnknown(address, ct) : accounts.NoteSignIn(account.UserId, right, ct));
        if (account is null || !right)
        {
            throttle.NoteFailure(ip);
            foreach (var place in account?.Tenants ?? [])
            {
                await ProfileStore.Audit(databases.For(new TenantId(place.Id), ActorOf(account!, http)), "session.refused", "denied", "Wrong password", ct); // a tenant came from an account
            }

            return (null, null, SignInRules.Refused);
        }

        var (choice, problem) = SignInRules.Choose(account.Tenants, tenant);
        return choice is null ? (account, null, problem) : (account, choice, null);
    }

    public static Actor ActorOf(Account account, HttpContext http, string accessType = "user_interface") => new(
        account.UserId, null, account.DisplayName, accessType, http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);
}
