using System.Globalization;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Builds and drops the partial HNSW index of one embedding set, as the owner, without blocking readers or writers. The app role cannot
/// define anything, and CREATE INDEX CONCURRENTLY cannot run in a function, so this is the one DDL outside migrations.
/// </summary>
public static class VectorIndexes
{
    /// <summary>Makes the index; a half-built one of an earlier, killed attempt is removed first.</summary>
    public static Task Build(Databases databases, string name, Guid setId, int dimension, string distance, CancellationToken ct) => Build(
        databases,
        [
            $"drop index concurrently if exists knowledge.{Checked(name)}",
            string.Create(CultureInfo.InvariantCulture, $"create index concurrently {Checked(name)} on knowledge.chunk_embeddings using hnsw ((embedding::halfvec({dimension})) {Operators(distance)}) with (m = 16, ef_construction = 64) where embedding_set_id = '{setId}'"),
            // Without counts of this set the planner takes it for a handful of rows, and sorts them all instead of walking the index.
            "analyze knowledge.chunk_embeddings (tenant_id, embedding_set_id)",
        ],
        ct);

    /// <summary>Makes the index anew beside itself; what a killed attempt left is removed first. It is searched as it was until the new one takes its place.</summary>
    public static Task Rebuild(Databases databases, string name, CancellationToken ct) => Build(
        databases,
        [
            $"drop index concurrently if exists knowledge.{Checked(name)}_ccnew",
            $"drop index concurrently if exists knowledge.{Checked(name)}_ccold",
            $"reindex index concurrently knowledge.{Checked(name)}",
        ],
        ct);

    private static async Task Build(Databases databases, IReadOnlyList<string> statements, CancellationToken ct)
    {
        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
        await Alone(connection, ct);
        await Execute(connection, "set maintenance_work_mem = '512MB'", ct);
        if (!await ParallelBuildIsSafe(connection, ct))
        {
            await Execute(connection, "set max_parallel_maintenance_workers = 0", ct);
        }

        try
        {
            foreach (var statement in statements)
            {
                await Execute(connection, statement, ct);
            }
        }
        finally
        {
            await Execute(connection, "reset all", CancellationToken.None);
            await Execute(connection, "select pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    public static async Task Drop(Databases databases, string name, CancellationToken ct)
    {
        await using var connection = await databases.Owner.OpenConnectionAsync(ct);
        await Alone(connection, ct);
        try
        {
            await Execute(connection, $"drop index concurrently if exists knowledge.{Checked(name)}", ct);
        }
        finally
        {
            await Execute(connection, "select pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    // Two that build or drop concurrently on one table wait for each other's snapshots until one is ended as a deadlock. Waiting in a statement would be
    // such a snapshot too, so one asks again instead; the lock goes with the connection.
    private static async Task Alone(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('platform.vector_indexes', 0))", connection);
        while (await command.ExecuteScalarAsync(ct) is not true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), ct);
        }
    }

    private static string Operators(string distance) => distance switch
    {
        "cosine" => "halfvec_cosine_ops",
        "l2" => "halfvec_l2_ops",
        "ip" => "halfvec_ip_ops",
        _ => throw new ArgumentException($"There is no distance '{distance}'.", nameof(distance)),
    };

    // CVE-2026-3172: parallel HNSW builds before pgvector 0.8.2 can read and write out of bounds.
    private static async Task<bool> ParallelBuildIsSafe(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select extversion from pg_extension where extname = 'vector'", connection);
        return Version.TryParse(await command.ExecuteScalarAsync(ct) as string, out var version) && version >= new Version(0, 8, 2);
    }

    private static string Checked(string name) =>
        name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') ? name : throw new ArgumentException("An index name is lower-case letters, digits and underscores.", nameof(name));

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // DDL takes no parameters; the name is checked, the rest are numbers and a uuid.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3600 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}
