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
        "ops.audit_chain", "ops.audit_ends", "ops.claim_jobs", "ops.ensure_partitions", "ops.erase_actor", "ops.extend_job_leases", "ops.finish_jobs", "ops.fire_alerts", "ops.fire_schedules",
        "ops.object_places", "ops.publish_events", "ops.queue_depths", "ops.reap_jobs", "ops.sweep_idempotency_keys", "ops.sweep_jobs", "ops.tenants_with_objects", "ops.tenants_with_old_key", "ops.tenants_with_stale_objects",
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
            where p.prosecdef and n.nspname in {Ours} order by 1
            """);
        Assert.Equal(Definers.Concat(Lyceum.Iam.Crossing.Functions).Concat(Lyceum.Agents.Crossing.Functions).Concat(Lyceum.Knowledge.Crossing.Functions).Concat(Lyceum.Metering.Crossing.Functions).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Empty(await database.Names("select proname::text from pg_proc where prosecdef and coalesce(proconfig::text, '') not like '%search_path=%'"));
    }

    [Fact]
    public async Task The_app_role_can_neither_bypass_policies_nor_define_anything()
    {
        Assert.False(await database.Ask<bool>("select rolbypassrls or rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = 'lyceum_app'"));
        Assert.False(await database.Ask<bool>("select rolbypassrls or rolsuper or rolcanlogin from pg_roles where rolname = 'lyceum_system'"));
        Assert.False(await database.Ask<bool>($"select bool_or(has_schema_privilege('lyceum_app', nspname, 'create')) from pg_namespace where nspname in {Ours} or nspname = 'public'"));
    }

    [Fact]
    public async Task A_function_with_its_definers_rights_and_no_setting_at_all_would_be_found()
    {
        await database.Execute("create function ops.unpinned() returns int language sql security definer return 1");
        try
        {
            await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(Only_the_listed_functions_cross_tenants_and_each_pins_its_search_path);
        }
        finally
        {
            await database.Execute("drop function ops.unpinned()");
        }
    }

    // Columns that a trigger need not keep, since the statements do: the queue's, and what is written once and swept.
    private static readonly string[] KeptByStatements = ["ops.jobs", "knowledge.chunks", "knowledge.chunk_embeddings", "knowledge.pending_chunks"];

    // What the application only reads: the heads of the audit chain, the paused tenants, plans and quotas are written by functions.
    private static readonly string[] ReadOnly = ["ops.audit_heads", "ops.paused_tenants", "metering.plan_limits", "metering.tenant_quotas", "metering.subscription_plans"];

    /// <summary>
    /// Every tenant table is compared with one that ops.make_tenant_table makes now: default, policies, grants and the trigger of updated_at. The
    /// policies of ops.audit_logs are narrower, and AuditDoorTests tries them.
    /// </summary>
    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Every_tenant_table_was_made_by_the_one_call_that_makes_them()
    {
        await database.Execute("""
            create table ops.made_plain (tenant_id uuid, id uuid not null, created_at timestamptz, updated_at timestamptz);
            create table ops.made_shared (like ops.made_plain); create table ops.made_append (like ops.made_plain); create table ops.made_shared_append (like ops.made_plain);
            alter table ops.made_plain owner to lyceum_owner; alter table ops.made_shared owner to lyceum_owner; alter table ops.made_append owner to lyceum_owner; alter table ops.made_shared_append owner to lyceum_owner;
            select ops.make_tenant_table('ops.made_plain'), ops.make_tenant_table('ops.made_shared', shared => true), ops.make_tenant_table('ops.made_append', append_only => true),
              ops.make_tenant_table('ops.made_shared_append', shared => true, append_only => true)
            """);
        Assert.True(await database.Ask<long>($"with t as ({Tables}) select count(*) from t where not relispartition") > 60, "the walk found too few tables to mean anything");
        try
        {
            Assert.Empty(await database.Names(Unlike()));
            // Each thing that is compared is missed when it is not there.
            foreach (var (damage, fault) in new[]
            {
                ("alter table chat.messages alter tenant_id drop default", "chat.messages: default"), ("drop trigger touch on chat.messages", "chat.messages: updated_at"),
                ("revoke delete on chat.messages from lyceum_app", "chat.messages: grants"), ("grant insert on chat.messages to lyceum_readonly", "chat.messages: grants"), ("grant select on chat.messages to public", "chat.messages: grants"),
                ("grant update (content) on chat.messages to lyceum_readonly", "chat.messages: grants of single columns"),
                ("alter policy tenant on chat.messages with check (true)", "chat.messages: policies"), ("create policy other on chat.messages using (true)", "chat.messages: policies"),
            })
            {
                Assert.Contains(fault, await database.Names($"begin; {damage}; {Unlike()}; rollback"));
            }
        }
        finally
        {
            await database.Execute("drop table ops.made_plain, ops.made_shared, ops.made_append, ops.made_shared_append");
        }
    }

    private static string Unlike() => $"""
        with t as ({Tables}), s as (
          select t.name, t.oid,
            (select string_agg(concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles::text, p.qual, p.with_check), '; ' order by p.policyname)
              from pg_policies p where p.schemaname || '.' || p.tablename = t.name and p.policyname <> 'system') as policies,
            (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = t.oid and a.attname = 'tenant_id') as filled,
            (select string_agg(who || '=' || what, ' ' order by who) from (
              select case g.grantee when 0 then 'public' else g.grantee::regrole::text end as who, string_agg(g.privilege_type, ',' order by g.privilege_type) as what
              from pg_class c, aclexplode(c.relacl) g where c.oid = t.oid and g.grantee <> c.relowner group by 1) g where who <> 'lyceum_system') as grants
          from t where not t.relispartition and t.name <> all (array[{Catalogue.GlobalList}]))
        select s.name || ': ' || fault from s, lateral (
          select 'default' as fault where s.filled is distinct from (select m.filled from s m where m.name = 'ops.made_plain')
          union all select 'policies' where s.name <> 'ops.audit_logs' and not exists (select from s m where m.name in ('ops.made_plain', 'ops.made_shared') and m.policies = s.policies)
          union all select 'grants' where not exists (select from s m where m.name in ('ops.made_plain', 'ops.made_append') and m.grants = s.grants)
            and not (s.name = any (array[{string.Join(',', ReadOnly.Select(g => $"'{g}'"))}]) and s.grants = 'lyceum_app=SELECT lyceum_backup=SELECT lyceum_readonly=SELECT')
          union all select 'grants of single columns' where s.name <> 'ops.audit_logs' and exists (select from pg_attribute a where a.attrelid = s.oid and a.attacl is not null)
          union all select 'updated_at' where s.name <> all (array[{string.Join(',', KeptByStatements.Select(g => $"'{g}'"))}])
            and exists (select from pg_attribute a where a.attrelid = s.oid and a.attname = 'updated_at' and not a.attisdropped)
            and not exists (select from pg_trigger g join pg_proc p on p.oid = g.tgfoid where g.tgrelid = s.oid and p.proname = 'touch' and g.tgenabled = 'O' and g.tgtype = 19)) f
        order by 1
        """;
}
