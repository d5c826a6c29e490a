using System.Collections.Concurrent;
using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Schedules and the outbox, with three processes beating at once.</summary>
public sealed class ClockworkTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slot_fires_once_however_many_processes_beat()
    {
        const int schedules = 40;
        await database.Db.Atomically(async unit =>
        {
            for (var i = 0; i < schedules; i++)
            {
                await JobStore.Schedule(unit, $"slot{i}", null, TimeSpan.FromHours(1), new { queue = "slots" }, Ct);
                await JobStore.Schedule(unit, $"slot{i}", null, TimeSpan.FromHours(2), new { queue = "slots" }, Ct);
            }
        }, Ct);
        Assert.Equal(0L, await Jobs());
        for (var round = 1; round <= 3; round++)
        {
            await database.Execute("update ops.schedules set next_run_at = now() - interval '1 second' where kind like 'slot%'; update ops.jobs set status = 'completed' where queue = 'slots'");
            await using var one = await Beating();
            await using var two = await Beating();
            await using var three = await Beating();
            await JobHouse.Until(async () => await database.Ask<long>("select count(*) from ops.schedules where kind like 'slot%' and next_run_at > now()") == schedules, "all slots fired");
            Assert.Equal(schedules * round, await Jobs());
        }

        Assert.Equal(schedules, await database.Ask<long>("select count(*) from ops.schedules where kind like 'slot%' and interval_seconds = 7200 and last_run_at is not null"));

        Task<long> Jobs() => database.Ask<long>("select count(*) from ops.jobs where queue = 'slots'");
    }

    [Fact]
    public async Task Slots_missed_while_nothing_ran_are_made_up_for_once_and_the_rhythm_is_kept()
    {
        await database.Db.Atomically(unit => JobStore.Schedule(unit, "missed", null, TimeSpan.FromHours(1), null, Ct), Ct);
        await database.Execute("update ops.schedules set next_run_at = date_trunc('hour', now()) - interval '5 hours' + interval '7 seconds' where kind = 'missed'");
        await using var house = new JobHouse(database.Name, [], []);
        await house.Store.FireSchedules("n", Ct);
        await house.Store.FireSchedules("n", Ct);
        Assert.Equal(1L, await database.Ask<long>("select count(*) from ops.jobs where job_type = 'missed'"));
        Assert.True(await database.Ask<bool>("select next_run_at > now() and extract(epoch from next_run_at)::int % 3600 = 7 from ops.schedules where kind = 'missed'"));
    }

    [Fact]
    public async Task Every_event_becomes_one_job_for_each_subscriber()
    {
        var seen = new ConcurrentDictionary<(string, Guid), int>();
        JobHouse House() => new(database.Name, [new JobQueue("events", 4, 100)],
            [new Handler("event:first", Note), new Handler("event:second", Note)], clockwork: true,
            new EventSubscription("thing.happened", "first"), new EventSubscription("thing.happened", "second"));
        await using var one = await House().Start();
        await using var two = await House().Start();
        await using var three = await House().Start();
        for (var i = 0; i < 10; i++)
        {
            await database.Db.Atomically(async unit =>
            {
                for (var j = 0; j < 20; j++)
                {
                    await EventStore.Add(unit, new NewEvent("thing.happened", "thing", Guid.CreateVersion7(), new { j }), Ct);
                }

                await EventStore.Add(unit, new NewEvent("nobody.cares", "thing", Guid.CreateVersion7()), Ct);
            }, Ct);
        }

        await JobHouse.Until(async () => seen.Count == 400 && await database.Ask<long>("select count(*) from ops.jobs where job_type in ('event:first', 'event:second') and status <> 'completed'") == 0, "each event seen by both");
        Assert.All(seen.Values, n => Assert.Equal(1, n));
        Assert.Equal(0L, await database.Ask<long>("select count(*) from ops.outbox_events where published_at is null and event_type in ('thing.happened', 'nobody.cares')"));

        Task Note(JobRun run, CancellationToken ct)
        {
            var happened = run.Job.Input<PublishedEvent>();
            Assert.True(happened.Payload.GetProperty("j").GetInt32() >= 0);
            seen.AddOrUpdate((run.Job.Type, happened.EventId), 1, (_, n) => n + 1);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_dispatcher_that_dies_between_reading_and_marking_loses_and_doubles_nothing()
    {
        await database.Db.Atomically(async unit =>
        {
            for (var i = 0; i < 30; i++)
            {
                await EventStore.Add(unit, new NewEvent("died.between", "thing", Guid.CreateVersion7()), Ct);
            }
        }, Ct);
        const string publish = """select ops.publish_events('{"died.between": ["s"]}', 500)""";
        await using (var dying = new NpgsqlConnection(TestServer.DatabaseAddress(database.Name).App + ";Pooling=false"))
        {
            await dying.OpenAsync(Ct);
            await using var transaction = await dying.BeginTransactionAsync(Ct);
            await using var command = new NpgsqlCommand(publish, dying, transaction);
            Assert.Equal(30, await command.ExecuteScalarAsync(Ct));
            // Before its commit another dispatcher finds nothing to do, and then it dies.
            await using var other = database.Databases.App.CreateCommand(publish);
            Assert.Equal(0, await other.ExecuteScalarAsync(Ct));
            await database.Execute($"select pg_terminate_backend({dying.ProcessID})");
        }

        await JobHouse.Until(async () =>
        {
            await using var again = database.Databases.App.CreateCommand(publish);
            await again.ExecuteScalarAsync(Ct);
            return await database.Ask<long>("select count(*) from ops.outbox_events where event_type = 'died.between' and published_at is null") == 0;
        }, "published by another");
        Assert.Equal(30L, await database.Ask<long>("select count(*) from ops.jobs where job_type = 'event:s'"));
    }

    private Task<JobHouse> Beating() => new JobHouse(database.Name, [], [], clockwork: true).Start();
}
