using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lyceum.Journeys.Tests.Cli;
using Lyceum.Stub;
using Npgsql;
using Xunit;

namespace Lyceum.Journeys.Tests.Browser;

/// <summary>The journey in a real browser: the specs of ui/e2e in headless Chromium, against the server as it is shipped, on a database of its own.</summary>
[Trait("needs", "browser")]
[Collection("test database")]
public sealed class BrowserTests : IAsyncLifetime
{
    private const string Email = "admin@example.com", Password = "a password of tests";
    private readonly string _home = Directory.CreateTempSubdirectory("lyceum-browser-").FullName;
    private readonly string _database = $"lyceum_browser_{Environment.ProcessId}";
    private readonly int _port = FreePort();
    private Process? _server;
    private StubServer? _stub;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set. ./check sets it.");

    [Fact]
    public async Task A_person_does_all_of_it_at_a_desk_and_the_daily_things_on_a_phone()
    {
        var start = new ProcessStartInfo("npx", ["playwright", "test", "--project=desktop", "--project=phone", "--reporter=list"])
        {
            WorkingDirectory = Path.Combine(Command.Root, "ui"), RedirectStandardOutput = true, RedirectStandardError = true,
            Environment =
            {
                ["LYCEUM_URL"] = $"http://127.0.0.1:{_port}", ["LYCEUM_EMAIL"] = Email, ["LYCEUM_PASSWORD"] = Password, ["CHROMIUM"] = Setting("LYCEUM_TEST_BROWSER"),
                ["LYCEUM_STUB"] = _stub!.BaseUrl.ToString().TrimEnd('/'), // started before any test
            },
        };
        using var run = Process.Start(start) ?? throw new InvalidOperationException("npx did not start.");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(12));
        var output = run.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = run.StandardError.ReadToEndAsync(patience.Token);
        await run.WaitForExitAsync(patience.Token);
        Assert.True(run.ExitCode == 0, $"{await output}\n{await errors}");
        Assert.Contains("passed", await output, StringComparison.Ordinal);
        // docs/features.md names journeys as proof; one that is not run proves nothing.
        Assert.DoesNotMatch(@"\d+ (skipped|did not run)", await output);
    }

    public async ValueTask InitializeAsync()
    {
        _stub = await StubServer.Start();
        await Sql("postgres", "do $$ begin if not exists (select from pg_roles where rolname = 'lyceum_owner') then create role lyceum_owner login createrole; end if; end $$");
        await Sql("postgres", $"drop database if exists {_database} with (force)");
        await Sql("postgres", $"create database {_database}");
        var environment = new Dictionary<string, string>
        {
            ["LYCEUM_HOME"] = _home, ["LYCEUM_PORT"] = $"{_port}", ["LYCEUM_DATABASE_URL"] = Address(_database), ["LYCEUM_ADMIN_EMAIL"] = Email, ["LYCEUM_ADMIN_PASSWORD"] = Password,
            ["LYCEUM_UI_DIR"] = Setting("LYCEUM_TEST_UI_DIR"), ["LYCEUM_SAMPLES_DIR"] = Setting("LYCEUM_TEST_SAMPLES_DIR"),
        };
        using (var migrate = Start(environment, "migrate", "up"))
        {
            await migrate.WaitForExitAsync(CancellationToken.None);
        }

        _server = Start(environment, "serve");
        using var http = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync($"http://127.0.0.1:{_port}/healthz/ready", CancellationToken.None);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (attempt < 900 && !_server.HasExited)
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
        }

        _server?.Dispose();
        if (_stub is not null)
        {
            await _stub.DisposeAsync();
        }

        await Sql("postgres", $"drop database if exists {_database} with (force)");
        Directory.Delete(_home, recursive: true);
    }

    private static Process Start(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Setting("LYCEUM_TEST_HOST"), .. arguments]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
    }

    private static string Address(string database) => new UriBuilder(Setting("LYCEUM_TEST_DATABASE_URL")) { Path = database }.Uri.ToString();

    private static async Task Sql(string database, string sql)
    {
        var address = new Uri(Address(database));
        var user = address.UserInfo.Split(':');
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host, Port = address.Port, Database = database, Username = user[0], Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null, Pooling = false,
        };
        await using var source = NpgsqlDataSource.Create(connection.ConnectionString);
#pragma warning disable CA2100 // names made here
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
