using System.Collections.Concurrent;
using System.Net;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What a sign-in attempt is answered. Says the same for an unknown address and a wrong password.</summary>
internal static class SignInRules
{
    public static readonly Problem Refused = new(401, "invalid_credentials", "The e-mail address or the password is wrong.");

    private static (TenantChoice?, Problem?) Enter(TenantChoice tenant) => tenant.Status == "active" ? (tenant, null) : (null, AccessProblems.TenantSuspended);

    public static Problem TooMany(int seconds) =>
        new(429, "too_many_attempts", $"Too many wrong attempts. Try again in {seconds} seconds.") { RetryAfter = seconds, More = new Dictionary<string, object?> { ["retryAfter"] = seconds } };

    /// <summary>The tenant to enter: the only one, the one named, or a problem that lists them to choose from.</summary>
    public static (TenantChoice? Choice, Problem? Problem) Choose(IReadOnlyList<TenantChoice> tenants, string? wanted)
    {
        if (wanted is not null)
        {
            return tenants.FirstOrDefault(t => string.Equals(t.Slug, wanted, StringComparison.OrdinalIgnoreCase)) is { } named
                ? Enter(named)
                : (null, Refused);
        }

        return tenants switch
        {
            [] => (null, new Problem(403, "no_membership", "Your account is not a member of any organisation. Ask an administrator to invite you.")),
            [var only] => Enter(only),
            _ => (null, new Problem(409, "choose_tenant", "Your account belongs to several organisations. Choose one.")
            {
                More = new Dictionary<string, object?> { ["tenants"] = tenants.Select(t => new { slug = t.Slug, name = t.Name }).ToArray() },
            }),
        };
    }
}

/// <summary>
/// Wrong passwords per address of the network in this process: 20 in a minute, then wait. Beside the lock of the account
/// (which counts over all processes) it slows someone who tries one password on many accounts.
/// </summary>
internal sealed class SignInThrottle(TimeProvider clock)
{
    private const int PerMinute = 20;
    private const int Addresses = 50_000;
    private readonly ConcurrentDictionary<IPAddress, (long Minute, int Failures)> _failures = new();

    public int SecondsToWait(IPAddress? ip) =>
        ip is not null && _failures.TryGetValue(ip, out var seen) && seen.Minute == Minute() && seen.Failures >= PerMinute
            ? 60 - clock.GetUtcNow().Second
            : 0;

    public void NoteFailure(IPAddress? ip)
    {
        if (ip is null)
        {
            return;
        }

        if (_failures.Count > Addresses)
        {
            _failures.Clear();
        }

        _failures.AddOrUpdate(ip, _ => (Minute(), 1), (_, seen) => seen.Minute == Minute() ? (seen.Minute, seen.Failures + 1) : (Minute(), 1));
    }

    private long Minute() => clock.GetUtcNow().ToUnixTimeSeconds() / 60;
}
