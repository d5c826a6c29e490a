using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>How migrations are applied: once, in turn, only as they were written, and never at the price of a table that others use.</summary>
public sealed class MigratorTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static int _made;
    private readonly string _table = $"ops.made_{Interlocked.Increment(ref _made)}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_that_start_at_once_apply_each_migration_once()
    {
        // Slow enough that whoever does not wait for the other makes the same table at the same time.
        Migration[] migrations = [Made(1, $"select pg_sleep(0.5); create table {_table} (n int)"), Made(2, $"insert into {_table} values (1)")];
        var databases = Enumerable.Range(0, 4).Select(_ => new Databases(TestServer.DatabaseAddress(database.Name))).ToList();
        var counts = await Task.WhenAll(databases.Select(d => Of(d, migrations).Up(Ct)));
        Assert.Equal([0, 0, 0, 2], counts.Order());
        Assert.Equal(1L, await database.Ask<long>($"select count(*) from {_table}"));
        foreach (var one in databases)
        {
            await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_file_that_was_changed_after_it_was_applied_is_refused_with_a_sentence_and_nothing_is_applied()
    {
        await Of(database.Databases, Made(1, $"create table {_table} (n int)")).Up(Ct);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Of(database.Databases, Made(1, $"create table {_table} (n bigint)"), Made(2, $"insert into {_table} values (1)")).Up(Ct));
        Assert.Equal($"Migration {Version(1)} was changed after it was applied. Restore the file and put the change into a new migration.", refused.Message);
        Assert.Equal(0L, await database.Ask<long>($"select count(*) from {_table}"));
        Assert.Equal(1, await Of(database.Databases, Made(1, $"create table {_table} (n int)"), Made(2, $"insert into {_table} values (1)")).Up(Ct)); // the lock was given back
    }

    [Fact]
    public async Task A_table_in_use_makes_a_migration_fail_after_five_seconds_instead_of_blocking_everybody()
    {
        await Of(database.Databases, Made(1, $"create table {_table} (n int)")).Up(Ct);
        await using var user = await database.Superuser.OpenConnectionAsync(Ct);
        await using (var reading = await user.BeginTransactionAsync(Ct))
        {
#pragma warning disable CA2100 // a name made here
            await using var read = new NpgsqlCommand($"select count(*) from {_table}", user);
#pragma warning restore CA2100
            await read.ExecuteScalarAsync(Ct);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Of(database.Databases, Made(2, $"alter table {_table} add column m int")).Up(Ct));
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
            Assert.InRange(watch.Elapsed.TotalSeconds, 4, 60);
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => Of(database.Databases, Made(1, "", down: $"drop table {_table}")).Down(1, Ct))).SqlState);
            await reading.RollbackAsync(Ct);
        }

        Assert.Equal(1, await Of(database.Databases, Made(2, $"alter table {_table} add column m int")).Up(Ct));
    }

    [Fact]
    public async Task A_migration_that_fails_halfway_leaves_nothing_and_those_before_it_stay()
    {
        await Assert.ThrowsAsync<PostgresException>(() => Of(database.Databases, Made(1, $"create table {_table} (n int)"), Made(2, $"insert into {_table} values (1); select 1 / 0")).Up(Ct));
        Assert.Equal(0L, await database.Ask<long>($"select count(*) from {_table}"));
        Assert.Equal([Version(1)], await database.Names($"select version from ops.schema_migrations where version like '{_table}%'"));
    }

    private string Version(int number) => $"{_table}.{number:d4}";

    private Migration Made(int number, string up, string down = "select 1") => new(Version(number), "made", up, down, $"{up.Length} {up}");

    private static Migrator Of(Databases databases, params Migration[] migrations) => new(databases, TestServer.AppPassword, migrations, NullLogger<Migrator>.Instance);
}
