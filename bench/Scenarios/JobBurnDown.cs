using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lyceum.Bench.Scenarios;

/// <summary>E1: 20,000 jobs that do nothing, through the product's runner, against raw SQL that claims and completes a hundred at a time, four connections.</summary>
internal sealed class JobBurnDown : Scenario
{
    private const int Jobs = 20_000, Batch = 100, Connections = 4;
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "E1";

    public override string Title => "burning down 20,000 empty jobs (batches of 100) against raw batch-100 SQL";

    public override IReadOnlyList<string> Systems { get; } = ["product", "sql", "sql-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("jobs/s ÷ raw SQL", v => v["product"] / v["sql"], new Goal("≥ 0.50", AtLeast: 0.50)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["sql-again"] / values["sql"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        await _house.Do(
            """
            create table bench.jobs (id bigint primary key, status text not null, updated_at timestamptz not null default now()) with (fillfactor = 70);
            create index on bench.jobs (id) where status = 'pending';
            """,
            ct);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        var seconds = system == "product" ? await Product(ct) : await Floor(ct);
        round.Sample(system, "jobs/s", Jobs / seconds);
    }

    private async Task<double> Product(CancellationToken ct)
    {
        await _house.Do("truncate ops.jobs", ct);
        for (var n = 0; n < Jobs; n += 2000)
        {
            await _house.Db.Atomically(unit => JobStore.Enqueue(unit, [.. Enumerable.Range(0, 2000).Select(_ => new NewJob("bench", NoWork.JobType))], ct), ct);
        }

        await _house.Do("vacuum analyze ops.jobs; ", ct);
        await _house.Do("checkpoint", ct);
        var handled = new NoWork(Jobs);
        await using var services = new ServiceCollection().AddScoped<CurrentDb>().AddSingleton<IJobHandler>(handled).BuildServiceProvider();
        var queue = new JobQueue("bench", Workers: 16, PerTenant: 10_000, Batch);
        using var runner = new JobRunner(
            queue, _house.Get<JobStore>(), _house.Get<Databases>(), _house.Get<Wakeups>(), _house.Get<Node>(), new JobHandlers(), services.GetRequiredService<IServiceScopeFactory>(), NullLogger<JobRunner>.Instance);
        var watch = Stopwatch.StartNew();
        await runner.StartAsync(ct);
        await handled.All.WaitAsync(ct);
        await runner.StopAsync(ct); // the last ends are written when it has stopped
        var seconds = watch.Elapsed.TotalSeconds;
        var done = await _house.Db.One($"select count(*)::int from ops.jobs where queue = 'bench' and status = 'completed' and attempts = 1", row => row.Get<int>(), ct);
        return done == Jobs && handled.Count == Jobs ? seconds : throw new InvalidOperationException($"{done} of {Jobs} jobs are completed, {handled.Count} were handled.");
    }

    private async Task<double> Floor(CancellationToken ct)
    {
        await _house.Do($"truncate bench.jobs; insert into bench.jobs select n, 'pending' from generate_series(1, {Jobs}) n", ct);
        await _house.Do("vacuum analyze bench.jobs", ct);
        await _house.Do("checkpoint", ct);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => Burn(ct), ct)));
        return watch.Elapsed.TotalSeconds;
    }

    private async Task Burn(CancellationToken ct)
    {
        await using var connection = await _house.Superuser.OpenConnectionAsync(ct);
        while (true)
        {
            var claimed = new List<long>();
            await using (var claim = connection.CreateCommand())
            {
                claim.CommandText = $"update bench.jobs j set status = 'running', updated_at = now() from (select id from bench.jobs where status = 'pending' order by id limit {Batch} for update skip locked) p where j.id = p.id returning j.id";
                await using var reader = await claim.ExecuteReaderAsync(ct);
                while (await reader.ReadAsync(ct))
                {
                    claimed.Add(reader.GetInt64(0));
                }
            }

            if (claimed.Count == 0)
            {
                return;
            }

            await using var complete = connection.CreateCommand();
            complete.CommandText = "update bench.jobs set status = 'completed', updated_at = now() where id = any ($1)";
            complete.Parameters.Add(new Npgsql.NpgsqlParameter<long[]> { TypedValue = [.. claimed] });
            await complete.ExecuteNonQueryAsync(ct);
        }
    }

    private sealed class NoWork(int expected) : IJobHandler
    {
        public const string JobType = "bench.nothing";
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public string Type => JobType;

        public int Count => _count;

        public Task All => _all.Task;

        public Task Run(JobRun run, CancellationToken ct)
        {
            if (Interlocked.Increment(ref _count) == expected)
            {
                _all.SetResult();
            }

            return Task.CompletedTask;
        }
    }
}
