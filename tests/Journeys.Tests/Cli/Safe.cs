using System.Globalization;
using Npgsql;
using Xunit;

namespace Lyceum.Journeys.Tests.Cli;

/// <summary>What must hold of every installation that ./run made: loopback only, passwords only, never as root, secrets for one account.</summary>
internal static class Safe
{
    private const string Loopback = "0100007F", Loopback6 = "00000000000000000000000001000000";

    public static int Server(Installation installation) => Number(installation, "state/server.pid");

    public static int Postmaster(Installation installation) => Number(installation, "postgres/postmaster.pid");

    /// <summary>Whether a process ends by itself within seconds. PostgreSQL takes its number away just before its process goes; one that nobody has buried is dead all the same.</summary>
    public static async Task<bool> Ended(int process, CancellationToken ct)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            try
            {
                if (File.ReadLines($"/proc/{process}/status").Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal)))
                {
                    return true;
                }
            }
            catch (IOException)
            {
                return true;
            }

            await Task.Delay(100, ct);
        }

        return false;
    }

    public static async Task Installed(Installation installation, CancellationToken ct)
    {
        foreach (var process in new[] { Server(installation), Postmaster(installation) })
        {
            var uids = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t', StringSplitOptions.RemoveEmptyEntries);
            Assert.DoesNotContain("0", uids);
        }

        var database = Number(installation, "state/postgres-port");
        foreach (var port in new[] { installation.Url.Port, database })
        {
            var addresses = Listening(port);
            Assert.NotEmpty(addresses);
            Assert.All(addresses, address => Assert.True(address is Loopback or Loopback6, $"port {port} listens on {address}"));
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(installation.Home, "secrets")));
        var secrets = Directory.GetFiles(Path.Combine(installation.Home, "secrets")).Append(Path.Combine(installation.Home, "profile.json")).ToList();
        Assert.True(secrets.Count > 3, string.Join(' ', secrets));
        Assert.All(secrets, file => Assert.True(File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), $"{file}: {File.GetUnixFileMode(file)}"));
        Assert.True((await File.ReadAllTextAsync(Path.Combine(installation.Home, "secrets", "postgres-password"), ct)).Trim().Length >= 32);

        Assert.Equal("", await Login(database, (await File.ReadAllTextAsync(Path.Combine(installation.Home, "secrets", "postgres-password"), ct)).Trim(), ct));
        foreach (var password in new[] { null, "", "postgres" })
        {
            Assert.NotEqual("", await Login(database, password, ct));
        }
    }

    // Empty when the superuser gets in, else why not.
    private static async Task<string> Login(int port, string? password, CancellationToken ct)
    {
        var address = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = "postgres", Database = "postgres", Password = password, Pooling = false, Passfile = "/dev/null" };
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return "";
        }
        catch (NpgsqlException refused)
        {
            return refused.Message;
        }
    }

    // The local addresses of sockets in state LISTEN, as /proc writes them.
    private static List<string> Listening(int port) =>
    [
        .. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(row => row is [_, _, _, "0A", ..] && row[1].EndsWith($":{port:X4}", StringComparison.Ordinal)).Select(row => row[1].Split(':')[0]),
    ];

    private static int Number(Installation installation, string file) => int.Parse(File.ReadLines(Path.Combine(installation.Home, file)).First(), CultureInfo.InvariantCulture);
}
