using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of teams.</summary>
internal static class TeamEndpoints
{
    private const string Manage = "iam.teams.manage";
    private static readonly Problem Missing = Problem.NotFound("team");
    private static readonly Problem SlugTaken = Problem.Conflict("team_slug_taken", "Another team has this short name. Choose another.");

    public static void MapTeams(this RouteGroupBuilder iam)
    {
        iam.MapGet("/teams", List).NeedsOnlySignIn().WithName("listTeams");
        iam.MapPost("/teams", Create).Needs("iam.teams.create").WithName("createTeam");
        iam.MapGet("/teams/{id:guid}", Get).NeedsOnlySignIn().WithName("getTeam");
        iam.MapPatch("/teams/{id:guid}", Change).Needs(Manage).WithName("changeTeam");
        iam.MapDelete("/teams/{id:guid}", Delete).Needs(Manage).WithName("deleteTeam");
        // Whoever deleted their only team works in none, and so could not pass a permission of that team at the door.
        iam.MapPost("/teams/{id:guid}/restore", Restore).NeedsOnlySignIn().WithName("restoreTeam");
    }

    private static async Task<Ok<Paged<Team>>> List(string? cursor, int? limit, bool? deleted, Caller caller, TeamStore store, CancellationToken ct) =>
        TypedResults.Ok(await store.List(Page.From(cursor, limit), caller.UserId, await store.ManagesAll(caller, ct), deleted ?? false, ct));

    private static async Task<Results<Ok<Team>, ProblemHttpResult>> Get(Guid id, Caller caller, HttpContext http, TeamStore store, CancellationToken ct)
    {
        if (await store.Find(id, caller.UserId, await store.ManagesAll(caller, ct), ct) is not { } team)
        {
            return Missing.ToResult();
        }

        Etag.Send(http, team.UpdatedAt);
        return TypedResults.Ok(team);
    }

    private static async Task<Results<Created<Team>, ProblemHttpResult>> Create(
        CreateTeam request, Caller caller, Db db, KnownCredentials known, TeamStore store, CancellationToken ct)
    {
        var (id, slug) = (Guid.CreateVersion7(), TeamRules.Slug(request));
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            if (await TeamStore.CountOf(unit, caller.UserId, ct) >= TeamRules.MostTeams)
            {
                throw new ProblemException(Problem.Conflict("too_many_teams", $"One person can belong to at most {TeamRules.MostTeams} teams."));
            }

            if (!await TeamStore.Insert(unit, id, request, slug, caller.UserId, ct))
            {
                throw new ProblemException(SlugTaken);
            }

            var place = await TeamMemberStore.Insert(unit, id, caller.UserId, null, null, ct);
            await TeamMemberStore.AddRoles(unit, place!.Value, [await RoleStore.LowestWith(unit, "iam.teams.own", "team", ct)], ct); // a new team has no members
            return new AuditEntry("team.created", "team", id, After: new { name = request.Name.Trim(), slug, request.Description, kind = request.Kind ?? "workspace" }, TeamId: id);
        }, ct), ct);
        return TypedResults.Created($"/api/v1/iam/teams/{id}", await store.Find(id, caller.UserId, true, ct));
    }

    private static async Task<Results<Ok<Team>, ProblemHttpResult>> Change(
        Guid id, ChangeTeam request, Caller caller, Db db, HttpContext http, KnownCredentials known, TeamStore store, CancellationToken ct)
    {
        var unchangedSince = Etag.Wanted(http);
        await MustSee(id, caller, store, ct);
        var managesAll = await store.ManagesAll(caller, ct);
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var (before, rights) = await Hold(unit, id, caller, ct);
            // Freezing is over the team's own people: whoever it holds up does not lift it.
            if ((request.IsFrozen ?? before.IsFrozen) != before.IsFrozen && !managesAll)
            {
                throw new ProblemException(AccessProblems.MayNot(Manage, caller.ApiKeyId is not null));
            }

            if (request.IsFrozen is not false)
            {
                await TeamStore.RefuseFrozen(unit, id, ct);
            }

            if (unchangedSince is { } since && before.UpdatedAt.ToUnixTimeMilliseconds() != since.ToUnixTimeMilliseconds())
            {
                throw new ProblemException(Etag.Stale);
            }

            var (after, problem) = TeamRules.Apply(before, request);
            if (after is null)
            {
                throw new ProblemException(problem!); // either a team or a problem
            }

            if (after.LeaderUserId != before.LeaderUserId)
            {
                await MayLead(unit, id, after.LeaderUserId, rights, ct);
            }

            if (after.Slug != before.Slug && !await TeamStore.SlugIsFree(unit, after.Slug, id, ct))
            {
                throw new ProblemException(SlugTaken);
            }

            await TeamStore.Update(unit, after, ct);
            return new AuditEntry("team.updated", "team", id, Before: TeamRules.Told(before), After: TeamRules.Told(after), TeamId: id);
        }, ct), ct);
        return await Get(id, caller, http, store, ct);
    }

    // Without moveTo the team is hidden with everything in it until it is restored, and nothing in it is touched. With it, everything goes
    // over to the other team first, and an empty team is deleted.
    private static async Task<NoContent> Delete(
        Guid id, Guid? moveTo, Caller caller, Db db, KnownCredentials known, TeamStore store, IEnumerable<ITeamHolding> holdings, CancellationToken ct)
    {
        await MustSee(id, caller, store, ct);
        if (moveTo is { } wanted)
        {
            await MustSee(wanted == id ? Guid.Empty : wanted, caller, store, ct);
        }

        var managesAll = await store.ManagesAll(caller, ct);
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var (team, _) = await Hold(unit, id, caller, ct);
            if (!managesAll)
            {
                await TeamStore.RefuseFrozen(unit, id, ct);
            }

            var moved = new SortedDictionary<string, int>(StringComparer.Ordinal);
            if (moveTo is { } to)
            {
                await Hold(unit, to, caller, ct);
                foreach (var holding in holdings)
                {
                    moved[holding.Type] = await holding.Move(unit, id, to, ct);
                }
            }

            await TeamStore.SetDeleted(unit, id, true, ct);
            return new AuditEntry("team.deleted", "team", id, Before: TeamRules.Told(team), Metadata: moveTo is null ? null : new { movedTo = moveTo, moved }, TeamId: id);
        }, ct), ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<Team>, ProblemHttpResult>> Restore(Guid id, Caller caller, Db db, KnownCredentials known, TeamStore store, CancellationToken ct)
    {
        var all = await store.ManagesAll(caller, ct);
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var team = await TeamStore.Hold(unit, id, caller.UserId, true, ct);
            var place = await TeamMemberStore.Hold(unit, id, caller.UserId, ct);
            // A key that is not for everything its owner may do cannot bring back what lies outside of it.
            if (team is null || (!all && (place is null || !place.Permissions.Contains(Manage) || caller.ApiKeyId is not null)))
            {
                throw new ProblemException(Missing);
            }

            if (!await TeamStore.SlugIsFree(unit, team.Slug, id, ct))
            {
                throw new ProblemException(SlugTaken);
            }

            await TeamStore.SetDeleted(unit, id, false, ct);
            return new AuditEntry("team.restored", "team", id, After: TeamRules.Told(team), TeamId: id);
        }, ct), ct);
        return TypedResults.Ok(await store.Find(id, caller.UserId, true, ct));
    }

    internal static async Task MustSee(Guid id, Caller caller, TeamStore store, CancellationToken ct)
    {
        if (await store.Find(id, caller.UserId, await store.ManagesAll(caller, ct), ct) is null)
        {
            throw new ProblemException(Missing);
        }
    }

    private static async Task<(Team Team, IReadOnlySet<string> Rights)> Hold(Unit unit, Guid id, Caller caller, CancellationToken ct)
    {
        var team = await TeamStore.Hold(unit, id, caller.UserId, false, ct) ?? throw new ProblemException(Missing);
        var rights = await Rights.In(unit, caller, id, ct);
        Rights.Need(rights, Manage, caller);
        return (team, rights);
    }

    // To lead is to have a manager's rights in the team.
    private static async Task MayLead(Unit unit, Guid team, Guid? leader, IReadOnlySet<string> rights, CancellationToken ct)
    {
        Rights.MustCover(rights, ["iam.teams.members"]);
        if (leader is { } user && await TeamMemberStore.Hold(unit, team, user, ct) is null)
        {
            throw new ProblemException(Problem.Invalid("leader_not_member", "Only a member can lead the team. Add them to it first."));
        }
    }
}
