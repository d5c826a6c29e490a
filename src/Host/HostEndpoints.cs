using System.Reflection;
using Lyceum.Platform;

namespace Lyceum.Host;

public sealed record VersionInfo(string Version);

/// <summary>Id is model, collection, document, question or api_key.</summary>
public sealed record ChecklistItem(string Id, bool Done);

public sealed record Checklist(IReadOnlyList<ChecklistItem> Items, bool Dismissed);

/// <summary>Routes of the house itself: version, the OpenAPI document.</summary>
internal static class HostEndpoints
{
    public static IServiceCollection AddLyceumOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = Microsoft.OpenApi.OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Lyceum";
            document.Info.Version = "v1";
            document.Info.Description = "Knowledge and agents for many organisations. Errors outside /v1 are application/problem+json with a stable code.";
            document.Servers = [];
            return Task.CompletedTask;
        });
    });

    public static void MapHost(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/version", () => TypedResults.Ok(new VersionInfo(Version))).WithTags("Host").IsOpen("says nothing of anybody").WithName("getVersion");
        app.MapOpenApi("/openapi.json").IsOpen("documentation");
    }

    public static string Version { get; } = typeof(HostEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
