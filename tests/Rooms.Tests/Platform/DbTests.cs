using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

public sealed class DbTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_piece_spliced_into_a_statement_brings_its_parameters()
    {
        Sql piece = $"({1} + {2})";
        var answer = await database.Db.One($"select {10} * {piece} + {100}", row => row.Get<int>(), Ct);
        Assert.Equal(130, answer);
    }

    [Fact]
    public async Task Every_type_we_use_goes_out_and_comes_back_also_as_null()
    {
        Guid? g = null; int? i = null; string? t = null; DateTimeOffset? d = null; float[]? a = null; bool? b = null; decimal? m = null;
        Guid[] ids = [Guid.NewGuid()];
        var nulls = await database.Db.One(
            $"select {g}::uuid, {i}::int, {t}::text, {d}::timestamptz, {a}::real[], {b}::bool, {m}::numeric, {ids}::uuid[]",
            row => (row.Get<Guid?>(), row.Get<int?>(), row.Get<string?>(), row.Get<DateTimeOffset?>(), row.Get<float[]?>(), row.Get<bool?>(), row.Get<decimal?>(), row.Get<Guid[]>()), Ct);
        Assert.Equal((null, null, null, null, null, null, null), (nulls.Item1, nulls.Item2, nulls.Item3, nulls.Item4, nulls.Item5, nulls.Item6, nulls.Item7));
        Assert.Equal(ids, nulls.Item8);
    }

    [Fact]
    public async Task The_tenant_does_not_survive_on_the_pooled_connection()
    {
        var single = new NpgsqlConnectionStringBuilder(TestServer.DatabaseAddress(database.Name).App) { MaxPoolSize = 1 };
        await using var databases = new Databases(new DatabaseAddress(single.ConnectionString, single.ConnectionString, 1));
        Assert.Equal(TestDatabase.Ours.Value, await databases.For(TestDatabase.Ours, Actor.System()).One($"select ops.tenant()", row => row.Get<Guid?>(), Ct));
        await using (var command = databases.App.CreateCommand("select coalesce(current_setting('app.current_tenant_id', true), '')"))
        {
            Assert.Equal("", (string?)await command.ExecuteScalarAsync(Ct));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => databases.For(TestDatabase.Ours, Actor.System()).Atomically<int>(async unit =>
        {
            await unit.Run($"select 1", Ct);
            throw new InvalidOperationException("stop");
        }, Ct));
        await using var after = databases.App.CreateCommand("select coalesce(current_setting('app.current_tenant_id', true), '')");
        Assert.Equal("", (string?)await after.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Rows_loaded_in_bulk_obey_the_policy()
    {
        var written = await database.Db.Atomically(unit => Load(unit, TestDatabase.Ours), Ct);
        Assert.Equal(3, written);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.Db.Atomically(unit => Load(unit, TestDatabase.Theirs), Ct));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

        static Task<int> Load(Unit unit, TenantId owner) => unit.Load(
            $"create temporary table incoming (id uuid, tenant uuid) on commit drop",
            $"copy incoming (id, tenant) from stdin binary",
            Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()),
            (importer, id) =>
            {
                importer.Write(id);
                importer.Write(owner.Value);
            },
            $"insert into ops.outbox_events (tenant_id, id, event_type, aggregate_type, aggregate_id) select tenant, id, 'bulk', 'test', id from incoming",
            Ct);
    }

    [Fact]
    public async Task A_cancelled_statement_stops_in_the_database_too()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Db.One($"select pg_sleep(30)::text", row => row.Get<string>(), soon.Token));
        Assert.Equal(0L, await database.Ask<long>("select count(*) from pg_stat_activity where query like 'select pg_sleep(30)%' and state = 'active' and pid <> pg_backend_pid()"));
    }

    [Fact]
    public async Task Atomic_work_that_throws_leaves_nothing_behind()
    {
        var id = Guid.CreateVersion7();
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Db.Atomically<int>(async unit =>
        {
            await EventStore.Add(unit, new NewEvent("ghost", "test", id), Ct);
            throw new InvalidOperationException("stop");
        }, Ct));
        Assert.Equal(0, await database.Db.One($"select count(*)::int from ops.outbox_events where aggregate_id = {id}", row => row.Get<int>(), Ct));
    }
}
