using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Isolation;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>
/// R15: one organisation leaves. What it took along goes back in as it was, byte for byte; and once it is purged, its word stands nowhere: not in a row or an index, not in a
/// file of the server, not in a dump of the whole database.
/// </summary>
[Trait("proof", "R15")]
public sealed class EraseTests(TestServer server) : IAsyncLifetime
{
    private const string K = "/api/v1/knowledge";

    private readonly House _house = new(server);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _house.InitializeAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    [Trait("row", "TEN-08")]
    public async Task An_organisation_takes_everything_along_and_leaves_nothing_behind()
    {
        var world = await World.Build(_house, _house.Eve, Canary.Word, "leaving");
        var collection = world.Of("collection")[0];
        using (var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes($"A file about {Canary.Word}, ünïcode\r\nand all.")), "file", $"{Canary.Word}.txt" } })
        {
            await House.Json(await _house.Eve.Http.PostAsync($"{K}/collections/{collection}/documents", form, Ct));
        }

        await _house.Settled(Guid.Parse(collection), _house.Eve);
        var taken = await _house.Eve.Http.GetByteArrayAsync($"{K}/collections/{collection}/export", Ct);
        Assert.NotEmpty(await Found());

        using var ann = await _house.AnnsBrowser();
        var path = $"/api/v1/platform/tenants/{_house.Eve.Tenant}";
        await House.Json(await ann.DeleteAsync(path, Ct));
        Assert.Equal(202, (int)(await ann.PostAsJsonAsync(path + "/purge", new { confirm = "theirs" }, Ct)).StatusCode);
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90)))
        {
            while (!await _house.Database.Ask<bool>($"select exists (select from ops.audit_logs where tenant_id = '{TenantId.Platform}' and action = 'tenant.purged' and resource_id = '{_house.Eve.Tenant}')"))
            {
                await Task.Delay(200, limit.Token);
            }
        }

        var left = await Found();
        Assert.True(left.Count == 0, string.Join('\n', left.Take(40)));

        // And back, somewhere else.
        using var zip = new ByteArrayContent(taken) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
        var report = await House.Json(await _house.Ann.Http.PostAsync($"{K}/collections/import?name=Back", zip, Ct));
        Assert.Equal(0, report.GetProperty("refused").GetArrayLength());
        var back = report.GetProperty("collection").GetProperty("id").GetGuid();
        await _house.Settled(back);
        Assert.Equal(Contents(taken), Contents(await _house.Ann.Http.GetByteArrayAsync($"{K}/collections/{back}/export", Ct)));
    }

    // What each document is, without the ids that are new: in the order of their names.
    private static List<string> Contents(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using var lines = new StreamReader(archive.GetEntry("documents.jsonl")!.Open());
        var documents = new List<string>();
        while (lines.ReadLine() is { } line)
        {
            var document = JsonDocument.Parse(line).RootElement;
            var bytes = "";
            if (document.GetProperty("hasFile").GetBoolean())
            {
                using var content = archive.GetEntry($"files/{document.GetProperty("id").GetGuid()}")!.Open();
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                bytes = Convert.ToHexString(copy.ToArray());
            }

            documents.Add(string.Join(" | ", new[] { "title", "externalId", "fileName", "contentType", "sourceUrl", "metadata", "language", "folderPath", "text" }.Select(name => document.TryGetProperty(name, out var value) ? value.GetRawText() : "")) + bytes);
        }

        Assert.True(documents.Count >= 2, "too few documents to mean anything");
        return [.. documents.Order(StringComparer.Ordinal)];
    }

    private async Task<List<string>> Found()
    {
        var found = new List<string>();
        string[] forms = [Canary.Word, Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Canary.Word))];
        var home = _house.Get<PlatformOptions>().Home;
        foreach (var file in Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories))
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Ct));
            if (file.Contains(Canary.Word, StringComparison.OrdinalIgnoreCase) || Canary.In(text) || text.Contains(forms[1], StringComparison.Ordinal))
            {
                found.Add($"file {Path.GetRelativePath(home, file)}");
            }
        }

        found.AddRange(await Dump.Lines(_house.Database, line => Canary.In(line) || line.Contains(forms[1], StringComparison.OrdinalIgnoreCase), Ct));
        return found;
    }
}
