using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Lyceum.Journeys.Tests.Cli;

/// <summary>From ./run on a home that does not exist to a cited answer, with the scripts themselves.</summary>
public sealed class NewcomerTests : IAsyncDisposable
{
    private readonly Installation _installation = new();

    [Fact]
    public async Task Two_commands_lead_to_a_cited_answer_and_everything_stops_again()
    {
        var started = await Run("run", "--detach");
        Assert.True(started.Code == 0, started.ToString());
        Assert.Contains($"http://127.0.0.1:{_installation.Settings["LYCEUM_PORT"]}", started.Stdout, StringComparison.Ordinal);

        var watch = Stopwatch.StartNew();
        var answer = await Ask();
        Assert.Contains("190 EUR", answer.Json.GetProperty("answer").GetString(), StringComparison.Ordinal);
        var citation = answer.Json.GetProperty("citations")[0];
        Assert.Equal(2, citation.GetProperty("page").GetInt32());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"The first cited answer took {watch.Elapsed} after ./run was ready.");

        await Safe.Installed(_installation, Ct);
        await Screens();
        await Documents();
        await Progress();

        var second = await Run("run");
        Assert.Equal(1, second.Code);
        Assert.Contains("another ./run", second.Stderr, StringComparison.Ordinal);

        var elsewhere = await Command.Run("run", new Dictionary<string, string>(_installation.Settings) { ["LYCEUM_HOME"] = _installation.Home + "-2" }, [], Ct);
        Assert.Equal(1, elsewhere.Code);
        Assert.Contains("LYCEUM_PORT=", elsewhere.Stderr, StringComparison.Ordinal);

        Assert.Equal(0, (await Run("lyceum", "status")).Code);
        Assert.Equal(0, (await Run("run", "--status")).Code);
        Assert.Equal(0, (await Run("run", "--stop")).Code);
        Assert.Equal(1, (await Run("run", "--status")).Code);
        Assert.Equal(5, (await Run("lyceum", "status")).Code);

        await UntilCtrlC();
    }

    // Started again in the foreground: Ctrl-C ends the server, then its database, and lets the home go.
    private async Task UntilCtrlC()
    {
        using var run = Command.Start("run", _installation.Settings, []);
        var ready = Path.Combine(_installation.Home, "state", "ready");
        for (var watch = Stopwatch.StartNew(); !File.Exists(ready) && !run.HasExited && watch.Elapsed < TimeSpan.FromMinutes(2);)
        {
            await Task.Delay(100, Ct);
        }

        Assert.True(File.Exists(ready), "the second ./run was not ready within two minutes");
        Assert.True((await Ask()).Json.GetProperty("citations").GetArrayLength() > 0);
        var (server, postmaster) = (Safe.Server(_installation), Safe.Postmaster(_installation));
        var said = run.StandardOutput.ReadToEndAsync(Ct);
        await Command.Signal(run.Id, "INT", Ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await run.WaitForExitAsync(patience.Token);
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("stopped", (await said).TrimEnd(), StringComparison.Ordinal);
        Assert.True(await Safe.Ended(server, Ct), "the server outlived Ctrl-C");
        Assert.True(await Safe.Ended(postmaster, Ct), "PostgreSQL outlived Ctrl-C");
        Assert.Equal(1, (await Run("run", "--status")).Code);
    }

    private async Task Screens()
    {
        using var http = new HttpClient { BaseAddress = _installation.Url };
        var page = await http.GetStringAsync("/", Ct);
        Assert.Contains("<div id=\"root\"", page, StringComparison.Ordinal);
        var asset = System.Text.RegularExpressions.Regex.Match(page, "/assets/[^\"]+\\.js").Value;
        using var script = await http.GetAsync(asset, Ct);
        Assert.True(script.IsSuccessStatusCode, $"{asset} of the page answers {script.StatusCode}");
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>Every command prints one document with --json, in the shape that is promised to scripts.</summary>
    private async Task Documents()
    {
        var status = await Json("status");
        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.Equal("admin@example.com", status.GetProperty("user").GetString());
        Assert.Equal(("demo", true), (status.GetProperty("tenant").GetString(), status.GetProperty("checks").EnumerateObject().Any()));
        var handbook = (await Json("collections", "list")).GetProperty("collections").EnumerateArray().Single(c => c.GetProperty("slug").GetString() == "handbook");
        Assert.Equal(0, handbook.GetProperty("pendingCount").GetInt64());

        var hit = (await Json("search", "hotel in Japan", "--collection", "handbook", "--top", "3")).GetProperty("hits")[0];
        Assert.Equal(JsonValueKind.String, hit.GetProperty("documentId").ValueKind);
        Assert.True(hit.TryGetProperty("externalId", out _), "a hit has no externalId");
        Assert.False(string.IsNullOrEmpty(hit.GetProperty("name").GetString()));
        Assert.Equal(2, hit.GetProperty("page").GetInt32());
        Assert.True(hit.GetProperty("score").GetDouble() > 0);
        Assert.Contains("Japan", hit.GetProperty("text").GetString(), StringComparison.Ordinal);

        var asked = await Json("ask", "How much may a hotel in Japan cost per night?", "--agent", "assistant", "--collection", "handbook");
        Assert.Contains("190 EUR", asked.GetProperty("answer").GetString(), StringComparison.Ordinal);
        var citation = asked.GetProperty("citations")[0];
        Assert.Contains("190 EUR", citation.GetProperty("quote").GetString(), StringComparison.Ordinal);
        Assert.True(citation.GetProperty("score").GetDouble() > 0);
        Assert.False(string.IsNullOrEmpty(citation.GetProperty("name").GetString()));
        Assert.Equal(4, (await Run("lyceum", "ask", "Who?", "--agent", "nobody", "--json")).Code);

        Assert.StartsWith("lyc_", (await Json("keys", "create", "a script")).GetProperty("key").GetString(), StringComparison.Ordinal);
        Assert.Equal("papers", (await Json("collections", "create", "Papers")).GetProperty("slug").GetString());
        var sent = await Json("ingest", "samples/travel-policy.pdf", "--collection", "papers", "--wait");
        Assert.Equal((1, 0, 0), (sent.GetProperty("indexed").GetInt32(), sent.GetProperty("failed").GetInt32(), sent.GetProperty("skipped").GetInt32()));
        var document = sent.GetProperty("documents")[0];
        Assert.Equal(("travel-policy.pdf", "indexed"), (document.GetProperty("name").GetString(), document.GetProperty("status").GetString()));
        Assert.True((await Json("audit", "verify")).GetProperty("verified").GetBoolean());
    }

    /// <summary>Somebody who watches sees bars; `script` gives the command the terminal it looks for.</summary>
    private async Task Progress()
    {
        var watched = await Command.Run(
            "/usr/bin/script", new Dictionary<string, string>(_installation.Settings) { ["TERM"] = "xterm" },
            ["-qec", "./lyceum ingest samples/security-handbook.docx --collection watched --create --wait", "/dev/null"], Ct);
        Assert.Equal(0, watched.Code);
        Assert.Contains("Sending", watched.Stdout, StringComparison.Ordinal);
        Assert.Contains("Indexing", watched.Stdout, StringComparison.Ordinal);
        Assert.Contains("100%", watched.Stdout, StringComparison.Ordinal);
        Assert.Contains("1 indexed, 0 failed, 0 skipped", watched.Stdout, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LYCEUM_PORT", "0", "Write a number from 1 to 65535")]
    [InlineData("LYCEUM_PORT", "many", "Write a number from 1 to 65535")]
    [InlineData("LYCEUM_PORT", "65536", "Write a number from 1 to 65535")]
    [InlineData("LYCEUM_BIND", "everywhere", "Write an address of this machine, for example LYCEUM_BIND=127.0.0.1")]
    [InlineData("LYCEUM_HOME", "/etc/passwd", "Write a directory")]
    [InlineData("LYCEUM_DATABASE_URL", "mysql://u@h/d", "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    [InlineData("LYCEUM_DATABASE_URL", "postgres://u:p@127.0.0.1:1/d", "Check host, port, user, password and database name")]
    [InlineData("LYCEUM_ADMIN_EMAIL", "nobody", "Write one e-mail address")]
    [InlineData("LYCEUM_ADMIN_PASSWORD", "short", "Write a longer one")]
    [InlineData("LYCEUM_SAMPLES_DIR", "/nowhere", "Write the directory that holds the sample documents")]
    [InlineData("LYCEUM_UI_DIR", "/nowhere", "Leave it empty to have the screens built")]
    [InlineData("LYCEUM_APP_DIR", "/nowhere", "Leave it empty to have the server built")]
    public async Task A_bad_setting_stops_with_its_name_and_what_to_write(string setting, string value, string advice)
    {
        var outcome = await Command.Run("run", new Dictionary<string, string>(_installation.Settings) { [setting] = value }, [], Ct);

        Assert.Equal(1, outcome.Code);
        Assert.Contains(setting, outcome.Stderr, StringComparison.Ordinal);
        Assert.Contains(advice, outcome.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("building", outcome.Stdout, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LYCEUM_UI_DIR", "LYCEUM_APP_DIR")]
    [InlineData("LYCEUM_APP_DIR", "LYCEUM_UI_DIR")]
    public async Task A_wrong_directory_of_what_is_built_is_refused_before_the_other_is_built(string wrong, string built)
    {
        var settings = new Dictionary<string, string>(_installation.Settings) { [wrong] = "/nowhere" };
        settings.Remove(built);
        var outcome = await Command.Run("run", settings, [], Ct);
        Assert.Equal(1, outcome.Code);
        Assert.Contains($"{wrong} is '/nowhere'", outcome.Stderr, StringComparison.Ordinal);
        Assert.Equal("", outcome.Stdout);
        Assert.False(Directory.Exists(_installation.Home), "a home was made for settings that are wrong");
    }

    // One try: the samples are searchable when ./run says that it is ready.
    private async Task<Outcome> Ask()
    {
        var outcome = await Run("lyceum", "ask", "How much may a hotel in Japan cost per night?", "--collection", "handbook", "--json");
        Assert.True(outcome.Code == 0 && outcome.Json.GetProperty("citations").GetArrayLength() > 0, outcome.ToString());
        return outcome;
    }

    private async Task<JsonElement> Json(params string[] args)
    {
        var outcome = await Run("lyceum", [.. args, "--json"]);
        Assert.True(outcome.Code == 0, outcome.ToString());
        return outcome.Json;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Task<Outcome> Run(string script, params string[] args) => _installation.Run(script, args, Ct);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();
}
