using System.Text.Json;
using Lyceum.Host.Cli;
using Xunit;

namespace Lyceum.Rooms.Tests.CommandLines;

/// <summary>The commands against the whole server, as a person with a key uses them.</summary>
public sealed class CommandsOverHttpTests(House house) : IClassFixture<House>, IDisposable
{
    private readonly string _files = Directory.CreateTempSubdirectory("lyceum-cli-").FullName;
    private string _stderr = "";

    [Fact]
    public async Task Files_go_in_and_answers_with_citations_come_out()
    {
        var slug = $"tea-{Guid.NewGuid():n}";
        await File.WriteAllTextAsync(Path.Combine(_files, "tea.md"), "# Tea room\n\nThe tea room opens at nine and closes at eleven.", Ct);
        await File.WriteAllTextAsync(Path.Combine(_files, "empty.txt"), "", Ct);
        await File.WriteAllTextAsync(Path.Combine(_files, "notes.zzz"), "x", Ct);

        var (code, ingested) = await Json("ingest", _files, "--collection", slug, "--create", "--wait");

        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Equal((1, 1, 1), (ingested.GetProperty("indexed").GetInt32(), ingested.GetProperty("failed").GetInt32(), ingested.GetProperty("skipped").GetInt32()));
        var empty = ingested.GetProperty("documents").EnumerateArray().Single(document => document.GetProperty("name").GetString() == "empty.txt");
        Assert.NotEqual("", empty.GetProperty("error").GetString());

        var (_, again) = await Json("ingest", Path.Combine(_files, "tea.md"), "--collection", slug, "--wait");
        Assert.Equal(1, again.GetProperty("skipped").GetInt32());

        var (found, search) = await Json("search", "when does the tea room open", "--collection", slug, "--top", "3");
        Assert.Equal(ExitCode.Ok, found);
        Assert.Contains("opens at nine", search.GetProperty("hits")[0].GetProperty("text").GetString(), StringComparison.Ordinal);

        var (answered, ask) = await Json("ask", "When does the tea room open?", "--collection", slug);
        Assert.Equal(ExitCode.Ok, answered);
        Assert.Contains("nine", ask.GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Equal(search.GetProperty("hits")[0].GetProperty("documentId").GetGuid(), ask.GetProperty("citations")[0].GetProperty("documentId").GetGuid());
    }

    [Fact]
    public async Task A_key_that_was_made_opens_the_door_and_a_mistyped_one_does_not()
    {
        var (_, created) = await Json("keys", "create", $"ci-{Guid.NewGuid():n}", "--expires", "30");
        var key = created.GetProperty("key").GetString()!; // promised by the command

        Assert.Equal(ExitCode.Ok, (await Run(key, "collections", "list")).Code);
        Assert.Equal(ExitCode.NotAllowed, (await Run(key[..^1] + (key[^1] == 'a' ? 'b' : 'a'), "collections", "list")).Code);
        Assert.Contains("key", _stderr, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_collection_of_another_tenant_is_not_found()
    {
        var slug = $"ours-{Guid.NewGuid():n}";
        Assert.Equal(ExitCode.Ok, (await Run(house.Ann.Key, "collections", "create", slug)).Code);

        Assert.Equal(ExitCode.NotFound, (await Run(house.Eve.Key, "search", "x", "--collection", slug)).Code);
        Assert.Equal(ExitCode.NotFound, (await Run(house.Eve.Key, "ask", "x", "--collection", slug)).Code);
    }

    [Fact]
    public async Task A_slug_that_is_taken_is_refused_with_2()
    {
        var slug = $"twice-{Guid.NewGuid():n}";
        var (_, created) = await Json("collections", "create", "Twice", "--slug", slug);
        Assert.Equal(slug, created.GetProperty("slug").GetString());

        Assert.Equal(ExitCode.WrongUsage, (await Run(house.Ann.Key, "collections", "create", "Twice", "--slug", slug)).Code);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<(int Code, JsonElement Report)> Json(params string[] args)
    {
        var (code, stdout) = await Run(house.Ann.Key, [.. args, "--json"]);
        Assert.True(stdout.Length > 0, _stderr);
        return (code, JsonDocument.Parse(stdout).RootElement);
    }

    private async Task<(int Code, string Stdout)> Run(string key, params string[] args)
    {
        await using var stdout = new StringWriter();
        await using var stderr = new StringWriter();
        var url = house.Ann.Http.BaseAddress!.ToString(); // set by the house
        var code = await CommandLine.Run(args, stdout, stderr, name => name switch { "LYCEUM_URL" => url, "LYCEUM_API_KEY" => key, _ => null }, Ct);
        _stderr = stderr.ToString();
        return (code, stdout.ToString());
    }

    public void Dispose() => Directory.Delete(_files, recursive: true);
}
