using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lyceum.Rooms.Tests.Models;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.OpenAi;

/// <summary>The bytes of /v1: what no client may find otherwise.</summary>
public sealed class WireTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static object Asking(string model, object? more = null)
    {
        var body = JsonSerializer.SerializeToNode(new { model, messages = new[] { new { role = "user", content = "Hello?" } } })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject().ToList())
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    private async Task<HttpResponseMessage> Post(string path, object body, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        return await (client ?? house.Admin.Http).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
    }

    private async Task<List<string>> Events(string model, object? more = null)
    {
        var options = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        options["stream"] = true;
        using var answer = await Post("/v1/chat/completions", Asking(model, options));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        var text = await answer.Content.ReadAsStringAsync(Ct);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)];
    }

    private static List<JsonNode> Chunks(IEnumerable<string> events) => [.. events.Where(e => e.StartsWith("data: {", StringComparison.Ordinal)).Select(e => JsonNode.Parse(e[6..])!)];

    [Fact]
    public async Task A_stream_has_the_shape_that_clients_rely_on()
    {
        await house.NewModel(house.Admin, "shape");
        house.Stub.Script.ForModel("shape", new StubBehaviour { Text = "One \u2028 two\nthree" });
        using var answer = await Post("/v1/chat/completions", Asking("shape", new { stream = true }));
        Assert.Equal("text/event-stream; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.Equal("no", answer.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.NotEmpty(answer.Headers.GetValues("x-request-id").Single());
        Assert.True(long.Parse(answer.Headers.GetValues("openai-processing-ms").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 0);

        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain('\u2028', text); // some clients end a line there
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, e => Assert.DoesNotContain('\n', e));
        Assert.Equal("data: [DONE]", events[^1]);
        var chunks = Chunks(events);
        Assert.Equal("""{"role":"assistant","content":""}""", chunks[0]["choices"]![0]!["delta"]!.ToJsonString());
        Assert.Equal("{}", chunks[^1]["choices"]![0]!["delta"]!.ToJsonString());
        Assert.Equal("stop", chunks[^1]["choices"]![0]!["finish_reason"]!.GetValue<string>());
        Assert.Single(chunks.Select(c => (c["id"]!.GetValue<string>(), c["created"]!.GetValue<long>(), c["model"]!.GetValue<string>(), c["object"]!.GetValue<string>())).Distinct());
        Assert.StartsWith("chatcmpl-", chunks[0]["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.All(chunks, c => Assert.Single(c["choices"]!.AsArray()));
        Assert.All(chunks, c => Assert.False(c.AsObject().ContainsKey("usage")));
        Assert.All(chunks.SkipLast(1), c => Assert.Null(c["choices"]![0]!["finish_reason"]));
        Assert.Equal("One \u2028 two\nthree", string.Concat(chunks.Select(c => c["choices"]![0]!["delta"]!["content"]?.GetValue<string>())));
    }

    [Fact]
    public async Task Usage_is_one_last_chunk_and_only_when_asked_for()
    {
        await house.NewModel(house.Admin, "usage");
        house.Stub.Script.ForModel("usage", new StubBehaviour { Tokens = 7 });
        var chunks = Chunks(await Events("usage", new { stream_options = new { include_usage = true } }));
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(7, chunks[^1]["usage"]!["completion_tokens"]!.GetValue<int>());
        Assert.Equal(chunks[^1]["usage"]!["total_tokens"]!.GetValue<int>(), chunks[^1]["usage"]!["prompt_tokens"]!.GetValue<int>() + 7);
        Assert.All(chunks.SkipLast(1), c => Assert.True(c.AsObject().ContainsKey("usage") && c["usage"] is null));
    }

    [Fact]
    public async Task Every_fragment_of_a_tool_call_has_its_index_and_the_first_its_id_and_type()
    {
        await house.NewModel(house.Admin, "fragments");
        house.Stub.Script.ForModel("fragments", new StubBehaviour { ToolCalls = [new("first", """{"a":1}"""), new("second", "{}")] });
        var calls = Chunks(await Events("fragments", new { tools = new[] { new { type = "function", function = new { name = "first" } } } }))
            .SelectMany(c => c["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        Assert.Equal([0, 0, 1, 1], calls.Select(c => c!["index"]!.GetValue<int>()));
        Assert.Equal(("function", "first", ""), (calls[0]!["type"]!.GetValue<string>(), calls[0]!["function"]!["name"]!.GetValue<string>(), calls[0]!["function"]!["arguments"]!.GetValue<string>()));
        Assert.NotEmpty(calls[0]!["id"]!.GetValue<string>());
        Assert.False(calls[1]!.AsObject().ContainsKey("id"));
        Assert.Equal("""{"a":1}""", calls[1]!["function"]!["arguments"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_error_before_the_first_token_is_a_status_and_after_it_an_event_that_ends_the_stream()
    {
        await house.NewModel(house.Admin, "stub-500");
        using var before = await Post("/v1/chat/completions", Asking("stub-500", new { stream = true }));
        Assert.Equal((502, "provider_error"), await ModelHouse.Refusal(before));

        await house.NewModel(house.Admin, "stub-cut");
        var events = await Events("stub-cut");
        Assert.DoesNotContain("data: [DONE]", events);
        var error = JsonNode.Parse(events[^1][6..])!["error"]!;
        Assert.Equal("interrupted", error["code"]!.GetValue<string>());
        Assert.NotEmpty(error["message"]!.GetValue<string>());
        Assert.True(events.Count > 2, "nothing was relayed before");
    }

    [Fact]
    public async Task A_client_that_goes_away_stops_the_provider_and_is_charged_for_what_came()
    {
        await house.NewModel(house.Admin, "walked-away");
        house.Stub.Script.ForModel("walked-away", new StubBehaviour { Tokens = 20_000, TokenDelayMs = 2 });
        var answer = await Post("/v1/chat/completions", Asking("walked-away", new { stream = true }));
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        string? id = null;
        for (var i = 0; i < 30; i++)
        {
            if (await reader.ReadLineAsync(Ct) is { Length: > 6 } line)
            {
                id ??= JsonNode.Parse(line[6..])!["id"]!.GetValue<string>();
            }
        }

        answer.Dispose();
        Assert.Equal(StubEnd.CancelledByClient, await house.Stub.Requests.Single(r => r.Model == "walked-away").Ended.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        List<LedgerRow> rows;
        do
        {
            rows = await house.Ledger(house.Admin.Tenant, id!);
        }
        while (rows.Count == 0 && !limit.IsCancellationRequested);

        Assert.Equal(["api_calls", "completion_tokens", "prompt_tokens"], rows.Select(r => r.Metric));
        Assert.All(rows, r => Assert.Equal(("cancelled", "api"), (r.Status, r.Source)));
        Assert.All(rows, r => Assert.NotNull(r.Key));
    }

    [Fact]
    public async Task A_whole_answer_has_all_members_that_clients_read()
    {
        await house.NewModel(house.Admin, "whole");
        using var answer = await Post("/v1/chat/completions", Asking("whole", new { max_tokens = 5, user = "u", metadata = new { a = 1 }, store = true, service_tier = "auto", nobody_knows_this = new[] { 1 } }));
        var json = await ModelHouse.Json(answer, 200);
        Assert.Equal("chat.completion", json["object"]!.GetValue<string>());
        var choice = json["choices"]![0]!.AsObject();
        Assert.True(choice.ContainsKey("logprobs") && choice["logprobs"] is null);
        var message = choice["message"]!.AsObject();
        Assert.True(message.ContainsKey("refusal") && message["refusal"] is null && message["annotations"]!.AsArray().Count == 0);
        Assert.Equal(0, json["usage"]!["prompt_tokens_details"]!["cached_tokens"]!.GetValue<int>());
        Assert.Equal(0, json["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!.GetValue<int>());
        var rows = await house.Ledger(house.Admin.Tenant, json["id"]!.GetValue<string>());
        Assert.Equal(json["usage"]!["completion_tokens"]!.GetValue<long>(), rows.Single(r => r.Metric == "completion_tokens").Quantity);
    }

    [Theory]
    [InlineData("""{"n":2}""", "n")]
    [InlineData("""{"logprobs":true}""", "logprobs")]
    [InlineData("""{"top_logprobs":3}""", "logprobs")]
    [InlineData("""{"functions":[{"name":"x"}]}""", "functions")]
    [InlineData("""{"modalities":["text","audio"]}""", "modalities")]
    [InlineData("""{"temperature":2.5}""", "temperature")]
    [InlineData("""{"temperature":"hot"}""", "temperature")]
    [InlineData("""{"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"stream":"yes"}""", "stream")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":null}""", "messages")]
    [InlineData("""{"model":null}""", "model")]
    [InlineData("""{"messages":[{"role":"king","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"video","video":"x"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"function","function":{"name":"b"}}}""", "tool_choice.function.name")]
    [InlineData("""{"response_format":{"type":"xml"}}""", "response_format.type")]
    public async Task What_cannot_be_had_is_refused_with_its_name(string more, string param)
    {
        await house.NewModel(house.Admin, "refuser");
        using var answer = await Post("/v1/chat/completions", Asking("refuser", JsonNode.Parse(more)));
        var error = (await ModelHouse.Json(answer, 400))["error"]!;
        Assert.Equal(("invalid_request_error", param), (error["type"]!.GetValue<string>(), error["param"]!.GetValue<string>()));
        Assert.NotEmpty(error["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Pictures_and_tool_results_reach_the_provider()
    {
        await house.NewModel(house.Admin, "multimodal");
        using var answer = await Post("/v1/chat/completions", new
        {
            model = "multimodal",
            messages = new object[]
            {
                new { role = "developer", content = "Be kind." },
                new { role = "user", content = new object[] { new { type = "text", text = "What is this?" }, new { type = "image_url", image_url = new { url = "data:image/png;base64,iVBORw0KGgo=" } } } },
                new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "c1", type = "function", function = new { name = "look", arguments = "{\"deep\":true}" } } } },
                new { role = "tool", tool_call_id = "c1", content = "A cat." },
            },
        });
        await ModelHouse.Json(answer, 200);
        var sent = house.Stub.Requests.Last(r => r.Model == "multimodal").Json["messages"]!;
        Assert.Equal("data:image/png;base64,iVBORw0KGgo=", sent[1]!["content"]![1]!["image_url"]!["url"]!.GetValue<string>());
        Assert.Equal(("look", """{"deep":true}"""), (sent[2]!["tool_calls"]![0]!["function"]!["name"]!.GetValue<string>(), sent[2]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>()));
        Assert.Equal(("tool", "c1"), (sent[3]!["role"]!.GetValue<string>(), sent[3]!["tool_call_id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Embeddings_come_as_numbers_or_base64_and_mean_the_same()
    {
        await house.NewModel(house.Admin, "both", "embeddings");
        house.Stub.Script.ForModel("both", new StubBehaviour { Dimension = 12 });
        using var numbers = await Post("/v1/embeddings", new { model = "both", input = "Hello" });
        var json = await ModelHouse.Json(numbers, 200);
        var plain = json["data"]![0]!["embedding"]!.AsArray().Select(n => n!.GetValue<float>()).ToArray();
        Assert.Equal(StubServer.Embeddings("Hello", 12), plain);
        using var encoded = await Post("/v1/embeddings", new { model = "both", input = new[] { "Hello" }, encoding_format = "base64", dimensions = 12 });
        var bytes = Convert.FromBase64String((await ModelHouse.Json(encoded, 200))["data"]![0]!["embedding"]!.GetValue<string>());
        Assert.Equal(plain, Enumerable.Range(0, 12).Select(i => BitConverter.ToSingle(bytes, i * 4)));
        Assert.Equal(("list", "both"), (json["object"]!.GetValue<string>(), json["model"]!.GetValue<string>()));
        Assert.Equal(json["usage"]!["prompt_tokens"]!.GetValue<int>(), json["usage"]!["total_tokens"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("""{"input":[1,-2,3]}""", "input")]
    [InlineData("""{"input":[1,"two"]}""", "input")]
    [InlineData("""{"input":[1,100300]}""", "input")]
    [InlineData("""{"input":[[1,2],[]]}""", "input[1]")]
    [InlineData("""{"input":[[1,2],[1.5]]}""", "input[1]")]
    [InlineData("""{"input":[[1,2],[99999999]]}""", "input[1]")]
    [InlineData("""{"input":[[1,2],"three"]}""", "input[1]")]
    [InlineData("""{"input":""}""", "input")]
    [InlineData("""{"input":["a",""]}""", "input[1]")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"encoding_format":"hex"}""", "encoding_format")]
    [InlineData("""{"dimensions":13}""", "dimensions")]
    [InlineData("""{"model":"lyceum-extractive"}""", "model")]
    public async Task Embeddings_that_cannot_be_had_are_refused(string more, string param)
    {
        var body = JsonNode.Parse("""{"model":"lyceum-local-768","input":"x"}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        using var answer = await Post("/v1/embeddings", body);
        Assert.Equal(param, (await ModelHouse.Json(answer, 400))["error"]!["param"]!.GetValue<string>());
    }

    [Fact]
    public async Task Token_ids_are_read_back_for_the_built_in_embedder_and_pass_unchanged_to_a_provider_that_reads_them()
    {
        string[] texts = ["The travel policy of Zürich.", "日本語, and the rest 🙂"];
        var ids = texts.Select(t => Lyceum.Models.TokenText.Cut(t)).ToArray();
        var plain = await Vectors("lyceum-local-768", texts);
        Assert.Equal(plain, await Vectors("lyceum-local-768", ids));
        Assert.Equal(plain[..1], await Vectors("lyceum-local-768", ids[0]));

        await house.NewModel(house.Admin, "reads-ids", "embeddings");
        Assert.Equal(2, (await Vectors("reads-ids", ids)).Length);
        Assert.Equal(JsonSerializer.Serialize(ids), house.Stub.Requests.Last(r => r.Model == "reads-ids").Json["input"]!.ToJsonString());
    }

    private async Task<string[]> Vectors(string model, object input)
    {
        using var answer = await Post("/v1/embeddings", new { model, input, encoding_format = "base64" });
        return [.. (await ModelHouse.Json(answer, 200))["data"]!.AsArray().Select(d => d!["embedding"]!.GetValue<string>())];
    }

    [Fact]
    public async Task Two_thousand_and_forty_eight_texts_are_embedded_and_one_more_is_refused()
    {
        var texts = Enumerable.Range(0, 2048).Select(i => $"text {i}").ToList();
        using var all = await Post("/v1/embeddings", new { model = "lyceum-local-768", input = texts, encoding_format = "base64" });
        var data = (await ModelHouse.Json(all, 200))["data"]!.AsArray();
        Assert.Equal(2048, data.Count);
        Assert.Equal(2047, data[2047]!["index"]!.GetValue<int>());
        using var more = await Post("/v1/embeddings", new { model = "lyceum-local-768", input = texts.Append("too many") });
        Assert.Equal(400, (int)more.StatusCode);
    }

    [Fact]
    public async Task Everything_under_v1_refuses_in_its_own_envelope()
    {
        using var nothing = await house.Admin.Http.GetAsync("/v1/assistants", Ct);
        Assert.Equal((404, "unsupported_endpoint"), await ModelHouse.Refusal(nothing));
        using var method = await house.Admin.Http.DeleteAsync("/v1/chat/completions", Ct);
        Assert.Equal((405, "method_not_supported"), await ModelHouse.Refusal(method));
        using var anonymous = await house.Client(null).GetAsync("/v1/models", Ct);
        Assert.Equal((401, "invalid_api_key"), await ModelHouse.Refusal(anonymous));
        using var broken = await house.Admin.Http.PostAsync("/v1/chat/completions", new StringContent("{\"model\":", Encoding.UTF8, "application/json"), Ct);
        Assert.Equal((400, "invalid_json"), await ModelHouse.Refusal(broken));
        using var list = await house.Admin.Http.PostAsync("/v1/embeddings", new StringContent("[1]", Encoding.UTF8, "application/json"), Ct);
        Assert.Equal((400, "invalid_json"), await ModelHouse.Refusal(list));
    }

    [Fact]
    public async Task The_request_id_of_the_client_is_echoed_and_reaches_the_provider()
    {
        await house.NewModel(house.Admin, "echo-id");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(Asking("echo-id")) };
        request.Headers.Add("X-Client-Request-Id", "mine-7");
        using var answer = await house.Admin.Http.SendAsync(request, Ct);
        Assert.Equal("mine-7", answer.Headers.GetValues("X-Client-Request-Id").Single());
        var id = answer.Headers.GetValues("x-request-id").Single();
        Assert.Equal(id, house.Stub.Requests.Last(r => r.Model == "echo-id").Headers["x-client-request-id"]);
    }

    [Fact]
    public async Task A_key_in_any_of_the_three_headers_is_the_same_key()
    {
        foreach (var header in new[] { "x-api-key", "api-key" })
        {
            using var client = house.Client(null);
            client.DefaultRequestHeaders.Add(header, house.Admin.Key);
            using var answer = await client.GetAsync("/v1/models", Ct);
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_model_that_is_hidden_from_a_key_is_not_listed_and_not_found()
    {
        await house.NewModel(house.Admin, "secret-project", more: new { visibility = "private" });
        var other = await house.NewPerson(house.Admin.Tenant, "tenant_user");
        var bound = await house.NewPerson(house.Admin.Tenant, "tenant_admin", onlyAgent: Guid.CreateVersion7());
        await house.NewModel(house.Admin, "for-all");
        Assert.Equal((true, true), (await Lists(house.Admin, "secret-project"), await Lists(house.Admin, "for-all")));
        Assert.Equal((false, true), (await Lists(other, "secret-project"), await Lists(other, "for-all")));
        Assert.Equal((false, false), (await Lists(bound, "for-all"), await Lists(bound, "lyceum-extractive")));
        using var answer = await Post("/v1/chat/completions", Asking("secret-project"), other.Http);
        Assert.Equal((404, "model_not_found"), await ModelHouse.Refusal(answer));
        using var raw = await Post("/v1/chat/completions", Asking("for-all"), bound.Http);
        Assert.Equal((404, "model_not_found"), await ModelHouse.Refusal(raw));
    }

    private static async Task<bool> Lists(Colleague person, string model) =>
        (await person.Http.GetFromJsonAsync<JsonObject>("/v1/models", Ct))!["data"]!.AsArray().Any(m => m!["id"]!.GetValue<string>() == model);
}
