using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Lyceum.Journeys.Tests.Cli;

public sealed class InterruptTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ctrl_C_ends_a_command_with_130()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0); // a server that takes the question and never answers
        silent.Start();
        var host = Environment.GetEnvironmentVariable("LYCEUM_TEST_HOST") ?? throw new InvalidOperationException("LYCEUM_TEST_HOST is not set. ./check sets it.");
        var settings = new Dictionary<string, string>
        {
            ["LYCEUM_APP_DIR"] = Path.GetDirectoryName(host)!, // a file has a folder
            ["LYCEUM_URL"] = $"http://{silent.LocalEndpoint}", ["LYCEUM_API_KEY"] = "lyc_none",
        };
        using var status = Command.Start("lyceum", settings, ["status", "--json"]);
        using var asked = await silent.AcceptSocketAsync(Ct);
        await Command.Signal(status.Id, "INT", Ct);
        var said = await status.StandardError.ReadToEndAsync(Ct);
        await status.WaitForExitAsync(Ct);
        Assert.Equal(130, status.ExitCode);
        Assert.Contains("\"code\":\"interrupted\"", said, StringComparison.Ordinal);
    }
}
