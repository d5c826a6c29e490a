using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>
/// Calls of other sites' pages. None are answered unless a team allows their origin, and then only with an API key of somebody in that team: a
/// cookie is never good for another site. A star is allowed to a team that writes it as its only origin. Stands before the door.
/// </summary>
internal sealed class CrossOrigin(RequestDelegate next, OriginStore origins)
{
    private const string Methods = "GET, POST, PUT, PATCH, DELETE";
    private const string Headers = "authorization, content-type, x-api-key, api-key, idempotency-key, if-match, last-event-id, x-request-id, x-client-request-id";
    private const string Exposed = "x-request-id, etag, location, retry-after, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, openai-processing-ms";

    public async Task Invoke(HttpContext http)
    {
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length is 0 or > 300 || IsOwn(http.Request, origin) || !(http.Request.Path.StartsWithSegments("/api") || http.Request.Path.StartsWithSegments("/v1")))
        {
            await next(http);
            return;
        }

        // The answer depends on who asks, whatever it is.
        http.Response.Headers.Append("Vary", "Origin");
        if (HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.AccessControlRequestMethod.Count > 0)
        {
            // A preflight brings no key. It says only that some team trusts this origin; the call itself is measured against the key's own team.
            if (await origins.IsAllowed(origin, http.RequestAborted))
            {
                Allow(http, origin);
                http.Response.Headers.AccessControlAllowMethods = Methods;
                http.Response.Headers.AccessControlAllowHeaders = Headers;
                http.Response.Headers.AccessControlMaxAge = "600";
            }

            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        http.Items[typeof(CrossOrigin)] = origin;
        await next(http);
    }

    /// <summary>Lets the answer through to the page, or refuses the call. Called by the door, once it knows the caller.</summary>
    public static async Task Check(HttpContext http, Caller caller, OriginStore origins)
    {
        if (http.Items[typeof(CrossOrigin)] is not string origin)
        {
            return;
        }

        if (caller.ApiKeyId is null || !await origins.IsAllowedFor(origin, caller, http.RequestAborted))
        {
            throw new ProblemException(new Problem(
                403, "origin_not_allowed", "This site may not call the API from a browser.", "Ask an owner of the key's team to add the site to the team's allowed origins."));
        }

        Allow(http, origin);
    }

    private static void Allow(HttpContext http, string origin)
    {
        http.Response.Headers.AccessControlAllowOrigin = origin;
        http.Response.Headers.AccessControlExposeHeaders = Exposed;
    }

    private static bool IsOwn(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var site) && string.Equals(site.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Which sites may call the API from a browser, as teams say.</summary>
internal sealed class OriginStore(Databases databases)
{
    public Task<bool> IsAllowed(string origin, CancellationToken ct) =>
        databases.WithoutTenant().One($"select iam.origin_allowed({origin}, null, null)", row => row.Get<bool>(), ct);

    public Task<bool> IsAllowedFor(string origin, Caller caller, CancellationToken ct) =>
        databases.WithoutTenant().One($"select iam.origin_allowed({origin}, {caller.Tenant.Value}, {caller.TeamIds})", row => row.Get<bool>(), ct);
}
