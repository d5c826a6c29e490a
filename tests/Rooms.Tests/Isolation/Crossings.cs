using Npgsql;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// Calls the functions that see all tenants, each as one tenant would, in a database where two tenants have the same ids: what comes back must not tell of
/// the other, and the other's rows must stay as they are. Those whose work is for all tenants are left out by name.
/// </summary>
internal static class Crossings
{
    // For all tenants on purpose: background work, the installation's own lists, accounts, which belong to no tenant, and what is asked before a tenant is
    // known: there the id alone names the thing, and no two have the same.
    private static readonly HashSet<string> ForAll =
    [
        "ops.claim_jobs", "ops.ensure_partitions", "ops.extend_job_leases", "ops.finish_jobs", "ops.fire_alerts", "ops.fire_schedules", "ops.publish_events", "ops.queue_depths", "ops.reap_jobs", "ops.sweep_idempotency_keys",
        "ops.sweep_jobs", "ops.tenants_with_old_key", "ops.tenants_with_stale_objects", "ops.tenants_with_objects", "ops.object_places", "ops.audit_chain", "ops.audit_ends", "agents.claim_runs", "agents.extend_run_leases", "agents.release_runs", "knowledge.unknown_vector_indexes",
        "iam.list_tenants", "iam.list_users", "iam.origin_allowed", "iam.release_accounts", "iam.first_administrator", "iam.provision_tenant", "iam.identity_provider_door", "iam.touch_api_key",
    ];

    private static CancellationToken Ct => CancellationToken.None;

    /// <summary>What one function, or with null each, does to the other tenant.</summary>
    public static async Task<List<string>> Faults(NpgsqlDataSource superuser, string? only)
    {
        await using var connection = await superuser.OpenConnectionAsync(Ct);
        var faults = new List<string>();
        foreach (var line in await Names(connection, $"""
            select p.oid::regprocedure::text || '|' || n.nspname || '.' || p.proname || '|' || array_to_string(array(select coalesce(p.proargnames[i], '') || ' ' || format_type(p.proargtypes[i - 1], null) from generate_series(1, p.pronargs) i), ';')
            from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prosecdef and n.nspname in {Rows.Schemas} and p.prorettype <> 'trigger'::regtype order by 1
            """))
        {
            var (signature, name, parameters) = (line.Split('|')[0], line.Split('|')[1], line.Split('|')[2]);
            if (ForAll.Contains(name) || (only is not null && signature != only))
            {
                continue;
            }

            var arguments = string.Join(", ", parameters.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => Argument(p[..p.IndexOf(' ', StringComparison.Ordinal)], p[(p.IndexOf(' ', StringComparison.Ordinal) + 1)..])));
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await Names(connection, $"select set_config('app.current_tenant_id', '{Probe.A}', true) || set_config('app.actor', '{{\"user_id\": \"{Probe.User(1)}\"}}', true)");
            var before = await Digest(connection);
            await transaction.SaveAsync("call", Ct);
            List<string> said;
            try
            {
                said = await Names(connection, $"select coalesce(f::text, '') from {name}({arguments}) f");
            }
            catch (PostgresException)
            {
                await transaction.RollbackAsync("call", Ct); // refused: nothing told, nothing done
                continue;
            }

            if (said.Any(s => s.Contains(Probe.MarkOfB, StringComparison.Ordinal) || s.Contains(Probe.B, StringComparison.Ordinal)))
            {
                faults.Add($"{signature} tells of another tenant: {said.First(s => s.Contains(Probe.MarkOfB, StringComparison.Ordinal) || s.Contains(Probe.B, StringComparison.Ordinal))}");
            }

            var after = await Digest(connection);
            faults.AddRange(before.Except(after).Select(d => $"{signature} changes {d.Split(' ')[0]} of another tenant"));
        }

        return faults;
    }

    private static string Argument(string name, string type) => type switch
    {
        "uuid" when name.Contains("tenant", StringComparison.Ordinal) => $"'{Probe.A}'::uuid",
        "uuid" => $"'{Probe.Everything}'::uuid",
        "uuid[]" => $"array['{Probe.Everything}']::uuid[]",
        "text" or "citext" or "character varying" when name.Contains("status", StringComparison.Ordinal) => "'active'",
        "text" or "citext" or "character varying" => $"'{Probe.MarkOfA}'",
        "bytea" => $"'{Probe.MarkOfA}'::bytea",
        "boolean" => "true",
        "inet" => "'127.0.0.1'::inet",
        "jsonb" => "'{}'::jsonb",
        "integer" or "bigint" or "smallint" or "numeric" => "60",
        "timestamp with time zone" => "now() + interval '1 hour'",
        "interval" => "interval '1 hour'",
        _ => $"null::{type}",
    };

    private static async Task<List<string>> Digest(NpgsqlConnection connection)
    {
        var tables = await Names(connection, "select name from public.probe_tables order by 1");
        return await Names(connection, string.Join("\nunion all ", tables.Select(t => $"select '{t} ' || count(*) || coalesce(md5(string_agg(r::text, '' order by r::text)), '') from {t} r where tenant_id = '{Probe.B}'"))
            + $"\nunion all select 'iam.tenants ' || r::text from iam.tenants r where id = '{Probe.B}' union all select 'iam.users ' || r::text from iam.users r where id = '{Probe.User(3)}'");
    }

    private static async Task<List<string>> Names(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // made of the catalogue
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var names = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
