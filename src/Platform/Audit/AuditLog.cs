using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lyceum.Platform;

/// <summary>An act that no table trigger sees: a sign-in, an export, a refusal. <paramref name="Status"/> is success, failure or denied.</summary>
public sealed record AuditEntry(
    string Action, string ResourceType, Guid? ResourceId, string Status = "success", string? Error = null, object? Metadata = null,
    object? Before = null, object? After = null, Guid? TeamId = null);

/// <summary>One row of the audit log, as its readers see it.</summary>
public sealed record AuditRow(
    Guid Id, DateTimeOffset OccurredAt, string Actor, Guid? UserId, Guid? ApiKeyId, string AccessType, string Action, string? ResourceType, Guid? ResourceId,
    string Status, string? Error, string? OldValues, string? NewValues, string? Ip, string? UserAgent, string? CorrelationId, long Position, Guid? TeamId, string? Metadata);

/// <summary>Which rows are wanted; null members want all. <paramref name="Action"/> is a whole name, or a beginning that ends in a dot.</summary>
public sealed record AuditFilter(
    string? Action = null, string? ResourceType = null, Guid? ResourceId = null, Guid? UserId = null, string? Status = null,
    DateTimeOffset? From = null, DateTimeOffset? Until = null, string? CorrelationId = null, Guid? ApiKeyId = null, string? AccessType = null, string? Text = null, Guid? Id = null);

/// <summary>What a check of the chain found: how many rows hold, and the first that does not.</summary>
public sealed record AuditVerdict(long Verified, long? FaultPosition, string? Fault)
{
    public bool IsWhole => Fault is null;
}

/// <summary>Writes and reads ops.audit_logs. Rows are chained by the database; nothing can change them afterwards unnoticed.</summary>
public static class AuditLog
{
    private const int Stretch = 20_000;

    /// <summary>Writes an act in the transaction in which it happens.</summary>
    public static Task Write(Unit unit, AuditEntry entry, CancellationToken ct) => Write(unit, entry, $"ops.uuid7()", ct);

    /// <summary>
    /// One act that changes several rows, told by one audit row: from here to the end of the transaction the tables' own triggers are
    /// silent, and the database refuses to commit without the row that <paramref name="work"/> returns. Null when it changed nothing.
    /// </summary>
    public static async Task Act(Unit unit, Func<Task<AuditEntry?>> work, CancellationToken ct)
    {
        var id = Guid.Parse(await unit.One($"select set_config('app.audit_act', ops.uuid7()::text, true)", row => row.Get<string>(), ct));
        if (await work() is { } entry)
        {
            // Last, because it takes the lock of the tenant's chain: whoever holds that must not wait for rows.
            await Write(unit, entry, $"{id}", ct);
        }
    }

    private static Task<int> Write(Unit unit, AuditEntry entry, Sql id, CancellationToken ct) => unit.Run(
        Sql.Prepared($"""
        insert into ops.audit_logs (id, team_id, user_id, api_key_id, actor_label, access_type, action, resource_type, resource_id, old_values, new_values,
          ip_address, user_agent, status, error_message, correlation_id, metadata, chain_position, row_hash)
        values ({id}, {entry.TeamId}, {unit.Actor.UserId}, {unit.Actor.ApiKeyId}, {unit.Actor.Label}, {unit.Actor.AccessType}, {entry.Action}, {entry.ResourceType}, {entry.ResourceId},
          {Redacted(entry.Before)}, {Redacted(entry.After)}, {unit.Actor.Ip}::inet, left({unit.Actor.UserAgent}, 400), {entry.Status}, {entry.Error}, {unit.Actor.CorrelationId},
          {Redacted(With(entry.Metadata, unit.Actor.ActedBy))}, 0, ''::bytea)
        """),
        ct);

    // Who acts in somebody's name is told in the row beside them.
    private static object? With(object? metadata, Guid? actedBy) => actedBy is null ? metadata
        : metadata is null ? new { actedBy }
        : new JsonObject((JsonSerializer.SerializeToNode(metadata, LyceumJson.Options)?.AsObject() ?? []).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())).Append(KeyValuePair.Create("actedBy", (JsonNode?)actedBy)));

    private static Sql Redacted(object? values) => $"nullif(ops.audit_redact({(values is null ? null : LyceumJson.Write(values))}::jsonb), jsonb_build_object())";

    /// <summary>Writes a refusal in a transaction of its own, since what was refused has none.</summary>
    public static Task Refused(Db db, string action, string resourceType, Guid? resourceId, Problem why, CancellationToken ct) =>
        db.Atomically(unit => Write(unit, new AuditEntry(action, resourceType, resourceId, "denied", $"{why.Code}: {why.Detail}"), ct), ct);

    /// <summary>Selects the next 500 acts of an account after an id, oldest first: id and what a person is told of it, as JSON text.</summary>
    public static Sql ActsOf(Guid user, Guid after) =>
        $"""
        select l.id, jsonb_build_object('at', l.occurred_at, 'action', l.action, 'resourceType', l.resource_type, 'resourceId', l.resource_id, 'status', l.status,
          'ipAddress', host(l.ip_address), 'userAgent', l.user_agent)::text
        from ops.audit_logs l where l.tenant_id = ops.tenant() and l.user_id = {user} and l.id > {after} order by l.id limit 500
        """;

    /// <summary>The tenant's rows, newest first.</summary>
    public static async Task<Paged<AuditRow>> List(Db db, AuditFilter filter, Page page, CancellationToken ct)
    {
        var isPrefix = filter.Action?.EndsWith('.') is true;
        var rows = await db.Many(
            $"""
            select id, occurred_at, actor_label, user_id, api_key_id, access_type, action, resource_type, resource_id, status, error_message,
              old_values::text, new_values::text, host(ip_address), user_agent, correlation_id, chain_position, team_id, metadata::text
            from ops.audit_logs
            where tenant_id = ops.tenant() and id < {page.Before}
              {When(filter.From, at => $"and occurred_at >= {at} and id >= ops.uuid7_floor({at} - interval '1 minute')")}
              {When(filter.Until, at => $"and occurred_at < {at}")}
              {When(filter.ResourceType, type => $"and resource_type = {type}")}
              {When(filter.ResourceId, id => $"and resource_id = {id}")}
              {When(filter.UserId, id => $"and user_id = {id}")}
              {When(filter.Status, status => $"and status = {status}")}
              {When(filter.Id, id => $"and id = {id}")}
              {When(filter.ApiKeyId, id => $"and api_key_id = {id}")}
              {When(filter.AccessType, type => $"and access_type = {type}")}
              {When(filter.Text, text => $"and strpos(lower(concat_ws(' ', action, actor_label, error_message, correlation_id)), lower({text})) > 0")}
              {When(filter.CorrelationId, id => $"and correlation_id = {id}")}
              {When(isPrefix ? filter.Action : null, action => $"and starts_with(action, {action})")}
              {When(isPrefix ? null : filter.Action, action => $"and action = {action}")}
            order by id desc limit {page.Limit + 1}
            """,
            row => new AuditRow(
                row.Get<Guid>(), row.Get<DateTimeOffset>(), row.Get<string>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string>(),
                row.Get<string?>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(), row.Get<string?>(),
                row.Get<string?>(), row.Get<string?>(), row.Get<long>(), row.Get<Guid?>(), row.Get<string?>()),
            ct);
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>
    /// Checks the tenant's whole chain: each row against its hash, each against the one before, the end against the chain's head.
    /// Whoever may rewrite the head as well can cut the tail unseen; that takes a copy of the head kept elsewhere.
    /// </summary>
    public static async Task<AuditVerdict> Verify(Db db, CancellationToken ct)
    {
        var (until, headHash) = await db.OneOrNone(
            $"select chain_position, row_hash from ops.audit_heads where tenant_id = ops.tenant()", row => (row.Get<long>(), row.Get<byte[]?>()), ct);
        // What was archived ends where the kept rows begin.
        var (position, hash) = await db.One(
            $"select max(chain_position), (array_agg(row_hash order by chain_position desc))[1] from ops.audit_anchors where tenant_id = ops.tenant()",
            row => (row.Get<long?>() ?? 0, row.Get<byte[]?>()), ct);
        if (await Stretches(db, position, until, headHash, ct) is { } whole)
        {
            return await BeyondHead(db, until, whole, ct);
        }

        var verdict = await FirstFault(db, position, hash, until, headHash, ct);
        return verdict.Fault is null && await Doubled(db, ct) is { } twice ? new AuditVerdict(verdict.Verified, twice, "missing or inserted before this position") : verdict;
    }

    // Several stretches at once, each from the hash that stands at its beginning, which the stretch before checks. The number of rows; null when one is not whole.
    private static async Task<long?> Stretches(Db db, long position, long until, byte[]? headHash, CancellationToken ct)
    {
        if (position < until && !await db.One(
            $"select exists (select from ops.audit_logs l where l.tenant_id = ops.tenant() and l.chain_position = {until} and l.row_hash = {headHash})", row => row.Get<bool>(), ct))
        {
            return null;
        }

        var broken = 0;
        var begins = Enumerable.Range(0, (int)((until - position + Stretch - 1) / Stretch)).Select(n => position + ((long)n * Stretch));
        await Parallel.ForEachAsync(begins, new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 2, 4), CancellationToken = ct }, async (begin, cancel) =>
        {
            if (Volatile.Read(ref broken) == 0 && !await IsWhole(db, begin, Math.Min(begin + Stretch, until), cancel))
            {
                Volatile.Write(ref broken, 1);
            }
        });
        return broken == 0 && position <= until ? until - position : null;
    }

    // One row more than there should be is asked for: two at one position are not whole either.
    private static async Task<bool> IsWhole(Db db, long begin, long end, CancellationToken ct) => await db.One(
        $"""
        select v.fault is null and v.verified = {end - begin} from ops.verify_audit_chain({begin}, coalesce(
            (select l.row_hash from ops.audit_logs l where l.tenant_id = ops.tenant() and l.chain_position = {begin} limit 1),
            (select a.row_hash from ops.audit_anchors a where a.tenant_id = ops.tenant() and a.chain_position = {begin} limit 1)), {end}, {Stretch + 1}) v
        """,
        row => row.Get<bool>(), ct);

    // Two rows at one position where one stretch ends and the next begins.
    private static async Task<long?> Doubled(Db db, CancellationToken ct) => await db.One(
        $"select min(x.chain_position) from (select l.chain_position from ops.audit_logs l where l.tenant_id = ops.tenant() group by l.chain_position having count(*) > 1) x",
        row => row.Get<long?>(), ct);

    // One stretch after the other, to name the first row that is wrong.
    private static async Task<AuditVerdict> FirstFault(Db db, long position, byte[]? hash, long until, byte[]? headHash, CancellationToken ct)
    {
        var verified = 0L;
        while (true)
        {
            var part = await db.One(
                $"select verified, last_position, last_hash, fault_position, fault from ops.verify_audit_chain({position}, {hash}, {until}, {Stretch})",
                row => (Rows: row.Get<long>(), Last: row.Get<long?>(), Hash: row.Get<byte[]?>(), FaultAt: row.Get<long?>(), Fault: row.Get<string?>()), ct);
            verified += part.Rows;
            if (part.Fault is not null)
            {
                return new AuditVerdict(verified, part.FaultAt, part.Fault);
            }

            (position, hash) = (part.Last ?? position, part.Hash ?? hash);
            if (part.Rows < Stretch)
            {
                break;
            }
        }

        return position == until && (hash ?? []).AsSpan().SequenceEqual(headHash ?? [])
            ? await BeyondHead(db, until, verified, ct)
            : new AuditVerdict(verified, position + 1, "rows are missing at the end");
    }

    // A row put in from outside may stand behind the end the head knows. The head is read again after looking, since rows are added all the time.
    private static async Task<AuditVerdict> BeyondHead(Db db, long until, long verified, CancellationToken ct)
    {
        var beyond = await db.OneOrNone(
            $"""
            select min(l.chain_position) from ops.audit_logs l
            where l.tenant_id = ops.tenant() and l.chain_position > {until} and l.chain_position > (select chain_position from ops.audit_heads where tenant_id = ops.tenant())
            """,
            row => row.Get<long?>(), ct);
        return beyond is null ? new AuditVerdict(verified, null, null) : new AuditVerdict(verified, beyond, "inserted behind the end");
    }

    private static Sql When<T>(T? value, Func<T, Sql> piece)
        where T : class => value is null ? Sql.None : piece(value);

    private static Sql When<T>(T? value, Func<T, Sql> piece)
        where T : struct => value is null ? Sql.None : piece(value.Value);
}
