using System.ClientModel;
using System.ClientModel.Primitives;
using Lyceum.Rooms.Tests.Models;
using Lyceum.Stub;
using OpenAI;
using OpenAI.Chat;
using Xunit;

namespace Lyceum.Rooms.Tests.OpenAi;

/// <summary>The official .NET client, unchanged: only its address and its key are ours.</summary>
public sealed class OpenAiSdkTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private OpenAIClient Client(string? key = null, int retries = 0) => new(
        new ApiKeyCredential(key ?? house.Admin.Key),
        new OpenAIClientOptions { Endpoint = new Uri(house.Url, "/v1"), RetryPolicy = new ClientRetryPolicy(retries) });

    private async Task<ChatClient> Chat(string model, int retries = 0)
    {
        await house.NewModel(house.Admin, model);
        return Client(retries: retries).GetChatClient(model);
    }

    [Fact]
    public async Task Models_are_listed_and_found_by_their_names()
    {
        await house.NewModel(house.Admin, "vendor/family:latest");
        var models = await Client().GetOpenAIModelClient().GetModelsAsync(Ct);
        Assert.Contains(models.Value, m => m.Id == "vendor/family:latest");
        Assert.Contains(models.Value, m => m.Id == "lyceum-extractive" && m.OwnedBy == "lyceum");
        var one = await Client().GetOpenAIModelClient().GetModelAsync("vendor/family:latest", Ct);
        Assert.Equal("vendor/family:latest", one.Value.Id);
    }

    [Fact]
    public async Task A_completion_arrives_whole()
    {
        var client = await Chat("sdk-whole");
        house.Stub.Script.Next(StubBehaviour.Says("Forty-two.") with { Model = "sdk-whole" });
        var completion = await client.CompleteChatAsync([new SystemChatMessage("Be brief."), new UserChatMessage("What is it?")], new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 50 }, Ct);
        Assert.Equal("Forty-two.", completion.Value.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.Value.FinishReason);
        Assert.True(completion.Value.Usage is { InputTokenCount: > 0, OutputTokenCount: > 0 });
        var sent = house.Stub.Requests.Last(r => r.Model == "sdk-whole").Json;
        Assert.Equal((0, 50), (sent["temperature"]!.GetValue<double>(), sent["max_tokens"]!.GetValue<int>()));
        Assert.Equal("system", sent["messages"]![0]!["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_completion_arrives_as_a_stream_with_its_usage()
    {
        var client = await Chat("sdk-stream");
        house.Stub.Script.Next(new StubBehaviour { Model = "sdk-stream", Tokens = 60 });
        var (text, chunks, finish, tokens) = ("", 0, default(ChatFinishReason?), 0);
        await foreach (var chunk in client.CompleteChatStreamingAsync([new UserChatMessage("Count.")], cancellationToken: Ct))
        {
            chunks++;
            text += string.Concat(chunk.ContentUpdate.Select(c => c.Text));
            finish = chunk.FinishReason ?? finish;
            tokens = chunk.Usage?.OutputTokenCount ?? tokens;
        }

        Assert.Equal(string.Join(' ', Enumerable.Range(1, 60).Select(i => $"word{i}")), text);
        Assert.True(chunks >= 60, "the answer came in one piece");
        Assert.Equal((ChatFinishReason.Stop, 60), (finish, tokens));
    }

    [Fact]
    public async Task A_tool_is_offered_called_in_a_stream_and_answered()
    {
        var client = await Chat("sdk-tools");
        house.Stub.Script.ForModel("sdk-tools", new StubBehaviour { UseOfferedTool = true });
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather", "Tells the weather", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""")) } };
        List<ChatMessage> messages = [new UserChatMessage("How is the weather?")];
        var (id, name, arguments, finish) = ("", "", "", default(ChatFinishReason?));
        await foreach (var chunk in client.CompleteChatStreamingAsync(messages, options, Ct))
        {
            foreach (var call in chunk.ToolCallUpdates)
            {
                Assert.Equal(0, call.Index);
                id += call.ToolCallId;
                name += call.FunctionName;
                arguments += call.FunctionArgumentsUpdate is { } part && part.ToMemory().Length > 0 ? part.ToString() : "";
            }

            finish = chunk.FinishReason ?? finish;
        }

        Assert.Equal(("weather", ChatFinishReason.ToolCalls), (name, finish));
        Assert.Contains("city", arguments, StringComparison.Ordinal);
        messages.Add(new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments))]));
        messages.Add(new ToolChatMessage(id, "Sunny, 21 degrees"));
        var answer = await client.CompleteChatAsync(messages, options, Ct);
        Assert.Contains("Sunny, 21 degrees", answer.Value.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_call_arrives_whole_too()
    {
        var client = await Chat("sdk-call");
        house.Stub.Script.Next(StubBehaviour.Calls("weather", """{"city":"Zürich","days":3,"exact":true}""") with { Model = "sdk-call" });
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather") } };
        var answer = await client.CompleteChatAsync([new UserChatMessage("?")], options, Ct);
        Assert.Equal(ChatFinishReason.ToolCalls, answer.Value.FinishReason);
        Assert.Equal("""{"city":"Zürich","days":3,"exact":true}""", answer.Value.ToolCalls[0].FunctionArguments.ToString());
    }

    [Fact]
    public async Task A_schema_for_the_answer_reaches_the_provider()
    {
        var client = await Chat("sdk-schema");
        var format = ChatResponseFormat.CreateJsonSchemaFormat("answer", BinaryData.FromString("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"""), jsonSchemaIsStrict: true);
        await client.CompleteChatAsync([new UserChatMessage("?")], new ChatCompletionOptions { ResponseFormat = format }, Ct);
        var sent = house.Stub.Requests.Last(r => r.Model == "sdk-schema").Json["response_format"]!;
        Assert.Equal(("json_schema", "answer", true), (sent["type"]!.GetValue<string>(), sent["json_schema"]!["name"]!.GetValue<string>(), sent["json_schema"]!["strict"]!.GetValue<bool>()));
        Assert.Equal("integer", sent["json_schema"]!["schema"]!["properties"]!["n"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Embeddings_arrive_in_the_encoding_the_client_asks_for()
    {
        await house.NewModel(house.Admin, "sdk-embed", "embeddings");
        var client = Client().GetEmbeddingClient("sdk-embed");
        var vectors = await client.GenerateEmbeddingsAsync(["one", "two", "three"], cancellationToken: Ct);
        Assert.Equal(3, vectors.Value.Count);
        Assert.Equal(StubServer.Embeddings("two"), vectors.Value[1].ToFloats().ToArray());
        Assert.Equal([0, 1, 2], vectors.Value.Select(v => v.Index));
        Assert.True(vectors.Value.Usage.InputTokenCount >= 3);
    }

    [Theory]
    [InlineData("stub-401", 502, "provider_refused_key", false)]
    [InlineData("stub-404", 404, "model_not_found", false)]
    [InlineData("stub-quota", 429, "insufficient_quota", false)]
    [InlineData("stub-context", 400, "context_length_exceeded", false)]
    [InlineData("stub-filtered", 400, "content_filter", false)]
    [InlineData("stub-garbage", 502, "bad_response", true)]
    [InlineData("stub-500", 502, "provider_error", true)]
    [InlineData("stub-429", 429, "rate_limit_exceeded", true)]
    public async Task Each_fault_of_a_provider_has_its_class_of_error(string model, int status, string code, bool worthRepeating)
    {
        var client = await Chat(model);
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync([new UserChatMessage("?")], cancellationToken: Ct));
        Assert.Equal(status, fault.Status);
        Assert.Contains(code, fault.Message, StringComparison.Ordinal);
        var headers = fault.GetRawResponse()!.Headers; // it came from a response
        Assert.Equal(worthRepeating ? null : status is 429 or 502 ? "false" : null, headers.TryGetValue("x-should-retry", out var retry) ? retry : null);
        Assert.True(headers.TryGetValue("x-request-id", out var id) && id!.Length > 0);
    }

    [Fact]
    public async Task A_key_that_is_mistyped_unknown_revoked_or_too_narrow_is_told_so()
    {
        var revoked = await house.NewKey(house.Admin.Tenant, house.Admin.UserId, status: "revoked");
        var narrow = await house.NewKey(house.Admin.Tenant, house.Admin.UserId, ["knowledge.search"]);
        foreach (var (key, status, code) in new[] { ("sk-wrong", 401, "invalid_api_key"), (Lyceum.Iam.ApiKeySecret.New(), 401, "invalid_api_key"), (revoked, 401, "invalid_api_key"), (narrow, 403, "permission_denied") })
        {
            var fault = await Assert.ThrowsAsync<ClientResultException>(() => Client(key).GetOpenAIModelClient().GetModelsAsync(Ct));
            Assert.Equal(status, fault.Status);
            Assert.Contains(code, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Models_of_others_and_models_that_never_were_are_the_same_404()
    {
        await house.NewModel(house.Stranger, "only-theirs");
        foreach (var name in new[] { "only-theirs", "never-was", "agent:nobody", "kb:nothing" })
        {
            var fault = await Assert.ThrowsAsync<ClientResultException>(() => Client().GetChatClient(name).CompleteChatAsync([new UserChatMessage("?")], cancellationToken: Ct));
            Assert.Equal(404, fault.Status);
            Assert.Contains("model_not_found", fault.Message, StringComparison.Ordinal);
            Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => Client().GetOpenAIModelClient().GetModelAsync(name, Ct))).Status);
            if (!name.Contains(':', StringComparison.Ordinal))
            {
                Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => Client().GetEmbeddingClient(name).GenerateEmbeddingAsync("x", cancellationToken: Ct))).Status);
            }
        }

        Assert.DoesNotContain((await Client().GetOpenAIModelClient().GetModelsAsync(Ct)).Value, m => m.Id == "only-theirs");
    }

    [Fact]
    public async Task The_client_repeats_after_a_429_as_soon_as_it_is_told()
    {
        var client = await Chat("sdk-busy", retries: 2);
        // Four refusals: three of our own attempts, then the client's first repetition succeeds on its second inner attempt.
        house.Stub.Script.Next(StubBehaviour.RateLimited(retryAfterMs: 20) with { Model = "sdk-busy", Times = 4 });
        var answer = await client.CompleteChatAsync([new UserChatMessage("?")], cancellationToken: Ct);
        Assert.NotEmpty(answer.Value.Content[0].Text);
        Assert.Equal(5, house.Stub.Requests.Count(r => r.Model == "sdk-busy"));
    }
}
