using System.Text;
using Npgsql;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// A database with two tenants that have a row with the same id in every table, and what each must not see or do to the other, tried as the role of the
/// application: whatever any table's policies say, it is measured by what happens.
/// </summary>
internal sealed class Probe(NpgsqlDataSource superuser)
{
    public const string A = "aaaaaaaa-0000-7000-8000-00000000000a";
    public const string B = "bbbbbbbb-0000-7000-8000-00000000000b";
    public const string MarkOfA = "marka7q";
    public const string MarkOfB = "markb9w";
    private const string Platform = "00000000-0000-7000-8000-000000000001";

    private static CancellationToken Ct => CancellationToken.None;

    /// <summary>Fills every table, freed of what does not matter here: checks, references and triggers.</summary>
    public async Task Prepare()
    {
        await Do($"""
            do $$ declare k record; begin
              for k in select conrelid::regclass as t, conname from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_namespace n on n.oid = r.relnamespace
                where n.nspname in {Rows.Schemas} and c.contype in ('c', 'f') and c.conparentid = 0 and c.coninhcount = 0 order by c.contype desc loop
                execute format('alter table %s drop constraint if exists %I cascade', k.t, k.conname);
              end loop;
              for k in select c.oid::regclass as t from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in {Rows.Schemas} and c.relkind in ('r', 'p') and not c.relispartition loop
                execute format('alter table %s disable trigger user', k.t);
              end loop;
            end $$;
            create table public.probe_tables (name text primary key, shared boolean, filling text);
            grant select on public.probe_tables to public
            """);
        var tables = await Names($"""
            with t as ({Catalogue.Tables}) select name || ' ' || exists (select from pg_policies p where p.schemaname || '.' || p.tablename = name and p.policyname = 'tenant_read') from t
            where not relispartition and exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id' and a.attnotnull) order by 1
            """);
        foreach (var line in tables)
        {
            var (table, shared) = (line.Split(' ')[0], line.Split(' ')[1] == "true");
            var filling = await Filling(table);
            await Do($"insert into public.probe_tables values ('{table}', {shared}, $q${filling}$q$)");
            await Do(Filled(filling, A, MarkOfA, "id"));
            await Do(Filled(filling, B, MarkOfB, "id"));
            if (shared)
            {
                await Do(Filled(filling, Platform, "platform", "ops.uuid7()"));
            }
        }

        await Do($"""
            insert into iam.tenants (id, slug, name) values ('{A}', '{MarkOfA}', '{MarkOfA}'), ('{B}', '{MarkOfB}', '{MarkOfB}');
            insert into iam.users (id, email, display_name) select id, mark || '@example.com', mark from (values ('{User(1)}'::uuid, '{MarkOfA}1'), ('{User(2)}', '{MarkOfA}2'), ('{User(3)}', '{MarkOfB}3')) u(id, mark);
            {Filled(await Filling("iam.tenant_members"), A, MarkOfA + "1", "ops.uuid7()").Replace(Everything, User(1), StringComparison.Ordinal)};
            {Filled(await Filling("iam.tenant_members"), A, MarkOfA + "2", "ops.uuid7()").Replace(Everything, User(2), StringComparison.Ordinal)};
            {Filled(await Filling("iam.tenant_members"), B, MarkOfB + "3", "ops.uuid7()").Replace(Everything, User(3), StringComparison.Ordinal)}
            """);
        await Do(Function);
    }

    /// <summary>All that is wrong: with the catalogue, then with what the application's role can do.</summary>
    public async Task<(List<string> Catalogue, List<string> Behaviour)> Faults()
    {
        var catalogue = new List<string>();
        foreach (var question in new[] { Catalogue.IncompleteTables, Catalogue.OpenPolicies, Catalogue.Uncrossable })
        {
            catalogue.AddRange(await Names(question));
        }

        return (catalogue, await Behaviour());
    }

    public async Task<List<string>> Behaviour()
    {
        await using var connection = await superuser.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var role = new NpgsqlCommand("set local role lyceum_app", connection))
        {
            await role.ExecuteNonQueryAsync(Ct);
        }

        await using var probe = new NpgsqlCommand("select public.isolation_probe()", connection);
        return await Read(probe);
    }

    public async Task Do(string sql)
    {
#pragma warning disable CA2100 // made of the catalogue
        await using var command = superuser.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Ct);
    }

    public async Task<List<string>> Names(string sql)
    {
#pragma warning disable CA2100 // made of the catalogue
        await using var command = superuser.CreateCommand(sql);
#pragma warning restore CA2100
        return await Read(command);
    }

    /// <summary>The one id that all rows have and all references name.</summary>
    public static string Everything { get; } = Guid.CreateVersion7().ToString(); // of this month, since some tables are cut by it

    public static string User(int number) => $"0199aaaa-0000-7000-8000-00000000000{number}";

    // An INSERT with ids, words and flags that make sense together: every reference is to the one id, everything is active.
    private async Task<string> Filling(string table)
    {
        var columns = await Names($"""
            select attname || '|' || format_type(atttypid, atttypmod) || '|' || attnotnull || '|' || atthasdef from pg_attribute
            where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = '' order by attnum
            """);
        var (names, values) = (new StringBuilder(), new StringBuilder());
        foreach (var column in columns.Select(c => c.Split('|')))
        {
            var (name, type, required, hasDefault) = (column[0], column[1], column[2] == "true", column[3] == "true");
            var value = name switch
            {
                "tenant_id" => "'%TENANT%'",
                "id" => "%ID%",
                _ when type == "uuid" && name.EndsWith("tenant_id", StringComparison.Ordinal) => "'%TENANT%'",
                _ when type == "uuid" => $"'{Everything}'",
                "status" => "'active'",
                _ when type is "text" or "citext" or "character varying" && !name.EndsWith("key", StringComparison.Ordinal) => "'%MARK%'",
                _ when !required || hasDefault => null,
                _ when type is "text" or "citext" or "character varying" => "'%MARK%'",
                _ when type.EndsWith("[]", StringComparison.Ordinal) => "'{}'",
                _ when type.StartsWith("vector", StringComparison.Ordinal) || type.StartsWith("halfvec", StringComparison.Ordinal) => $"array_fill(0.1::real, array[{(type.Contains('(', StringComparison.Ordinal) ? type.Split('(', ')')[1] : "3")}])::vector",
                _ when type.StartsWith("sparsevec", StringComparison.Ordinal) => "'{1:1}/" + (type.Contains('(', StringComparison.Ordinal) ? type.Split('(', ')')[1] : "3") + "'",
                "boolean" => "false",
                "jsonb" => "'{}'",
                "bytea" => "'\\x01'",
                "inet" => "'127.0.0.1'",
                _ => null,
            } ?? (!required || hasDefault ? null : type switch
            {
                "boolean" => "false",
                "jsonb" => "'{}'",
                "bytea" => "'%MARK%'::bytea",
                "inet" => "'127.0.0.1'",
                "interval" => "'1 hour'",
                "date" => "current_date",
                "timestamp with time zone" => "now()",
                "tsvector" => "''",
                _ => "1",
            });
            if (value is not null)
            {
                names.Append(names.Length == 0 ? "" : ", ").Append(name);
                values.Append(values.Length == 0 ? "" : ", ").Append(value);
            }
        }

        return $"insert into {table} ({names}) values ({values})";
    }

    private static string Filled(string filling, string tenant, string mark, string id) =>
        filling.Replace("%TENANT%", tenant, StringComparison.Ordinal).Replace("%MARK%", mark, StringComparison.Ordinal).Replace("%ID%", id == "id" ? $"'{Everything}'" : id, StringComparison.Ordinal);

    private static async Task<List<string>> Read(NpgsqlCommand command)
    {
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var names = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    // Statements that read no column are bound by the policy of their own verb alone; so each verb is tried by itself, and undone.
    private static string Function => $"""
        create function public.isolation_probe() returns setof text language plpgsql as $f$
        declare
          a constant text := '{A}'; b constant text := '{B}'; platform constant text := '{Platform}';
          t record; n bigint; own bigint; others bigint; other text;
        begin
          for t in select * from public.probe_tables p where has_table_privilege('lyceum_app', p.name, 'select') loop
            perform set_config('app.current_tenant_id', '', true), set_config('app.actor', '', true);
            execute 'select count(*) from ' || t.name into n;
            if n > 0 then return next t.name || ': shows rows without a tenant'; end if;
            perform set_config('app.current_tenant_id', a, true);
            execute format('select count(*) filter (where tenant_id = %L), count(*) filter (where tenant_id <> %L and not (%L and tenant_id = %L)) from %s', a, a, t.shared, platform, t.name) into own, others;
            if own = 0 then return next t.name || ': hides one''s own rows'; end if;
            if others > 0 then return next t.name || ': shows rows of another tenant'; end if;
            if t.shared then
              execute format('select count(*) from %s where tenant_id = %L', t.name, platform) into n;
              if n = 0 then return next t.name || ': hides what all share'; end if;
            end if;
            if has_table_privilege('lyceum_app', t.name, 'insert') then
              foreach other in array array[a, b, platform] loop
                begin
                  execute replace(replace(replace(t.filling, '%TENANT%', other), '%MARK%', 'probe'), '%ID%', 'ops.uuid7()');
                  raise exception 'went through' using errcode = 'P0999';
                exception when sqlstate 'P0999' or unique_violation then
                  if other <> a then return next t.name || ': accepts a row for another tenant'; end if;
                when insufficient_privilege then
                  if other = a then return next t.name || ': refuses one''s own row: ' || sqlerrm; end if;
                end;
              end loop;
            end if;
            if has_table_privilege('lyceum_app', t.name, 'update') then
              begin
                execute format('update %s set tenant_id = %L', t.name, a);
                get diagnostics n = row_count;
                raise exception 'undone' using errcode = 'P0999';
              exception when sqlstate 'P0999' then
                if n > own then return next t.name || ': changes rows of another tenant'; end if;
                if n < own then return next t.name || ': does not change one''s own rows'; end if;
              when unique_violation then return next t.name || ': changes rows of another tenant';
              when insufficient_privilege then null; -- the column may not be changed at all
              end;
              foreach other in array array[b, platform] loop
                begin
                  execute format('update %s set tenant_id = %L', t.name, other);
                  get diagnostics n = row_count;
                  raise exception 'undone' using errcode = 'P0999';
                exception when sqlstate 'P0999' or unique_violation then return next t.name || ': gives rows away to another tenant';
                when insufficient_privilege then null;
                end;
              end loop;
            end if;
            if has_table_privilege('lyceum_app', t.name, 'delete') then
              begin
                execute 'delete from ' || t.name;
                get diagnostics n = row_count;
                raise exception 'undone' using errcode = 'P0999';
              exception when sqlstate 'P0999' then
                if n > own then return next t.name || ': deletes rows of another tenant'; end if;
                if n < own then return next t.name || ': does not delete one''s own rows'; end if;
              end;
            end if;
          end loop;

          -- Accounts: a tenant sees those of its members, and a person changes their own.
          perform set_config('app.current_tenant_id', '', true);
          select count(*) into n from iam.users;
          if n > 0 then return next 'iam.users: shows accounts without a tenant'; end if;
          select count(*) into n from iam.permissions;
          if n > 0 then return next 'iam.permissions: shows rows without a tenant'; end if;
          perform set_config('app.current_tenant_id', a, true), set_config('app.actor', jsonb_build_object('user_id', '{User(1)}')::text, true);
          select count(*) filter (where id in ('{User(1)}', '{User(2)}')), count(*) filter (where id = '{User(3)}') into own, others from iam.users;
          if own <> 2 then return next 'iam.users: hides one''s own members'; end if;
          if others > 0 then return next 'iam.users: shows accounts of another tenant'; end if;
          select count(*) into n from iam.permissions;
          if n = 0 then return next 'iam.permissions: hides the catalogue'; end if;
          begin
            update iam.users set first_name = 'probe';
            get diagnostics n = row_count;
            raise exception 'undone' using errcode = 'P0999';
          exception when sqlstate 'P0999' then
            if n > 1 then return next 'iam.users: changes accounts of others'; end if;
            if n < 1 then return next 'iam.users: does not change one''s own account'; end if;
          when insufficient_privilege then return next 'iam.users: tries to change accounts of others';
          end;
          begin
            perform set_config('app.current_tenant_id', '', true);
            update iam.users set first_name = 'probe';
            get diagnostics n = row_count;
            perform set_config('app.current_tenant_id', a, true);
            raise exception 'undone' using errcode = 'P0999';
          exception when sqlstate 'P0999' then
            if n > 0 then return next 'iam.users: changes accounts without a tenant'; end if;
          when insufficient_privilege then return next 'iam.users: tries to change accounts without a tenant';
          end;
        end $f$;
        """;
}
