using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Lyceum.Agents;

/// <summary>The door of this room: what it registers and which routes it serves. More of these come with the editing of agents; until then Chat lists them.</summary>
public static class AgentsRoom
{
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.TryAddSingleton(new AgentsOptions());
        return services
            .AddSingleton<IShareable, SharedAgents>()
            .AddSingleton<ITeamHolding, TeamAgents>()
            .AddSingleton<IPersonalData, RunData>()
            .AddSingleton<RunEventReader>()
            .AddSingleton<LeaseStore>()
            .AddSingleton<RunHost>()
            .AddSingleton<IHostedService>(all => all.GetRequiredService<RunHost>())
            .AddSingleton(all => new RunEngine(all.GetRequiredService<RunHost>(), all.GetRequiredService<Wakeups>(), all.GetRequiredService<Node>(), all.GetRequiredService<Quotas>(), all.GetRequiredService<AgentsOptions>()))
            .AddSingleton(new QuotaUse("concurrent_runs", RunStore.CountOpen))
            .AddScoped<AgentAnswers>()
            .AddScoped<GuardStep>()
            .AddScoped<RetrievalStep>()
            .AddScoped<ModelStep>()
            .AddScoped<RunExecution>();
    }

    public static void MapAgents(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1/agents/agents").WithTags("Agents").MapIcons();
}
