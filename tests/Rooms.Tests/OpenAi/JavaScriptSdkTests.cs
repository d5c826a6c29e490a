using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Lyceum.Rooms.Tests.Models;
using Xunit;

namespace Lyceum.Rooms.Tests.OpenAi;

/// <summary>Drives tests/Journeys.Tests/OpenAi/sdk.mjs, the official JavaScript client, against this server.</summary>
public sealed class JavaScriptSdkTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_official_javascript_client_works_unchanged()
    {
        var folder = Folder();
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "openai")), "Run npm ci in tests/Journeys.Tests/OpenAi first.");
        foreach (var name in new[] { "stub-chat", "stub-tool", "stub-cut", "stub-context", "stub-quota", "stub-401" })
        {
            await house.NewModel(house.Admin, name);
        }

        await house.NewModel(house.Admin, "stub-embed", "embeddings");
        var collection = await Collection();
        using var node = new Process
        {
            StartInfo = new ProcessStartInfo("node", "sdk.mjs")
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["LYCEUM_URL"] = house.Url.ToString().TrimEnd('/'),
                    ["LYCEUM_KEY"] = house.Admin.Key,
                    ["LYCEUM_CHAT_MODEL"] = "stub-chat",
                    ["LYCEUM_EMBEDDING_MODEL"] = "stub-embed",
                    ["LYCEUM_COLLECTION_MODEL"] = $"kb:{collection}",
                    ["LYCEUM_AGENT_MODEL"] = $"agent:{await house.Database.Ask<string>("select slug::text from agents.agents where is_default limit 1")}",
                },
            },
        };
        node.Start();
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(Ct), node.StandardError.ReadToEndAsync(Ct));
        try
        {
            await node.WaitForExitAsync(Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct);
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill();
            }
        }

        Assert.True(node.ExitCode == 0, $"{await output}\n{await errors}");
        Assert.Equal(9, (await output).Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    // What the built-in models can answer from.
    private async Task<string> Collection()
    {
        var http = house.Admin.Http;
        var made = await ModelHouse.Json(await http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Journey", visibility = "company" }, Ct), 201);
        var id = made["id"]!.GetValue<Guid>();
        await ModelHouse.Json(await http.PostAsJsonAsync(
            $"/api/v1/knowledge/collections/{id}/texts", new { items = new[] { new { externalId = "a", title = "Travel", text = "The travel policy. A hotel in Oslo may cost at most 180 euros a night." } } }, Ct), 200);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await http.GetFromJsonAsync<JsonObject>($"/api/v1/knowledge/collections/{id}", limit.Token))!["documentCount"]!.GetValue<int>() == 0) // the contract has it
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        return made["slug"]!.GetValue<string>();
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Journeys.Tests", "OpenAi")); // a file has a folder
}
