using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>When jobs begin: at once when somebody calls, and not all together after a failure.</summary>
public sealed class JobTimingTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_starts_a_job_that_was_enqueued_by_another_process()
    {
        // This one looks by itself only after an hour, so that nothing but the call can start a job; ten in a row, since a last look may find one.
        await using var house = await new JobHouse(database.Name, [new JobQueue("called", 1, 10, LookAnywaySeconds: 3600)], [new Handler("t", (_, _) => Task.CompletedTask)]).Start();
        await JobHouse.Until(async () => await database.Ask<long>("select count(*) from pg_stat_activity where datname = current_database() and query = 'listen lyceum' and state = 'idle'") == 1, "listening");
        for (var done = 1; done <= 10; done++)
        {
            await database.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob("called", "t"), Ct), Ct);
            await JobHouse.Until(async () => await database.Ask<long>("select count(*) from ops.jobs where queue = 'called' and status = 'completed'") == done, $"job {done} was started by its call");
        }
    }

    [Fact]
    public async Task Jobs_that_fail_together_do_not_come_back_together()
    {
        const int count = 60;
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, [.. Enumerable.Range(0, count).Select(_ => new NewJob("jitter", "t"))], Ct), Ct);
        await using var house = new JobHouse(database.Name, [], []);
        var claimed = await house.Store.Claim("jitter", "node", count, 60, count, Guid.Empty, Ct);
        Assert.Equal(count, claimed.Count);
        await house.Store.Finish("node", [.. claimed.Select(job => new JobEnd(job, "down"))], Ct);
        // One statement ended them all, at one time: 2 seconds each, between half and whole.
        Assert.Equal(1L, await database.Ask<long>("select count(distinct updated_at) from ops.jobs where queue = 'jitter'"));
        Assert.True(await database.Ask<bool>("select bool_and(run_after - updated_at between interval '1 second' and interval '2 seconds') from ops.jobs where queue = 'jitter'"));
        Assert.True(await database.Ask<double>("select extract(epoch from max(run_after) - min(run_after))::float8 from ops.jobs where queue = 'jitter'") > 0.5);
        Assert.True(await database.Ask<long>("select count(distinct run_after) from ops.jobs where queue = 'jitter'") > count / 2);
    }
}
