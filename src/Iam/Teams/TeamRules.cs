using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Decisions about teams.</summary>
internal static class TeamRules
{
    /// <summary>Teams one person can belong to.</summary>
    public const int MostTeams = 200;

    public static string Slug(CreateTeam request) => request.Slug ?? RoleRules.Fold(request.Name, '-', 64);

    /// <summary>The team as it is after a change, or why the change cannot be made.</summary>
    public static (Team? After, Problem? Problem) Apply(Team team, ChangeTeam change)
    {
        if (change.MaxFileSizeMb is { IsGiven: true, Value: < 1 or > 10_000 })
        {
            return (null, Problem.Invalid("invalid_team", "maxFileSizeMb is from 1 to 10,000, or null for the installation's limit."));
        }

        if (change.Description is { IsGiven: true, Value.Length: > 2000 })
        {
            return (null, Problem.Invalid("invalid_team", "description has at most 2,000 characters."));
        }

        if (change.AllowedOrigins?.FirstOrDefault(o => !IsOrigin(o)) is { } wrong)
        {
            return (null, Problem.Invalid("invalid_origin", $"'{wrong}' is not an origin. Write scheme and host, such as https://www.example.com, with a port if it is not the usual one, and nothing behind it."));
        }

        if (change.AllowedOrigins is { Count: > 1 } origins && origins.Contains("*"))
        {
            return (null, Problem.Invalid("invalid_origin", "The origin * stands for all others; leave them out, or leave it out."));
        }

        return (team with
        {
            Name = change.Name?.Trim() is { Length: > 0 } name ? name : team.Name,
            Slug = change.Slug ?? team.Slug,
            Description = change.Description.Or(team.Description),
            LeaderUserId = change.LeaderUserId.Or(team.LeaderUserId),
            MaxFileSizeMb = change.MaxFileSizeMb.Or(team.MaxFileSizeMb),
            AllowedOrigins = change.AllowedOrigins?.Distinct().ToArray() ?? team.AllowedOrigins,
            OpenaiApiEnabled = change.OpenaiApiEnabled ?? team.OpenaiApiEnabled,
            IsFrozen = change.IsFrozen ?? team.IsFrozen,
        }, null);
    }

    /// <summary>What of a team the audit log tells.</summary>
    public static object Told(Team team) => new
    {
        team.Name, team.Slug, team.Description, team.Kind, team.LeaderUserId, team.MaxFileSizeMb, team.AllowedOrigins, team.OpenaiApiEnabled, team.IsFrozen,
    };

    // As a browser writes it in the header Origin (RFC 6454, 6.1): lower case, no path, no default port.
    private static bool IsOrigin(string text) => text == "*" || (text.Length <= 300
        && Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        && string.Equals(address.GetLeftPart(UriPartial.Authority), text, StringComparison.Ordinal) && address.UserInfo.Length == 0);
}
