using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>The schema with a row in every table: what nobody without a tenant sees or changes, and migrations that meet data.</summary>
public sealed class FilledSchemaTests(TestServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Catalogues of the program that name nobody.
    private static readonly string[] Open = ["ops.schema_migrations", "ops.partitioned_tables"];

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Without_a_tenant_every_table_shows_nothing_and_accepts_nothing()
    {
        await using var database = await Filled();
        var tables = (await database.Names(FilledTables.Tables)).Except(Open).ToList();
        Assert.True(tables.Count > 60, "the walk found too few tables to mean anything");
        var faults = new List<string>();
        await using var connection = await database.Databases.App.OpenConnectionAsync(Ct);
        foreach (var table in tables)
        {
            Assert.True(await database.Ask<bool>($"select exists (select from {table})"), $"{table} is empty, so that hiding its rows shows nothing");
            var (columns, row) = await ARow(database, table);
            var seen = await Try(connection, $"with r as (select 1 from {table} limit 10) select count(*) from r");
            var inserted = await Try(connection, $"insert into {table} ({columns}) overriding system value select {columns} from jsonb_populate_record(null::{table}, '{row}')");
            var changed = await Try(connection, $"update {table} set {columns.Split(", ")[^1]} = {columns.Split(", ")[^1]}");
            var deleted = await Try(connection, $"delete from {table}");
            if (seen is not ("0" or PostgresErrorCodes.InsufficientPrivilege))
            {
                faults.Add($"{table} shows {seen} rows");
            }

            if (inserted is not PostgresErrorCodes.InsufficientPrivilege)
            {
                faults.Add($"{table} takes a row, or refuses it for another reason: {inserted}");
            }

            faults.AddRange(new[] { ("changes", changed), ("deletes", deleted) }.Where(did => did.Item2 is not ("0" or PostgresErrorCodes.InsufficientPrivilege)).Select(did => $"{table} {did.Item1}: {did.Item2}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task With_a_tenant_every_tenant_table_shows_its_one_row_and_no_other()
    {
        await using var database = await Filled();
        var tenant = new TenantId(await database.Ask<Guid>("select id from iam.tenants where slug = 'onefilled'"));
        var tables = await database.Names($"""
            select t.name from ({FilledTables.Tables}) t(name) where has_table_privilege('lyceum_app', t.name, 'select')
              and exists (select from pg_attribute a where a.attrelid = t.name::regclass and a.attname = 'tenant_id') and t.name not in ('iam.users', 'iam.tenants')
            """);
        Assert.True(tables.Count > 55, "the walk found too few tables to mean anything");
        await using var connection = await database.Databases.App.OpenConnectionAsync(Ct);
        var faults = new List<string>();
        foreach (var table in tables)
        {
            var seen = await Try(connection, $"select count(*) filter (where tenant_id = '{tenant}') || ' ' || count(*) filter (where tenant_id not in ('{tenant}', '{TenantId.Platform}')) from {table}", tenant);
            if (seen != "1 0")
            {
                faults.Add($"{table}: {seen}");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Migrations_go_up_down_and_up_again_on_filled_tables()
    {
        await using var database = await Filled();
        var migrator = TestServer.Migrator(database.Databases);
        var all = (await migrator.Status(Ct)).Count;
        Assert.Equal(all, await migrator.Down(all, Ct));
        Assert.Equal(0L, await database.Ask<long>($"select count(*) from ({FilledTables.Tables}) t(name) where name <> 'ops.schema_migrations'"));
        Assert.Equal(all, await migrator.Up(Ct));
        Assert.Equal(0, await migrator.Up(Ct));
        NpgsqlConnection.ClearAllPools();
        await database.Fill("again");
        Assert.Empty(await database.Dangling());
    }

    [Fact]
    public async Task Migrations_that_came_later_go_down_and_up_while_the_tables_before_them_keep_their_rows()
    {
        await using var database = await Filled();
        var later = Migration.Of(TestServer.Rooms).Where(m => string.CompareOrdinal(m.Version[(m.Version.IndexOf('.', StringComparison.Ordinal) + 1)..], "0010") >= 0).ToList();
        Assert.True(later.Count >= 6, "too few migrations came later to mean anything");
        var before = await Counts(database);
        Assert.Equal(later.Count, await new Migrator(database.Databases, TestServer.AppPassword, later, NullLogger<Migrator>.Instance).Down(later.Count, Ct));
        NpgsqlConnection.ClearAllPools();
        var between = await Counts(database);
        Assert.True(between.Count > 50, "too few tables stayed to mean anything");
        Assert.All(between, table => Assert.True(table.Value >= 2, $"{table.Key} lost its rows"));
        Assert.Equal(later.Count, await TestServer.Migrator(database.Databases).Up(Ct));
        NpgsqlConnection.ClearAllPools();
        var after = await Counts(database);
        Assert.Equal(before.Keys, after.Keys);
        Assert.All(between, table => Assert.True(after[table.Key] >= table.Value, $"{table.Key} lost its rows"));
        Assert.Empty(await database.Dangling());
    }

    [Fact]
    public async Task The_filling_itself_leaves_no_reference_open_and_would_tell_of_one()
    {
        await using var database = await Filled();
        Assert.Empty(await database.Dangling());
        await database.Execute("set session_replication_role = replica; delete from knowledge.documents; reset session_replication_role");
        Assert.Contains(await database.Dangling(), key => key.StartsWith("knowledge.document_revisions ", StringComparison.Ordinal));
    }

    private async Task<TestDatabase> Filled()
    {
        var database = new TestDatabase(server);
        await database.InitializeAsync();
        await database.Fill("one");
        await database.Fill("two");
        return database;
    }

    private static async Task<SortedDictionary<string, long>> Counts(TestDatabase database)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in (await database.Names(FilledTables.Tables)).Except([.. Open, "iam.permissions"]))
        {
            counts[table] = await database.Ask<long>($"select count(*) from {table}");
        }

        return counts;
    }

    // The columns that can be written, and a row that is there with another id, so that only the policy refuses it.
    private static async Task<(string Columns, string Row)> ARow(TestDatabase database, string table) => (
        await database.Ask<string>($"select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"),
        (await database.Ask<string>($"select (to_jsonb(t) || case when to_jsonb(t) ? 'id' then jsonb_build_object('id', ops.uuid7()) else '{{}}' end)::text from {table} t limit 1")).Replace("'", "''", StringComparison.Ordinal));

    // What a statement says: its first value, the rows it touched, or the state it was refused with. Nothing stays.
    private static async Task<string> Try(NpgsqlConnection connection, string sql, TenantId? tenant = null)
    {
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        try
        {
#pragma warning disable CA2100 // made of the catalogue
            await using var introduced = new NpgsqlCommand($"select set_config('app.current_tenant_id', '{tenant}', true)", connection);
            await introduced.ExecuteNonQueryAsync(Ct);
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            return sql.StartsWith("insert", StringComparison.Ordinal) || sql.StartsWith("update", StringComparison.Ordinal) || sql.StartsWith("delete", StringComparison.Ordinal)
                ? (await command.ExecuteNonQueryAsync(Ct)).ToString(System.Globalization.CultureInfo.InvariantCulture)
                : $"{await command.ExecuteScalarAsync(Ct)}";
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }
    }
}
