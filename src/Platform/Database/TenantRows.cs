using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Every row a tenant has, in every table there is: found in the catalogue, so that a new table is covered the day it is made. Works as the
/// owner of the schema, who is bound to the tenant's rows like everybody else.
/// </summary>
public sealed class TenantRows(Databases databases)
{
    private const int Batch = 5_000;

    private sealed record Key(string From, string To, string[] Columns);

    /// <summary>Deletes them, children before parents, in short transactions. Done again it goes on where it stopped. Returns how many of each table went.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Delete(TenantId tenant, CancellationToken ct)
    {
        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
        var tables = await Tables(connection, ct);
        var keys = await Keys(connection, ct);
        var gone = new Dictionary<string, long>(StringComparer.Ordinal);

        // Rows that point at each other are let go of first.
        foreach (var key in keys.Where(k => k.Columns.Length > 0 && Reaches(keys, k.To, k.From)))
        {
            var set = string.Join(", ", key.Columns.Select(c => $"{c} = null"));
            await Change(connection, tenant, $"update {key.From} set {set} where tenant_id = $1 and ({string.Join(" or ", key.Columns.Select(c => $"{c} is not null"))})", ct);
        }

        foreach (var (table, isPartitioned) in Ordered(tables, keys))
        {
            // A place in a partitioned table is not unique, an id in it is; other tables may have no id.
            var some = isPartitioned
                ? $"delete from {table} where tenant_id = $1 and id in (select id from {table} where tenant_id = $1 limit {Batch})"
                : $"delete from {table} where tenant_id = $1 and ctid = any (array(select ctid from {table} where tenant_id = $1 limit {Batch}))";
            int rows;
            do
            {
                rows = await Change(connection, tenant, some, ct);
                gone[table] = gone.GetValueOrDefault(table) + rows;
            }
            while (rows > 0);
        }

        return gone.Where(g => g.Value > 0).ToDictionary(g => g.Key, g => g.Value);
    }

    /// <summary>How many rows each table still has of a tenant; only tables that have some.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Left(TenantId tenant, CancellationToken ct)
    {
        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
        var left = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (table, _) in await Tables(connection, ct))
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await Introduce(connection, tenant, purging: false, ct);
#pragma warning disable CA2100 // a name from the catalogue
            await using var count = new NpgsqlCommand($"select count(*) from {table} where tenant_id = $1", connection) { Parameters = { new() { Value = tenant.Value } } };
#pragma warning restore CA2100
            if (await count.ExecuteScalarAsync(ct) is long rows and > 0)
            {
                left[table] = rows;
            }
        }

        return left;
    }

    private static async Task<int> Change(NpgsqlConnection connection, TenantId tenant, string sql, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Introduce(connection, tenant, purging: true, ct);
#pragma warning disable CA2100 // names from the catalogue
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300, Parameters = { new() { Value = tenant.Value } } };
#pragma warning restore CA2100
        var rows = await command.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(CancellationToken.None);
        return rows;
    }

    private static async Task Introduce(NpgsqlConnection connection, TenantId tenant, bool purging, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select set_config('app.current_tenant_id', $1, true), set_config('app.purging', $2, true)", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = tenant.ToString() }, new NpgsqlParameter<string> { TypedValue = purging ? "on" : "" } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    // Tables with a policy for everybody: those without one are reached through functions, and go with the rows they belong to.
    private static Task<List<(string Name, bool IsPartitioned)>> Tables(NpgsqlConnection connection, CancellationToken ct) => Ask(
        connection,
        """
        select format('%I.%I', n.nspname, c.relname), c.relkind = 'p' from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)'
          and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
          and exists (select from pg_policy p where p.polrelid = c.oid and p.polroles = '{0}')
        order by 1
        """,
        row => (row.GetString(0), row.GetBoolean(1)), ct);

    // Foreign keys between them, with the columns that can be let go of.
    private static Task<List<Key>> Keys(NpgsqlConnection connection, CancellationToken ct) => Ask(
        connection,
        """
        select format('%I.%I', fn.nspname, f.relname), format('%I.%I', tn.nspname, t.relname),
          array(select format('%I', a.attname) from unnest(k.conkey) u join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u
                where not a.attnotnull and a.attname not like '%tenant_id')
        from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_namespace fn on fn.oid = f.relnamespace
        join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
        where k.contype = 'f' and k.conparentid = 0 and fn.nspname !~ '^(pg_|information_schema)'
        """,
        row => new Key(row.GetString(0), row.GetString(1), row.GetFieldValue<string[]>(2)), ct);

    private static async Task<List<T>> Ask<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
#pragma warning disable CA2100 // constants of this file
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    // Whoever is pointed at goes after whoever points; within a circle, which was opened before, in any order.
    private static List<(string Name, bool IsPartitioned)> Ordered(List<(string Name, bool IsPartitioned)> tables, List<Key> keys)
    {
        var left = tables.ToDictionary(t => t.Name);
        var order = new List<(string, bool)>();
        while (left.Count > 0)
        {
            var free = left.Values.Where(t => !keys.Any(k => k.To == t.Name && k.From != t.Name && left.ContainsKey(k.From) && !(k.Columns.Length > 0 && Reaches(keys, k.To, k.From)))).ToList();
            foreach (var table in free.Count > 0 ? free : [left.Values.First()])
            {
                order.Add(table);
                left.Remove(table.Name);
            }
        }

        return order;
    }

    private static bool Reaches(List<Key> keys, string from, string to)
    {
        var (seen, open) = (new HashSet<string>(StringComparer.Ordinal) { from }, new Queue<string>([from]));
        while (open.TryDequeue(out var at))
        {
            if (at == to)
            {
                return true;
            }

            foreach (var next in keys.Where(k => k.From == at && seen.Add(k.To)))
            {
                open.Enqueue(next.To);
            }
        }

        return false;
    }
}
