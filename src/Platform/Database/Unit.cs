using System.Data;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>Statements that share one connection, and inside <see cref="Db.Atomically{T}"/> one transaction.</summary>
public sealed class Unit
{
    private readonly NpgsqlConnection _connection;
    private readonly Db _db;
    private readonly bool _inTransaction;
    private List<Action>? _afterCommit;
    private bool _introduced;

    internal Unit(NpgsqlConnection connection, Db db, NpgsqlTransaction? transaction) =>
        (_connection, _db, _inTransaction) = (connection, db, transaction is not null);

    /// <summary>The tenant this unit works for. Asking is a bug where there is none.</summary>
    public TenantId Tenant => _db.Tenant ?? throw new InvalidOperationException("This work belongs to no tenant.");

    public Actor Actor => _db.Actor;

    internal ContentKeys? Keys => _db.Keys;

    /// <inheritdoc cref="Db.Many{T}"/>
    public async Task<IReadOnlyList<T>> Many<T>(Sql sql, Func<Row, T> map, CancellationToken ct)
    {
        await using var batch = await Batch(sql, ct);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(ct);
            await SkipIntroduction(batch, reader, ct);

            var rows = new List<T>();
            var row = new Row(reader);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(map(row.Restart()));
            }

            return rows;
        }
        catch (PostgresException refused) when (DatabaseRefusal.Of(refused) is { } problem)
        {
            throw new ProblemException(problem);
        }
    }

    public async Task<T?> OneOrNone<T>(Sql sql, Func<Row, T> map, CancellationToken ct) => Single(await Many(sql, map, ct));

    public async Task<T> One<T>(Sql sql, Func<Row, T> map, CancellationToken ct) => Only(await Many(sql, map, ct));

    /// <inheritdoc cref="Db.Run"/>
    public async Task<int> Run(Sql sql, CancellationToken ct)
    {
        await using var batch = await Batch(sql, ct);
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
            return batch.BatchCommands[^1].RecordsAffected;
        }
        catch (PostgresException refused) when (DatabaseRefusal.Of(refused) is { } problem)
        {
            throw new ProblemException(problem);
        }
    }

    /// <inheritdoc cref="Db.Stream"/>
    public async Task<bool> Stream(Sql sql, Func<Row, Task> use, CancellationToken ct)
    {
        await using var batch = await Batch(sql, ct);
        await using var reader = await batch.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct);
        await SkipIntroduction(batch, reader, ct);
        if (!await reader.ReadAsync(ct))
        {
            return false;
        }

        await use(new Row(reader));
        return true;
    }

    /// <summary>
    /// Loads many rows fast and still under row level security: binary COPY into a temporary table that
    /// <paramref name="temporary"/> creates (<c>on commit drop</c>), then <paramref name="insert"/>, an INSERT … SELECT from it.
    /// PostgreSQL refuses COPY straight into a table with a policy. Returns the rows that the INSERT wrote.
    /// </summary>
    public async Task<int> Load<T>(
        Sql temporary, Sql copy, IEnumerable<T> rows, Action<NpgsqlBinaryImporter, T> write, Sql insert, CancellationToken ct)
    {
        if (!_inTransaction)
        {
            throw new InvalidOperationException("Load works inside Atomically: its temporary table ends with the transaction.");
        }

        await Run(temporary, ct);
        await using (var importer = await _connection.BeginBinaryImportAsync(copy.Text, ct))
        {
            foreach (var row in rows)
            {
                await importer.StartRowAsync(ct);
                write(importer, row);
            }

            await importer.CompleteAsync(ct);
        }

        return await Run(insert, ct);
    }

    /// <summary>Something to do in this process once the transaction is truly committed, such as deleting a file.</summary>
    public void AfterCommit(Action action) => (_afterCommit ??= []).Add(action);

    /// <summary>See <see cref="Wakeups.SendSoon"/>.</summary>
    internal void CallAfterCommit(string topic) => AfterCommit(() => _db.Calls?.Writer.TryWrite(topic));

    internal void Committed() => _afterCommit?.ForEach(action => action());

    internal static T? Single<T>(IReadOnlyList<T> rows) => rows switch
    {
        [] => default,
        [var row] => row,
        _ => throw new InvalidOperationException($"Expected at most one row, found {rows.Count}."),
    };

    internal static T Only<T>(IReadOnlyList<T> rows) =>
        rows is [var row] ? row : throw new InvalidOperationException($"Expected one row, found {rows.Count}.");

    // Within one transaction the settings hold, so they are sent once, together with the first statement.
    private async ValueTask<NpgsqlBatch> Batch(Sql sql, CancellationToken ct)
    {
        var batch = new NpgsqlBatch(_connection);
        if (!_introduced)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('app.current_tenant_id', $1, true), set_config('app.actor', $2, true)")
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = _db.Tenant?.ToString() ?? "" },
                    new NpgsqlParameter<string> { TypedValue = _db.Actor.Setting },
                },
            });
            _introduced = _inTransaction;
        }

        batch.BatchCommands.Add(sql.ToCommand());
        if (sql.IsPrepared)
        {
            // Asks the server only the first time on this connection.
            await batch.PrepareAsync(ct);
        }

        return batch;
    }

    private static Task SkipIntroduction(NpgsqlBatch batch, NpgsqlDataReader reader, CancellationToken ct) =>
        batch.BatchCommands.Count == 2 ? reader.NextResultAsync(ct) : Task.CompletedTask;
}
