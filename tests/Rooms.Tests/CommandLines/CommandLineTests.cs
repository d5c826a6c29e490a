using System.Text.Json;
using Lyceum.Host.Cli;
using Xunit;

namespace Lyceum.Rooms.Tests.CommandLines;

public sealed class CommandLineTests : IDisposable
{
    private readonly StringWriter _stdout = new();
    private readonly StringWriter _stderr = new();

    [Theory]
    [InlineData]
    [InlineData("keys")]
    [InlineData("nonsense")]
    [InlineData("search", "x")]
    [InlineData("search", "x", "--collection", "a", "--top", "0")]
    [InlineData("keys", "create", "x", "--expires", "never")]
    [InlineData("ingest", "--collection", "a")]
    public async Task Wrong_usage_says_what_is_wrong_and_where_help_is(params string[] args)
    {
        Assert.Equal(2, await Run(args));

        Assert.Equal("", _stdout.ToString());
        Assert.Matches("^lyceum: .+ --help", _stderr.ToString());
    }

    [Fact]
    public async Task With_json_an_error_is_one_document_on_stderr_and_stdout_stays_empty()
    {
        Assert.Equal(2, await Run("search", "--json"));

        Assert.Equal("", _stdout.ToString());
        using var error = JsonDocument.Parse(_stderr.ToString());
        Assert.Equal("wrong_usage", error.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("QUERY", error.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_calls_the_program_lyceum_and_explains_the_exit_codes()
    {
        Assert.Equal(0, await Run("--help"));

        Assert.Contains("lyceum [command]", _stdout.ToString(), StringComparison.Ordinal);
        Assert.Contains("5 the server cannot be reached", _stdout.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Lyceum.Host", _stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_takes_json()
    {
        foreach (var command in new[] { "status", "keys create", "collections create", "collections list", "ingest", "search", "ask", "migrate up", "migrate status" })
        {
            Assert.Equal(0, await Run([.. command.Split(' '), "--help"]));
        }

        Assert.Equal(9, _stdout.ToString().Split("--json").Length - 1);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_exit_code_5()
    {
        Assert.Equal(5, await Run("status"));

        Assert.Contains("cannot be reached", _stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrating_without_an_address_says_which_setting_is_missing()
    {
        Assert.Equal(2, await Run("migrate", "status"));

        Assert.Contains("LYCEUM_DATABASE_URL", _stderr.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
    }

    // Nothing listens on port 1 of loopback.
    private Task<int> Run(params string[] args) => CommandLine.Run(
        args, _stdout, _stderr, name => name == "LYCEUM_URL" ? "http://127.0.0.1:1" : null, TestContext.Current.CancellationToken);
}
