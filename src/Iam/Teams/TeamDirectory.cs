using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What a team allows those who work in it: the OpenAI-shaped API, and files of at most so many megabytes; null for as many as the installation allows.</summary>
public sealed record TeamLimits(bool OpenaiApiEnabled, int? MaxFileSizeMb)
{
    public static TeamLimits None { get; } = new(true, null);

    /// <summary>The smaller of what the installation and the team allow.</summary>
    public long MaxFileBytes(long installation) => MaxFileSizeMb is { } megabytes ? Math.Min(installation, (long)megabytes << 20) : installation;
}

/// <summary>Tells other rooms what the team allows in which a caller works; remembered for at most a second, as credentials are.</summary>
public sealed class TeamDirectory
{
    private readonly KnownCredentials _known;

    internal TeamDirectory(KnownCredentials known) => _known = known;

    /// <summary>Whoever works in no team has no limits.</summary>
    public async Task<TeamLimits> Limits(Db db, Caller caller, CancellationToken ct) => caller.HomeTeam is not { } team ? TeamLimits.None
        : await _known.Get($"team:{caller.Tenant}:{team}", () => db.OneOrNone(
            $"select openai_api_enabled, max_file_size_mb from iam.teams where tenant_id = {caller.Tenant.Value} and id = {team}",
            row => new TeamLimits(row.Get<bool>(), row.Get<int?>()), ct)) ?? TeamLimits.None;

    /// <summary>Teams an account belongs to, the one it joined first at the front; for work the platform does in its name.</summary>
    public static Task<IReadOnlyList<Guid>> TeamsOf(Db db, Guid user, CancellationToken ct) => db.Many(
        $"select t.team_id from iam.team_members t where t.user_id = {user} and t.accepted_at is not null and t.deleted_at is null order by t.id", row => row.Get<Guid>(), ct);
}
