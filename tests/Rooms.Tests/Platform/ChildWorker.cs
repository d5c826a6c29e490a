using System.Diagnostics;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>A worker in a process of its own, to be killed: this test program once more, told to run only the method below.</summary>
public sealed class ChildWorker
{
    private const string DatabaseVariable = "LYCEUM_TEST_CHILD_DATABASE";
    private const string QueueVariable = "LYCEUM_TEST_CHILD_QUEUE";

    internal static Process Start(string database, string queue)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Lyceum.Rooms.Tests"),
            ["-explicit", "only", "-method", $"{typeof(ChildWorker).FullName}.{nameof(Works_until_it_is_killed)}"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[DatabaseVariable] = database;
        start.Environment[QueueVariable] = queue;
        return Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
    }

    /// <summary>Writes its effect and its end together, slowly enough to be hit in the middle.</summary>
    internal static Task Work(JobRun run, CancellationToken ct) => run.Db.Atomically(async unit =>
    {
        var queue = await unit.One($"select queue from ops.jobs where tenant_id = {unit.Tenant.Value} and id = {run.Job.Id}", row => row.Get<string>(), ct);
        await unit.Run($"insert into ops.outbox_events (id, event_type, aggregate_type, aggregate_id) values ({Guid.CreateVersion7()}, {queue}, 'job', {run.Job.Id})", ct);
        await Task.Delay(100, ct);
        await run.Complete(unit, ct);
    }, ct);

    [Fact(Explicit = true)]
    public async Task Works_until_it_is_killed()
    {
        var database = Environment.GetEnvironmentVariable(DatabaseVariable);
        var queue = Environment.GetEnvironmentVariable(QueueVariable);
        if (database is null || queue is null)
        {
            Assert.Skip("Started by JobTests only.");
            return;
        }

        await using var house = await new JobHouse(database, [new JobQueue(queue, 4, 100, LeaseSeconds: 2)], [new Handler("t", Work)]).Start();
        await Task.Delay(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }
}
