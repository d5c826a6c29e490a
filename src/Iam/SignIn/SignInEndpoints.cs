using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>Tenant: slug of the organisation to enter, needed only when the account has several.</summary>
public sealed record SignIn(
    [property: Required, MaxLength(320)] string Email, [property: Required, MaxLength(1000)] string Password, [property: MaxLength(64)] string? Tenant = null);

/// <summary>HTTP door of sign-in.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this RouteGroupBuilder iam)
    {
        iam.MapPost("/sign-in", Enter).IsOpen("this is how one signs in").WithName("signIn");
        iam.MapPost("/sign-out", Leave).NeedsOnlySignIn().WithName("signOut");
    }

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Enter(
        SignIn request, HttpContext http, PasswordDoor door, AccountStore accounts, Databases databases, CancellationToken ct)
    {
        var (account, choice, problem) = await door.Enter(request.Email, request.Password, request.Tenant, http, ct);
        return account is null || choice is null
            ? problem!.ToResult() // what is not let in is told why
            : TypedResults.Ok(await Begin(account.UserId, choice.Id, PasswordDoor.ActorOf(account, http), http, accounts, databases, ct));
    }

    /// <summary>Opens a browser's session, writes that down, sets the cookie.</summary>
    internal static async Task<Me> Begin(Guid userId, Guid tenantId, Actor actor, HttpContext http, AccountStore accounts, Databases databases, CancellationToken ct)
    {
        var token = SessionToken.NewCookie();
        await accounts.OpenSession(userId, tenantId, SessionToken.Hash(token), SessionRules.Cookie, actor.Ip, actor.UserAgent, ct);
        var db = databases.For(new TenantId(tenantId), actor);
        await ProfileStore.Audit(db, "session.created", "success", null, ct);
        http.Response.Cookies.Append(Door.Cookie, token, CookieOf(http, SessionRules.Cookie));
        return await ProfileStore.Read(db, userId, ct);
    }

    private static async Task<NoContent> Leave(HttpContext http, Db db, Caller caller, SessionStore sessions, CancellationToken ct)
    {
        if (caller.SessionId is not null && (Door.KeyOf(http.Request) ?? http.Request.Cookies[Door.Cookie]) is { } token)
        {
            await sessions.Close(SessionToken.Hash(token), ct);
            await ProfileStore.Audit(db, "session.ended", "success", null, ct);
        }

        http.Response.Cookies.Delete(Door.Cookie, CookieOf(http, null));
        return TypedResults.NoContent();
    }

    internal static CookieOptions CookieOf(HttpContext http, TimeSpan? life) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        MaxAge = life,
        Path = "/",
    };
}
