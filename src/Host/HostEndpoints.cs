using System.Reflection;
using Lyceum.Chat;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http.HttpResults;

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
        app.MapGet("/api/v1/iam/checklist", Todo).WithTags("Host").NeedsOnlySignIn().WithName("getChecklist");
        app.MapOpenApi("/openapi.json").IsOpen("documentation");
    }

    // Each room says whether its step was taken; the joins stay inside the rooms.
    private static async Task<Ok<Checklist>> Todo(Caller caller, Db db, CancellationToken ct)
    {
        var (collections, documents) = await KnowledgeProgress.Of(db, caller.UserId, ct);
        var (hasKey, dismissed) = await IamProgress.Of(db, caller.UserId, ct);
        return TypedResults.Ok(new Checklist(
            [
                new ChecklistItem("model", await ModelsProgress.HasOwnModel(db, ct)),
                new ChecklistItem("collection", collections),
                new ChecklistItem("document", documents),
                new ChecklistItem("question", await ChatProgress.HasAsked(db, caller.UserId, ct)),
                new ChecklistItem("api_key", hasKey),
            ],
            dismissed));
    }

    public static string Version { get; } = typeof(HostEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
