using System.Diagnostics;
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
        var answer = await FirstAnswer();
        Assert.Contains("190 EUR", answer.Json.GetProperty("answer").GetString(), StringComparison.Ordinal);
        var citation = answer.Json.GetProperty("citations")[0];
        Assert.Equal(2, citation.GetProperty("page").GetInt32());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"The first cited answer took {watch.Elapsed} after ./run was ready.");

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

        var again = await Run("run", "--detach");
        Assert.True(again.Code == 0, again.ToString());
        Assert.True((await FirstAnswer()).Json.GetProperty("citations").GetArrayLength() > 0);
    }

    [Theory]
    [InlineData("LYCEUM_PORT", "0")]
    [InlineData("LYCEUM_PORT", "many")]
    [InlineData("LYCEUM_PORT", "65536")]
    [InlineData("LYCEUM_HOME", "/etc/passwd")]
    [InlineData("LYCEUM_DATABASE_URL", "mysql://u@h/d")]
    [InlineData("LYCEUM_DATABASE_URL", "postgres://u:p@127.0.0.1:1/d")]
    [InlineData("LYCEUM_ADMIN_EMAIL", "nobody")]
    [InlineData("LYCEUM_ADMIN_PASSWORD", "short")]
    [InlineData("LYCEUM_APP_DIR", "/nowhere")]
    public async Task A_bad_setting_stops_with_its_name(string setting, string value)
    {
        var outcome = await Command.Run("run", new Dictionary<string, string>(_installation.Settings) { [setting] = value }, [], Ct);

        Assert.Equal(1, outcome.Code);
        Assert.Contains(setting, outcome.Stderr, StringComparison.Ordinal);
    }

    /// <summary>The samples may still be on their way when the server is ready: asks until they answer, as an impatient newcomer would.</summary>
    private async Task<Outcome> FirstAnswer()
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            var outcome = await Run("lyceum", "ask", "How much may a hotel in Japan cost per night?", "--collection", "handbook", "--json");
            if ((outcome.Code == 0 && outcome.Json.GetProperty("citations").GetArrayLength() > 0) || watch.Elapsed > TimeSpan.FromSeconds(30))
            {
                Assert.True(outcome.Code == 0, outcome.ToString());
                return outcome;
            }
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Task<Outcome> Run(string script, params string[] args) => _installation.Run(script, args, Ct);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();
}
