using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of one's own profile, working team and sessions.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfile(this RouteGroupBuilder iam)
    {
        iam.MapGet("/me", Who).NeedsOnlySignIn().WithName("getMe");
        iam.MapPatch("/me", Change).NeedsOnlySignIn().WithName("changeMe");
        iam.MapPut("/me/team", Choose).NeedsOnlySignIn().WithName("chooseTeam");
        iam.MapGet("/me/sessions", Sessions).NeedsOnlySignIn().WithName("listMySessions");
        iam.MapDelete("/me/sessions/{id:guid}", EndSession).NeedsOnlySignIn().WithName("endMySession");
    }

    private static async Task<Ok<Me>> Who(Db db, Caller caller, CancellationToken ct) => TypedResults.Ok(await ProfileStore.Read(db, caller, ct));

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Change(ChangeMe request, Db db, Caller caller, KnownCredentials known, CancellationToken ct)
    {
        if (request.DisplayName is not null || request.FirstName.IsGiven || request.LastName.IsGiven)
        {
            await OwnSession.MustSpeakForAccount(db, caller, ct);
        }

        await db.Atomically(
            async unit =>
            {
                unit.AfterCommit(known.Forget);
                var before = await ProfileStore.Hold(unit, caller.UserId, ct);
                var (after, problem) = ProfileRules.Apply(before, request);
                if (after is null)
                {
                    throw new ProblemException(problem!); // either a profile or a problem
                }

                await ProfileStore.Change(unit, after, ct);
                await AuditLog.Write(unit, new AuditEntry("user.updated", "user", caller.UserId, Before: Told(before), After: Told(after)), ct);
            },
            ct);
        return TypedResults.Ok(await ProfileStore.Read(db, caller, ct));
    }

    private static async Task<Ok<Me>> Choose(
        ChooseTeam request, Db db, Caller caller, KnownCredentials known, CancellationToken ct)
    {
        var session = OwnSession.Of(caller);
        await db.Atomically(
            async unit =>
            {
                unit.AfterCommit(known.Forget);
                if (!await unit.One($"select {request.TeamId} = any (iam.teams_of({unit.Tenant.Value}, {caller.UserId}))", row => row.Get<bool>(), ct))
                {
                    throw new ProblemException(Problem.NotFound("team"));
                }

                await unit.Run($"select iam.choose_team({session}, {request.TeamId})", ct);
                await AuditLog.Write(unit, new AuditEntry("session.team_chosen", "session", caller.UserId, TeamId: request.TeamId), ct);
            },
            ct);
        return TypedResults.Ok(await ProfileStore.Read(db, caller.UserId, request.TeamId, ct));
    }

    private static async Task<Ok<Paged<Session>>> Sessions(Db db, Caller caller, CancellationToken ct)
    {
        var own = OwnSession.Of(caller);
        var sessions = await db.Many(
            $"""
            select id, created_at, expires_at, host(ip_address), user_agent, tenant_name, id = {own} from iam.sessions_of({caller.UserId})
            where {OwnSession.Reach(caller)}::uuid is null or tenant_id = {OwnSession.Reach(caller)}
            """,
            row => new Session(
                row.Get<Guid>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>(), row.Get<string?>(), row.Get<string?>(),
                row.Get<string?>() is { } tenant ? new SessionTenant(tenant) : null, row.Get<bool>()),
            ct);
        return TypedResults.Ok(new Paged<Session>(sessions, null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSession(Guid id, Db db, Caller caller, KnownCredentials known, CancellationToken ct)
    {
        OwnSession.Of(caller);
        var ended = await db.Atomically(
            async unit =>
            {
                unit.AfterCommit(known.Forget);
                if (await unit.One($"select iam.end_sessions({caller.UserId}, {OwnSession.Reach(caller)}, {id}, null)", row => row.Get<int>(), ct) == 0)
                {
                    return false;
                }

                await AuditLog.Write(unit, new AuditEntry("session.ended", "session", id), ct);
                return true;
            },
            ct);
        return ended ? TypedResults.NoContent() : Problem.NotFound("session").ToResult();
    }

    // Which preferences changed is nobody's business; that they did is told.
    private static object Told(MeUser user) => new { user.DisplayName, user.FirstName, user.LastName, user.Locale };
}
