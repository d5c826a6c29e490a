using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of the people of a team. What they may do there changes with their next request.</summary>
internal static class TeamMemberEndpoints
{
    private const string Members = "iam.teams.members";
    private static readonly Problem Missing = Problem.NotFound("team_member");

    public static void MapTeamMembers(this RouteGroupBuilder iam)
    {
        iam.MapGet("/teams/{id:guid}/members", List).Needs("iam.members.read").WithName("listTeamMembers");
        iam.MapPut("/teams/{id:guid}/members/{userId:guid}", Set).Needs(Members).WithName("setTeamMember");
        iam.MapDelete("/teams/{id:guid}/members/{userId:guid}", Remove).Needs(Members).WithName("removeTeamMember");
        iam.MapPost("/teams/{id:guid}/leave", Leave).NeedsOnlySignIn().WithName("leaveTeam");
    }

    private static async Task<Ok<Paged<TeamMember>>> List(
        Guid id, string? cursor, int? limit, Caller caller, TeamStore teams, TeamMemberStore store, CancellationToken ct)
    {
        await TeamEndpoints.MustSee(id, caller, teams, ct);
        return TypedResults.Ok(await store.List(id, Page.From(cursor, limit), caller.UserId, ct));
    }

    private static async Task<Ok<TeamMember>> Set(
        Guid id, Guid userId, SetTeamMember request, Caller caller, Db db, KnownCredentials known, TeamStore teams, TeamMemberStore store, CancellationToken ct)
    {
        await TeamEndpoints.MustSee(id, caller, teams, ct);
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var rights = await Hold(unit, id, caller, ct);
            if (!await MemberStore.IsActive(unit, userId, ct))
            {
                throw new ProblemException(Problem.NotFound("member"));
            }

            await TeamStore.RefuseFrozen(unit, id, ct);
            var roles = await RoleStore.Grants(unit, request.RoleIds, "team", ct);
            var before = await TeamMemberStore.Hold(unit, id, userId, ct);
            // Neither given nor taken away beyond one's own: an administrator of a team does not unseat its owner.
            Rights.MustCover(rights, [.. roles.SelectMany(r => r.Permissions), .. before?.Permissions ?? []]);
            if (before is null && await TeamStore.CountOf(unit, userId, ct) >= TeamRules.MostTeams)
            {
                throw new ProblemException(Problem.Conflict("too_many_teams", $"One person can belong to at most {TeamRules.MostTeams} teams."));
            }

            var place = before?.Id ?? await TeamMemberStore.Insert(unit, id, userId, caller.UserId, null, ct)
                ?? throw new ProblemException(Problem.Conflict("already_member", "Somebody added this person at the same moment. Look again."));
            await TeamMemberStore.AddRoles(unit, place, roles, ct);
            await TeamMemberStore.KeepRoles(unit, place, roles, ct);
            await TeamStore.Settle(unit, id, ct);
            var after = roles.Select(r => r.Key).Order(StringComparer.Ordinal).ToArray();
            return before is null
                ? new AuditEntry("team_member.created", "team_member", userId, After: new { roles = after }, TeamId: id)
                : before.RoleKeys.SequenceEqual(after) ? null
                : new AuditEntry("team_member.updated", "team_member", userId, Before: new { roles = before.RoleKeys }, After: new { roles = after }, TeamId: id);
        }, ct), ct);
        return TypedResults.Ok(await store.Find(id, userId, caller.UserId, ct));
    }

    private static async Task<NoContent> Remove(Guid id, Guid userId, Caller caller, Db db, KnownCredentials known, TeamStore teams, CancellationToken ct)
    {
        await TeamEndpoints.MustSee(id, caller, teams, ct);
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var rights = await Hold(unit, id, caller, ct);
            var place = await TeamMemberStore.Hold(unit, id, userId, ct) ?? throw new ProblemException(Missing);
            Rights.MustCover(rights, place.Permissions);
            return await End(unit, id, userId, place, "team_member.removed", ct);
        }, ct), ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> Leave(Guid id, Caller caller, Db db, KnownCredentials known, CancellationToken ct)
    {
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var team = await TeamStore.Hold(unit, id, caller.UserId, false, ct);
            var place = team is null ? null : await TeamMemberStore.Hold(unit, id, caller.UserId, ct);
            return place is null
                ? throw new ProblemException(Problem.NotFound("team"))
                : await End(unit, id, caller.UserId, place, "team_member.left", ct);
        }, ct), ct);
        return TypedResults.NoContent();
    }

    private static async Task<AuditEntry> End(Unit unit, Guid team, Guid user, TeamPlace place, string action, CancellationToken ct)
    {
        await TeamMemberStore.Remove(unit, place.Id, ct);
        if (!await TeamMemberStore.HasMembers(unit, team, ct))
        {
            throw new ProblemException(LastOwner.Refusal("The team would be left without anybody. Delete it instead."));
        }

        await TeamStore.Settle(unit, team, ct);
        return new AuditEntry(action, "team_member", user, Before: new { roles = place.RoleKeys }, TeamId: team);
    }

    // The team is held: its people change one after the other.
    private static async Task<IReadOnlySet<string>> Hold(Unit unit, Guid team, Caller caller, CancellationToken ct)
    {
        if (await TeamStore.Hold(unit, team, caller.UserId, false, ct) is null)
        {
            throw new ProblemException(Problem.NotFound("team"));
        }

        var rights = await Rights.In(unit, caller, team, ct);
        Rights.Need(rights, Members, caller);
        return rights;
    }
}
