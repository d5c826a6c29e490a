using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lyceum.Models;

/// <summary>The door of this room: what it registers and which routes it serves.</summary>
public static class ModelsRoom
{
    public static IServiceCollection AddModels(this IServiceCollection services, ModelsOptions options) => services
        .AddValidation()
        .AddSingleton<IShareable, SharedModels>()
        .AddSingleton<ITeamHolding, TeamModels>()
        .AddSingleton(options)
        .AddSingleton<LocalEmbedder>()
        .AddSingleton<ExtractiveAnswerer>()
        .AddSingleton<ModelDirectory>()
        .AddSingleton<ModelGates>()
        .AddSingleton<ModelConnections>()
        .AddSingleton(all => new ModelCalls(
            all.GetRequiredService<ModelConnections>(), all.GetRequiredService<ModelGates>(), options, all.GetRequiredService<TimeProvider>(), all.GetRequiredService<ILogger<ModelCalls>>()))
        .AddSingleton<Guard>()
        .AddSingleton<ConnectionTest>()
        .AddScoped<ProviderStore>()
        .AddScoped<ModelStore>()
        .AddScoped<DefaultStore>();

    public static void MapModels(this IEndpointRouteBuilder app)
    {
        var models = app.MapGroup("/api/v1/models").WithTags("Models").ForgetsAccess();
        models.MapProviders();
        models.MapModelRegistry();
    }
}
