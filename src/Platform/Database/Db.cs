using System.Threading.Channels;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// PostgreSQL, seen by one tenant and one actor. Each call sends the tenant, the actor and the statement
/// together: one round trip, one transaction. Row level security therefore always knows the tenant, the audit
/// triggers always know who acts, and both are gone before the connection returns to the pool.
/// </summary>
public sealed class Db
{
    private readonly NpgsqlDataSource _source;

    internal Db(NpgsqlDataSource source, TenantId? tenant, Actor actor, Channel<string>? calls = null, ContentKeys? texts = null) =>
        (_source, Tenant, Actor, Calls, Keys) = (source, tenant, actor, calls, texts);

    internal Channel<string>? Calls { get; }

    internal ContentKeys? Keys { get; }

    /// <summary>The tenant whose rows are visible; null sees no tenant rows at all and may only call the listed cross-tenant functions.</summary>
    public TenantId? Tenant { get; }

    public Actor Actor { get; }

    /// <summary>Runs a query and maps every row.</summary>
    public async Task<IReadOnlyList<T>> Many<T>(Sql sql, Func<Row, T> map, CancellationToken ct)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        return await new Unit(connection, this, null).Many(sql, map, ct);
    }

    /// <summary>Runs a query that finds one row or none. Two rows are a bug, so they throw.</summary>
    public async Task<T?> OneOrNone<T>(Sql sql, Func<Row, T> map, CancellationToken ct) =>
        Unit.Single(await Many(sql, map, ct));

    /// <summary>Runs a query that always answers exactly one row.</summary>
    public async Task<T> One<T>(Sql sql, Func<Row, T> map, CancellationToken ct) => Unit.Only(await Many(sql, map, ct));

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public async Task<int> Run(Sql sql, CancellationToken ct)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        return await new Unit(connection, this, null).Run(sql, ct);
    }

    /// <summary>Runs several statements in one transaction. Commits when <paramref name="work"/> returns, rolls back when it throws.</summary>
    public async Task<T> Atomically<T>(Func<Unit, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        var unit = new Unit(connection, this, transaction);
        var result = await work(unit);

        // Cancelled at the very last moment, the caller must still learn what happened: commit is not interrupted.
        await transaction.CommitAsync(CancellationToken.None);
        unit.Committed();
        return result;
    }

    /// <inheritdoc cref="Atomically{T}"/>
    public Task Atomically(Func<Unit, Task> work, CancellationToken ct) => Atomically(
        async unit =>
        {
            await work(unit);
            return true;
        },
        ct);

    /// <summary>Reads one row while its connection stays open, for values too large to hold. Returns false when there is no row.</summary>
    public async Task<bool> Stream(Sql sql, Func<Row, Task> use, CancellationToken ct)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        return await new Unit(connection, this, null).Stream(sql, use, ct);
    }
}
