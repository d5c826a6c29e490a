using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>A run as its executing process sees it when it begins or goes on.</summary>
internal sealed record RunRow(
    Guid Id, Guid AgentId, Guid AgentVersionId, Guid AgentTenantId, string Source, Guid? UserId, Guid? ApiKeyId, Guid? ConversationId, Guid? MessageId,
    RunLimits Limits, RunInput Input, int Takeovers, bool CancelRequested, double ElapsedSeconds, long LastSeq, string? CorrelationId)
{
    /// <summary>A run as <see cref="RunStore.Insert"/> writes it for this process.</summary>
    public static RunRow New(Guid id, NewRun run, AgentVersion agent, string? correlationId) => new(
        id, agent.AgentId, agent.Id, agent.TenantId, run.Source, run.UserId, run.ApiKeyId, run.ConversationId, run.MessageId, run.Limits ?? new RunLimits(), RunInput.Of(run), 0, false, 0, 0, correlationId);
}

internal sealed record StepRow(int Index, int Attempt, string Status, string? OutputJson);

/// <summary>An event on its way into the log. The id is chosen once, so writing it again after a lost answer changes nothing.</summary>
internal sealed record LogEntry(Guid Id, long Seq, string Type, string PayloadJson);

internal sealed record StepBegin(Guid Id, int Index, int Attempt, string Kind, string InputJson);

internal sealed record StepEnd(Guid Id, string Status, string? OutputJson, string? Error);

/// <summary>What is written together: entries for readers, the end of a step, the beginning of the next.</summary>
internal sealed record JournalEntry(IReadOnlyCollection<LogEntry> Events, StepEnd? Ended, StepBegin? Begun);

/// <summary>How a run ends.</summary>
internal sealed record RunEnd(string Status, string StopReason, RunOutput Output, int StepCount, long PromptTokens, long CompletionTokens, string? ErrorCode, string? ErrorMessage);

/// <summary>
/// Writes agents.runs, agents.run_steps and agents.run_events. Everything a run writes is fenced by its lease: the row of the run is
/// locked and must still belong to the writing process, so a process that was taken over writes nothing more and numbers stay without gaps.
/// </summary>
internal static class RunStore
{
    public static string Topic(Guid run) => $"run:{run}";

    /// <summary>Runs that have not ended.</summary>
    internal static Task<long> CountOpen(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*) from agents.runs where tenant_id = {unit.Tenant.Value} and status in ('queued', 'running', 'waiting')", row => row.Get<long>(), ct);

    /// <summary>Writes a new run, under way at <paramref name="node"/> and leased to it; with null it waits for a process with room.</summary>
    public static Task Insert(Unit unit, Guid id, NewRun run, AgentVersion agent, string? node, int leaseSeconds, CancellationToken ct) => unit.Run(
        Sql.Prepared($"""
        insert into agents.runs (id, agent_tenant_id, agent_id, agent_version_id, conversation_id, message_id, root_run_id, source, limits, input,
          status, started_at, lease_owner, lease_until, idempotency_key, user_id, api_key_id, correlation_id)
        values ({id}, {agent.TenantId}, {agent.AgentId}, {agent.Id}, {run.ConversationId}, {run.MessageId}, {id}, {run.Source}, {LyceumJson.Write(run.Limits ?? new RunLimits())}::jsonb,
          {LyceumJson.Write(RunInput.Of(run))}::jsonb,
          {(node is null ? "queued" : "running")}, case when {node}::text is null then null else now() end,
          {node}, case when {node}::text is null then null else now() + make_interval(secs => {leaseSeconds}) end, {run.IdempotencyKey}, {run.UserId}, {run.ApiKeyId}, {unit.Actor.CorrelationId})
        """),
        ct);

    /// <summary>The run that was started with this key. Starts with one key wait for each other.</summary>
    public static async Task<Guid?> ByIdempotencyKey(Unit unit, string key, CancellationToken ct)
    {
        await unit.Run($"select pg_advisory_xact_lock(hashtextextended({unit.Tenant.Value + ":run:" + key}, 0))", ct);
        var found = await unit.Many(
            $"select id from agents.runs where tenant_id = {unit.Tenant.Value} and idempotency_key = {key} order by id limit 1", row => row.Get<Guid>(), ct);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Marks a leased run as running and reads it; null when it is no longer this process's.</summary>
    public static Task<RunRow?> Begin(Db db, Guid id, string node, CancellationToken ct) => db.OneOrNone(
        Sql.Prepared($"""
        update agents.runs r set status = 'running', started_at = coalesce(started_at, now())
        where r.tenant_id = {db.Tenant!.Value.Value} and r.id = {id} and r.lease_owner = {node} and r.status in ('queued', 'running')
        returning r.id, r.agent_id, r.agent_version_id, r.agent_tenant_id, r.source, r.user_id, r.api_key_id, r.conversation_id, r.message_id, r.limits::text, r.input::text,
          r.takeovers, r.cancel_requested_at is not null, extract(epoch from now() - r.started_at)::float8,
          (select coalesce(max(e.seq), 0) from agents.run_events e where e.tenant_id = r.tenant_id and e.run_id = r.id), r.correlation_id
        """),
        row => new RunRow(
            row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<Guid?>(),
            row.Json<RunLimits>(), row.Json<RunInput>(), row.Get<int>(), row.Get<bool>(), row.Get<double>(), row.Get<long>(), row.Get<string?>()),
        ct);

    /// <summary>The last attempt of each step.</summary>
    public static Task<IReadOnlyList<StepRow>> Steps(Db db, Guid run, CancellationToken ct) => db.Many(
        Sql.Prepared($"""
        select distinct on (step_index) step_index, attempt, status, output::text from agents.run_steps
        where tenant_id = {db.Tenant!.Value.Value} and run_id = {run} order by step_index, attempt desc limit 1000
        """),
        row => new StepRow(row.Get<int>(), row.Get<int>(), row.Get<string>(), row.Get<string?>()), ct);

    /// <summary>
    /// Adds to the log of a run, writes the end of one step and the beginning of the next: one statement, one round trip, one commit.
    /// False when the run is no longer this process's: then nothing was written.
    /// </summary>
    public static async Task<bool> Journal(Db db, Guid run, string node, JournalEntry entry, CancellationToken ct) =>
        await db.One(Journal(db.Tenant!.Value, run, node, entry), row => row.Get<int>(), ct) == 1; // a run has a tenant

    /// <inheritdoc cref="Journal(Db, Guid, string, JournalEntry, CancellationToken)"/>
    public static async Task<bool> Journal(Unit unit, Guid run, string node, JournalEntry entry, CancellationToken ct) =>
        await unit.One(Journal(unit.Tenant, run, node, entry), row => row.Get<int>(), ct) == 1;

    private static Sql Journal(TenantId tenant, Guid run, string node, JournalEntry entry)
    {
        var (events, ended, begun) = entry;
        Sql sql =
            $"""
            with held as (
              select id from agents.runs where tenant_id = {tenant.Value} and id = {run} and lease_owner = {node} and status = 'running' for no key update),
            {(events.Count == 0 ? Sql.None : Log(events))}
            {(ended is null ? Sql.None : End(tenant, ended))}
            {(begun is null ? Sql.None : Begin(tenant, begun, ended?.Id))}
            {(begun is not null && ended is null ? Soon : Sql.None)}
            counted as (select count(*)::int as n from held)
            select n from counted {(begun is not null && ended is null ? (Sql)$"left join soon on true" : Sql.None)}
            """;
        return sql.Prepared();
    }

    // That a first step begins need not be on the disk before it does: lost with the server, it begins again, under the same numbers.
    private static Sql Soon => $"soon as (select set_config('synchronous_commit', 'off', true) from held),";

    private static Sql Log(IReadOnlyCollection<LogEntry> events) =>
        $"""
        written as (
          insert into agents.run_events (id, run_id, seq, event_type, payload, expires_at)
          select e.id, held.id, e.seq, e.type, e.payload::jsonb, now() + interval '30 days'
          from held, unnest({events.Select(e => e.Id).ToArray()}, {events.Select(e => e.Seq).ToArray()}, {events.Select(e => e.Type).ToArray()}, {events.Select(e => e.PayloadJson).ToArray()}) e(id, seq, type, payload)
          on conflict (tenant_id, id) do nothing),
        """;

    private static Sql End(TenantId tenant, StepEnd step) =>
        $"""
        ended as (
          update agents.run_steps s set status = {step.Status}, output = {step.OutputJson}::jsonb, error_message = {step.Error}, completed_at = now()
          from held where s.tenant_id = {tenant.Value} and s.id = {step.Id} and s.run_id = held.id),
        """;

    // An attempt that another process began and never ended is unknown from now on; the one ended in this statement is not.
    private static Sql Begin(TenantId tenant, StepBegin step, Guid? ended) =>
        $"""
        {(step.Attempt == 1 ? Sql.None : Unknown(tenant, step, ended))}
        begun as (
          insert into agents.run_steps (id, run_id, step_index, attempt, kind, effect, input, started_at)
          select {step.Id}, held.id, {step.Index}, {step.Attempt}, {step.Kind}, 'idempotent', {step.InputJson}::jsonb, now() from held
          on conflict (tenant_id, id) do nothing),
        """;

    private static Sql Unknown(TenantId tenant, StepBegin step, Guid? ended) =>
        $"""
        before as (
          update agents.run_steps s set status = 'unknown', completed_at = now() from held
          where s.tenant_id = {tenant.Value} and s.run_id = held.id and s.step_index = {step.Index} and s.attempt < {step.Attempt} and s.status = 'running'
            and s.id is distinct from {ended}),
        """;

    /// <summary>Ends a run that this process holds and tells the rooms above. False when it is not this process's, or has ended.</summary>
    public static async Task<bool> Finish(Unit unit, Guid run, string node, RunEnd end, CancellationToken ct)
    {
        var ended = await unit.OneOrNone(
            Sql.Prepared($"""
            update agents.runs set status = {end.Status}, stop_reason = {end.StopReason}, output = {LyceumJson.Write(end.Output)}::jsonb, step_count = {end.StepCount},
              prompt_tokens = {end.PromptTokens}, completion_tokens = {end.CompletionTokens}, error_code = {end.ErrorCode}, error_message = {end.ErrorMessage},
              completed_at = now(), lease_owner = null, lease_until = null
            where tenant_id = {unit.Tenant.Value} and id = {run} and lease_owner = {node} and status = 'running'
            returning id, conversation_id, message_id, status
            """),
            row => new RunFinished(row.Get<Guid>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string>(), end.Output.Flag is not null), ct);
        if (ended is not null)
        {
            await EventStore.Add(unit, new NewEvent("agents.run.finished", "run", run, ended), ct);
        }

        return ended is not null;
    }

    /// <summary>Asks a run to stop and wakes the process that executes it. False when there is no such run or it has ended.</summary>
    public static Task<bool> RequestCancel(Db db, Guid run, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var asked = await unit.Run(
                $"""
                update agents.runs set cancel_requested_at = now()
                where tenant_id = {unit.Tenant.Value} and id = {run} and status in ('queued', 'running', 'waiting') and cancel_requested_at is null
                """,
                ct) == 1;
            if (asked)
            {
                await Wakeups.Send(unit, RunHost.Topic, ct);
                await AuditLog.Write(unit, new AuditEntry("run.cancelled", "run", run), ct);
            }

            return asked;
        },
        ct);

    /// <summary>Takes a person's runs away, with their journals and logs; those that go on are stopped by finding themselves gone.</summary>
    public static async Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct)
    {
        Sql theirs = $"(select r.id from agents.runs r where r.tenant_id = {unit.Tenant.Value} and r.user_id = {user})";
        await unit.Run($"select agents.erase_run_events({user})", ct);
        await unit.Run($"delete from agents.run_steps where tenant_id = {unit.Tenant.Value} and run_id in {theirs}", ct);
        return await unit.Run($"delete from agents.runs where tenant_id = {unit.Tenant.Value} and user_id = {user}", ct);
    }

    public static Task<IReadOnlyList<RunEvent>> Events(Db db, Guid run, long after, int limit, CancellationToken ct) => db.Many(
        Sql.Prepared($"""
        select seq, event_type, payload::text from agents.run_events
        where tenant_id = {db.Tenant!.Value.Value} and run_id = {run} and seq > {after} order by seq limit {limit}
        """),
        row => new RunEvent(row.Get<long>(), row.Get<string>(), row.Json<System.Text.Json.JsonElement>()), ct);

    public static Task<IReadOnlyList<RunOutcome>> Outcomes(Db db, Guid[] runs, CancellationToken ct) => db.Many(
        Sql.Prepared($"""
        select id, status, stop_reason, user_id, conversation_id, message_id, output::text, prompt_tokens, completion_tokens,
          least(extract(epoch from coalesce(completed_at, now()) - created_at) * 1000, 2000000000)::int, error_code, error_message
        from agents.runs where tenant_id = {db.Tenant!.Value.Value} and id = any ({runs})
        """),
        row =>
        {
            var (id, status, reason, user, conversation, message) = (row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<Guid?>());
            var output = row.Json<RunOutput?>();
            return new RunOutcome(
                id, status, reason, user, conversation, message, output?.Text ?? "", output?.ModelId, output?.ModelName, row.Get<long>(), row.Get<long>(), row.Get<int>(),
                output?.Citations ?? [], output?.UnusedSources ?? [], output?.NoSource ?? false, output?.RephrasedQuery, row.Get<string?>(), row.Get<string?>())
            {
                Flag = output?.Flag,
            };
        },
        ct);
}

/// <summary>Claims and leases over all tenants, for the processes that execute runs.</summary>
internal sealed class LeaseStore(Databases databases)
{
    public Task<IReadOnlyList<(Guid Tenant, Guid Run)>> Claim(string node, int batch, int leaseSeconds, Guid[] except, CancellationToken ct) => databases.WithoutTenant().Many(
        $"select run_tenant, run_id from agents.claim_runs({node}, {batch}, {leaseSeconds}, {except})", row => (row.Get<Guid>(), row.Get<Guid>()), ct);

    public Task<IReadOnlyList<(Guid Run, bool Cancelled)>> Extend(string node, Guid[] runs, int leaseSeconds, CancellationToken ct) => databases.WithoutTenant().Many(
        $"select run_id, cancelled from agents.extend_run_leases({node}, {runs}, {leaseSeconds})", row => (row.Get<Guid>(), row.Get<bool>()), ct);

    public Task<int> Release(string node, Guid[] runs, CancellationToken ct) =>
        databases.WithoutTenant().One($"select agents.release_runs({node}, {runs})", row => row.Get<int>(), ct);
}
