using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Platform;

/// <summary>Answer of a health address. Status is ok, warn or fail; only fail is a 503.</summary>
public sealed record Health(string Status, IReadOnlyDictionary<string, HealthCheck> Checks);

/// <summary>One check and a sentence about it, without names or addresses: anybody may ask.</summary>
public sealed record HealthCheck(string Status, string Detail);

public static class HealthEndpoints
{
    /// <summary>
    /// Serves /healthz/live, which asks nothing, and /healthz/ready, which asks whether requests can be served.
    /// <paramref name="expected"/>: the migrations this program was built with.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder app, IReadOnlyList<Migration> expected)
    {
        var services = app.ServiceProvider;
        var readiness = new Readiness(services.GetRequiredService<Databases>(), services.GetRequiredService<JobStore>(), services.GetRequiredService<ObjectBackends>(), services.GetRequiredService<MalwareScanner>(), services.GetRequiredService<PlatformOptions>(), expected, services.GetRequiredService<TimeProvider>());
        var health = app.MapGroup("/healthz").WithTags("Health");
        health.MapGet("/live", Live).IsOpen("orchestrators ask without a key").WithName("live");
        health.MapGet("/ready", (HttpContext http, CancellationToken ct) => Ready(readiness, http, ct)).IsOpen("orchestrators ask without a key").WithName("ready");
    }

    private static Ok<Health> Live() => TypedResults.Ok(new Health("ok", new Dictionary<string, HealthCheck>()));

    private static async Task<JsonHttpResult<Health>> Ready(Readiness readiness, HttpContext http, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var health = await readiness.Look(ct);
        return TypedResults.Json(health, statusCode: health.Status == "fail" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}
