using Npgsql;

namespace Lyceum.Platform;

/// <summary>A job whose attempts are used up, as an operator sees it.</summary>
public sealed record DeadJob(Guid Id, string Queue, string Type, Guid? DocumentId, string? ErrorMessage, int Attempts, DateTimeOffset? DiedAt);

/// <summary>Depth of a queue: how many jobs are in a state, and how long the oldest waits.</summary>
public sealed record QueueDepth(string Queue, string Status, long Jobs, int OldestSeconds);

/// <summary>Reads and writes ops.jobs. Enqueueing is part of the caller's transaction: no job without its cause, no cause without its job.</summary>
public sealed class JobStore(Databases databases)
{
    /// <summary>Adds jobs in the caller's transaction. One whose dedup key is already waiting or running is left out.</summary>
    public static async Task Enqueue(Unit unit, IReadOnlyCollection<NewJob> jobs, CancellationToken ct)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        await unit.Run(
            $"""
            insert into ops.jobs (id, queue, job_type, input, ref_type, ref_id, document_id, dedup_key, priority, max_attempts, run_after, correlation_id)
            select id, queue, job_type, input::jsonb, ref_type, ref_id, document_id, dedup_key, priority, max_attempts, now() + make_interval(secs => delay), {unit.Actor.CorrelationId}
            from unnest({jobs.Select(_ => Guid.CreateVersion7()).ToArray()}, {jobs.Select(j => j.Queue).ToArray()}, {jobs.Select(j => j.Type).ToArray()},
              {jobs.Select(j => j.Input is null ? null : LyceumJson.Write(j.Input)).ToArray()}, {jobs.Select(j => j.RefType).ToArray()},
              {jobs.Select(j => j.RefId).ToArray()}, {jobs.Select(j => j.DocumentId).ToArray()}, {jobs.Select(j => j.DedupKey).ToArray()},
              {jobs.Select(j => j.Priority).ToArray()}, {jobs.Select(j => j.MaxAttempts).ToArray()}, {jobs.Select(j => j.Delay?.TotalSeconds ?? 0).ToArray()})
              j(id, queue, job_type, input, ref_type, ref_id, document_id, dedup_key, priority, max_attempts, delay)
            on conflict do nothing
            """,
            ct);
        foreach (var queue in jobs.Select(j => j.Queue).Distinct())
        {
            await Wakeups.Send(unit, $"jobs:{queue}", ct);
        }
    }

    public static Task Enqueue(Unit unit, NewJob job, CancellationToken ct) => Enqueue(unit, [job], ct);

    /// <summary>Ends an attempt well, in the caller's transaction; false when this node no longer holds the job.</summary>
    internal static async Task<bool> Complete(Unit unit, ClaimedJob job, string node, CancellationToken ct) => await unit.Run(
        $"""
        update ops.jobs set status = 'completed', lease_owner = null, lease_until = null, completed_at = now(), updated_at = now(),
          duration_ms = (extract(epoch from clock_timestamp() - started_at) * 1000)::int
        where tenant_id = {unit.Tenant.Value} and id = {job.Id} and status = 'running' and lease_owner = {node} and attempts = {job.Attempt}
        """,
        ct) > 0;

    /// <summary>Ends the waiting jobs of documents that are going away; a running one finds its subject gone and stops.</summary>
    public static Task CancelForDocuments(Unit unit, Guid[] documentIds, CancellationToken ct) => unit.Run(
        $"""
        update ops.jobs set status = 'failed', error_message = 'The document was deleted.', completed_at = now(), updated_at = now()
        where tenant_id = {unit.Tenant.Value} and document_id = any ({documentIds}) and status in ('pending', 'dead')
        """,
        ct);

    /// <summary>Makes a recurring job for the current tenant, once; calling it again changes only the interval.</summary>
    public static Task Schedule(Unit unit, string kind, Guid? refId, TimeSpan interval, object? payload, CancellationToken ct) => unit.Run(
        $"""
        insert into ops.schedules (id, kind, ref_id, next_run_at, interval_seconds, payload)
        values ({Guid.CreateVersion7()}, {kind}, {refId}, now() + make_interval(secs => {interval.TotalSeconds}), {(int)interval.TotalSeconds},
          {(payload is null ? null : LyceumJson.Write(payload))}::jsonb)
        on conflict (tenant_id, kind, ref_id) do update set interval_seconds = excluded.interval_seconds
        """,
        ct);

    /// <summary>Dead jobs of the tenant, the last enqueued first.</summary>
    public static async Task<Paged<DeadJob>> Dead(Db db, Page page, CancellationToken ct) => page.Cut(
        await db.Many(
            $"""
            select id, queue, job_type, document_id, error_message, attempts, completed_at
            from ops.jobs where tenant_id = {db.Tenant!.Value.Value} and status = 'dead' and id < {page.Before} order by id desc limit {page.Limit + 1}
            """,
            row => new DeadJob(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<Guid?>(), row.Get<string?>(), row.Get<int>(), row.Get<DateTimeOffset?>()), ct), // jobs are a tenant's
        job => job.Id);

    /// <summary>
    /// Gives a dead job a fresh set of attempts and writes that down. False when there is no such dead job; a <see cref="ProblemException"/> when
    /// the same work was asked for again meanwhile and waits or runs.
    /// </summary>
    public static async Task<bool> Replay(Unit unit, Guid jobId, CancellationToken ct)
    {
        try
        {
            var replayed = await unit.OneOrNone(
                $"""
                update ops.jobs set status = 'pending', attempts = 0, run_after = now(), error_message = null, completed_at = null, updated_at = now()
                where tenant_id = {unit.Tenant.Value} and id = {jobId} and status = 'dead' returning queue, job_type
                """,
                row => new { queue = row.Get<string>(), type = row.Get<string>() }, ct);
            if (replayed is null)
            {
                return false;
            }

            await Wakeups.Send(unit, $"jobs:{replayed.queue}", ct);
            await AuditLog.Write(unit, new AuditEntry("job.replayed", "job", jobId, Metadata: replayed), ct);
            return true;
        }
        catch (PostgresException taken) when (taken is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "jobs_dedup" })
        {
            throw new ProblemException(new Problem(409, "job_under_way", "The same work was asked for again meanwhile: it waits or runs already. Look again when it has ended."));
        }
    }

    /// <summary>Depth of every queue over all tenants; counts only.</summary>
    public Task<IReadOnlyList<QueueDepth>> Depths(CancellationToken ct) => databases.WithoutTenant().Many(
        $"select queue, status, jobs, oldest_seconds from ops.queue_depths()",
        row => new QueueDepth(row.Get<string>(), row.Get<string>(), row.Get<long>(), row.Get<int>()), ct);

    internal Task<IReadOnlyList<ClaimedJob>> Claim(string queue, string node, int batch, int leaseSeconds, int perTenant, Guid after, CancellationToken ct) =>
        databases.WithoutTenant().Many(
            $"""
            select job_id, job_tenant, kind, about_type, about, document, job_input, attempt, attempts_max, correlation
            from ops.claim_jobs({queue}, {node}, {batch}, {leaseSeconds}, {perTenant}, {after})
            """,
            row => new ClaimedJob(row.Get<Guid>(), new TenantId(row.Get<Guid>()), row.Get<string>(), row.Get<string?>(), row.Get<Guid?>(), row.Get<Guid?>(),
                row.Get<string?>(), row.Get<int>(), row.Get<int>(), row.Get<string?>()),
            ct);

    /// <summary>Ends attempts of this node; one that was taken over is left alone.</summary>
    internal Task<IReadOnlyList<Guid>> Finish(string node, IReadOnlyCollection<JobEnd> ends, CancellationToken ct) =>
        databases.WithoutTenant().Many(
            $"""
            select finish_jobs from ops.finish_jobs({node}, {ends.Select(e => e.Job.Tenant.Value).ToArray()}, {ends.Select(e => e.Job.Id).ToArray()}, {ends.Select(e => e.Job.Attempt).ToArray()},
              {ends.Select(e => e.Error).ToArray()}, {ends.Select(e => e.Final).ToArray()}, {ends.Select(e => e.Released).ToArray()})
            """,
            row => row.Get<Guid>(), ct);

    /// <summary>Renews the leases of attempts and says which are still ours.</summary>
    internal Task<IReadOnlyList<Guid>> Extend(string node, IReadOnlyCollection<ClaimedJob> jobs, int leaseSeconds, CancellationToken ct) =>
        databases.WithoutTenant().Many(
            $"""
            select extend_job_leases from ops.extend_job_leases({node}, {jobs.Select(j => j.Tenant.Value).ToArray()}, {jobs.Select(j => j.Id).ToArray()},
              {jobs.Select(j => j.Attempt).ToArray()}, {leaseSeconds})
            """, row => row.Get<Guid>(), ct);

    internal Task<int> Reap(CancellationToken ct) => databases.WithoutTenant().One($"select ops.reap_jobs()", row => row.Get<int>(), ct);

    internal Task<int> FireSchedules(string node, CancellationToken ct) =>
        databases.WithoutTenant().One($"select ops.fire_schedules({node})", row => row.Get<int>(), ct);

    /// <summary>Begins to gather where failures wait to be told; see AlertStore.</summary>
    internal Task<int> FireAlerts(CancellationToken ct) => databases.WithoutTenant().One($"select ops.fire_alerts()", row => row.Get<int>(), ct);

    internal Task<int> Sweep(int keepDays, CancellationToken ct) =>
        databases.WithoutTenant().One($"select ops.sweep_jobs({keepDays})", row => row.Get<int>(), ct);
}
