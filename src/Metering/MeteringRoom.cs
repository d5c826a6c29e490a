using Lyceum.Iam;
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
        .AddSingleton(all => new Quotas(all.GetRequiredService<KnownCredentials>(), all.GetServices<QuotaUse>()))
        .AddSingleton(new QuotaUse("requests_per_minute", QuotaStore.RequestsNow))
        .AddSingleton(new QuotaUse("tokens_per_month", UsageStore.TokensThisMonth))
        .AddScoped<UsageStore>();

    /// <summary>Holds API keys to their tokens per minute and tenants to their requests. Stands behind the door.</summary>
    public static IApplicationBuilder UseLimits(this IApplicationBuilder app) => app.UseMiddleware<RequestQuota>().UseMiddleware<KeyTokens>();

    public static void MapMetering(this IEndpointRouteBuilder app)
    {
        app.MapGroup("/api/v1/metering").WithTags("Metering").MapUsage();
        app.MapQuotas();
    }
}
