using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lyceum.Agents;
using Lyceum.Stub;
using OpenAI;
using OpenAI.Chat;
using Xunit;

#pragma warning disable OPENAI001 // annotations are marked experimental

namespace Lyceum.Rooms.Tests.OpenAi;

/// <summary>Agents and collections as models of /v1: what they say, what they cite, and what becomes of a run whose reader goes away.</summary>
public sealed class AgentWireTests(House house) : IClassFixture<House>
{
    private const string Answer = "Hotels in Oslo cost at most 180 euros [1].";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_whole_answer_cites_its_sources_in_the_official_shape_and_whole(bool collection)
    {
        var model = await Model(collection, StubBehaviour.Says(Answer));
        var json = await Read(await Post(Asking(model)), 200);
        var message = json["choices"]![0]!["message"]!;
        Assert.Equal((Answer, "stop", model), (message["content"]!.GetValue<string>(), json["choices"]![0]!["finish_reason"]!.GetValue<string>(), json["model"]!.GetValue<string>()));
        Cites(message);
        Assert.True(json["usage"]!["completion_tokens"]!.GetValue<int>() > 0);
        var run = Guid.ParseExact(json["id"]!.GetValue<string>()["chatcmpl-".Length..], "N");
        Assert.Equal("completed", await Status(run));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_ends_with_the_citations_in_its_last_delta_then_usage_then_done(bool collection)
    {
        var model = await Model(collection, StubBehaviour.Says(Answer));
        using var answer = await Post(Asking(model, """{"stream":true,"stream_options":{"include_usage":true}}"""));
        Assert.Equal("text/event-stream; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var events = (await answer.Content.ReadAsStringAsync(Ct)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        var chunks = events.Where(e => e.StartsWith("data: {", StringComparison.Ordinal)).Select(e => JsonNode.Parse(e[6..])!).ToList();
        Assert.Equal("""{"role":"assistant","content":""}""", chunks[0]["choices"]![0]!["delta"]!.ToJsonString());
        Assert.Equal(Answer, string.Concat(chunks.SkipLast(1).Select(c => c["choices"]![0]!["delta"]!["content"]?.GetValue<string>())));
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.True(chunks[^1]["usage"]!["total_tokens"]!.GetValue<int>() > 0);
        var last = chunks[^2]["choices"]![0]!;
        Assert.Equal("stop", last["finish_reason"]!.GetValue<string>());
        Cites(last["delta"]!);
        Assert.All(chunks.SkipLast(2), c => Assert.Null(c["choices"]![0]!["delta"]!["annotations"]));
        Assert.Single(chunks.Select(c => (c["id"]!.GetValue<string>(), c["model"]!.GetValue<string>())).Distinct());
    }

    [Theory]
    [InlineData("{}", "completed")]
    [InlineData("""{"x_on_disconnect":"continue"}""", "completed")]
    [InlineData("""{"x_on_disconnect":"cancel"}""", "cancelled")]
    public async Task A_run_goes_on_when_its_reader_leaves_unless_the_request_says_cancel(string wish, string end)
    {
        // Longer than the two seconds for which an HTTP client reads on to keep its connection.
        var model = await Model(true, new StubBehaviour { Tokens = 300, TokenDelayMs = 15 });
        var more = JsonNode.Parse(wish)!.AsObject();
        more["stream"] = true;
        Guid run;
        using (var answer = await Post(Asking(model, more.ToJsonString())))
        {
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
            run = Guid.ParseExact(JsonNode.Parse((await lines.ReadLineAsync(Ct))![6..])!["id"]!.GetValue<string>()["chatcmpl-".Length..], "N"); // the first line is a chunk
            Assert.Equal("running", await Status(run));
        }

        var events = await house.Read(run);
        Assert.Equal(end, await Status(run));
        Assert.Equal(end == "completed", House.TextOf(events) == string.Join(' ', Enumerable.Range(1, 300).Select(i => $"word{i}")));
    }

    [Fact]
    public async Task An_answer_that_is_begun_anew_ends_the_stream_with_an_error()
    {
        var model = await Model(true, new StubBehaviour { Tokens = 80, TokenDelayMs = 15 }, new StubBehaviour { Text = "word1 word2 but then quite another end." });
        using var answer = await Post(Asking(model, """{"stream":true}"""));
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        var run = Guid.ParseExact(JsonNode.Parse((await lines.ReadLineAsync(Ct))![6..])!["id"]!.GetValue<string>()["chatcmpl-".Length..], "N"); // the first line is a chunk
        await house.UntilText(run, 100);
        await house.Kill(run);
        var events = (await lines.ReadToEndAsync(Ct)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain("data: [DONE]", events);
        Assert.Equal("interrupted", JsonNode.Parse(events[^1].Trim()[6..])!["error"]!["code"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"response_format":{"type":"json_object"}}""", "response_format")]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}""", "response_format")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a"}}]}""", "tools")]
    [InlineData("""{"logit_bias":{"1":2}}""", "logit_bias")]
    [InlineData("""{"web_search_options":{}}""", "web_search_options")]
    [InlineData("""{"x_on_disconnect":"explode"}""", "x_on_disconnect")]
    public async Task What_an_agent_cannot_follow_is_refused_with_its_name(string more, string param)
    {
        var error = (await Read(await Post(Asking(await Model(true), more)), 400))["error"]!;
        Assert.Equal(("invalid_request_error", param), (error["type"]!.GetValue<string>(), error["param"]!.GetValue<string>()));
    }

    [Fact]
    public async Task How_the_model_is_to_be_asked_reaches_it()
    {
        var model = await Model(true, StubBehaviour.Says(Answer));
        await Read(await Post(Asking(model, """{"seed":7,"frequency_penalty":0.5,"presence_penalty":-0.5,"reasoning_effort":"low","temperature":0,"top_p":0.9,"stop":["END"],"response_format":{"type":"text"},"logit_bias":{},"store":true,"nobody_knows":1}""")), 200);
        var sent = house.Stub.Requests.Last(r => r.Body.Contains("frequency_penalty", StringComparison.Ordinal)).Json;
        Assert.Equal((7, 0.5, -0.5, "low"), (sent["seed"]!.GetValue<int>(), sent["frequency_penalty"]!.GetValue<double>(), sent["presence_penalty"]!.GetValue<double>(), sent["reasoning_effort"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_fails_the_run_with_a_sentence_and_asking_again_works()
    {
        var model = await Model(true, StubBehaviour.Says(Answer));
        await house.Do($"update models.models set base_url = 'http://127.0.0.1:9/v1' where tenant_id = '{house.Ann.Tenant}' and id = (select model_id from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = 'chat'); notify lyceum, 'models'");
        var down = await Post(Asking(model));
        var error = (await Read(down, 502))["error"]!;
        Assert.Equal("unreachable", error["code"]!.GetValue<string>());
        Assert.Contains(".", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from agents.runs where tenant_id = '{house.Ann.Tenant}' and status = 'failed' and error_code = 'unreachable'"));
        await house.Do($"update models.models set base_url = '{house.Stub.OpenAiUrl}' where base_url = 'http://127.0.0.1:9/v1'; notify lyceum, 'models'");
        Assert.Equal(Answer, (await Read(await Post(Asking(model)), 200))["choices"]![0]!["message"]!["content"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_official_client_asks_reads_the_stream_and_finds_the_citations(bool collection)
    {
        var model = await Model(collection, StubBehaviour.Says(Answer));
        var client = new OpenAIClient(
            new ApiKeyCredential(house.Ann.Key), new OpenAIClientOptions { Endpoint = new Uri(house.Ann.Http.BaseAddress!, "/v1"), RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient(model); // the house gave it one
        var whole = (await client.CompleteChatAsync([new UserChatMessage("How much may a hotel in Oslo cost?")], cancellationToken: Ct)).Value;
        Assert.Equal((Answer, ChatFinishReason.Stop), (whole.Content[0].Text, whole.FinishReason));
        var cited = Assert.Single(whole.Annotations);
        Assert.Equal(("[1]", "Document 0"), (Answer[cited.StartIndex..cited.EndIndex], cited.WebResourceTitle));
        Assert.Contains("/documents/", cited.WebResourceUri.AbsolutePath, StringComparison.Ordinal);

        var text = "";
        await foreach (var chunk in client.CompleteChatStreamingAsync([new UserChatMessage("How much may a hotel in Oslo cost?")], cancellationToken: Ct))
        {
            text += string.Concat(chunk.ContentUpdate.Select(c => c.Text));
        }

        Assert.Equal(Answer, text);
    }

    private static void Cites(JsonNode message)
    {
        var annotation = Assert.Single(message["annotations"]!.AsArray())!;
        Assert.Equal("url_citation", annotation["type"]!.GetValue<string>());
        var cited = annotation["url_citation"]!;
        Assert.Equal("[1]", Answer[cited["start_index"]!.GetValue<int>()..cited["end_index"]!.GetValue<int>()]);
        Assert.Equal("Document 0", cited["title"]!.GetValue<string>());
        var whole = Assert.Single(message["x_citations"]!.AsArray())!;
        Assert.Equal("Hotels in Oslo cost at most 180 euros a night.", whole["quote"]!.GetValue<string>());
        Assert.Equal(cited["url"]!.GetValue<string>(), whole["url"]!.GetValue<string>());
        Assert.Contains(whole["document_id"]!.GetValue<string>(), cited["url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    // A collection as model, or an agent that reads all; the tenant's default model answers for both.
    private async Task<string> Model(bool collection, params StubBehaviour[] behaviours)
    {
        var id = await house.Collection("The travel policy. Hotels in Oslo cost at most 180 euros a night. Trains are preferred over planes.");
        var model = await house.Model(behaviours);
        using var set = await house.Ann.Http.PutAsJsonAsync("/api/v1/models/defaults/chat", new { modelId = model }, Ct);
        Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync(Ct));
        if (collection)
        {
            return $"kb:{await house.Database.Ask<string>($"select slug::text from knowledge.collections where id = '{id}'")}";
        }

        await house.Do($"update knowledge.collections set deleted_at = now() where tenant_id = '{house.Ann.Tenant}' and id <> '{id}'");
        return $"agent:{await house.Database.Ask<string>("select slug::text from agents.agents where is_default limit 1")}";
    }

    private static JsonObject Asking(string model, string more = "{}")
    {
        var body = JsonSerializer.SerializeToNode(new { model, messages = new[] { new { role = "user", content = "How much may a hotel in Oslo cost?" } } })!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    private async Task<HttpResponseMessage> Post(JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(body) };
        return await house.Ann.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
    }

    private static async Task<JsonNode> Read(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!; // an answer is JSON
    }

    private Task<string> Status(Guid run) => house.Database.Ask<string>($"select status from agents.runs where id = '{run}'");
}
