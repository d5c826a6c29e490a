namespace Lyceum.Rooms.Tests;

/// <summary>
/// Fills every table of a database with one row for a tenant: values from the catalogue that every CHECK accepts, and one id for everything, so that
/// every reference finds its row. A new table is filled without a word here; a new kind of CHECK may need one.
/// </summary>
internal static class FilledTables
{
    public const string Schemas = "('ops', 'storage', 'iam', 'models', 'knowledge', 'agents', 'chat', 'metering', 'connect', 'workflows', 'automation')";

    /// <summary>Tables below the schemas of the rooms, as names; partitions are part of their table.</summary>
    public const string Tables = $"""
        select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in {Schemas} and c.relkind in ('r', 'p') and not c.relispartition
        """;

    /// <summary>Makes a tenant that has a row in every table.</summary>
    public static async Task<Guid> Fill(this TestDatabase database, string mark)
    {
        var tenant = Guid.CreateVersion7();
        await database.Execute(Function);
        await database.Execute($"select public.fill('{tenant}', ops.uuid7(), '{mark}')");
        await database.Execute("drop function public.fill(uuid, uuid, text)");
        return tenant;
    }

    /// <summary>Foreign keys with rows whose target is missing.</summary>
    public static async Task<List<string>> Dangling(this TestDatabase database)
    {
        await database.Execute(Check);
        var found = await database.Names("select public.dangling()");
        await database.Execute("drop function public.dangling()");
        return found;
    }

    private const string Function = """
        create or replace function public.fill(p_tenant uuid, p_id uuid, p_mark text) returns void language plpgsql set session_replication_role = replica as $f$
        declare
          t record; f record; names text; vals text; v text; chosen text;
        begin
          for t in select c.oid, n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('ops', 'storage', 'iam', 'models', 'knowledge', 'agents', 'chat', 'metering', 'connect', 'workflows', 'automation') and c.relkind in ('r', 'p') and not c.relispartition
              and n.nspname || '.' || c.relname not in ('ops.schema_migrations', 'ops.partitioned_tables', 'iam.permissions') order by 2
          loop
            names := ''; vals := '';
            for f in select attname as name, format_type(atttypid, atttypmod) as type, attnum from pg_attribute
              where attrelid = t.oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = '' order by attnum
            loop
              select m.literal into chosen from pg_constraint k, lateral (select (regexp_matches(pg_get_constraintdef(k.oid), '''([^'']+)''::', 'g'))[1] as literal) m
                where k.conrelid = t.oid and k.contype = 'c' and k.conkey = array[f.attnum] and pg_get_constraintdef(k.oid) ~ '(ANY \(ARRAY\[|^CHECK \(\(\w+ = '')' and m.literal <> 'builtin' limit 1;
              v := case
                when f.name = 'id' and t.name = 'iam.tenants' then quote_literal(p_tenant)
                when f.name like '%tenant_id' then quote_literal(p_tenant)
                when f.type = 'uuid' then quote_literal(p_id)
                when t.name = 'iam.invitations' and f.name = 'status' then '''accepted'''
                when chosen is not null then quote_literal(chosen)
                when f.name like '%email' then quote_literal(p_mark || '@example.com')
                when f.name like '%permission_key' then quote_literal('ops.jobs.manage')
                when f.name = 'selector' then quote_literal(rpad(p_mark, 16, 'x'))
                when f.type = 'character(3)' then quote_literal('EUR')
                when f.name = 'last_four' then quote_literal('abcd')
                when f.name = 'nonce' then '''\x000102030405060708090a0b'''
                when f.name = 'chunk_size' then '512'
                when f.name = 'chunk_max_seconds' then '120'
                when f.type in ('text', 'citext') or f.type like 'character%' then quote_literal(p_mark || 'filled')
                when f.type = 'bytea' then format('sha256(%L)', p_mark)
                when f.type = 'text[]' then format('array[%L]', p_mark)
                when f.type like '%[]' then '''{}'''
                when f.type ~ '^(vector|halfvec)' then format('array_fill(0.1::real, array[%s])::%s', coalesce(substring(f.type from '\d+'), '3'), f.type)
                when f.type ~ '^sparsevec' then format('''{1:1}/%s''', coalesce(substring(f.type from '\d+'), '3'))
                when f.type = 'boolean' then 'false'
                when f.type in ('jsonb', 'json') then '''{}'''
                when f.type = 'inet' then '''127.0.0.1'''
                when f.type = 'interval' then '''1 hour'''
                when f.type = 'date' then 'current_date'
                when f.name = 'deleted_at' then 'null'
                when f.type like 'timestamp%' then 'now()'
                when f.type = 'tsvector' then ''''''
                else '1'
              end;
              names := names || case when names = '' then '' else ', ' end || quote_ident(f.name);
              vals := vals || case when vals = '' then '' else ', ' end || v;
            end loop;
            begin
              execute format('insert into %s (%s) values (%s)', t.name, names, vals);
            exception when others then
              raise exception '% cannot be filled: %', t.name, sqlerrm;
            end;
          end loop;
        end $f$;
        """;

    private const string Check = """
        create or replace function public.dangling() returns setof text language plpgsql as $f$
        declare k record; n bigint;
        begin
          for k in select c.conrelid::regclass as t, c.confrelid::regclass as target, c.conname,
              (select string_agg(format('x.%I = y.%I', a.attname, b.attname), ' and ' order by u.i) from unnest(c.conkey, c.confkey) with ordinality u(f, g, i) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.f join pg_attribute b on b.attrelid = c.confrelid and b.attnum = u.g) as same,
              (select string_agg(format('x.%I is not null', a.attname), ' and ') from unnest(c.conkey) u(f) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.f) as given
            from pg_constraint c join pg_namespace n on n.oid = c.connamespace where c.contype = 'f' and c.conparentid = 0 and n.nspname not like 'pg_%'
          loop
            execute format('select count(*) from %s x where %s and not exists (select from %s y where %s)', k.t, k.given, k.target, k.same) into n;
            if n > 0 then return next k.t || ' ' || k.conname; end if;
          end loop;
        end $f$;
        """;
}
