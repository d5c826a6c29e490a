using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>The OpenAI-shaped surface at /v1: what it registers and which routes it serves.</summary>
public static class OpenAiRoutes
{
    private static readonly Problem ApiOff = new(403, "openai_api_off", "Your team has switched this API off. Ask a manager of the team to switch it on, or use a key of another team.");

    public static IServiceCollection AddOpenAi(this IServiceCollection services) => services.AddScoped<AgentCompletions>();

    /// <summary>Puts every refusal under /v1 into OpenAI's envelope. Stands before the door.</summary>
    public static IApplicationBuilder UseOpenAi(this IApplicationBuilder app) => app.UseMiddleware<OpenAiBoundary>();

    public static void MapOpenAi(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").WithTags("OpenAI");
        v1.AddEndpointFilter(async (call, next) =>
        {
            var all = call.HttpContext.RequestServices;
            var limits = await all.GetRequiredService<TeamDirectory>().Limits(all.GetRequiredService<Db>(), all.GetRequiredService<Caller>(), call.HttpContext.RequestAborted);
            return limits.OpenaiApiEnabled ? await next(call) : throw new ProblemException(ApiOff);
        });
        v1.MapModelList();
        v1.MapChatCompletions();
        v1.MapEmbeddings();
    }
}
