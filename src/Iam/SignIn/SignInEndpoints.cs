using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
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
    private static readonly TimeSpan SessionLife = TimeSpan.FromDays(14);

    public static void MapSignIn(this RouteGroupBuilder iam)
    {
        iam.MapPost("/sign-in", Enter).IsOpen("this is how one signs in").WithName("signIn");
        iam.MapPost("/sign-out", Leave).NeedsOnlySignIn().WithName("signOut");
    }

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Enter(
        SignIn request, HttpContext http, AccountStore accounts, Databases databases, SignInThrottle throttle, TimeProvider clock, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            return SignInRules.TooMany(seconds).ToResult();
        }

        var account = await accounts.Find(request.Email.Trim(), ct);
        if (account?.LockedUntil is { } until && until > clock.GetUtcNow())
        {
            return SignInRules.TooMany((int)Math.Ceiling((until - clock.GetUtcNow()).TotalSeconds)).ToResult();
        }

        var right = PasswordHash.Matches(request.Password, account?.PasswordHash) && account!.IsActive; // Matches is false without an account
        if (account is not null)
        {
            await accounts.NoteSignIn(account.UserId, right, ct);
        }

        if (account is null || !right)
        {
            throttle.NoteFailure(ip);
            foreach (var tenant in account?.Tenants ?? [])
            {
                await ProfileStore.Audit(databases.For(new TenantId(tenant.Id), ActorOf(account!, http)), "session.refused", "denied", "Wrong password", ct); // a tenant came from an account
            }

            return SignInRules.Refused.ToResult();
        }

        var (choice, problem) = SignInRules.Choose(account.Tenants, request.Tenant);
        if (choice is null)
        {
            return problem!.ToResult(); // either a choice or a problem
        }

        return TypedResults.Ok(await Begin(account.UserId, choice.Id, ActorOf(account, http), http, accounts, databases, ct));
    }

    /// <summary>Opens a browser's session, writes that down, sets the cookie.</summary>
    internal static async Task<Me> Begin(Guid userId, Guid tenantId, Actor actor, HttpContext http, AccountStore accounts, Databases databases, CancellationToken ct)
    {
        var token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await accounts.OpenSession(userId, tenantId, SHA256.HashData(Encoding.UTF8.GetBytes(token)), SessionLife, actor.Ip, actor.UserAgent, ct);
        var db = databases.For(new TenantId(tenantId), actor);
        await ProfileStore.Audit(db, "session.created", "success", null, ct);
        http.Response.Cookies.Append(Door.Cookie, token, CookieOf(http, SessionLife));
        return await ProfileStore.Read(db, userId, ct);
    }

    private static async Task<NoContent> Leave(HttpContext http, AccountStore accounts, CancellationToken ct)
    {
        if (http.Request.Cookies.TryGetValue(Door.Cookie, out var token))
        {
            await accounts.CloseSession(SHA256.HashData(Encoding.UTF8.GetBytes(token)), ct);
        }

        http.Response.Cookies.Delete(Door.Cookie, CookieOf(http, null));
        return TypedResults.NoContent();
    }

    private static Actor ActorOf(Account account, HttpContext http) => new(
        account.UserId, null, account.DisplayName, "user_interface", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);

    internal static CookieOptions CookieOf(HttpContext http, TimeSpan? life) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        MaxAge = life,
        Path = "/",
    };
}
