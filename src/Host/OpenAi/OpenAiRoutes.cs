namespace Lyceum.Host.OpenAi;

/// <summary>The OpenAI-shaped surface at /v1: what it registers and which routes it serves.</summary>
public static class OpenAiRoutes
{
    public static IServiceCollection AddOpenAi(this IServiceCollection services) => services.AddScoped<AgentCompletions>();

    /// <summary>Puts every refusal under /v1 into OpenAI's envelope. Stands before the door.</summary>
    public static IApplicationBuilder UseOpenAi(this IApplicationBuilder app) => app.UseMiddleware<OpenAiBoundary>();

    public static void MapOpenAi(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").WithTags("OpenAI");
        v1.MapModelList();
        v1.MapChatCompletions();
        v1.MapEmbeddings();
    }
}
