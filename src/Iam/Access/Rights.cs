using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What a caller may do in a place other than the team they work in, and what they may therefore give to others.</summary>
internal static class Rights
{
    /// <summary>The caller's permissions in one team; in none of them when <paramref name="team"/> is null. A key never has more than its own.</summary>
    public static async Task<IReadOnlySet<string>> In(Unit unit, Caller caller, Guid? team, CancellationToken ct)
    {
        var own = await unit.One(
            $"select iam.permissions_in({unit.Tenant.Value}, {caller.UserId}, {team})", row => row.Get<string[]>(), ct);
        return caller.ApiKeyId is null ? own.ToHashSet() : own.Where(caller.May).ToHashSet();
    }

    /// <summary>Refuses what lies beyond these rights: nobody gives or takes away more than they have.</summary>
    public static void MustCover(IReadOnlySet<string> rights, IEnumerable<string> permissions)
    {
        if (permissions.FirstOrDefault(p => !rights.Contains(p)) is { } beyond)
        {
            throw new ProblemException(new Problem(
                403, "beyond_your_rights", $"This concerns the permission '{beyond}', which you do not have yourself.", "Ask somebody who has it, such as an administrator of your organisation."));
        }
    }

    /// <summary>Refuses an act for which the caller lacks the permission in that place.</summary>
    public static void Need(IReadOnlySet<string> rights, string permission, Caller caller)
    {
        if (!rights.Contains(permission))
        {
            throw new ProblemException(AccessProblems.MayNot(permission, caller.ApiKeyId is not null));
        }
    }
}
