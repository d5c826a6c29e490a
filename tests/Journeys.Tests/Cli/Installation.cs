using System.Net;
using System.Net.Sockets;

namespace Lyceum.Journeys.Tests.Cli;

/// <summary>
/// What ./run makes in a home that does not exist yet: a PostgreSQL of its own, migrations, first administrator, samples, the server. Only the
/// build is left out: ./check has built already.
/// </summary>
public sealed class Installation : IAsyncDisposable
{
    public Installation()
    {
        var host = Environment.GetEnvironmentVariable("LYCEUM_TEST_HOST")
            ?? throw new InvalidOperationException("Set LYCEUM_TEST_HOST to a built Lyceum.Host.dll. ./check does it for you.");
        Settings = new Dictionary<string, string>
        {
            ["LYCEUM_HOME"] = Home,
            ["LYCEUM_PORT"] = $"{FreePort()}",
            ["LYCEUM_APP_DIR"] = Path.GetDirectoryName(host)!, // a file has a folder
            ["LYCEUM_UI_DIR"] = Path.Combine(Command.Root, "ui/dist"),
        };
    }

    public string Home { get; } = Path.Combine(Path.GetTempPath(), $"lyceum-newcomer-{Guid.NewGuid():n}");

    public IReadOnlyDictionary<string, string> Settings { get; }

    public Uri Url => new($"http://127.0.0.1:{Settings["LYCEUM_PORT"]}");

    /// <summary>A script of the repository with this installation's settings.</summary>
    public Task<Outcome> Run(string script, string[] args, CancellationToken ct) => Command.Run(script, Settings, args, ct);

    public async ValueTask DisposeAsync()
    {
        await Command.Run("run", Settings, ["--stop"], CancellationToken.None);
        foreach (var home in new[] { Home, Home + "-2" }.Where(Directory.Exists))
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
