using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>
/// HTTP door for those who hold a link. The link finds the invitation by its selector and proves itself by its verifier; wrong ones
/// count against the address they come from like wrong passwords.
/// </summary>
internal static class InvitationDoor
{
    private const string Why = "whoever holds the link is not signed in yet";

    public static void MapInvitationDoor(this RouteGroupBuilder iam)
    {
        iam.MapGet("/invitations/open", Open).IsOpen(Why).WithName("openInvitation");
        iam.MapPost("/invitations/accept", Accept).IsOpen(Why).WithName("acceptInvitation");
        iam.MapPost("/invitations/decline", Decline).IsOpen(Why).WithName("declineInvitation");
    }

    private static async Task<Results<Ok<OpenInvitation>, ProblemHttpResult>> Open(
        string token, HttpContext http, InvitationStore store, SignInThrottle throttle, CancellationToken ct)
    {
        var found = await Find(token, http, store, throttle, ct);
        return InvitationRules.WhyNot(found) is { } problem
            ? problem.ToResult()
            : TypedResults.Ok(new OpenInvitation(
                new OpenPlace(found.TenantName), found.TeamName is { } team ? new OpenPlace(team) : null, found.Email, found.FirstName, found.LastName,
                found.InvitedBy, found.ExpiresAt, found.Account is not null));
    }

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Accept(
        AcceptInvitation request, HttpContext http, InvitationStore store, SignInThrottle throttle, Invitee invitee, AccountStore accounts, Databases databases,
        KnownCredentials known, CancellationToken ct)
    {
        var found = await Find(request.Token, http, store, throttle, ct);
        if (InvitationRules.WhyNot(found) is { } problem)
        {
            return problem.ToResult();
        }

        var (account, refused) = await invitee.Who(found, request, http, ct);
        if (account is null)
        {
            return refused!.ToResult(); // either somebody or a problem
        }

        var actor = new Actor(account.UserId, null, account.Name, "user_interface", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);
        await LastOwner.Guard(databases.For(new TenantId(found.TenantId), actor), known, unit => AuditLog.Act(unit, () => Arrival.Of(unit, found, account, ct), ct), ct);
        if (account.SignedIn is { } already && already.Tenant.Value == found.TenantId)
        {
            // The session goes on as it is: a new one might be worth more than it was.
            return TypedResults.Ok(await ProfileStore.Read(databases.For(already.Tenant, actor), account.UserId, already.HomeTeam, ct));
        }

        return TypedResults.Ok(await SignInEndpoints.Begin(account.UserId, found.TenantId, actor, http, accounts, databases, ct));
    }

    private static async Task<NoContent> Decline(
        DeclineInvitation request, HttpContext http, InvitationStore store, SignInThrottle throttle, Databases databases, CancellationToken ct)
    {
        var found = await Find(request.Token, http, store, throttle, ct);
        if (InvitationRules.WhyNot(found) is { } problem)
        {
            throw new ProblemException(problem);
        }

        var actor = new Actor(found.Account, null, found.Email, "user_interface", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);
        await databases.For(new TenantId(found.TenantId), actor).Atomically(unit => AuditLog.Act(unit, async () =>
            await InvitationStore.Answer(unit, found.Id, "declined", null, ct)
                ? new AuditEntry("invitation.declined", "invitation", found.Id, TeamId: found.TeamId)
                : throw new ProblemException(InvitationRules.Answered), ct), ct);
        return TypedResults.NoContent();
    }

    private static async Task<FoundInvitation> Find(string token, HttpContext http, InvitationStore store, SignInThrottle throttle, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            throw new ProblemException(SignInRules.TooMany(seconds));
        }

        if (InvitationRules.Parse(token) is var (selector, verifier) && await store.BySelector(selector, ct) is { } found && Links.Matches(verifier, found.VerifierHash))
        {
            return found;
        }

        throttle.NoteFailure(ip);
        throw new ProblemException(InvitationRules.Missing);
    }
}
