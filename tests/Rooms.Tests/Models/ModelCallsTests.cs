using Lyceum.Models;
using Lyceum.Platform;
using Lyceum.Stub;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lyceum.Rooms.Tests.Models;

public sealed class ModelCallsTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "What is the answer?")];
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Db Db => house.Db(house.Admin.Tenant, "corr-1234");

    private async Task<ModelInfo> Model(string name, string type = "llm", object? more = null) => await house.Info(house.Admin, await house.NewModel(house.Admin, name, type, more));

    private CallContext Context(string? key = null) => new("api", key ?? $"call-{Guid.NewGuid()}", house.Admin.UserId);

    private ModelCalls Calls(ModelsOptions? options = null) => new(
        house.Get<ModelConnections>(), new ModelGates(options ?? new(), TimeProvider.System), options ?? new ModelsOptions(), TimeProvider.System, NullLogger<ModelCalls>.Instance);

    private static async Task<(string Text, List<ChatResponseUpdate> Updates)> Read(IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in stream)
        {
            updates.Add(update);
        }

        return (string.Concat(updates.Select(u => u.Text)), updates);
    }

    private static UsageDetails Usage(IEnumerable<ChatResponseUpdate> updates) => updates.SelectMany(u => u.Contents).OfType<UsageContent>().Single().Details;

    [Fact]
    public async Task A_streamed_answer_is_charged_as_the_provider_counted_it()
    {
        house.Stub.Script.Next(new StubBehaviour { Model = "counted", Tokens = 50 });
        var (model, context) = (await Model("counted"), Context());
        var (text, updates) = await Read(Calls().Stream(Db, model, Question, null, context, Ct));
        Assert.EndsWith("word50", text, StringComparison.Ordinal);
        var usage = Usage(updates);
        Assert.Equal(50, usage.OutputTokenCount);

        var rows = await house.Ledger(house.Admin.Tenant, context.DedupKey);
        Assert.Equal([("api_calls", 1L), ("completion_tokens", 50L), ("prompt_tokens", usage.InputTokenCount!.Value)], rows.Select(r => (r.Metric, r.Quantity)));
        Assert.All(rows, r => Assert.Equal(("ok", false, (Guid?)model.Id, (Guid?)house.Admin.UserId), (r.Status, r.Estimated, r.Model, r.User)));
        Assert.NotNull(rows[0].Milliseconds);
        Assert.All(rows.Skip(1), r => Assert.Null(r.Milliseconds));
    }

    [Fact]
    public async Task Without_numbers_from_the_provider_an_estimate_is_charged_and_marked()
    {
        house.Stub.Script.ForModel("silent-on-usage", new StubBehaviour { Tokens = 40, WithoutUsage = true });
        var (model, context) = (await Model("silent-on-usage"), Context());
        var (_, updates) = await Read(Calls().Stream(Db, model, Question, null, context, Ct));
        var usage = Usage(updates);
        Assert.Equal(1, usage.AdditionalCounts!["estimated"]);
        Assert.InRange(usage.OutputTokenCount!.Value, 30, 160);
        Assert.InRange(usage.InputTokenCount!.Value, 5, 15);
        var rows = await house.Ledger(house.Admin.Tenant, context.DedupKey);
        Assert.Equal(3, rows.Count);
        Assert.All(rows, r => Assert.True(r.Estimated));
    }

    [Fact]
    public async Task Who_stops_listening_is_charged_for_what_came_and_the_provider_is_stopped()
    {
        house.Stub.Script.ForModel("endless", new StubBehaviour { Tokens = 5000, TokenDelayMs = 5 });
        var (model, context) = (await Model("endless"), Context());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var text = "";
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in Calls().Stream(Db, model, Question, null, context, stop.Token))
            {
                text += update.Text;
                if (text.Length > 200)
                {
                    await stop.CancelAsync();
                }
            }
        });
        Assert.Equal(StubEnd.CancelledByClient, await house.Stub.Requests.Single(r => r.Model == "endless").Ended.WaitAsync(TimeSpan.FromSeconds(5), Ct));
        var rows = await house.Ledger(house.Admin.Tenant, context.DedupKey);
        Assert.Equal(["api_calls", "completion_tokens", "prompt_tokens"], rows.Select(r => r.Metric));
        Assert.All(rows, r => Assert.Equal(("cancelled", true), (r.Status, r.Estimated)));
        Assert.InRange(rows[1].Quantity, 20, 400);
    }

    [Fact]
    public async Task Who_leaves_the_stream_without_cancelling_is_charged_too()
    {
        house.Stub.Script.ForModel("left", new StubBehaviour { Tokens = 5000, TokenDelayMs = 5 });
        var (model, context) = (await Model("left"), Context());
        await foreach (var _ in Calls().Stream(Db, model, Question, null, context, Ct))
        {
            break;
        }

        Assert.Equal("cancelled", (await house.Ledger(house.Admin.Tenant, context.DedupKey))[0].Status);
        Assert.Equal(StubEnd.CancelledByClient, await house.Stub.Requests.Single(r => r.Model == "left").Ended.WaitAsync(TimeSpan.FromSeconds(5), Ct));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_charged_and_never_repeated()
    {
        var (model, context) = (await Model("stub-stream-error"), Context());
        var fault = await Assert.ThrowsAsync<ProviderException>(() => Read(Calls().Stream(Db, model, Question, null, context, Ct)));
        Assert.Equal((ProviderError.Interrupted, true), (fault.Code, fault.AfterFirstToken));
        Assert.Single(house.Stub.Requests, r => r.Model == "stub-stream-error");
        var rows = await house.Ledger(house.Admin.Tenant, context.DedupKey);
        Assert.Equal(["api_calls", "completion_tokens", "prompt_tokens"], rows.Select(r => r.Metric));
        Assert.Equal(("failed", "interrupted"), (rows[0].Status, rows[0].Metadata.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_refusal_before_the_first_token_is_repeated_and_counts_one_call()
    {
        house.Stub.Script.Next(StubBehaviour.RateLimited(retryAfterMs: 5) with { Model = "twice", Times = 2 });
        var (model, context) = (await Model("twice"), Context());
        var (text, _) = await Read(Calls().Stream(Db, model, Question, null, context, Ct));
        Assert.NotEmpty(text);
        Assert.Equal(3, house.Stub.Requests.Count(r => r.Model == "twice"));
        var call = Assert.Single(await house.Ledger(house.Admin.Tenant, context.DedupKey), r => r.Metric == "api_calls");
        Assert.Equal((1L, "ok", 3), (call.Quantity, call.Status, call.Metadata.GetProperty("attempts").GetInt32()));
    }

    [Fact]
    public async Task What_the_provider_refused_costs_a_call_but_no_tokens()
    {
        var (model, context) = (await Model("stub-401"), Context());
        Assert.Equal(ProviderError.InvalidKey, (await Assert.ThrowsAsync<ProviderException>(() => Calls().Complete(Db, model, Question, null, context, Ct))).Code);
        var row = Assert.Single(await house.Ledger(house.Admin.Tenant, context.DedupKey));
        Assert.Equal(("api_calls", "failed"), (row.Metric, row.Status));
    }

    [Fact]
    public async Task The_same_call_told_twice_is_charged_once()
    {
        var (model, context) = (await Model("stub-chat"), Context());
        await Calls().Complete(Db, model, Question, null, context, Ct);
        await Calls().Complete(Db, model, Question, null, context, Ct);
        Assert.Equal(3, (await house.Ledger(house.Admin.Tenant, context.DedupKey)).Count);
    }

    [Fact]
    public async Task The_models_temperature_is_used_when_none_is_asked_for_and_zero_is_asked_for()
    {
        var model = await Model("tempered", more: new { defaultTemperature = 1.5, maxCompletionTokens = 100 });
        await Calls().Complete(Db, model, Question, new ChatOptions { Temperature = 0, MaxOutputTokens = 5000 }, Context(), Ct);
        var sent = house.Stub.Requests.Last(r => r.Model == "tempered").Json;
        Assert.Equal((0, 100), (sent["temperature"]!.GetValue<double>(), sent["max_tokens"]!.GetValue<int>()));
        await Calls().Complete(Db, model, Question, null, Context(), Ct);
        Assert.Equal(1.5, house.Stub.Requests.Last(r => r.Model == "tempered").Json["temperature"]!.GetValue<double>());
        var cold = await Model("cold", more: new { defaultTemperature = 0 });
        await Calls().Complete(Db, cold, Question, null, Context(), Ct);
        Assert.Equal(0, house.Stub.Requests.Last(r => r.Model == "cold").Json["temperature"]!.GetValue<double>());
    }

    [Fact]
    public async Task The_provider_is_told_which_request_this_is()
    {
        var model = await Model("correlated");
        await Calls().Complete(Db, model, Question, null, Context(), Ct);
        Assert.Equal("corr-1234", house.Stub.Requests.Single(r => r.Model == "correlated").Headers["x-client-request-id"]);
    }

    [Fact]
    public async Task Embeddings_keep_the_order_come_in_batches_and_are_charged()
    {
        house.Stub.Script.ForModel("embed-many", new StubBehaviour { Reversed = true });
        var (model, context) = (await Model("embed-many", "embeddings", new { dimension = 64 }), Context());
        var texts = Enumerable.Range(0, 150).Select(i => $"text number {i}").ToList();
        house.Stub.Script.ForModel("embed-many", new StubBehaviour { Reversed = true, Dimension = 64 });
        var vectors = await Calls().Embed(Db, model, texts, asQuery: false, context, Ct);
        Assert.Equal(150, vectors.Length);
        for (var i = 0; i < texts.Count; i++)
        {
            Assert.Equal(StubServer.Embeddings(texts[i], 64), vectors[i]);
        }

        Assert.Equal([64, 64, 22], house.Stub.Requests.Where(r => r.Model == "embed-many").Select(r => r.Json["input"]!.AsArray().Count));
        var rows = await house.Ledger(house.Admin.Tenant, context.DedupKey);
        Assert.Equal(["api_calls", "embedding_tokens"], rows.Select(r => r.Metric));
        Assert.True(rows[1].Quantity >= 150);
    }

    [Fact]
    public async Task Prefixes_tell_questions_from_passages_and_raw_texts_get_none()
    {
        var model = await Model("embed-prefixed", "embeddings", new { queryPrefix = "query: ", passagePrefix = "passage: " });
        await Calls().Embed(Db, model, ["x"], asQuery: true, Context(), Ct);
        await Calls().Embed(Db, model, ["x"], asQuery: false, Context(), Ct);
        await Calls().EmbedAndCount(Db, model, ["x"], asQuery: null, Context(), Ct);
        Assert.Equal(["query: x", "passage: x", "x"], house.Stub.Requests.Where(r => r.Model == "embed-prefixed").Select(r => r.Json["input"]![0]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_dimension_is_learned_once_and_another_is_refused_afterwards()
    {
        var model = await Model("embed-learning", "embeddings");
        house.Stub.Script.ForModel("embed-learning", new StubBehaviour { Dimension = 33 });
        await Calls().Embed(Db, model, ["x"], asQuery: false, Context(), Ct);
        Assert.Equal(33, (await house.Get<ModelDirectory>().Find(Db, model.Id, Ct))!.Dimension);

        house.Stub.Script.ForModel("embed-learning", new StubBehaviour { Dimension = 34 });
        var context = Context();
        var fault = await Assert.ThrowsAsync<ProviderException>(() => Calls().Embed(Db, model, ["x"], asQuery: false, context, Ct)); // knows no dimension itself
        Assert.Equal(ProviderError.BadResponse, fault.Code);
        Assert.Contains("34", fault.Message, StringComparison.Ordinal);
        Assert.Contains(await house.Ledger(house.Admin.Tenant, context.DedupKey), r => r is { Metric: "embedding_tokens", Status: "failed" });
    }

    [Fact]
    public async Task A_model_is_not_asked_for_what_it_cannot_do()
    {
        var context = Context();
        Assert.Equal(ProviderError.BadRequest, (await Assert.ThrowsAsync<ProviderException>(async () => await Calls().Embed(Db, await Model("talks"), ["x"], false, context, Ct))).Code);
        Assert.Equal(ProviderError.BadRequest, (await Assert.ThrowsAsync<ProviderException>(async () => await Calls().Complete(Db, await Model("embeds", "embeddings"), Question, null, context, Ct))).Code);
        Assert.Empty(await house.Ledger(house.Admin.Tenant, context.DedupKey));
    }

    [Fact]
    public async Task The_built_in_models_work_without_any_network_and_are_counted()
    {
        house.Stub.Forget();
        var directory = house.Get<ModelDirectory>();
        var context = Context();
        var answer = await Calls().Complete(Db, await directory.Default(Db, "chat", Ct), Question, null, context, Ct);
        Assert.NotEmpty(answer.Text);
        var vectors = await Calls().Embed(Db, await directory.Default(Db, "embedding", Ct), ["one", "two"], false, Context(), Ct);
        Assert.All(vectors, v => Assert.Equal(768, v.Length));
        Assert.Contains(await house.Ledger(house.Admin.Tenant, context.DedupKey), r => r.Model == BuiltIn.ChatModel);
    }

    [Fact]
    public async Task No_connection_to_the_database_is_held_while_providers_talk()
    {
        house.Stub.Script.ForModel("slow-talker", new StubBehaviour { Tokens = 3000, TokenDelayMs = 10 });
        var model = await Model("slow-talker");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var begun = new CountdownEvent(20);
        var streams = Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            var first = true;
            await foreach (var _ in house.Get<ModelCalls>().Stream(Db, model, Question, null, Context(), stop.Token))
            {
                if (first)
                {
                    first = false;
                    begun.Signal();
                }
            }
        }, Ct)).ToList();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(20), Ct), "the streams did not begin");
        // The pool has eight connections; twenty streams would hold them all.
        Assert.Equal(1, await Db.One($"select 1", row => row.Get<int>(), Ct).WaitAsync(TimeSpan.FromSeconds(5), Ct));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(streams));
    }

    [Fact]
    public async Task A_model_runs_no_more_calls_at_once_than_it_may_and_nobody_waits_for_ever()
    {
        var model = await Model("crowded");
        var gates = new ModelGates(new ModelsOptions { ConcurrencyPerModel = 2, QueueMost = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        var first = await gates.Enter(model, Ct);
        using var second = await gates.Enter(model, Ct);
        Assert.Equal(ProviderError.RateLimited, (await Assert.ThrowsAsync<ProviderException>(() => gates.Enter(model, Ct))).Code);
        using var other = await gates.Enter(await Model("quiet"), Ct);

        var patient = new ModelGates(new ModelsOptions { ConcurrencyPerModel = 1 }, TimeProvider.System);
        var holder = await patient.Enter(model, Ct);
        var waiting = patient.Enter(model, Ct);
        Assert.False(waiting.IsCompleted);
        holder.Dispose();
        holder.Dispose(); // twice gives one place back
        using var turn = await waiting;
        var third = patient.Enter(model, Ct);
        Assert.False(third.IsCompleted);
        turn.Dispose();
        (await third).Dispose();
        first.Dispose();
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("The quick brown fox jumps over the lazy dog.", 9, 12)]
    [InlineData("Donaudampfschifffahrtsgesellschaft", 5, 12)]
    [InlineData("日本語のテキスト", 6, 9)]
    [InlineData("1234567890", 3, 5)]
    public void An_estimate_is_near_what_tokenizers_count(string text, long least, long most) => Assert.InRange(TokenEstimate.Of(text), least, most);
}
