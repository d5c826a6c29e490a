using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>How long sessions last, and what each end of one is called.</summary>
internal static class SessionRules
{
    /// <summary>A browser that signed in with a password, or through a provider that can be asked again.</summary>
    public static readonly TimeSpan Cookie = TimeSpan.FromDays(14);

    /// <summary>A browser whose provider cannot be asked again: a group taken away there must count within a working day.</summary>
    public static readonly TimeSpan UncheckedCookie = TimeSpan.FromHours(8);

    public static readonly TimeSpan Access = TimeSpan.FromMinutes(15);

    public static readonly TimeSpan Refresh = TimeSpan.FromDays(30);

    /// <summary>However often it is renewed, a program asks for the password again after this time.</summary>
    public static readonly TimeSpan Family = TimeSpan.FromDays(90);

    public static readonly Problem Reused = new(
        401, "refresh_token_reused", "This refresh token was used before. Somebody else may have it, so the whole session has been ended. Sign in again.");

    public static readonly Problem Raced = Problem.Conflict(
        "refresh_raced", "Another request has just renewed this session with the same token. Use the tokens it was given.");

    /// <summary>The refusal of a renewal; null when it went well.</summary>
    public static Problem? Of(string outcome) => outcome switch
    {
        "renewed" => null,
        "reused" => Reused,
        "raced" => Raced,
        "suspended" => AccessProblems.TenantSuspended,
        _ => AccessProblems.SessionEnded,
    };
}
