using System.Globalization;
using System.IO.Compression;
using System.Text;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Moves old months of the audit log out of the database: each tenant's rows into a compressed file of JSON lines, an anchor and a signed checkpoint
/// for where its chain goes on, and only then the partition away. Killed anywhere it begins again and does the same.
/// </summary>
internal sealed class AuditArchive(Databases databases, Checkpoints checkpoints)
{
    private const string Table = "ops.audit_logs";
    private const int Batch = 5_000;

    /// <summary>Archives the months that ended more than <paramref name="months"/> ago. Returns the partitions that went.</summary>
    public async Task<IReadOnlyList<string>> Run(int months, CancellationToken ct)
    {
        var old = await databases.WithoutTenant().Many($"select p from ops.old_partitions({Table}, {months}) p", row => row.Get<string>(), ct);
        var tenants = old.Count == 0 ? [] : await databases.WithoutTenant().Many($"select tenant_id from ops.audit_ends()", row => new TenantId(row.Get<Guid>()), ct);
        foreach (var partition in old)
        {
            var month = DateTime.ParseExact(partition[^6..], "yyyyMM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            foreach (var tenant in tenants)
            {
                await Archive(databases.For(tenant, Actor.System()), tenant, month, ct);
            }

            await Partitions.Drop(databases, Table, partition, ct);
        }

        return old;
    }

    private async Task Archive(Db db, TenantId tenant, DateTime month, CancellationToken ct)
    {
        var (from, until) = (new DateTimeOffset(month), new DateTimeOffset(month.AddMonths(1)));
        var kept = await db.One(
            $"""
            select count(*), min(chain_position), max(chain_position), (array_agg(row_hash order by chain_position desc))[1] from ops.audit_logs
            where tenant_id = ops.tenant() and id >= ops.uuid7_floor({from}) and id < ops.uuid7_floor({until})
            """,
            row => (Rows: row.Get<long>(), First: row.Get<long?>(), Last: row.Get<long?>(), Hash: row.Get<byte[]?>()), ct);
        if (kept is not { First: { } first, Last: { } last, Hash: { } hash })
        {
            return;
        }

        var name = Path.Combine("archive", tenant.ToString(), string.Create(CultureInfo.InvariantCulture, $"{month:yyyyMM}.jsonl.gz"));
        await Write(db, Path.Combine(checkpoints.Folder, name), from, until, ct);
        checkpoints.Add([(tenant.Value, "archived", last, hash)]);
        await db.Run(
            $"""
            insert into ops.audit_anchors (id, chain_position, row_hash, archive, first_position, row_count) values (ops.uuid7(), {last}, {hash}, {name}, {first}, {kept.Rows})
            on conflict (tenant_id, chain_position) do nothing
            """,
            ct);
    }

    private static async Task Write(Db db, string path, DateTimeOffset from, DateTimeOffset until, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // a name below the folder
        var writing = path + ".writing";
        await using (var file = new FileStream(writing, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await using (var zipped = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
            {
                var after = 0L;
                while (true)
                {
                    var rows = await db.Many(
                        $"""
                        select l.chain_position, row_to_json(l)::text from ops.audit_logs l
                        where l.tenant_id = ops.tenant() and l.id >= ops.uuid7_floor({from}) and l.id < ops.uuid7_floor({until}) and l.chain_position > {after}
                        order by l.chain_position limit {Batch}
                        """,
                        row => (Position: row.Get<long>(), Json: row.Get<string>()), ct);
                    foreach (var row in rows)
                    {
                        await zipped.WriteAsync(Encoding.UTF8.GetBytes(row.Json + "\n"), ct);
                    }

                    if (rows.Count < Batch)
                    {
                        break;
                    }

                    after = rows[^1].Position;
                }
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(writing, path, overwrite: true);
        Folder.Flush(Path.GetDirectoryName(path)!); // as above
    }
}

/// <summary>Takes whole months away from partitioned tables, as their owner.</summary>
internal static class Partitions
{
    /// <summary>Detaches and drops a partition of a table we partition ourselves.</summary>
    public static async Task Drop(Databases databases, string table, string partition, CancellationToken ct)
    {
        if (!partition.StartsWith(table + "_", StringComparison.Ordinal) || !partition[(table.Length + 1)..].All(char.IsAsciiDigit) || !table.All(c => char.IsAsciiLetterLower(c) || c is '_' or '.'))
        {
            throw new ArgumentException($"{partition} is no partition of {table}.", nameof(partition));
        }

        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
#pragma warning disable CA2100 // DDL takes no parameters; both names are checked
        await using var command = new NpgsqlCommand($"set local lock_timeout = '5s'; alter table {table} detach partition {partition}; drop table {partition}", connection) { CommandTimeout = 600 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}
