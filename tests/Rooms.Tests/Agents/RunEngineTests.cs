using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Agents;

/// <summary>Runs as their readers see them.</summary>
public sealed class RunEngineTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_numbered_without_gaps_and_the_last_one_ends_the_log()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 60, TokenDelayMs = 5 });
        var events = await house.Read(await house.Start("Say words.", model));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
        Assert.Equal(RunEventTypes.Started, events[0].Type);
        Assert.Equal(RunEventTypes.Completed, events[^1].Type);
        Assert.Single(events, e => e.IsLast);
        Assert.Equal(Words(60), House.TextOf(events));
        Assert.True(events.Count(e => e.Type == RunEventTypes.TextDelta) is > 2 and < 30, "text is gathered, but not until the end");
    }

    [Fact]
    public async Task Reading_again_from_any_number_gives_the_same_rest()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 40, TokenDelayMs = 10 });
        var run = await house.Start("Say words.", model);
        var readers = await Task.WhenAll(house.Read(run), house.Read(run), house.Read(run, 3));
        var all = readers[0].ConvertAll(Text);
        Assert.Equal(all, readers[1].ConvertAll(Text));
        Assert.Equal(all.Skip(3), readers[2].ConvertAll(Text));
        for (var after = 0; after <= all.Count; after++)
        {
            Assert.Equal(all.Skip(after), (await house.Read(run, after)).ConvertAll(Text));
        }
    }

    [Fact]
    public async Task A_run_whose_process_died_goes_on_and_readers_see_no_gap_and_no_repeat()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 80, TokenDelayMs = 15 });
        var run = await house.Start("Say words.", model, [await house.Collection(["Words are said one after the other."])]);
        var reader = house.Read(run);
        await house.UntilText(run, 100);
        await house.Kill(run);
        var events = await reader;
        Assert.Equal(Words(80), House.TextOf(events));
        Assert.DoesNotContain(events, e => e.Type == RunEventTypes.TextReset);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
        Assert.Single(events, e => e.Type == RunEventTypes.Started);
        Assert.Equal(1, await house.Database.Ask<int>($"select takeovers from agents.runs where id = '{run}'"));
        Assert.Equal(["retrieval completed 1", "model unknown 1", "model completed 2"], await Steps(run));
    }

    [Fact]
    public async Task A_model_that_says_something_else_after_a_takeover_takes_the_old_text_back_first()
    {
        var model = await house.Model(
            new StubBehaviour { Tokens = 80, TokenDelayMs = 15 },
            new StubBehaviour { Text = "word1 word2 but then quite another end." });
        var run = await house.Start("Say words.", model);
        var reader = house.Read(run);
        await house.UntilText(run, 100);
        await house.Kill(run);
        var events = await reader;
        Assert.Single(events, e => e.Type == RunEventTypes.TextReset);
        Assert.Equal("word1 word2 but then quite another end.", House.TextOf(events));
        Assert.Equal("word1 word2 but then quite another end.", (await Outcome(run)).Text);
    }

    [Fact]
    public async Task A_run_survives_the_shutdown_of_its_server_at_once()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 80, TokenDelayMs = 15 });
        var second = await house.StartServer();
        var run = await house.Start("Say words.", model, on: second);
        var reader = house.Read(run);
        await house.UntilText(run, 100);
        await second.StopAsync(Ct);
        var events = await reader;
        Assert.Equal(Words(80), House.TextOf(events));
        Assert.Equal(RunEventTypes.Completed, events[^1].Type);
        Assert.Equal(0, await house.Database.Ask<int>($"select takeovers from agents.runs where id = '{run}'"));
    }

    [Fact]
    public async Task A_run_that_lost_its_process_too_often_ends_as_interrupted()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 400, TokenDelayMs = 20 });
        var run = await house.Start("Say words.", model);
        await house.UntilText(run, 20);
        await house.Do($"update agents.runs set takeovers = 5 where id = '{run}'");
        await house.Kill(run);
        var events = await house.Read(run);
        Assert.Equal(RunEventTypes.Failed, events[^1].Type);
        Assert.Equal("interrupted", events[^1].Payload.GetProperty("code").GetString());
        Assert.Equal(House.TextOf(events), (await Outcome(run)).Text);
        Assert.NotEmpty((await Outcome(run)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_ends_the_call_wherever_it_runs_and_keeps_the_text(bool elsewhere)
    {
        var model = await house.Model(new StubBehaviour { Tokens = 400, TokenDelayMs = 20 });
        var other = elsewhere ? await house.StartServer() : house.App;
        var run = await house.Start("Say words.", model, on: other);
        await house.UntilText(run, 50);
        Assert.True(await house.Get<RunEngine>().Cancel(house.Ann.Db, run, Ct));
        var asked = System.Diagnostics.Stopwatch.StartNew();
        var request = house.Stub.Requests.Single(r => r.Model == $"model-{model}");
        Assert.Equal(StubEnd.CancelledByClient, await request.Ended.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        Assert.True(asked.Elapsed < TimeSpan.FromSeconds(5), $"the provider went on for {asked.ElapsedMilliseconds} ms, as if nobody had stopped it"); // 8 s when not stopped
        var events = await house.Read(run);
        var outcome = await Outcome(run);
        Assert.Equal(RunEventTypes.Cancelled, events[^1].Type);
        Assert.Equal("cancelled", outcome.Status);
        Assert.Equal(House.TextOf(events), outcome.Text);
        Assert.StartsWith("word1 word2", outcome.Text, StringComparison.Ordinal);
        Assert.True(await house.Database.Ask<long>($"select count(*) from metering.usage_events where model_id = '{model}' and metric_type = 'completion_tokens' and quantity > 0") > 0, "a stopped answer is paid for");
        Assert.False(await house.Get<RunEngine>().Cancel(house.Ann.Db, run, Ct));
    }

    [Fact]
    public async Task A_run_that_takes_too_long_ends_with_what_it_has()
    {
        var model = await house.Model(new StubBehaviour { Fault = StubFault.Stall, FaultAfterTokens = 5, Tokens = 40 });
        var run = await house.Start("Say words.", model, limits: new RunLimits(WallSeconds: 1));
        var events = await house.Read(run);
        Assert.Equal("time_limit", events[^1].Payload.GetProperty("finishReason").GetString());
        Assert.Equal(Words(5), House.TextOf(events));

        var silent = await house.Model(new StubBehaviour { Fault = StubFault.Silence });
        var nothing = await house.Read(await house.Start("Say words.", silent, limits: new RunLimits(WallSeconds: 1)));
        Assert.Equal((RunEventTypes.Failed, "time_limit"), (nothing[^1].Type, nothing[^1].Payload.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task An_answer_is_cut_when_the_provider_ignores_its_limit()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 2000, TokenDelayMs = 1 });
        var events = await house.Read(await house.Start("Say words.", model, limits: new RunLimits(MaxTokens: 20)));
        Assert.Equal(("length", RunEventTypes.Completed), (events[^1].Payload.GetProperty("finishReason").GetString(), events[^1].Type));
        Assert.InRange(House.TextOf(events).Length, 20, 2000);
        Assert.Equal(20, house.Stub.Requests.Last(r => r.Model == $"model-{model}").Json["max_completion_tokens"]?.GetValue<int>()
            ?? house.Stub.Requests.Last(r => r.Model == $"model-{model}").Json["max_tokens"]?.GetValue<int>());
    }

    [Fact]
    public async Task A_run_without_steps_left_says_so()
    {
        var events = await house.Read(await house.Start("Say words.", await house.Model(), [await house.Collection(["Words are said one after the other."])], new RunLimits(MaxSteps: 1)));
        Assert.Equal((RunEventTypes.Failed, "step_limit"), (events[^1].Type, events[^1].Payload.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_provider_that_refuses_ends_the_run_with_its_reason()
    {
        var model = await house.Model(StubBehaviour.Fails(401, "invalid_api_key"));
        var run = await house.Start("Say words.", model);
        var last = (await house.Read(run))[^1];
        Assert.Equal((RunEventTypes.Failed, "invalid_key"), (last.Type, last.Payload.GetProperty("code").GetString()));
        Assert.EndsWith(".", last.Payload.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(("failed", "invalid_key"), ((await Outcome(run)).Status, (await Outcome(run)).ErrorCode));
    }

    [Fact]
    public async Task A_provider_that_breaks_off_leaves_its_partial_text()
    {
        var model = await house.Model(StubBehaviour.Breaks(StubFault.Cut, afterTokens: 6));
        var run = await house.Start("Say words.", model);
        var events = await house.Read(run);
        Assert.Equal(RunEventTypes.Failed, events[^1].Type);
        Assert.Equal(Words(6), House.TextOf(events));
        Assert.Equal(Words(6), (await Outcome(run)).Text);
        Assert.Single(house.Stub.Requests, r => r.Model == $"model-{model}");
    }

    [Fact]
    public async Task A_database_that_drops_connections_does_not_end_a_run_or_its_reader()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 100, TokenDelayMs = 15 });
        var run = await house.Start("Say words.", model);
        var reader = house.Read(run);
        foreach (var characters in new[] { 50, 200, 400 })
        {
            await house.UntilText(run, characters);
            await house.Do("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'lyceum_app' and datname = current_database()");
        }

        var events = await reader;
        Assert.Equal(Words(100), House.TextOf(events));
        Assert.Equal(RunEventTypes.Completed, events[^1].Type);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
    }

    [Fact]
    public async Task A_second_start_with_the_same_key_finds_the_first_run()
    {
        var model = await house.Model();
        var runs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.Start("Once.", model, key: "the-same")));
        Assert.Single(runs.Distinct());
        await house.Read(runs[0]);
        Assert.Single(house.Stub.Requests, r => r.Model == $"model-{model}");
    }

    [Fact]
    public async Task A_process_that_lost_a_run_writes_nothing_more()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 400, TokenDelayMs = 20 });
        var run = await house.Start("Say words.", model);
        await house.UntilText(run, 20);
        LogEntry[] late = [new(Guid.CreateVersion7(), 1_000_000, RunEventTypes.TextDelta, """{"text":"too late"}""")];
        var end = new RunEnd("completed", "stop", new RunOutput("too late", null, null, [], [], true, null), 1, 1, 1, null, null);
        var step = new StepBegin(Guid.CreateVersion7(), 77, 1, "model", "{}");
        Assert.False(await RunStore.Journal(house.Ann.Db, run, "a dead process", new JournalEntry(late, null, step), Ct));
        Assert.DoesNotContain(await RunStore.Steps(house.Ann.Db, run, Ct), s => s.Index == 77);
        Assert.False(await house.Ann.Db.Atomically(unit => RunStore.Finish(unit, run, "a dead process", end, Ct), Ct));
        Assert.Null(await RunStore.Begin(house.Ann.Db, run, "a dead process", Ct));
        await house.Get<RunEngine>().Cancel(house.Ann.Db, run, Ct);
        var events = await house.Read(run);
        Assert.DoesNotContain("too late", House.TextOf(events), StringComparison.Ordinal);
        Assert.Equal(RunEventTypes.Cancelled, events[^1].Type);
    }

    [Fact]
    public async Task A_run_without_a_process_is_found_by_one_with_room()
    {
        var model = await house.Model(StubBehaviour.Says("Found."));
        var run = Guid.CreateVersion7();
        await house.Ann.Db.Atomically(
            async unit =>
            {
                var agent = await AgentStore.Usable(unit, null, house.Ann.UserId, [], Ct);
                var asked = new NewRun(null, "web", house.Ann.UserId, null, [], null, null, [new("user", "Anybody?")], [Guid.NewGuid()], model, null, null, null);
                await RunStore.Insert(unit, run, asked, agent!, null, 15, Ct); // the shipped agent is there
                await Lyceum.Platform.Wakeups.Send(unit, RunHost.Topic, Ct);
            },
            Ct);
        Assert.Equal("Found.", House.TextOf(await house.Read(run)));
        Assert.Equal(0, await house.Database.Ask<int>($"select takeovers from agents.runs where id = '{run}'"));
    }

    [Fact]
    public async Task A_run_that_was_rolled_back_never_begins()
    {
        var model = await house.Model();
        var run = Guid.Empty;
        await Assert.ThrowsAsync<InvalidOperationException>(() => house.Ann.Db.Atomically<int>(
            async unit =>
            {
                run = await house.Get<RunEngine>().Start(unit, new NewRun(null, "web", house.Ann.UserId, null, [], null, null, [new("user", "Never.")], null, model, null, null, null), Ct);
                throw new InvalidOperationException("stop");
            },
            Ct));
        Assert.Null(await RunDirectory.Find(house.Ann.Db, run, Ct));
        await house.Read(await house.Start("After it.", model));
        Assert.Single(house.Stub.Requests, r => r.Model == $"model-{model}");
    }

    [Fact]
    public async Task Runs_of_another_tenant_are_not_there()
    {
        var run = await house.Start("Ours.", await house.Model());
        await house.Read(run);
        Assert.Null(await RunDirectory.Find(house.Eve.Db, run, Ct));
        Assert.False(await house.Get<RunEngine>().Cancel(house.Eve.Db, run, Ct));
        await foreach (var entry in house.Get<RunEventReader>().Read(house.Eve.Db, run, 0, Ct))
        {
            Assert.Fail($"Eve reads {entry.Type}");
        }
    }

    [Fact]
    public async Task The_end_of_a_run_is_told_once()
    {
        var run = await house.Start("Tell.", await house.Model());
        await house.Read(run);
        Assert.Equal(["completed"], await house.Database.Names($"select payload ->> 'status' from ops.outbox_events where event_type = 'agents.run.finished' and aggregate_id = '{run}'"));
    }

    private async Task<RunOutcome> Outcome(Guid run) => (await RunDirectory.Find(house.Ann.Db, run, Ct))!; // it was started here

    private Task<List<string>> Steps(Guid run) =>
        house.Database.Names($"select kind || ' ' || status || ' ' || attempt from agents.run_steps where run_id = '{run}' order by step_index, attempt");

    private static string Text(RunEvent entry) => $"{entry.Seq} {entry.Type} {JsonSerializer.Serialize(entry.Payload)}";

    private static string Words(int count) => string.Join(' ', Enumerable.Range(1, count).Select(n => $"word{n}"));
}
