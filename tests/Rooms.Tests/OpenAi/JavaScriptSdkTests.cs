using System.Diagnostics;
using System.Runtime.CompilerServices;
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
        Assert.Equal(7, (await output).Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Journeys.Tests", "OpenAi")); // a file has a folder
}
