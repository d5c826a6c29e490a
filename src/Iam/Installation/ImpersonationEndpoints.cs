using System.Security.Cryptography;
using System.Text;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>
/// HTTP door for acting in somebody's name: for an hour at most, with a reason, told in the organisation's own log, and in every row that comes of it
/// with both names. The administrator's own session waits meanwhile.
/// </summary>
internal static class ImpersonationEndpoints
{
    /// <summary>How tokens of such sessions begin.</summary>
    public const string Mark = "acting.";

    private const string OwnCookie = "lyceum_own_session";
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(60);

    public static void MapImpersonation(this RouteGroupBuilder platform)
    {
        platform.MapPost("/impersonate", Start).NeedsInstallation().WithName("impersonate");
        platform.MapPost("/impersonate/stop", Stop).NeedsOnlySignIn().WithName("stopImpersonating");
    }

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Start(Impersonate request, HttpContext http, Db db, Databases databases, InstallationStore store, CancellationToken ct)
    {
        var token = Mark + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        if (!http.Request.Cookies.TryGetValue(Door.Cookie, out var own) || !await store.OpenImpersonation(request, Hash(token), Life, db.Actor, ct))
        {
            return new Problem(404, "user_not_found", "There is no such active member of this organisation in whose name you could act.").ToResult();
        }

        http.Response.Cookies.Append(OwnCookie, own, CookieOf(http, Life));
        http.Response.Cookies.Append(Door.Cookie, token, CookieOf(http, Life));
        return TypedResults.Ok(await ProfileStore.Read(databases.For(new TenantId(request.TenantId), db.Actor), request.UserId, ct));
    }

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Stop(HttpContext http, Caller caller, Db db, Databases databases, AccountStore accounts, CancellationToken ct)
    {
        if (caller.ActedBy is null)
        {
            return Problem.Conflict("not_acting", "You act in your own name.").ToResult();
        }

        await db.Atomically(
            async unit =>
            {
                await unit.Run($"select iam.close_session({Hash(http.Request.Cookies[Door.Cookie] ?? "")})", ct);
                await AuditLog.Write(unit, new AuditEntry("impersonation.ended", "user", caller.UserId), ct);
            },
            ct);
        http.Response.Cookies.Delete(OwnCookie, CookieOf(http, null));
        var own = http.Request.Cookies[OwnCookie];
        if (own is null || await accounts.BySession(Hash(own), ct) is not { } back || back.UserId != caller.ActedBy)
        {
            http.Response.Cookies.Delete(Door.Cookie, CookieOf(http, null));
            return AccessProblems.SessionEnded.ToResult();
        }

        http.Response.Cookies.Append(Door.Cookie, own, CookieOf(http, TimeSpan.FromDays(14)));
        return TypedResults.Ok(await ProfileStore.Read(databases.For(back.Tenant, db.Actor), back, ct));
    }

    internal static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static CookieOptions CookieOf(HttpContext http, TimeSpan? life) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        MaxAge = life,
        Path = "/",
    };
}
