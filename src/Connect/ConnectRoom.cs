using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Connect;

/// <summary>The door of this room: what it registers and which routes it serves.</summary>
public static class ConnectRoom
{
    // AddValidation must be called in each room: its generator sees only the assembly that calls it.
    public static IServiceCollection AddConnect(this IServiceCollection services) => services
        .AddValidation()
        .AddSingleton<OAuthClientStore>()
        .AddSingleton(all => new OAuthClients(all.GetRequiredService<OAuthClientStore>()));

    public static void MapConnect(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1/connect").WithTags("Connect").MapOAuthClients();
}
