using System.Diagnostics;
using Lyceum.Agents;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// D1: runs of ten steps that do nothing, eight at once, written by the run engine's own log and journal (lease fence, begin and end of
/// each step, one event a step), against one transaction per step that updates the run and inserts the step.
/// </summary>
internal sealed class DurableSteps : Scenario
{
    private const int Workers = 8, RunsEach = 50, Steps = 10;
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "D1";

    public override string Title => "durable steps: 400 runs of 10 empty steps, 8 at once, against one SQL transaction a step";

    public override IReadOnlyList<string> Systems { get; } = ["product", "sql", "sql-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("steps/s ÷ SQL floor", v => v["product"] / v["sql"], new Goal("≥ 0.40", AtLeast: 0.40)),
    ];

    public override double Control(Values values) => values["sql-again"] / values["sql"];

    public override int WarmRounds => 3;

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        await _house.Get<Wakeups>().StartAsync(ct); // readers elsewhere are called, as in the product
        await _house.Do(
            """
            create table bench.runs (id uuid primary key, step int not null default 0, status text not null default 'running', updated_at timestamptz not null default now()) with (fillfactor = 70);
            create table bench.steps (run_id uuid not null, step int not null, output jsonb not null, created_at timestamptz not null default now(), primary key (run_id, step));
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
        await _house.Do("checkpoint", ct);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            for (var run = 0; run < RunsEach; run++)
            {
                await (system == "product" ? Product(ct) : Floor(ct));
            }
        }, ct)));
        round.Sample(system, "steps/s", Workers * RunsEach * Steps / watch.Elapsed.TotalSeconds);
        if (system == "product")
        {
            var left = await _house.Db.One($"select count(*)::int from agents.runs r where r.status <> 'completed' or (select count(*) from agents.run_steps s where s.run_id = r.id and s.status = 'completed') <> {Steps}", row => row.Get<int>(), ct);
            if (left > 0)
            {
                throw new InvalidOperationException($"{left} runs are not complete.");
            }
        }
    }

    private async Task Product(CancellationToken ct)
    {
        var (db, node, options) = (_house.Db, _house.Get<Node>().Name, _house.Get<AgentsOptions>());
        var id = Guid.CreateVersion7();
        NewRun? run = null;
        var agent = await db.Atomically(async unit =>
        {
            var version = await AgentStore.Usable(unit, null, _house.User, [_house.Team], ct) ?? throw new InvalidOperationException("There is no default agent.");
            await RunStore.Insert(unit, id, run = new NewRun(null, "api", _house.User, null, [_house.Team], null, null, [new RunMessage("user", "Nothing.")], [], null, null, null, null), version, node, 60, ct);
            return version;
        }, ct);
        var row = RunRow.New(id, run!, agent, null); // written by the transaction above
        using var handle = new RunHandle(_house.Tenant, id);
        using var log = new RunLog(db, id, node, 0, _house.Get<Wakeups>(), options, TimeProvider.System, () => { });
        var work = new RunWork(handle, row, agent, db, log, [], maxSteps: 1000);
        for (var step = 0; step < Steps; step++)
        {
            await work.BeginStep(step, "tool", new { step }, [], 0);
            work.EndStep(new { step }, [log.Next("bench.step", new { step })]);
        }

        await work.Finish([], _ => throw new InvalidOperationException("No step is open."), new RunEnd("completed", "stop", new RunOutput("", null, null, [], [], true, null), Steps, 0, 0, null, null));
    }

    private async Task Floor(CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        await using var connection = await _house.Superuser.OpenConnectionAsync(ct);
        await using (var begin = new NpgsqlCommand("insert into bench.runs (id) values ($1)", connection))
        {
            begin.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            await begin.ExecuteNonQueryAsync(ct);
        }

        for (var step = 0; step < Steps; step++)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand("update bench.runs set step = $2, updated_at = now() where id = $1")
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = id }, new NpgsqlParameter<int> { TypedValue = step } },
            });
            batch.BatchCommands.Add(new NpgsqlBatchCommand("insert into bench.steps (run_id, step, output) values ($1, $2, $3::jsonb)")
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = id }, new NpgsqlParameter<int> { TypedValue = step }, new NpgsqlParameter<string> { TypedValue = $$"""{"step":{{step}}}""" } },
            });
            await batch.ExecuteNonQueryAsync(ct);
        }

        await using var end = new NpgsqlCommand("update bench.runs set status = 'completed' where id = $1", connection);
        end.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await end.ExecuteNonQueryAsync(ct);
    }
}
