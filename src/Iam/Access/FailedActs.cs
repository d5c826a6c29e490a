using System.Collections.Concurrent;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>
/// Tells the audit log of acts that failed or were refused, after whatever they had begun is rolled back: who tried what, and the answer. Mistakes of
/// form and things that are not there are left out; so is what one caller fails at more than thirty times a minute.
/// </summary>
internal sealed class FailedActs(TimeProvider clock)
{
    private const int PerMinute = 30;
    private const int Callers = 50_000;
    private readonly ConcurrentDictionary<Guid, (long Minute, int Told)> _told = new();

    /// <summary>Serves the request, and tells how it failed if it did.</summary>
    public async Task Watch(HttpContext http, RequestDelegate next, Caller caller, Db db)
    {
        var changes = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method);
        try
        {
            await next(http);
        }
        catch (Exception fault) when (changes && !http.RequestAborted.IsCancellationRequested && Told(fault, http) is { } what)
        {
            await Tell(http, caller, db, what.Status, what.Why);
            throw;
        }

        if (changes && Counts(http.Response.StatusCode))
        {
            await Tell(http, caller, db, http.Response.StatusCode, $"answered {http.Response.StatusCode}");
        }
    }

    private static bool Counts(int status) => status is 403 or 409 or 412 or 422 or >= 500;

    private static (int Status, string Why)? Told(Exception fault, HttpContext http) => fault switch
    {
        ProblemException refused => Counts(refused.Problem.Status) ? (refused.Problem.Status, $"{refused.Problem.Code}: {refused.Problem.Detail}") : null,
        ScimException refused => Counts(refused.Error.Status) ? (refused.Error.Status, $"{refused.Error.Code ?? refused.Error.Type ?? "refused"}: {refused.Error.Detail}") : null,
        BadHttpRequestException => null,
        // /v1 answers in words of its own, which its boundary tells apart.
        _ when http.Request.Path.StartsWithSegments("/v1") => null,
        _ => (500, Problem.Sentence(fault)),
    };

    private async Task Tell(HttpContext http, Caller caller, Db db, int status, string why)
    {
        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (_told.Count > Callers)
        {
            _told.Clear();
        }

        var count = _told.AddOrUpdate(caller.ApiKeyId ?? caller.UserId, _ => (minute, 1), (_, seen) => seen.Minute == minute ? (minute, seen.Told + 1) : (minute, 1)).Told;
        if (count > PerMinute)
        {
            return;
        }

        var name = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "unknown";
        Guid? id = Guid.TryParse(http.Request.RouteValues["id"] as string, out var route) ? route : null;
        await db.Atomically(
            unit => AuditLog.Write(unit, new AuditEntry("request.failed", name, id, status == 403 ? "denied" : "failure", why), CancellationToken.None), CancellationToken.None);
    }
}
