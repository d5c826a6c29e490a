using System.Collections.Concurrent;
using System.Diagnostics;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Several "processes" on one real database. Each test uses a queue of its own.</summary>
public sealed class JobTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly string _queue = $"q{Guid.NewGuid():N}";
    private readonly JobTrace _trace = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_enqueued_in_a_transaction_that_fails_was_never_there()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Db.Atomically<int>(async unit =>
        {
            await JobStore.Enqueue(unit, new NewJob(_queue, "ghost"), Ct);
            throw new InvalidOperationException("stop");
        }, Ct));
        Assert.Equal(0L, await Count("true"));
    }

    [Fact]
    public async Task Two_thousand_jobs_over_three_processes_run_once_each()
    {
        await Enqueue(TestDatabase.Ours, 2000);
        await using var one = await House(new JobQueue(_queue, 4, 1000), Count);
        await using var two = await House(new JobQueue(_queue, 4, 1000), Count);
        await using var three = await House(new JobQueue(_queue, 4, 1000), Count);
        await JobHouse.Until(async () => await this.Count("status = 'completed'") == 2000, "2,000 jobs completed");
        Assert.Equal(2000, _trace.Runs.Count);
        Assert.All(_trace.Runs.Values, n => Assert.Equal(1, n));
        Assert.Equal(0L, await this.Count("attempts <> 1"));

        Task Count(JobRun run, CancellationToken ct)
        {
            _trace.Ran(run.Job.Id);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_job_with_a_dedup_key_waits_or_runs_once_at_a_time()
    {
        await database.Db.Atomically(async unit =>
        {
            await JobStore.Enqueue(unit, [new NewJob(_queue, "t", DedupKey: "k"), new NewJob(_queue, "t", DedupKey: "k")], Ct);
            await JobStore.Enqueue(unit, new NewJob(_queue, "t", DedupKey: "k"), Ct);
        }, Ct);
        Assert.Equal(1L, await Count("true"));
    }

    [Fact]
    public async Task The_job_of_a_process_that_died_is_taken_over_soon_after_its_lease()
    {
        await Enqueue(TestDatabase.Ours, 1);
        await using var dead = new JobHouse(database.Name, [], []);
        var claimed = Assert.Single(await dead.Store.Claim(_queue, "dead-node", 10, leaseSeconds: 2, perTenant: 10, Guid.Empty, Ct));
        var watch = Stopwatch.StartNew();
        await using var alive = await House(new JobQueue(_queue, 2, 10), (run, _) =>
        {
            _trace.Ran(run.Job.Id);
            Assert.Equal(2, run.Job.Attempt);
            return Task.CompletedTask;
        }, clockwork: true);
        await JobHouse.Until(() => _trace.Count == 1, "takeover");
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.5, 20); // lease 2 s + beat 1 s; the rest is room for a busy machine
        await JobHouse.Until(async () => await Count("status = 'completed'") == 1, "completed");

        // The dead process wakes up late: nothing it says about its attempt counts.
        Assert.Empty(await dead.Store.Finish("dead-node", [new JobEnd(claimed, "late")], Ct));
        Assert.Empty(await dead.Store.Extend("dead-node", [claimed], 30, Ct));
    }

    [Fact]
    public async Task A_worker_that_is_killed_loses_and_doubles_nothing()
    {
        await Enqueue(TestDatabase.Ours, 40, attempts: 5);
        using var child = ChildWorker.Start(database.Name, _queue);
        try
        {
            await JobHouse.Until(async () => await Count("status = 'completed'") >= 5 && await Count("status = 'running'") > 0, "the child works");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Ct);
            await TestServer.Drop($"lyceum_template_{child.Id}");
        }

        Assert.Equal(137, child.ExitCode);
        var left = await Count("status = 'running'");
        Assert.True(left > 0, "it was killed between two jobs, which proves nothing");
        await using var house = await House(new JobQueue(_queue, 4, 100, LeaseSeconds: 2), ChildWorker.Work, clockwork: true);
        await JobHouse.Until(async () => await Count("status = 'completed'") == 40, "all completed");
        Assert.Equal(left, await Count("attempts = 2"));
        Assert.Equal(40L, await database.Ask<long>($"select count(*) from ops.outbox_events where event_type = '{_queue}'"));
        Assert.Equal(40L, await database.Ask<long>($"select count(distinct aggregate_id) from ops.outbox_events where event_type = '{_queue}'"));
    }

    [Fact]
    public async Task What_a_worker_wrote_is_rolled_back_when_its_lease_was_lost()
    {
        await Enqueue(TestDatabase.Ours, 1);
        var lost = new TaskCompletionSource<Exception>();
        await using var house = await House(new JobQueue(_queue, 1, 10), async (run, ct) =>
        {
            if (run.Job.Attempt == 1)
            {
                // Another process takes it over while this one works.
                await database.Execute($"update ops.jobs set lease_owner = 'other', lease_until = now() + interval '3 seconds', attempts = 2 where id = '{run.Job.Id}'");
                try
                {
                    await run.Db.Atomically(async unit =>
                    {
                        await EventStore.Add(unit, new NewEvent("lost-effect", "job", run.Job.Id), ct);
                        await run.Complete(unit, ct);
                    }, ct);
                }
                catch (LeaseLost fault)
                {
                    lost.SetResult(fault);
                    throw;
                }
            }
            else
            {
                await run.Db.Atomically(async unit =>
                {
                    await EventStore.Add(unit, new NewEvent("lost-effect", "job", run.Job.Id), ct);
                    await run.Complete(unit, ct);
                }, ct);
            }
        }, clockwork: true);
        Assert.IsType<LeaseLost>(await lost.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        await JobHouse.Until(async () => await Count("status = 'completed' and attempts = 3") == 1, "third attempt");
        Assert.Equal(1L, await database.Ask<long>("select count(*) from ops.outbox_events where event_type = 'lost-effect'"));
    }

    [Fact]
    public async Task A_worker_whose_lease_was_lost_is_told_to_stop()
    {
        await Enqueue(TestDatabase.Ours, 1);
        var stopped = new TaskCompletionSource();
        await using var house = await House(new JobQueue(_queue, 1, 10, LeaseSeconds: 1), async (run, ct) =>
        {
            await database.Execute($"update ops.jobs set lease_owner = 'other', lease_until = now() + interval '1 hour' where id = '{run.Job.Id}'");
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            catch (OperationCanceledException)
            {
                stopped.SetResult();
                throw;
            }
        });
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        await house.Stop();
        Assert.Equal(1L, await Count("status = 'running' and lease_owner = 'other'"));
    }

    [Fact]
    public async Task A_long_job_keeps_its_lease()
    {
        await Enqueue(TestDatabase.Ours, 1);
        var go = new TaskCompletionSource();
        await using var house = await House(new JobQueue(_queue, 1, 10, LeaseSeconds: 1), async (run, ct) =>
        {
            _trace.Ran(run.Job.Id);
            await go.Task.WaitAsync(ct);
        }, clockwork: true);
        await JobHouse.Until(() => _trace.Count == 1, "started");
        // Three leases pass; each renewal moves lease_until on.
        var first = await database.Ask<DateTime>($"select lease_until from ops.jobs where queue = '{_queue}'");
        await JobHouse.Until(async () => await database.Ask<DateTime>($"select lease_until from ops.jobs where queue = '{_queue}'") > first + TimeSpan.FromSeconds(3), "renewed three times");
        go.SetResult();
        await JobHouse.Until(async () => await Count("status = 'completed' and attempts = 1") == 1, "completed in its first attempt");
    }

    [Fact]
    public async Task A_failing_job_backs_off_then_dies_with_its_reason_and_can_be_replayed()
    {
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob(_queue, "t", MaxAttempts: 2), Ct), Ct);
        var healed = false;
        var starts = new ConcurrentQueue<long>();
        await using var house = await House(new JobQueue(_queue, 1, 10), (_, _) =>
        {
            starts.Enqueue(Stopwatch.GetTimestamp());
            return healed ? Task.CompletedTask : throw new JobFailed("The file is not there.", final: false);
        });
        await JobHouse.Until(async () => await Count("status = 'dead'") == 1, "dead");
        var times = starts.ToArray();
        Assert.Equal(2, times.Length);
        Assert.InRange(Stopwatch.GetElapsedTime(times[0], times[1]).TotalSeconds, 0.9, 20); // 2 s, between half and whole, and the next look
        var dead = Assert.Single((await JobStore.Dead(database.Db, Page.From(null, 200), Ct)).Data, d => d.Queue == _queue);
        Assert.Equal(("The file is not there.", 2), (dead.ErrorMessage, dead.Attempts));

        Assert.False(await database.As(TestDatabase.Theirs).Atomically(unit => JobStore.Replay(unit, dead.Id, Ct), Ct));
        healed = true;
        Assert.True(await database.Db.Atomically(unit => JobStore.Replay(unit, dead.Id, Ct), Ct));
        Assert.False(await database.Db.Atomically(unit => JobStore.Replay(unit, dead.Id, Ct), Ct));
        await JobHouse.Until(async () => await Count("status = 'completed'") == 1, "completed after replay");
    }

    [Fact]
    public async Task A_final_failure_is_not_tried_again_and_a_bug_tells_no_secrets()
    {
        await Enqueue(TestDatabase.Ours, 1, "final");
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob(_queue, "bug", MaxAttempts: 1), Ct), Ct);
        await using var house = await new JobHouse(database.Name, [new JobQueue(_queue, 2, 10)],
        [
            new Handler("final", (_, _) => throw new JobFailed("Password-protected.", final: true)),
            new Handler("bug", (_, _) => throw new InvalidOperationException("the secret is hunter2")),
        ]).Start();
        await JobHouse.Until(async () => await Count("status = 'dead'") == 2, "both dead");
        Assert.Equal(0L, await Count("error_message like '%hunter2%'"));
        Assert.Equal(2L, await Count("attempts = 1"));
    }

    [Fact]
    public async Task A_job_that_takes_too_long_is_stopped_and_says_so()
    {
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob(_queue, "t", MaxAttempts: 1), Ct), Ct);
        await using var house = await House(new JobQueue(_queue, 1, 10, TimeLimitSeconds: 1), (_, ct) => Task.Delay(Timeout.Infinite, ct));
        await JobHouse.Until(async () => await Count("status = 'dead' and error_message like '%longer than the 1 seconds%'") == 1, "stopped by its limit");
    }

    [Fact]
    public async Task A_shutdown_gives_jobs_back_at_once_and_costs_no_attempt()
    {
        await Enqueue(TestDatabase.Ours, 20);
        var house = await House(new JobQueue(_queue, 2, 100), async (run, ct) =>
        {
            _trace.Ran(run.Job.Id);
            await Task.Delay(Timeout.Infinite, ct);
        });
        await JobHouse.Until(() => _trace.Count == 2, "two running");
        await house.DisposeAsync();
        Assert.Equal(20L, await Count("status = 'pending' and attempts = 0 and run_after <= now() and error_message is null"));
    }

    [Fact]
    public async Task A_thousand_jobs_of_one_tenant_delay_another_tenants_one_by_a_batch_at_most()
    {
        await Enqueue(TestDatabase.Theirs, 1000);
        var position = 0;
        var finished = 0;
        await using var house = await new JobHouse(database.Name, [new JobQueue(_queue, 2, 4)],
        [
            new Handler("t", async (_, ct) =>
            {
                await Task.Delay(5, ct);
                Interlocked.Increment(ref finished);
            }),
            new Handler("small", (_, _) =>
            {
                position = Volatile.Read(ref finished);
                return Task.CompletedTask;
            }),
        ]).Start();
        await JobHouse.Until(() => Volatile.Read(ref finished) >= 50, "fifty of the large tenant");
        var before = Volatile.Read(ref finished);
        await Enqueue(TestDatabase.Ours, 1, "small");
        await JobHouse.Until(() => position > 0, "the small tenant's job");
        Assert.InRange(position - before, 0, 128);
    }

    [Fact]
    public async Task A_tenant_at_its_limit_costs_others_no_turn()
    {
        // Twenty tenants that may run no more come before the one that may.
        var busy = Enumerable.Range(0, 20).Select(i => new TenantId(new Guid($"00000000-0000-7000-8000-0000000001{i:d2}"))).ToList();
        foreach (var tenant in busy)
        {
            await Enqueue(tenant, 3);
        }

        await using var other = new JobHouse(database.Name, [], []);
        Assert.Equal(20, (await other.Store.Claim(_queue, "busy", 64, 60, perTenant: 1, Guid.Empty, Ct)).Count);
        var last = new TenantId(new Guid("ffffffff-ffff-7fff-bfff-ffffffffffff"));
        await Enqueue(last, 2);
        Assert.Equal(last, Assert.Single(await other.Store.Claim(_queue, "next", 4, 60, perTenant: 1, Guid.Empty, Ct)).Tenant);
    }

    [Fact]
    public async Task A_tenants_limit_is_never_exceeded_over_all_processes()
    {
        var running = new ConcurrentDictionary<Guid, int>();
        var most = new ConcurrentDictionary<Guid, int>();
        foreach (var tenant in new[] { TestDatabase.Ours, TestDatabase.Theirs })
        {
            await Enqueue(tenant, 200);
        }

        Func<JobRun, CancellationToken, Task> work = async (run, ct) =>
        {
            var now = running.AddOrUpdate(run.Job.Tenant.Value, 1, (_, n) => n + 1);
            most.AddOrUpdate(run.Job.Tenant.Value, now, (_, n) => Math.Max(n, now));
            await Task.Delay(2, ct);
            running.AddOrUpdate(run.Job.Tenant.Value, 0, (_, n) => n - 1);
        };
        await using var one = await House(new JobQueue(_queue, 6, 3), work);
        await using var two = await House(new JobQueue(_queue, 6, 3), work);
        await using var three = await House(new JobQueue(_queue, 6, 3), work);
        await JobHouse.Until(async () => await Count("status = 'completed'") == 400, "400 jobs completed");
        Assert.All(most.Values, n => Assert.InRange(n, 2, 3));
    }

    [Fact]
    public async Task Higher_priority_runs_first_within_a_tenant()
    {
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, [.. Enumerable.Range(0, 20).Select(i => new NewJob(_queue, "t", Input: i, Priority: i % 5))], Ct), Ct);
        var order = new ConcurrentQueue<int>();
        await using var house = await House(new JobQueue(_queue, 1, 100), (run, _) =>
        {
            order.Enqueue(run.Job.Input<int>() % 5);
            return Task.CompletedTask;
        });
        await JobHouse.Until(() => order.Count == 20, "all ran");
        Assert.Equal(order.OrderDescending(), order);
    }

    [Fact]
    public async Task A_delayed_job_waits_for_its_time()
    {
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, [new NewJob(_queue, "t", Delay: TimeSpan.FromHours(1)), new NewJob(_queue, "t")], Ct), Ct);
        await using var house = await House(new JobQueue(_queue, 2, 10), (run, _) =>
        {
            _trace.Ran(run.Job.Id);
            return Task.CompletedTask;
        });
        await JobHouse.Until(async () => await Count("status = 'completed'") == 1, "the other ran");
        Assert.Equal(1L, await Count("status = 'pending'"));
    }

    [Fact]
    public async Task A_database_that_drops_every_connection_again_and_again_loses_and_doubles_nothing()
    {
        await Enqueue(TestDatabase.Ours, 300, attempts: 50);
        Func<JobRun, CancellationToken, Task> work = (run, ct) => run.Db.Atomically(async unit =>
        {
            await unit.Run($"insert into ops.outbox_events (id, event_type, aggregate_type, aggregate_id) values ({Guid.CreateVersion7()}, {_queue}, 'job', {run.Job.Id})", ct);
            await Task.Delay(20, ct);
            await run.Complete(unit, ct);
        }, ct);
        await using var one = await House(new JobQueue(_queue, 3, 100, LeaseSeconds: 2), work, clockwork: true);
        await using var two = await House(new JobQueue(_queue, 3, 100, LeaseSeconds: 2), work, clockwork: true);
        var dropped = 0L;
        for (var round = 0; round < 4; round++)
        {
            var before = await Count("status = 'completed'");
            await JobHouse.Until(async () => await Count("status = 'completed'") >= Math.Min(300, before + 20), "progress between two drops");
            dropped += await database.Ask<long>($"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{database.Name}' and usename = 'lyceum_app' and application_name = 'lyceum'");
        }

        // The fixture's own idle connections were dropped too: its pool learns that here, not in the next test.
        await Record.ExceptionAsync(() => database.Db.One($"select 1", row => row.Get<int>(), Ct));

        await JobHouse.Until(async () => await Count("status = 'completed'") == 300, "all completed", 120);
        Assert.True(dropped > 8, "too few connections were dropped to mean anything");
        Assert.Equal(300L, await database.Ask<long>($"select count(*) from ops.outbox_events where event_type = '{_queue}'"));
        Assert.Equal(300L, await database.Ask<long>($"select count(distinct aggregate_id) from ops.outbox_events where event_type = '{_queue}'"));
    }

    [Fact]
    public async Task Ended_jobs_are_swept_after_their_days_and_dead_ones_stay()
    {
        await Enqueue(TestDatabase.Ours, 4);
        await database.Execute($"update ops.jobs set status = (array['completed', 'failed', 'dead', 'completed'])[n], completed_at = now() - (case when n = 4 then 1 else 8 end) * interval '1 day' from (select id as jid, row_number() over () as n from ops.jobs where queue = '{_queue}') x where id = jid");
        await using var house = new JobHouse(database.Name, [], []);
        await house.Store.Sweep(7, Ct);
        Assert.Equal(2L, await Count("status in ('dead', 'completed')"));
        Assert.Equal(2L, await Count("true"));
    }

    private Task Enqueue(TenantId tenant, int count, string type = "t", int attempts = 5) => database.As(tenant).Atomically(
        unit => JobStore.Enqueue(unit, [.. Enumerable.Range(0, count).Select(_ => new NewJob(_queue, type, MaxAttempts: attempts))], Ct), Ct);

    private Task<JobHouse> House(JobQueue queue, Func<JobRun, CancellationToken, Task> work, bool clockwork = false) =>
        new JobHouse(database.Name, [queue], [new Handler("t", work)], clockwork).Start();

    private Task<long> Count(string condition) => database.Ask<long>($"select count(*) from ops.jobs where queue = '{_queue}' and ({condition})");
}
