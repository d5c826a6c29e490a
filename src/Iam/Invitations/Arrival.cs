using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Somebody accepts: the invitation is used up, the account is there, its place in the organisation and in the team with the promised roles too. All or nothing.</summary>
internal static class Arrival
{
    public static async Task<AuditEntry?> Of(Unit unit, FoundInvitation found, Acceptance who, CancellationToken ct)
    {
        // First, and by nobody else: of two who accept at once, the second waits here and then finds it answered.
        if (await InvitationStore.Hold(unit, found.Id, null, ct) is not { Status: "pending" } row)
        {
            throw new ProblemException(InvitationRules.Answered);
        }

        if (who.IsNew)
        {
            var made = await unit.One(
                $"select iam.create_account({who.UserId}, {found.Email}, {who.Name}, {found.FirstName}, {found.LastName}, {who.NewPasswordHash}, {found.WasMailed})", r => r.Get<bool>(), ct);
            if (!made)
            {
                throw new ProblemException(InvitationRules.SignInFirst); // somebody made an account with this address a moment ago
            }
        }
        else if (found.WasMailed)
        {
            await unit.Run($"select iam.prove_email({who.UserId})", ct);
        }

        if (!await InvitationStore.Answer(unit, found.Id, "accepted", who.UserId, ct))
        {
            throw new ProblemException(InvitationRules.Expired);
        }

        var roles = await RoleStore.Grants(unit, await InvitationStore.Roles(unit, found.Id, ct), null, ct);
        var joined = await Join(unit, who.UserId, roles, ct);
        if (row.TeamId is { } team)
        {
            await JoinTeam(unit, team, who.UserId, [.. roles.Where(r => r.Scope == "team")], ct);
        }

        return new AuditEntry("invitation.accepted", "invitation", found.Id,
            After: new { userId = who.UserId, newAccount = who.IsNew, newMember = joined, roles = roles.Select(r => r.Key) }, TeamId: row.TeamId);
    }

    private static async Task<bool> Join(Unit unit, Guid user, IReadOnlyList<Grant> roles, CancellationToken ct)
    {
        if (await MemberStore.Hold(unit, user, ct) is { } member)
        {
            return member.Status == "active"
                ? false
                : throw new ProblemException(new Problem(403, "member_inactive", "Your membership of this organisation was switched off. Ask an administrator to switch it on first."));
        }

        return await MemberStore.Insert(unit, user, roles.First(r => r.Scope == "tenant"), ct);
    }

    private static async Task JoinTeam(Unit unit, Guid team, Guid user, IReadOnlyList<Grant> roles, CancellationToken ct)
    {
        if (await TeamStore.CountOf(unit, user, ct) >= TeamRules.MostTeams)
        {
            throw new ProblemException(Problem.Conflict("too_many_teams", $"One person can belong to at most {TeamRules.MostTeams} teams."));
        }

        var place = (await TeamMemberStore.Hold(unit, team, user, ct))?.Id ?? await TeamMemberStore.Insert(unit, team, user, null, null, ct)
            ?? throw new ProblemException(InvitationRules.Answered);
        await TeamMemberStore.AddRoles(unit, place, roles, ct);
    }
}
