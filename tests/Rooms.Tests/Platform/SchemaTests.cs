using Lyceum.Platform;
using Lyceum.Rooms.Tests.Isolation;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Walks the catalogue: what every table must have, so that a new table without it fails here.</summary>
public sealed class SchemaTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Ours = Catalogue.Schemas;
    private const string Tables = Catalogue.Tables;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // The functions that may cross tenants. A new one is added here on purpose, with a reviewer looking.
    private static readonly string[] Definers =
    [
        "ops.audit_chain", "ops.audit_ends", "ops.claim_jobs", "ops.ensure_partitions", "ops.erase_actor", "ops.extend_job_leases", "ops.finish_jobs", "ops.fire_schedules",
        "ops.publish_events", "ops.queue_depths", "ops.reap_jobs", "ops.sweep_idempotency_keys", "ops.sweep_jobs", "ops.tenants_with_old_key", "ops.tenants_with_stale_objects",
    ];

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Every_tenant_table_is_complete() => Assert.Empty(await database.Names(Catalogue.IncompleteTables));

    [Fact]
    public async Task Every_policy_without_a_role_names_the_tenant() => Assert.Empty(await database.Names(Catalogue.OpenPolicies));

    [Fact]
    public async Task What_crossing_functions_are_granted_they_are_shown() => Assert.Empty(await database.Names(Catalogue.Uncrossable));

    [Fact]
    public async Task Every_foreign_key_between_tenant_tables_is_composite_and_indexed() => Assert.Empty(await database.Names($"""
        with t as ({Tables}), k as (
          select c.conname, c.conrelid, c.conkey, c.confrelid::regclass::text as target, t.name,
            (select array_agg(a.attname::text order by u.i) from unnest(c.conkey) with ordinality u(n, i) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.n) as columns
          from pg_constraint c join t on t.oid = c.conrelid where c.contype = 'f' and c.conparentid = 0)
        select name || ' ' || conname || ': ' || fault from k, lateral (
          select 'does not carry the tenant' as fault
          where not exists (select from unnest(columns) c where c like '%tenant_id') and target <> all (array[{Catalogue.GlobalList}])
          union all select 'has no index that begins with its columns' where not exists (
            select from pg_index i where i.indrelid = k.conrelid and (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1] @> k.conkey)) f
        """));

    [Fact]
    public async Task Every_table_and_column_is_explained() => Assert.Empty(await database.Names($"""
        with t as ({Tables})
        select t.name from t where not t.relispartition and obj_description(t.oid) is null
        union all
        select t.name || '.' || a.attname from t join pg_attribute a on a.attrelid = t.oid
        where not t.relispartition and a.attnum > 0 and not a.attisdropped and col_description(t.oid, a.attnum) is null
        order by 1
        """));

    [Fact]
    public async Task Only_the_listed_functions_cross_tenants_and_each_pins_its_search_path()
    {
        var found = await database.Names($"""
            select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.prosecdef and n.nspname in {Ours} and p.proconfig::text like '%search_path%' order by 1
            """);
        Assert.Equal(Definers.Concat(Lyceum.Iam.Crossing.Functions).Concat(Lyceum.Agents.Crossing.Functions).Concat(Lyceum.Knowledge.Crossing.Functions).Concat(Lyceum.Metering.Crossing.Functions).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Empty(await database.Names("select proname::text from pg_proc where prosecdef and proconfig::text not like '%search_path%'"));
    }

    [Fact]
    public async Task The_app_role_can_neither_bypass_policies_nor_define_anything()
    {
        Assert.False(await database.Ask<bool>("select rolbypassrls or rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = 'lyceum_app'"));
        Assert.False(await database.Ask<bool>("select rolbypassrls or rolsuper or rolcanlogin from pg_roles where rolname = 'lyceum_system'"));
        Assert.False(await database.Ask<bool>($"select bool_or(has_schema_privilege('lyceum_app', nspname, 'create')) from pg_namespace where nspname in {Ours} or nspname = 'public'"));
    }

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Without_a_tenant_every_table_shows_nothing_and_accepts_nothing()
    {
        var tables = await database.Names($"with t as ({Tables}) select t.name from t where not t.relispartition and has_table_privilege('lyceum_app', t.oid, 'select')");
        await using var connection = await database.Databases.App.OpenConnectionAsync(Ct);
        var faults = new List<string>();
        foreach (var table in tables.Except(["ops.schema_migrations", "ops.partitioned_tables", "iam.permissions"]))
        {
#pragma warning disable CA2100 // names from the catalogue
            await using var count = new NpgsqlCommand($"select count(*) from {table}", connection);
            if ((long)(await count.ExecuteScalarAsync(Ct))! != 0)
            {
                faults.Add($"{table} shows rows");
            }

            try
            {
                await using var insert = new NpgsqlCommand($"insert into {table} default values", connection);
                await insert.ExecuteNonQueryAsync(Ct);
                faults.Add($"{table} accepts a row");
            }
            catch (PostgresException)
            {
                // refused, as it must be
            }
#pragma warning restore CA2100
        }

        Assert.Empty(faults);
        Assert.True(tables.Count > 8, "the walk found too few tables to mean anything");
    }

    [Fact]
    public async Task Migrations_go_up_down_and_up_again_on_filled_tables()
    {
        await database.Db.Atomically(async unit =>
        {
            await JobStore.Enqueue(unit, new NewJob("none", "none"), Ct);
            await unit.Run($"insert into ops.secrets (id, kind, ciphertext, nonce, key_id, dek_wrapped) values ({Guid.CreateVersion7()}, {"k"}, {new byte[] { 1 }}, {new byte[12]}, {"m"}, {new byte[] { 1 }})", Ct);
        }, Ct);
        var migrator = TestServer.Migrator(database.Databases);
        var all = (await migrator.Status(Ct)).Count;
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(all, await migrator.Down(all, Ct));
        Assert.Equal(0L, await database.Ask<long>($"select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in {Ours} and c.relkind in ('r', 'p') and c.relname <> 'schema_migrations'"));
        Assert.Equal(all, await migrator.Up(Ct));
        Assert.Equal(0, await migrator.Up(Ct));
    }
}
