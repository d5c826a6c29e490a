using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>Tenant: slug of the organisation to enter, needed only when the account has several.</summary>
public sealed record AskForTokens(
    [property: Required, MaxLength(320)] string Email, [property: Required, MaxLength(1000)] string Password, [property: MaxLength(64)] string? Tenant = null);

public sealed record RenewTokens([property: Required, MaxLength(200)] string RefreshToken);

/// <summary>A program's session: the access token goes into <c>Authorization: Bearer</c>, the refresh token is used once, for the next pair. ExpiresIn is in seconds.</summary>
public sealed record Tokens(string AccessToken, string RefreshToken, int ExpiresIn, string TokenType);

/// <summary>HTTP door of sessions for programs.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder iam)
    {
        iam.MapPost("/token", Begin).IsOpen("this is how a program signs in").WithName("createTokens");
        iam.MapPost("/refresh", Renew).IsOpen("the refresh token is the credential").WithName("renewTokens");
    }

    private static async Task<Results<Ok<Tokens>, ProblemHttpResult>> Begin(
        AskForTokens request, HttpContext http, PasswordDoor door, SessionStore sessions, Databases databases, CancellationToken ct)
    {
        var (account, choice, problem) = await door.Enter(request.Email, request.Password, request.Tenant, http, ct);
        if (account is null || choice is null)
        {
            return problem!.ToResult(); // what is not let in is told why
        }

        var (access, refresh) = (SessionToken.NewAccess(), SessionToken.NewRefresh());
        var actor = PasswordDoor.ActorOf(account, http, "api");
        await sessions.Open(account.UserId, choice.Id, SessionToken.Hash(refresh), SessionToken.Hash(access), actor.Ip, actor.UserAgent ?? "", ct);
        await ProfileStore.Audit(databases.For(new TenantId(choice.Id), actor), "session.created", "success", null, ct);
        return TypedResults.Ok(Hand(http, access, refresh));
    }

    private static async Task<Results<Ok<Tokens>, ProblemHttpResult>> Renew(
        RenewTokens request, HttpContext http, SessionStore sessions, Databases databases, CancellationToken ct)
    {
        var arrived = Stopwatch.GetTimestamp();
        if (!SessionToken.IsRefresh(request.RefreshToken))
        {
            return AccessProblems.SessionEnded.ToResult();
        }

        var (access, refresh, agent) = (SessionToken.NewAccess(), SessionToken.NewRefresh(), http.Request.Headers.UserAgent.ToString());
        var renewal = await sessions.Renew(
            SessionToken.Hash(request.RefreshToken), SessionToken.Hash(refresh), SessionToken.Hash(access), arrived, http.Connection.RemoteIpAddress, agent, ct);
        if (renewal is { TenantId: { } tenant, UserId: { } user, Outcome: "renewed" or "reused" })
        {
            var actor = new Actor(user, null, renewal.DisplayName ?? "", "api", http.Connection.RemoteIpAddress, agent, http.TraceIdentifier);
            await (renewal.Outcome == "renewed"
                ? ProfileStore.Audit(databases.For(new TenantId(tenant), actor), "session.renewed", "success", null, ct)
                : ProfileStore.Audit(databases.For(new TenantId(tenant), actor), "session.refused", "denied", SessionRules.Reused.Detail, ct));
        }

        return SessionRules.Of(renewal.Outcome) is { } problem ? problem.ToResult() : TypedResults.Ok(Hand(http, access, refresh));
    }

    private static Tokens Hand(HttpContext http, string access, string refresh)
    {
        http.Response.Headers.CacheControl = "no-store";
        return new Tokens(access, refresh, (int)SessionRules.Access.TotalSeconds, "Bearer");
    }
}
