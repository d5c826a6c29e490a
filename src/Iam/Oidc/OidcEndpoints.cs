using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>A button of the sign-in page. Tenant is the organisation it leads into.</summary>
public sealed record SignInProvider(Guid Id, string Name, string StartUrl, SignInTenant Tenant);

public sealed record SignInTenant(string Slug, string Name);

/// <summary>How one can sign in.</summary>
public sealed record SignInOptions(bool Password, IReadOnlyList<SignInProvider> Providers, bool DevelopmentSignIn);

public sealed record ChooseTenant([property: Required, MaxLength(64)] string Tenant);

public sealed record SignInTenants(IReadOnlyList<SignInTenant> Data);

/// <summary>HTTP door of signing in through an identity provider.</summary>
internal static class OidcEndpoints
{
    public static void MapOidc(this RouteGroupBuilder iam)
    {
        iam.MapGet("/sign-in/options", Options).IsOpen("the sign-in page asks it").WithName("getSignInOptions");
        iam.MapGet("/sign-in/tenants", Tenants).IsOpen("the cookie of a sign-in without a tenant is the credential").WithName("listSignInTenants");
        iam.MapPost("/sign-in/tenant", Choose).IsOpen("the cookie of a sign-in without a tenant is the credential").WithName("chooseSignInTenant");
        iam.MapGet("/oidc/{providerId:guid}/start", Start).IsOpen("this is how one signs in").WithName("startOidc");
        iam.MapGet("/oidc/callback", Callback).IsOpen("the provider sends people back here").WithName("finishOidc");
        iam.MapPost("/oidc/{providerId:guid}/backchannel-logout", Logout).IsOpen("the provider's signature is the credential").LimitBody(128 * 1024)
            .DisableAntiforgery().WithName("backchannelLogout");
    }

    private static async Task<Ok<SignInOptions>> Options(string? email, string? tenant, IdentityProviderStore providers, FederationOptions options, CancellationToken ct)
    {
        var domain = email?.Split('@') is [.., { Length: > 0 and <= 253 } last] && email.Contains('@', StringComparison.Ordinal) ? last.Trim().ToLowerInvariant() : null;
        var found = email is not null && domain is null ? [] : await providers.Options(domain, string.IsNullOrWhiteSpace(tenant) ? null : tenant.Trim(), ct);
        return TypedResults.Ok(new SignInOptions(
            true, [.. found.Select(p => new SignInProvider(p.Id, p.Name, $"{OidcAddresses.Prefix}/{p.Id}/start", new SignInTenant(p.Slug, p.Tenant)))], options.DevelopmentSignIn));
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Start(
        Guid providerId, string? returnTo, string? email, HttpContext http, FederatedSignIn signIn, FederationOptions options, CancellationToken ct)
    {
        var target = string.IsNullOrEmpty(returnTo) ? "/" : returnTo;
        if (!OidcAddresses.IsLocal(target))
        {
            return Problem.Invalid("invalid_return_to", "returnTo is a path of this server, such as /chat.").ToResult();
        }

        var (sent, problem) = await signIn.Begin(providerId, target, email, OidcAddresses.Callback(http, options), ct);
        if (sent is null)
        {
            return problem!.ToResult(); // who is not sent away is told why
        }

        http.Response.Cookies.Append(sent.CookieName, sent.CookieValue, Cookie(http, options, FederatedSignIn.AtMost));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Redirect(sent.Location);
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Callback(
        HttpContext http, FederatedSignIn signIn, FederationOptions options, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var back = await signIn.Finish(http, OidcAddresses.Callback(http, options), ct);
        http.Response.Cookies.Delete(FederatedSignIn.CookieName(http.Request.Query["state"].ToString()), Cookie(http, options, null));
        if (back.Problem is { } problem)
        {
            // A person sees a page; a program sees the problem.
            return http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
                ? TypedResults.Redirect($"/sign-in?problem={problem.Code}")
                : problem.ToResult();
        }

        var cookie = SignInEndpoints.CookieOf(http, back.Life);
        cookie.Secure |= options.PublicUrl?.Scheme == "https";
        http.Response.Cookies.Append(Door.Cookie, back.Cookie!, cookie); // without a problem there is one
        return TypedResults.Redirect(back.ReturnTo!); // and a way to go
    }

    private static async Task<Results<Ok<SignInTenants>, ProblemHttpResult>> Tenants(HttpContext http, SessionStore sessions, CancellationToken ct) =>
        await Pending(http, sessions, ct) is { } pending
            ? TypedResults.Ok(new SignInTenants([.. pending.Tenants.Select(t => new SignInTenant(t.Slug, t.Name))]))
            : AccessProblems.SignInFirst.ToResult();

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Choose(ChooseTenant request, HttpContext http, SessionStore sessions, Databases databases, CancellationToken ct)
    {
        if (http.Request.Headers["X-Lyceum-Csrf"].Count == 0)
        {
            return AccessProblems.CsrfHeaderMissing.ToResult();
        }

        if (await Pending(http, sessions, ct) is not { } pending)
        {
            return AccessProblems.SignInFirst.ToResult();
        }

        var (choice, problem) = SignInRules.Choose(pending.Tenants, request.Tenant);
        if (choice is null || choice.Status != "active")
        {
            return (problem ?? AccessProblems.TenantSuspended).ToResult();
        }

        var actor = new Actor(pending.UserId, null, pending.DisplayName, "user_interface", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);
        var db = databases.For(new TenantId(choice.Id), actor);
        if (!await sessions.Choose(SessionToken.Hash(http.Request.Cookies[Door.Cookie]!), choice.Id, ct)) // the pending sign-in came from it
        {
            return AccessProblems.SignInFirst.ToResult();
        }

        await ProfileStore.Audit(db, "session.created", "success", null, ct);
        return TypedResults.Ok(await ProfileStore.Read(db, pending.UserId, ct));
    }

    /// <summary>Called by the provider when somebody signs out there. 200 is also the answer for sessions we do not have; 400 for a token not to be believed.</summary>
    private static async Task<Results<Ok, ProblemHttpResult>> Logout(
        Guid providerId, HttpContext http, IdentityProviderStore providers, TokenCheck check, Databases databases, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await providers.DoorOf(providerId, ct) is not { } door)
        {
            return Problem.NotFound("identity_provider").ToResult();
        }

        var db = databases.For(new TenantId(door.TenantId), Actor.System(http.TraceIdentifier) with { Ip = http.Connection.RemoteIpAddress });
        if (await IdentityProviderStore.ForSignIn(db, providerId, ct) is not { } provider)
        {
            return Problem.NotFound("identity_provider").ToResult();
        }

        var token = http.Request.HasFormContentType ? (await http.Request.ReadFormAsync(ct))["logout_token"].ToString() : "";
        try
        {
            var verdict = await check.Logout(provider, token, ct);
            if (verdict.Fault is not null)
            {
                return NotBelieved.ToResult();
            }

            var (id, subject, session) = (IdTokenRules.Text(verdict.Claims, "jti")!, IdTokenRules.Text(verdict.Claims, "sub"), IdTokenRules.Text(verdict.Claims, "sid")); // it was read, so it has one
            return await FederationStore.Logout(db, provider, id, subject, session, ct) is null ? NotBelieved.ToResult() : TypedResults.Ok();
        }
        catch (ProviderUnusable fault)
        {
            return FederationRules.Unreachable(fault).ToResult();
        }
    }

    private static readonly Problem NotBelieved = Problem.Invalid("invalid_logout_token", "The logout token could not be verified, or was used before.");

    private static async Task<PendingChoice?> Pending(HttpContext http, SessionStore sessions, CancellationToken ct) =>
        http.Request.Cookies[Door.Cookie] is { Length: > 0 and <= 200 } token ? await sessions.Choices(SessionToken.Hash(token), ct) : null;

    private static CookieOptions Cookie(HttpContext http, FederationOptions options, TimeSpan? life) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps || options.PublicUrl?.Scheme == "https",
        MaxAge = life,
        Path = OidcAddresses.Prefix,
    };
}
