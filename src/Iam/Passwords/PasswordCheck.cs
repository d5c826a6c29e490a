using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>Checks the password of an account that is known already, under the same two brakes as sign-in: the account's own lock and the count per network address.</summary>
internal sealed class PasswordCheck(Databases databases, AccountStore accounts, SignInThrottle throttle, TimeProvider clock)
{
    public static readonly Problem Wrong = new(401, "invalid_credentials", "The password is wrong.");

    /// <summary>Null when it is right.</summary>
    public async Task<Problem?> Check(Guid account, string password, HttpContext http, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            return SignInRules.TooMany(seconds);
        }

        var (hash, lockedUntil) = await databases.WithoutTenant().OneOrNone(
            $"select password_hash, locked_until from iam.password_of({account})", row => (row.Get<string?>(), row.Get<DateTimeOffset?>()), ct);
        if (lockedUntil is { } until && until > clock.GetUtcNow())
        {
            return SignInRules.TooMany((int)Math.Ceiling((until - clock.GetUtcNow()).TotalSeconds));
        }

        var right = PasswordHash.Matches(password, hash);
        await accounts.NoteSignIn(account, right, ct);
        if (!right)
        {
            throttle.NoteFailure(ip);
        }

        return right ? null : Wrong;
    }
}
