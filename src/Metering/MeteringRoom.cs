using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Metering;

/// <summary>The door of this room: what it registers and which routes it serves.</summary>
public static class MeteringRoom
{
    public static IServiceCollection AddMetering(this IServiceCollection services) => services
        .AddValidation()
        .AddScoped<UsageStore>();

    /// <summary>Holds API keys to their tokens per minute. Stands behind the door.</summary>
    public static IApplicationBuilder UseKeyTokens(this IApplicationBuilder app) => app.UseMiddleware<KeyTokens>();

    public static void MapMetering(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1/metering").WithTags("Metering").MapUsage();
}
