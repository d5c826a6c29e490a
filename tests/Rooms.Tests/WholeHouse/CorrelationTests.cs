using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>One id from the request through what it causes, wherever that runs: the answer's header, jobs, runs, provider calls, spans and the audit log.</summary>
public sealed class CorrelationTests(TracedHouse traced) : IClassFixture<TracedHouse>
{
    private readonly string _id = "trace-" + Guid.NewGuid().ToString("N");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private House House => traced.House;

    [Fact]
    public async Task A_question_in_chat_carries_its_id_to_the_provider_the_spans_and_the_audit_log()
    {
        var model = await House.Model(StubBehaviour.Says("Yes."));
        var run = await Ask(model);
        await House.Read(run);
        Assert.Equal(_id, Call($"model-{model}").Headers["x-client-request-id"]);

        var request = await traced.Span(_id, "POST", "Microsoft.AspNetCore.Hosting"); // the framework's name of it, or OpenTelemetry's
        var runs = await traced.Span(_id, "run");
        var called = await traced.Span(_id, "chat model-");
        Assert.Equal(run.ToString(), runs.Tags["lyceum.run"]);
        Assert.Contains(traced.Spans, s => s.Trace == runs.Trace && s.Id == runs.Parent);
        Assert.Equal((32, runs.Trace), (request.Trace.Length, called.Trace));
        Assert.Equal(runs.Id, called.Parent);
        // What follows from the run's end, in a job of the outbox, has the id too.
        await traced.Span(_id, "job event:");
        Assert.Equal([_id], await House.Database.Names($"select distinct correlation_id from ops.audit_logs where resource_id = '{run}' and action like 'run.%'"));
    }

    [Fact]
    public async Task A_run_that_another_process_takes_over_goes_on_with_the_id_of_its_request()
    {
        var model = await House.Model(new StubBehaviour { Tokens = 80, TokenDelayMs = 15 });
        var run = await Ask(model);
        await House.UntilText(run, 100);
        await House.Kill(run);
        await House.Read(run);
        var calls = House.Stub.Requests.Where(r => r.Model == $"model-{model}").ToList();
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call => Assert.Equal(_id, call.Headers["x-client-request-id"]));
    }

    [Theory]
    [InlineData("agent:assistant")]
    [InlineData("kb:")]
    public async Task The_OpenAI_shaped_door_carries_the_id_through_agents_and_collections(string name)
    {
        var model = await House.Model(StubBehaviour.Says("Yes."));
        await Default("chat", model);
        if (name == "kb:")
        {
            var shelf = await House.Collection("The spare key is in the green safe.");
            name += await House.Database.Ask<string>($"select slug::text from knowledge.collections where id = '{shelf}'");
        }

        await Send("/v1/chat/completions", new { model = name, messages = new[] { new { role = "user", content = "Where is the spare key?" } } });
        Assert.Equal(_id, Call($"model-{model}").Headers["x-client-request-id"]);
    }

    [Fact]
    public async Task Texts_that_a_job_embeds_later_carry_the_id_of_the_request_that_brought_them()
    {
        var name = $"embedder-{Guid.NewGuid()}";
        var provider = await House.Database.Ask<Guid>("select id from models.providers where kind = 'openai_compatible' order by tenant_id limit 1");
        var model = (await Send("/api/v1/models/models", new { providerId = provider, modelType = "embeddings", name, baseUrl = House.Stub.OpenAiUrl, dimension = 64 })).GetProperty("id").GetGuid();
        await Default("embedding", model);
        var shelf = (await Send("/api/v1/knowledge/collections", new { name = "Traced" })).GetProperty("id").GetGuid();
        await Send($"/api/v1/knowledge/collections/{shelf}/texts", new { items = new[] { new { externalId = "one", title = "One", text = "The spare key is in the green safe." } } });
        await House.Settled(shelf);
        await House.Do($"delete from models.model_defaults where tenant_id = '{House.Ann.Tenant}' and purpose = 'embedding'"); // the other tests' collections are not embedded by it
        Assert.Equal(_id, Call(name).Headers["x-client-request-id"]);
        Assert.Equal([_id], await House.Database.Names($"select distinct correlation_id from ops.jobs where tenant_id = '{House.Ann.Tenant}' and job_type = 'knowledge.texts' and correlation_id = '{_id}'"));
        var job = await traced.Span(_id, "job knowledge.texts");
        Assert.Equal(job.Id, (await traced.Span(_id, $"embeddings {name}")).Parent);
    }

    private StubRequest Call(string model) => House.Stub.Requests.Last(r => r.Model == model);

    private async Task<Guid> Ask(Guid model)
    {
        var conversation = (await Send("/api/v1/chat/conversations", new { })).GetProperty("id").GetGuid();
        return (await Send($"/api/v1/chat/conversations/{conversation}/messages", new { content = "Anybody there?", modelId = model })).GetProperty("runId").GetGuid();
    }

    private Task Default(string purpose, Guid model) => House.Do($"""
        update models.models set visibility = 'company' where id = '{model}';
        delete from models.model_defaults where tenant_id = '{House.Ann.Tenant}' and purpose = '{purpose}';
        insert into models.model_defaults (tenant_id, id, purpose, model_tenant_id, model_id) values ('{House.Ann.Tenant}', ops.uuid7(), '{purpose}', '{House.Ann.Tenant}', '{model}')
        """);

    private async Task<JsonElement> Send(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "X-Request-Id", _id } } };
        using var answer = await House.Ann.Http.SendAsync(request, Ct);
        Assert.Equal(_id, answer.Headers.GetValues("x-request-id").Single());
        return await House.Json(answer);
    }
}
