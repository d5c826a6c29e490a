using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Somebody leaves the organisation: their places in teams end, their keys are revoked, their sessions here stop. Their account stays.</summary>
internal static class Departure
{
    public static async Task<AuditEntry?> Of(Unit unit, Guid userId, Caller caller, CancellationToken ct)
    {
        var member = await MemberStore.Hold(unit, userId, ct) ?? throw new ProblemException(Problem.NotFound("member"));
        Rights.MustCover(await Rights.In(unit, caller, caller.HomeTeam, ct), member.RolePermissions);
        // First of all: whoever looks at a membership in this transaction's shadow sees the person gone.
        await MemberStore.Remove(unit, member.Id, ct);
        var teams = await TeamMemberStore.RemoveEverywhere(unit, userId, ct);
        var keys = await ApiKeyStore.RevokeAllOf(unit, userId, ct);
        await MemberStore.EndSessions(unit, userId, ct);
        return new AuditEntry("tenant_member.removed", "tenant_member", userId,
            Before: new { member.Status, role = member.RoleKey, displayName = member.DisplayName }, Metadata: new { teams, keysRevoked = keys });
    }
}
