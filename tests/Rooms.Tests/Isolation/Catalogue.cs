namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>What the catalogue of a database must say, asked of any database: of the migrated one by SchemaTests, of damaged ones by <see cref="MutationTests"/>.</summary>
internal static class Catalogue
{
    public const string Schemas = Rows.Schemas;

    // Tables that are not of one tenant, each with its reason. iam.users is guarded by membership instead.
    public static readonly string[] Global =
        ["ops.schema_migrations", "ops.partitioned_tables", "iam.tenants", "iam.users", "iam.user_identities", "iam.user_credentials", "iam.sessions", "iam.permissions", "iam.sign_in_attempts"];

    public const string Tables = $"""
        select n.nspname || '.' || c.relname as name, c.oid, c.relrowsecurity, c.relforcerowsecurity, c.relispartition
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in {Schemas} and c.relkind in ('r', 'p')
        """;

    public static string GlobalList => string.Join(',', Global.Select(g => $"'{g}'"));

    /// <summary>Every tenant table without one of the things that make it one.</summary>
    public static string IncompleteTables => $"""
        with t as ({Tables})
        select t.name || ': ' || fault from t, lateral (
          select 'row level security is not enabled and forced' as fault where not (t.relrowsecurity and t.relforcerowsecurity)
          union all select 'a partition can be reached directly' where t.relispartition
            and (has_table_privilege('lyceum_app', t.oid, 'select') or has_table_privilege('lyceum_app', t.oid, 'insert'))
          union all select 'has no tenant_id not null' where not exists (
            select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id' and a.attnotnull)
          union all select 'no policy with USING and one with WITH CHECK on tenant_id' where not t.relispartition and not (
            exists (select from pg_policies p where p.schemaname || '.' || p.tablename = t.name and p.qual like '%tenant_id =%app.current_tenant_id%')
            and exists (select from pg_policies p where p.schemaname || '.' || p.tablename = t.name and coalesce(p.with_check, p.qual) like '%tenant_id =%app.current_tenant_id%'))
          union all select 'its primary key does not begin with tenant_id' where not exists (
            select from pg_index i where i.indrelid = t.oid and i.indisprimary
              and (select attname from pg_attribute a where a.attrelid = t.oid and a.attnum = i.indkey[0]) = 'tenant_id')
          union all select 'the app role owns it' where pg_get_userbyid((select relowner from pg_class where oid = t.oid)) in ('lyceum_app', 'lyceum_system')
        ) f where t.name <> all (array[{GlobalList}])
        order by 1
        """;

    /// <summary>Policies for everybody that do not ask for the tenant in each of their halves.</summary>
    public static string OpenPolicies => $"""
        select schemaname || '.' || tablename || ' ' || policyname from pg_policies
        where schemaname in {Schemas} and roles = '{"{public}"}'
          and (coalesce(qual, 'app.current_tenant_id') not like '%app.current_tenant_id%' or coalesce(with_check, 'app.current_tenant_id') not like '%app.current_tenant_id%')
        """;

    /// <summary>Tables that the owner of the crossing functions is granted and shown nothing of, and those of the platform's accounts without row level security.</summary>
    public static string Uncrossable => $"""
        with t as ({Tables})
        select t.name || ': granted to lyceum_system, and no policy lets it in' from t where not t.relispartition and t.relrowsecurity and has_table_privilege('lyceum_system', t.oid, 'select')
          and not exists (select from pg_policies p where p.schemaname || '.' || p.tablename = t.name and 'lyceum_system' = any (p.roles))
        union all select t.name || ': row level security is not enabled and forced' from t
        where t.name in ('iam.tenants', 'iam.users', 'iam.user_identities', 'iam.user_credentials', 'iam.sessions', 'iam.permissions') and not (t.relrowsecurity and t.relforcerowsecurity)
        """;
}
