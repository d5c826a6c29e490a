using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>What the roles of the database can and cannot: tried on every table with rows in it, not read from their definitions.</summary>
public sealed class DatabaseRoleTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private Guid _tenant;
    private List<string> _tables = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (await database.Ask<long>("select count(*) from iam.tenants where slug = 'onefilled'") == 0)
        {
            await database.Fill("one");
            await database.Fill("two");
        }

        _tenant = await database.Ask<Guid>("select id from iam.tenants where slug = 'onefilled'");
        _tables = await database.Names(FilledTables.Tables);
        Assert.True(_tables.Count > 60, "the walk found too few tables to mean anything");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_readonly_role_reads_what_the_policies_show_and_writes_nothing()
    {
        var faults = new List<string>();
        foreach (var table in _tables)
        {
            var granted = await database.Ask<bool>($"select has_table_privilege('lyceum_readonly', '{table}', 'select')");
            var ofTenant = await database.Ask<bool>($"select exists (select from pg_attribute where attrelid = '{table}'::regclass and attname = 'tenant_id' and attnotnull)");
            if (granted && ofTenant)
            {
                var (shown, blind) = (
                    await Try("lyceum_readonly", $"select count(*) filter (where tenant_id = '{_tenant}') || ' ' || count(*) filter (where tenant_id not in ('{_tenant}', '{TenantId.Platform}')) from {table}", _tenant),
                    await Try("lyceum_readonly", $"select count(*) from {table}", null));
                if ((shown, blind) != ("1 0", "0"))
                {
                    faults.Add($"{table}: its own and others' rows {shown}, without a tenant {blind}");
                }
            }

            faults.AddRange(await Writes("lyceum_readonly", table));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task The_backup_role_reads_every_row_of_every_table_and_writes_nothing()
    {
        var faults = new List<string>();
        foreach (var table in _tables)
        {
            var (all, read) = (await database.Ask<long>($"select count(*) from {table}"), await Try("lyceum_backup", $"select count(*) from {table}", null));
            if (read != $"{all}" || all == 0)
            {
                faults.Add($"{table}: {read} of {all} rows");
            }

            faults.AddRange(await Writes("lyceum_backup", table));
        }

        Assert.Empty(faults);
        Assert.Empty(await database.Names($"""
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in {FilledTables.Schemas} and case when c.relkind = 'S' then not has_sequence_privilege('lyceum_backup', c.oid, 'select') end
            """));
    }

    [Fact]
    public async Task The_app_role_and_those_that_read_own_nothing_of_any_kind()
    {
        const string owned = "select r.rolname || ' ' || pg_describe_object(d.classid, d.objid, d.objsubid) from pg_shdepend d join pg_roles r on r.oid = d.refobjid "
            + "where d.deptype = 'o' and d.dbid in (0, (select oid from pg_database where datname = current_database()))";
        Assert.Empty(await database.Names($"{owned} and r.rolname in ('lyceum_app', 'lyceum_readonly', 'lyceum_backup')"));
        // Whatever is owned is told, in all its kinds: the listed functions, and those only, belong to the role that crosses tenants.
        Assert.DoesNotContain(await database.Names($"{owned} and r.rolname = 'lyceum_system'"), thing => !thing.StartsWith("lyceum_system function ", StringComparison.Ordinal));
        var all = await database.Names($"{owned} and r.rolname = 'lyceum_owner'");
        Assert.All(new[] { "function", "table", "schema", "view" }, kind => Assert.Contains(all, thing => thing.StartsWith($"lyceum_owner {kind} ", StringComparison.Ordinal)));
        Assert.False(await database.Ask<bool>("select bool_or(pg_has_role('lyceum_app', rolname, 'member')) from pg_roles where rolname in ('lyceum_owner', 'lyceum_system', 'lyceum_backup', 'pg_read_all_data', 'pg_write_all_data')"));
        Assert.Empty(await database.Names($"select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in {FilledTables.Schemas} and p.prosecdef and p.prorettype <> 'trigger'::regtype and has_function_privilege('lyceum_readonly', p.oid, 'execute')"));
    }

    private async Task<List<string>> Writes(string role, string table)
    {
        var column = await database.Ask<string>($"select quote_ident(attname) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum limit 1");
        var faults = new List<string>();
        foreach (var write in new[] { $"insert into {table} default values", $"update {table} set {column} = {column}", $"delete from {table}", $"truncate {table}" })
        {
            if (await Try(role, write, _tenant) is not PostgresErrorCodes.InsufficientPrivilege and var did)
            {
                faults.Add($"{role} may {write}: {did}");
            }
        }

        return faults;
    }

    private async Task<string> Try(string role, string sql, Guid? tenant)
    {
        await using var connection = await database.Superuser.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        try
        {
#pragma warning disable CA2100 // made of the catalogue
            await using var introduced = new NpgsqlCommand($"select set_config('app.current_tenant_id', '{tenant}', true); set local role {role}", connection);
            await introduced.ExecuteNonQueryAsync(Ct);
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            return $"{await command.ExecuteScalarAsync(Ct)}";
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }
    }
}
