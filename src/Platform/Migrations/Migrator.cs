using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>What is known of one migration: when it was applied, or that it is still pending.</summary>
public sealed record MigrationState(string Version, string Name, DateTimeOffset? AppliedAt);

/// <summary>
/// Applies and takes back migrations, one transaction each, under one advisory lock, so that any number of processes
/// may start at once. An applied file that was changed afterwards is refused: write a new migration instead.
/// </summary>
public sealed partial class Migrator(Databases databases, string appPassword, IReadOnlyList<Migration> migrations, ILogger<Migrator> log)
{
    private const long LockKey = 0x4C79_6365_756D; // "Lyceum"

    /// <summary>Applies everything pending and says how many that were.</summary>
    public Task<int> Up(CancellationToken ct) => Locked(
        async connection =>
        {
            await Roles.Ensure(connection, appPassword, ct);
            await Execute(connection, Bootstrap, ct);
            var applied = await Applied(connection, ct);
            var count = 0;
            foreach (var migration in migrations)
            {
                if (applied.TryGetValue(migration.Version, out var known))
                {
                    if (known.Checksum != migration.Checksum)
                    {
                        throw new InvalidOperationException(
                            $"Migration {migration.Version} was changed after it was applied. Restore the file and put the change into a new migration.");
                    }

                    continue;
                }

                await Apply(connection, migration, ct);
                count++;
            }

            return count;
        },
        ct);

    /// <summary>Takes back the last <paramref name="steps"/> applied migrations, newest first.</summary>
    public Task<int> Down(int steps, CancellationToken ct) => Locked(
        async connection =>
        {
            await Execute(connection, Bootstrap, ct);
            var applied = await Applied(connection, ct);
            var backwards = migrations.Reverse().Where(m => applied.ContainsKey(m.Version)).Take(steps).ToList();
            foreach (var migration in backwards)
            {
                await using var transaction = await connection.BeginTransactionAsync(ct);
                await Execute(connection, "set local lock_timeout = '5s';" + Introduction + migration.Down, ct);
                await Execute(connection, "delete from ops.schema_migrations where version = $1", ct, migration.Version);
                await transaction.CommitAsync(ct);
                LogTakenBack(log, migration.Version, migration.Name);
            }

            return backwards.Count;
        },
        ct);

    /// <summary>Every known migration and whether it is applied.</summary>
    public async Task<IReadOnlyList<MigrationState>> Status(CancellationToken ct)
    {
        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
        var applied = await Exists(connection, ct) ? await Applied(connection, ct) : [];
        return [.. migrations.Select(m => new MigrationState(m.Version, m.Name, applied.TryGetValue(m.Version, out var row) ? row.At : null))];
    }

    private async Task Apply(NpgsqlConnection connection, Migration migration, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Execute(connection, "set local lock_timeout = '5s';" + Introduction + migration.Up, ct);
        await Execute(
            connection,
            "insert into ops.schema_migrations (version, name, checksum, applied_at, duration_ms) values ($1, $2, $3, now(), $4)",
            ct, migration.Version, migration.Name, migration.Checksum, (int)watch.ElapsedMilliseconds);
        await transaction.CommitAsync(ct);
        LogApplied(log, migration.Version, migration.Name, watch.ElapsedMilliseconds);
    }

    private async Task<int> Locked(Func<NpgsqlConnection, Task<int>> work, CancellationToken ct)
    {
        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
        await Execute(connection, "select pg_advisory_lock($1)", ct, LockKey);
        try
        {
            var count = await work(connection);
            if (count > 0)
            {
                // New extension types (halfvec, citext) were unknown when this pool first looked.
                await connection.ReloadTypesAsync(ct);
            }

            return count;
        }
        finally
        {
            await Execute(connection, "select pg_advisory_unlock($1)", CancellationToken.None, LockKey);
        }
    }

    // Migrations write shared rows, which belong to the platform tenant, under the same policies as everybody.
    private static readonly string Introduction = $"select set_config('app.current_tenant_id', '{TenantId.Platform}', true);";

    private const string Bootstrap = """
        create schema if not exists ops;
        create table if not exists ops.schema_migrations (
          version text primary key, name text not null, checksum text not null,
          applied_at timestamptz not null, duration_ms int not null);
        """;

    private static async Task<bool> Exists(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select to_regclass('ops.schema_migrations') is not null", connection);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static async Task<Dictionary<string, (string Checksum, DateTimeOffset At)>> Applied(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select version, checksum, applied_at from ops.schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new Dictionary<string, (string, DateTimeOffset)>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(reader.GetString(0), (reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return rows;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        // Migration files are part of the program, not input.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Version} {Name} in {Milliseconds} ms")]
    private static partial void LogApplied(ILogger log, string version, string name, long milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Took back migration {Version} {Name}")]
    private static partial void LogTakenBack(ILogger log, string version, string name);
}
