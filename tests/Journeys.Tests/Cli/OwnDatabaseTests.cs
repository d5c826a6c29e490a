using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Xunit;

namespace Lyceum.Journeys.Tests.Cli;

/// <summary>./run and ./lyceum on a PostgreSQL that somebody else keeps, with an administrator and no samples.</summary>
[Collection("test database")]
public sealed class OwnDatabaseTests : IAsyncLifetime
{
    private const string Email = "ada@example.org", Password = "four words of ada";
    private readonly string _database = $"lyceum_own_{Environment.ProcessId}";
    private readonly Installation _installation = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Dictionary<string, string> Settings => new(_installation.Settings)
    {
        ["LYCEUM_DATABASE_URL"] = Address(_database), ["LYCEUM_ADMIN_EMAIL"] = Email, ["LYCEUM_ADMIN_PASSWORD"] = Password, ["LYCEUM_SAMPLES_DIR"] = "",
    };

    [Fact]
    public async Task A_database_of_ones_own_is_migrated_without_a_server_and_then_served()
    {
        var up = await Json("migrate", "up");
        var all = up.GetProperty("migrations").GetArrayLength();
        Assert.Equal(("up", all), (up.GetProperty("verb").GetString(), up.GetProperty("changed").GetInt32()));
        Assert.True(all > 5);
        Assert.All(up.GetProperty("migrations").EnumerateArray(), m => Assert.Equal(JsonValueKind.String, m.GetProperty("appliedAt").ValueKind));
        var down = await Json("migrate", "down");
        Assert.Equal(("down", 1), (down.GetProperty("verb").GetString(), down.GetProperty("changed").GetInt32()));
        var status = (await Json("migrate", "status")).GetProperty("migrations").EnumerateArray().ToList();
        Assert.Equal((all, 1), (status.Count, status.Count(m => m.GetProperty("appliedAt").ValueKind == JsonValueKind.Null)));
        Assert.Contains("pending", (await Run("lyceum", "migrate", "status")).Stdout, StringComparison.Ordinal);
        Assert.Equal("1 applied", (await Run("lyceum", "migrate", "up")).Stdout.Trim());

        var started = await Run("run", "--detach");
        Assert.True(started.Code == 0, started.ToString());
        Assert.Contains("using your PostgreSQL", started.Stdout, StringComparison.Ordinal);
        Assert.Contains($"sign in   {Email}", started.Stdout, StringComparison.Ordinal);
        Assert.Contains("the one LYCEUM_ADMIN_PASSWORD had", started.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("handbook", started.Stdout, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_installation.Home, "postgres")), "a private cluster was made beside the given one");
        Assert.Equal(HttpStatusCode.OK, await SignIn(Email, Password));
        Assert.Equal(0, (await Json("collections", "list")).GetProperty("collections").GetArrayLength());
        Assert.Equal(0, (await Run("run", "--stop")).Code);

        // What is set later makes nobody and changes nobody, and ./run does not pretend that it did.
        var other = new Dictionary<string, string>(Settings) { ["LYCEUM_ADMIN_EMAIL"] = "eve@example.org", ["LYCEUM_ADMIN_PASSWORD"] = "another password" };
        var later = await Command.Run("run", other, ["--detach"], Ct);
        Assert.True(later.Code == 0, later.ToString());
        Assert.Contains("there is one already, and it stays as it is", later.Stdout, StringComparison.Ordinal);
        Assert.Contains($"sign in   {Email}", later.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("eve@example.org", later.Stdout, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await SignIn("eve@example.org", "another password"), await SignIn(Email, Password)));
        Assert.Equal(0, (await Run("run", "--stop")).Code);

        await Serve();
    }

    // `lyceum serve` on its own, asked by `lyceum status`, ended as a service manager ends it.
    private async Task Serve()
    {
        using var server = Command.Start("lyceum", Settings, ["serve"]);
        var said = server.StandardOutput.ReadToEndAsync(CancellationToken.None);
        try
        {
            Outcome status;
            for (var watch = Stopwatch.StartNew(); (status = await Run("lyceum", "status", "--json")).Code != 0 && watch.Elapsed < TimeSpan.FromMinutes(2);)
            {
                Assert.False(server.HasExited, "lyceum serve ended by itself");
            }

            Assert.True(status.Code == 0 && status.Json.GetProperty("ready").GetBoolean(), status.ToString());
            Assert.Equal(Email, status.Json.GetProperty("user").GetString());
            await Command.Signal(server.Id, "TERM", Ct);
            await server.WaitForExitAsync(Ct);
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            if (!server.HasExited)
            {
                server.Kill(entireProcessTree: true);
            }
        }

        await said;
    }

    private async Task<HttpStatusCode> SignIn(string email, string password)
    {
        using var http = new HttpClient { BaseAddress = _installation.Url, DefaultRequestHeaders = { { "X-Lyceum-Csrf", "1" } } };
        using var answer = await http.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password }, Ct);
        return answer.StatusCode;
    }

    private Task<Outcome> Run(string script, params string[] args) => Command.Run(script, Settings, args, Ct);

    private async Task<JsonElement> Json(params string[] args)
    {
        var outcome = await Run("lyceum", [.. args, "--json"]);
        Assert.True(outcome.Code == 0, outcome.ToString());
        return outcome.Json;
    }

    public async ValueTask InitializeAsync()
    {
        await Sql("do $$ begin if not exists (select from pg_roles where rolname = 'lyceum_owner') then create role lyceum_owner login createrole; end if; end $$");
        await Sql($"create database {_database}");
    }

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        await Sql($"drop database if exists {_database} with (force)");
    }

    private static string Address(string database) =>
        new UriBuilder(Environment.GetEnvironmentVariable("LYCEUM_TEST_DATABASE_URL") ?? throw new InvalidOperationException("LYCEUM_TEST_DATABASE_URL is not set. ./check sets it.")) { Path = database }.Uri.ToString();

    private static async Task Sql(string sql)
    {
        var address = new Uri(Address("postgres"));
        var user = address.UserInfo.Split(':');
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host, Port = address.Port, Database = "postgres", Username = user[0], Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null, Pooling = false,
        };
        await using var source = NpgsqlDataSource.Create(connection.ConnectionString);
#pragma warning disable CA2100 // names made here
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
