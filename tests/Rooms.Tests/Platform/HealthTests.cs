using System.Net;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

public sealed class HealthTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly TemporaryHome _home = new();

    private static readonly IReadOnlyList<Migration> Migrations = Migration.Of(TestServer.Rooms);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migrated_database_with_its_partitions_is_ready()
    {
        await using var house = await House(Migrations);
        var (status, body) = await Ready(house);
        Assert.Equal(200, status);
        Assert.All(new[] { "database", "migrations", "partitions" }, check => Assert.Equal("ok", Check(body, check)));
        Assert.Contains(Check(body, "pgvector"), new[] { "ok", "warn" });
    }

    [Fact]
    public async Task A_migration_that_is_not_applied_makes_it_unready()
    {
        await using var house = await House([.. Migrations, Migrations[0] with { Version = "Platform.9999" }]);
        var (status, body) = await Ready(house);
        Assert.Equal((503, "fail"), (status, Check(body, "migrations")));
        Assert.Contains("Platform.9999", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_partition_of_next_month_makes_it_unready_and_the_job_mends_it()
    {
        var next = await database.Ask<string>("select 'ops.audit_logs_' || to_char((now() at time zone 'utc') + interval '1 month', 'YYYYMM')");
        await database.Execute($"drop table {next}");
        await using (var house = await House(Migrations))
        {
            var (status, body) = await Ready(house);
            Assert.Equal((503, "fail"), (status, Check(body, "partitions")));
            Assert.Contains(next, body.ToString(), StringComparison.Ordinal);
        }

        await new PartitionsJob(database.Databases).Run(null!, Ct); // it asks nothing of its run
        await using var after = await House(Migrations);
        Assert.Equal(200, (await Ready(after)).Status);
    }

    [Fact]
    public async Task Jobs_that_wait_too_long_are_a_warning()
    {
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob("slow-lane", "t"), Ct), Ct);
        await database.Execute("update ops.jobs set run_after = now() - interval '6 minutes' where queue = 'slow-lane'");
        await using var house = await House(Migrations);
        var (status, body) = await Ready(house);
        Assert.Equal((200, "warn", "warn"), (status, Check(body, "queues"), body.GetProperty("status").GetString()));
        Assert.Contains("slow-lane", body.ToString(), StringComparison.Ordinal);
        await database.Execute("delete from ops.jobs where queue = 'slow-lane'");
    }

    [Fact]
    public async Task Without_a_database_it_is_alive_and_not_ready_and_says_so_in_time()
    {
        // A port that accepts and never answers: the worst kind of away.
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=x;Database=x;Timeout=30";
        await using var databases = new Databases(new DatabaseAddress(address, address));
        await using var house = await House(Migrations, databases);
        using (var live = await house.Client.GetAsync("/healthz/live", Ct))
        {
            Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        }

        var (status, body) = await Ready(house).WaitAsync(TimeSpan.FromSeconds(15), Ct);
        Assert.Equal((503, "fail"), (status, Check(body, "database")));
        Assert.DoesNotContain("127.0.0.1", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_of_files_that_is_gone_is_a_warning()
    {
        using var egress = new EgressGuard(new PlatformOptions());
        using var nobody = new ObjectBackends(new S3Objects(new S3Settings("lyceum", "id", "secret") { Endpoint = new Uri("http://127.0.0.1:9"), PathStyle = true }, egress));
        await using var house = await House(Migrations, backend: nobody);
        var (status, body) = await Ready(house);
        Assert.Equal((200, "warn"), (status, Check(body, "objects")));
        Assert.DoesNotContain("127.0.0.1", body.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "fail")]
    [InlineData("0.7.4", "warn")]
    [InlineData("0.8.3", "warn")]
    [InlineData("0.8.4", "ok")]
    [InlineData("0.9.0", "ok")]
    public void An_old_pgvector_is_a_warning_and_none_is_a_failure(string? version, string expected) => Assert.Equal(expected, Readiness.Vector(version).Status);

    public void Dispose() => _home.Dispose();

    private Task<WebHouse> House(IReadOnlyList<Migration> expected, Databases? databases = null, ObjectBackends? backend = null) => WebHouse.Open(
        null, _home, app => app.MapHealth(expected), services => services.AddSingleton(databases ?? database.Databases).AddSingleton<JobStore>().AddSingleton(new MalwareScanner(new PlatformOptions())).AddSingleton(backend ?? new ObjectBackends(new LocalObjects(new PlatformOptions { Home = _home.Path }))));

    private static async Task<(int Status, JsonElement Body)> Ready(WebHouse house)
    {
        using var answer = await house.Client.GetAsync("/healthz/ready", Ct);
        return await WebHouse.Read(answer);
    }

    private static string? Check(JsonElement body, string name) => body.GetProperty("checks").GetProperty(name).GetProperty("status").GetString();
}
