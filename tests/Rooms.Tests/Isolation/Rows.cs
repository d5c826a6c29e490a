using Npgsql;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>The tables of tenants as a superuser sees them: a digest of all rows of one tenant, and where a word stands.</summary>
internal static class Rows
{
    public const string Schemas = "('ops', 'storage', 'iam', 'models', 'knowledge', 'agents', 'chat', 'metering', 'connect', 'workflows', 'automation')";

    // Words of the machine: painting them would break the victim rather than mark it, or would put the word into what the intruder sends.
    private static readonly Dictionary<string, string> Machine = new(StringComparer.Ordinal)
    {
        ["slug"] = "the intruder sends it", ["scopes"] = "permission keys", ["allowed_origins"] = "compared with browsers'", ["key_prefix"] = "opens the door", ["previous_prefix"] = "opens the door",
        ["permission_key"] = "a permission", ["storage_key"] = "where a file lies", ["bucket"] = "where a file lies", ["legacy_md5"] = "a digest", ["key_id"] = "which key opens it",
        ["index_name"] = "a name in the catalogue", ["base_url"] = "is called", ["issuer"] = "is called", ["queue"] = "a name in the program", ["job_type"] = "a name in the program",
        ["ref_type"] = "a name in the program", ["dedup_key"] = "a name in the program", ["event_type"] = "a name in the program", ["aggregate_type"] = "a name in the program",
        ["correlation_id"] = "compared", ["lease_owner"] = "a process", ["detected_mime"] = "a type", ["mime_type"] = "a type", ["content_type"] = "a type", ["method"] = "a verb", ["path"] = "compared",
        ["language"] = "a language", ["content_kind"] = "a kind", ["source_type"] = "a kind", ["key"] = "compared", ["kind"] = "a kind", ["action"] = "a name in the program", ["resource_type"] = "a kind",
        ["error_code"] = "a name in the program", ["stop_reason"] = "a name in the program", ["effect_key"] = "compared", ["source_version"] = "a digest", ["selector"] = "opens the door",
        ["value"] = "a flag", ["capability"] = "a flag", ["purpose"] = "a purpose", ["tokenizer"] = "a name in the program", ["distance"] = "a name in the program", ["capabilities"] = "flags",
        ["user_agent"] = "of the machine that asked", ["last_four"] = "four characters", ["actor_label"] = "in the chain of the audit log", ["error_message"] = "in the chain of the audit log, or none",
        ["subject"] = "what another system calls somebody", ["password_hash"] = "a digest", ["config_version"] = "a number", ["template"] = "a name in the program", ["locale"] = "a language",
        ["username"] = "compared", ["backend"] = "a name in the program", ["platform_role"] = "a kind", ["plan_code"] = "a plan", ["topic"] = "a name in the program",
        ["groups_claim"] = "a name in tokens", ["roles_claim"] = "a name in tokens", ["email_domains"] = "compared at sign-in", ["name"] = "unique somewhere, or sent to providers; the API writes the word into it where it is free",
    };

    /// <summary>What one tenant has, one line for each table that holds something: its name and a digest of all rows and columns.</summary>
    public static async Task<List<string>> Digest(House house, Guid tenant)
    {
        var tables = await house.Database.Names($"""
            select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
            where n.nspname in {Schemas} and c.relkind in ('r', 'p') and not c.relispartition order by 1
            """);
        var pieces = tables.Select(t => $"select '{t} ' || count(*) || ' ' || coalesce(md5(string_agg(md5(r::text), '' order by md5(r::text))), '') from {t} r where tenant_id = '{tenant}'").ToList();
        pieces.Add($"select 'iam.tenants ' || md5(r::text) from iam.tenants r where id = '{tenant}'");
        foreach (var (table, column) in new[] { ("iam.users", "id"), ("iam.user_credentials", "user_id"), ("iam.user_identities", "user_id") })
        {
            pieces.Add($"select '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(md5(r::text), '' order by md5(r::text))), '') from {table} r where {column} in (select user_id from iam.tenant_members where tenant_id = '{tenant}')");
        }

        return await house.Database.Names(string.Join("\nunion all ", pieces));
    }

    /// <summary>The digest once the victim's own work in the background has ended: the same twice, and no job on its way.</summary>
    public static async Task<List<string>> Quiet(House house, Guid tenant)
    {
        var limit = System.Diagnostics.Stopwatch.StartNew();
        var before = await Digest(house, tenant);
        while (limit.Elapsed < TimeSpan.FromSeconds(60))
        {
            await house.Database.Ask<string>("select pg_sleep(0.5)::text");
            var busy = await house.Database.Ask<long>($"select count(*) from ops.jobs where tenant_id = '{tenant}' and status in ('pending', 'running') and run_after < now() + interval '5 minutes'");
            var now = await Digest(house, tenant);
            if (busy == 0 && now.SequenceEqual(before))
            {
                break;
            }

            before = now;
        }

        return before;
    }

    /// <summary>Puts the word into every text column of the tenant's rows that is not the machine's. Says which columns have rows and hold the word nowhere.</summary>
    public static async Task<(int Marked, List<string> Unmarked)> Paint(House house, Guid tenant)
    {
        var columns = await house.Database.Names($"""
            select n.nspname || '.' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, null)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            where n.nspname in {Schemas} and c.relkind in ('r', 'p') and not c.relispartition and format_type(a.atttypid, null) in ('text', 'citext', 'text[]')
              and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id')
              and c.oid <> 'ops.audit_logs'::regclass and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey))
            order by 1
            """);
        var (marked, unmarked) = (0, new List<string>());
        await using var connection = await house.Database.Superuser.OpenConnectionAsync(CancellationToken.None);
        await Do("set session_replication_role = replica");
        foreach (var column in columns)
        {
            var (table, name, type) = (column.Split(' ')[0], column.Split(' ')[1], column.Split(' ')[2]);
            if (!Machine.ContainsKey(name))
            {
                try
                {
                    await Do(type == "text[]"
                        ? $"update {table} set {name} = {name} || '{Canary.Word}'::text where tenant_id = '{tenant}' and cardinality({name}) > 0 and position('{Canary.Word}' in {name}::text) = 0"
                        : $"update {table} set {name} = {name} || ' {Canary.Word}' where tenant_id = '{tenant}' and {name} <> '' and position('{Canary.Word}' in lower({name}::text)) = 0");
                }
                catch (PostgresException closed) when (closed.SqlState is PostgresErrorCodes.CheckViolation)
                {
                    continue; // a closed list of words
                }
            }

            var (rows, with) = await Counted($"select count(*), count(*) filter (where position('{Canary.Word}' in lower({name}::text)) > 0) from {table} where tenant_id = '{tenant}' and {name} is not null and {name}::text not in ('', '{"{}"}')");
            marked += with > 0 ? 1 : 0;
            if (rows > 0 && with == 0 && !Machine.ContainsKey(name))
            {
                unmarked.Add($"{table}.{name}");
            }
        }

        await Do("reset session_replication_role");
        return (marked, unmarked);

        async Task Do(string sql)
        {
#pragma warning disable CA2100 // names from the catalogue
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }

        async Task<(long, long)> Counted(string sql)
        {
#pragma warning disable CA2100 // names from the catalogue
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            await reader.ReadAsync(CancellationToken.None);
            return (reader.GetInt64(0), reader.GetInt64(1));
        }
    }

    /// <summary>Tables where rows of anybody but the victim hold its word: nothing of one tenant is written into another's rows, the queue, or what is kept for repetitions.</summary>
    public static async Task<List<string>> Strays(House house, Guid victim)
    {
        var tables = await house.Database.Names($"""
            select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
            where n.nspname in {Schemas} and c.relkind in ('r', 'p') and not c.relispartition order by 1
            """);
        return await house.Database.Names(string.Join("\nunion all ", tables.Select(t =>
            $"select '{t}: ' || left(r::text, 400) from {t} r where tenant_id is distinct from '{victim}' and lower(r::text) like '%{Canary.Word}%'")));
    }
}
