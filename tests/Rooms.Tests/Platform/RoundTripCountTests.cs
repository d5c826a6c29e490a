using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>What the door to SQL costs in round trips, counted on the wire, and the limits of time that it sets.</summary>
public sealed class RoundTripCountTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenant_actor_and_statement_travel_in_one_round_trip()
    {
        await using var proxy = new CountingProxy(TestServer.DatabaseAddress(database.Name).App);
        await using var databases = new Databases(new DatabaseAddress(proxy.ConnectionString, proxy.ConnectionString, 1));
        var db = databases.For(TestDatabase.Ours, Actor.System("trip"));
        Task<(Guid?, string?)> Ask() => db.One($"select ops.tenant(), current_setting('app.actor')::jsonb ->> 'correlation_id'", row => (row.Get<Guid?>(), row.Get<string?>()), Ct);
        Task<Guid?> Again() => db.One(Sql.Prepared($"select ops.tenant()"), row => row.Get<Guid?>(), Ct);
        Assert.Equal((TestDatabase.Ours.Value, "trip"), await Ask()); // both arrived, and the connection is open
        await Again();
        Assert.Equal(1, await proxy.Count(Ask));
        Assert.Equal(1, await proxy.Count(Again));
        Assert.Equal(1, await proxy.Count(() => db.Run($"update ops.jobs set priority = 1 where id = {Guid.NewGuid()}", Ct)));
        Assert.Equal(1, await proxy.Count(() => db.Stream($"select 1", _ => Task.CompletedTask, Ct)));
        Assert.Equal(2, await proxy.Count(async () => // what the counter says of two calls
        {
            await Ask();
            await Ask();
        }));
    }

    [Fact]
    public async Task A_transaction_costs_its_statements_and_the_commit()
    {
        await using var proxy = new CountingProxy(TestServer.DatabaseAddress(database.Name).App);
        await using var databases = new Databases(new DatabaseAddress(proxy.ConnectionString, proxy.ConnectionString, 1));
        var db = databases.For(TestDatabase.Ours, Actor.System());
        Task Two() => db.Atomically(async unit =>
        {
            await unit.Run($"select 1", Ct);
            await unit.Run($"select 2", Ct);
        }, Ct);
        await Two();
        Assert.Equal(3, await proxy.Count(Two)); // begin travels with the first statement
    }

    [Fact]
    public async Task A_statement_that_hangs_is_given_up_after_half_a_minute_and_stops_in_the_database_too()
    {
        var given = await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.Db.One($"select pg_sleep(300)::text", row => row.Get<string>(), Ct));
        Assert.True(given.InnerException is TimeoutException, given.ToString());
        await JobHouse.Until(async () => await database.Ask<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and query like 'select pg_sleep(300)%' and state = 'active' and pid <> pg_backend_pid()") == 0, "stopped in the database");
    }

    [Fact]
    public async Task The_database_itself_ends_what_the_app_role_lets_run_for_a_minute()
    {
        Assert.Equal(("1min", "1min"), await database.Db.One($"select current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')", row => (row.Get<string>(), row.Get<string>()), Ct));
        Assert.Equal(30, new NpgsqlConnectionStringBuilder(database.Databases.App.ConnectionString).CommandTimeout);
    }
}
