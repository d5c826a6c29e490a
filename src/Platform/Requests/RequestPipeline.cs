using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Platform;

/// <summary>What every request passes, in this order: <c>UseCorrelation</c>, <c>UseRefusedBodies</c>, <c>UseLyceumProblems</c>, routing, the door, <c>UseIdempotency</c>.</summary>
public static class RequestPipeline
{
    /// <summary>Gives each request its correlation id, in logs, traces, audit, jobs and the answer's x-request-id.</summary>
    public static IApplicationBuilder UseCorrelation(this IApplicationBuilder app) => app.UseMiddleware<Correlation>();

    /// <summary>
    /// Lets a client that sends more than its route accepts read why. It is answered at once, but most clients listen only when they have sent
    /// everything, and a connection that closes under them is a "network error" to them (RFC 9112, 9.6). With the limit off once the answer is
    /// written, Kestrel takes what still comes and throws it away, for five seconds, as it does with every body that nobody read.
    /// </summary>
    public static IApplicationBuilder UseRefusedBodies(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        await next(http);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit && http.Request.ContentLength > limit.MaxRequestBodySize)
        {
            limit.MaxRequestBodySize = null;
        }
    });

    /// <summary>The one place that turns refusals and faults into problem+json, and inside /v1 into OpenAI's error envelope.</summary>
    public static IApplicationBuilder UseLyceumProblems(this IApplicationBuilder app) => app.UseMiddleware<ProblemBoundary>();

    /// <summary>Answers a repeated POST with the same Idempotency-Key from memory. Stands behind the door.</summary>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<Idempotency>();

    /// <summary>The most bytes a request's body may have on this route; more is refused with 413 while it arrives.</summary>
    public static T LimitBody<T>(this T endpoint, long maxBytes)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new BodyLimit(maxBytes));

    internal static IServiceCollection AddRequestPipeline(this IServiceCollection services)
    {
        // Before the framework's own writer, which then never gets a turn.
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProblemWriter>());
        services.AddProblemDetails();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        return services;
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
