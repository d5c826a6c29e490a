using System.Text.Json;
using Lyceum.Models;
using Lyceum.Stub;
using Microsoft.Extensions.AI;
using Xunit;

namespace Lyceum.Rooms.Tests.Models.Adapters;

/// <summary>What every chat adapter promises, whatever the provider. A new kind inherits this and is done when it is green.</summary>
public abstract class ChatCompliance : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), AllowAutoRedirect = false });

    protected StubServer Stub { get; private set; } = null!; // set before each test by xunit

    protected abstract string Kind { get; }

    protected virtual string? ApiVersion => null;

    protected virtual bool SendsTemperature => true;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected bool IsAnthropic => Kind == "anthropic";

    public async ValueTask InitializeAsync() => Stub = await StubServer.Start();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Stub.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected IChatClient Client(string model = "stub-chat", string? key = "sk-right", ProviderLimits? limits = null) =>
        new ModelClients(_ => _http, limits ?? new ProviderLimits(), TimeProvider.System).Chat(new ModelEndpoint(Kind, Stub.BaseUrl, key, model, ApiVersion));

    private static ChatMessage[] Ask(string text = "What is the answer?") => [new(ChatRole.User, text)];

    private static async Task<(List<ChatResponseUpdate> Updates, ProviderException? Error)> Collect(IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        var updates = new List<ChatResponseUpdate>();
        try
        {
            await foreach (var update in stream) updates.Add(update);
            return (updates, null);
        }
        catch (ProviderException e)
        {
            return (updates, e);
        }
    }

    private static string Text(IEnumerable<ChatResponseUpdate> updates) => string.Concat(updates.Select(u => u.Text));

    [Fact]
    public async Task A_whole_answer_has_text_finish_reason_and_usage()
    {
        Stub.Script.Next(StubBehaviour.Says("Forty-two, says the guide."));
        var answer = await Client().GetResponseAsync(Ask(), cancellationToken: Ct);
        Assert.Equal("Forty-two, says the guide.", answer.Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.True(answer.Usage!.InputTokenCount > 0);
        Assert.Equal(4, answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task A_stream_gives_every_token_in_order_then_the_finish_reason_and_usage()
    {
        Stub.Script.Next(new StubBehaviour { Tokens = 50 });
        var (updates, error) = await Collect(Client().GetStreamingResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Null(error);
        Assert.Equal(string.Join(' ', Enumerable.Range(1, 50).Select(i => $"word{i}")), Text(updates));
        Assert.True(updates.Count >= 50, "the answer came in one piece");
        var whole = updates.ToChatResponse();
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        if (Kind != "mistral") Assert.Equal(50, whole.Usage!.OutputTokenCount); // the stub sends usage only when asked, Mistral always sends it
    }

    [Fact]
    public async Task Temperature_zero_stays_zero_and_what_is_null_is_not_sent()
    {
        await Client().GetResponseAsync(Ask(), new ChatOptions { Temperature = 0, MaxOutputTokens = 77 }, Ct);
        Assert.Equal(SendsTemperature ? 0 : null, Stub.LastRequest.Json["temperature"]?.GetValue<double>());
        Assert.Equal(77, (Stub.LastRequest.Json["max_tokens"] ?? Stub.LastRequest.Json["max_completion_tokens"])!.GetValue<int>());
        await Client().GetResponseAsync(Ask(), cancellationToken: Ct);
        if (IsAnthropic && ApiVersion is not null) Assert.Equal(ApiVersion, Stub.LastRequest.Headers["anthropic-version"]);
        foreach (var name in new[] { "temperature", "top_p", "tools", "tool_choice", "stop", "stop_sequences", "response_format" })
            Assert.Null(Stub.LastRequest.Json[name]);
        if (!IsAnthropic) Assert.Null(Stub.LastRequest.Json["max_tokens"] ?? Stub.LastRequest.Json["max_completion_tokens"]);
    }

    [Fact]
    public async Task The_system_prompt_and_earlier_turns_arrive_in_order()
    {
        await Client().GetResponseAsync(
            [new(ChatRole.System, "Be brief."), new(ChatRole.User, "One"), new(ChatRole.Assistant, "Two"), new(ChatRole.User, "Three")],
            new ChatOptions { Temperature = 0.5f }, Ct);
        var body = Stub.LastRequest.Body;
        int[] at = [body.IndexOf("One", StringComparison.Ordinal), body.IndexOf("Two", StringComparison.Ordinal), body.IndexOf("Three", StringComparison.Ordinal)];
        Assert.Contains("Be brief.", body, StringComparison.Ordinal);
        Assert.True(at[0] > 0 && at[0] < at[1] && at[1] < at[2]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_is_offered_called_and_its_result_returned(bool streaming)
    {
        var tool = AIFunctionFactoryLike.Declare("get_weather", "Weather of a city", """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""");
        var options = new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.Auto };
        var messages = Ask("Weather in Paris?").ToList();
        Stub.Script.Next(StubBehaviour.Calls("get_weather", """{"city":"Paris, 7ᵉ"}"""));
        var first = streaming
            ? (await Collect(Client().GetStreamingResponseAsync(messages, options, Ct))).Updates.ToChatResponse()
            : await Client().GetResponseAsync(messages, options, Ct);
        var call = Assert.Single(first.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal("get_weather", call.Name);
        Assert.Equal("Paris, 7ᵉ", call.Arguments!["city"]?.ToString());
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        Assert.Contains("get_weather", Stub.LastRequest.Body, StringComparison.Ordinal);

        messages.AddRange(first.Messages);
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "18 degrees")]));
        Stub.Script.Next(StubBehaviour.Says("It is 18 degrees."));
        var second = await Client().GetResponseAsync(messages, options, Ct);
        Assert.Equal("It is 18 degrees.", second.Text);
        Assert.Contains("18 degrees", Stub.LastRequest.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Several_tool_calls_in_one_turn_are_kept_apart(bool streaming)
    {
        Stub.Script.Next(new StubBehaviour { ToolCalls = [new("a", """{"x":1}""", "call_aaa"), new("b", """{"y":"two"}""", "call_bbb")] });
        var options = new ChatOptions { Tools = [AIFunctionFactoryLike.Declare("a", "", "{}"), AIFunctionFactoryLike.Declare("b", "", "{}")] };
        var answer = streaming
            ? (await Collect(Client().GetStreamingResponseAsync(Ask(), options, Ct))).Updates.ToChatResponse()
            : await Client().GetResponseAsync(Ask(), options, Ct);
        var calls = answer.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToList();
        Assert.Equal(["a", "b"], calls.Select(c => c.Name));
        Assert.Equal(["call_aaa", "call_bbb"], calls.Select(c => c.CallId));
        Assert.Equal("two", calls[1].Arguments!["y"]?.ToString());
    }

    [Fact]
    public async Task An_image_is_sent_as_its_bytes()
    {
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 1, 2, 3];
        await Client().GetResponseAsync([new(ChatRole.User, [new TextContent("What is this?"), new DataContent(png, "image/png")])], cancellationToken: Ct);
        var body = JsonSerializer.Serialize(Stub.LastRequest.Json);
        Assert.Contains(Convert.ToBase64String(png).TrimEnd('='), body.Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("image/png", body, StringComparison.Ordinal);
    }

    public static TheoryData<string, ProviderError> Refusals => new()
    {
        { "stub-401", ProviderError.InvalidKey },
        { "stub-403", ProviderError.PermissionDenied },
        { "stub-404", ProviderError.ModelNotFound },
        { "stub-429", ProviderError.RateLimited },
        { "stub-quota", ProviderError.QuotaExhausted },
        { "stub-500", ProviderError.ProviderError },
        { "stub-503", ProviderError.ProviderError },
        { "stub-context", ProviderError.ContextLength },
        { "stub-filtered", ProviderError.ContentFiltered },
        { "stub-garbage", ProviderError.BadResponse },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_reported_in_our_words_and_sent_once(string model, ProviderError expected)
    {
        var whole = await Assert.ThrowsAsync<ProviderException>(() => Client(model).GetResponseAsync(Ask(), cancellationToken: Ct));
        var (updates, streamed) = await Collect(Client(model).GetStreamingResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(expected, whole.Code);
        Assert.Equal(expected, streamed?.Code);
        Assert.Empty(Text(updates));
        Assert.EndsWith(".", whole.Message, StringComparison.Ordinal);
        Assert.Equal(2, Stub.Requests.Count);
    }

    [Fact]
    public async Task The_wait_that_a_provider_asks_for_is_passed_on()
    {
        Stub.Script.Next(StubBehaviour.RateLimited(retryAfterMs: 1234, retryAfterSeconds: 9), StubBehaviour.RateLimited(retryAfterSeconds: 7));
        var first = await Assert.ThrowsAsync<ProviderException>(() => Client().GetResponseAsync(Ask(), cancellationToken: Ct));
        var second = await Assert.ThrowsAsync<ProviderException>(() => Client().GetResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(TimeSpan.FromMilliseconds(1234), first.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(7), second.RetryAfter);
        Assert.True(first.IsTransient);
    }

    [Fact]
    public async Task Neither_the_key_nor_the_upstream_body_is_repeated()
    {
        var key = "sk-wrong-1234567890abcdef";
        var refused = await Assert.ThrowsAsync<ProviderException>(() => Client(key: key).GetResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(ProviderError.InvalidKey, refused.Code);
        Assert.DoesNotContain("1234567890", refused.ToString(), StringComparison.Ordinal);
        Stub.Script.Next(StubBehaviour.Fails(400, message: $"Bad thing with {key}\n\nand a stack trace {new string('x', 5000)}"));
        var other = await Assert.ThrowsAsync<ProviderException>(() => Client(key: "sk-1234567890abcdef").GetResponseAsync(Ask(), cancellationToken: Ct));
        Assert.DoesNotContain("1234567890", other.ToString(), StringComparison.Ordinal);
        Assert.True(other.Message.Length < 300, other.Message);
    }

    [Theory]
    [InlineData(StubFault.ErrorEvent, ProviderError.Interrupted)]
    [InlineData(StubFault.Cut, ProviderError.Interrupted)]
    [InlineData(StubFault.EarlyEnd, ProviderError.Interrupted)]
    [InlineData(StubFault.MalformedChunk, ProviderError.BadResponse)]
    public async Task Tokens_before_a_fault_are_handed_on_and_then_the_fault_is_told(StubFault fault, ProviderError expected)
    {
        Stub.Script.Next(StubBehaviour.Breaks(fault, afterTokens: 3));
        var (updates, error) = await Collect(Client().GetStreamingResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal("word1 word2 word3", Text(updates));
        Assert.Equal(expected, error?.Code);
        Assert.True(error!.AfterFirstToken);
        Assert.False(error.IsTransient);
        Assert.Null(ProviderRetry.Delay(error, 1, new RetryLimits(), 0));
    }

    [Theory]
    [InlineData(StubFault.ErrorEvent)]
    [InlineData(StubFault.Refuse)]
    [InlineData(StubFault.EarlyEnd)]
    public async Task A_fault_before_the_first_token_may_be_retried(StubFault fault)
    {
        Stub.Script.Next(StubBehaviour.Breaks(fault, afterTokens: 0));
        var (updates, error) = await Collect(Client().GetStreamingResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Empty(Text(updates));
        Assert.False(error!.AfterFirstToken);
        Assert.NotNull(ProviderRetry.Delay(error, 1, new RetryLimits(), 0));
    }

    [Theory]
    [InlineData(StubFault.Silence, 0, "")]
    [InlineData(StubFault.Stall, 0, "")]
    [InlineData(StubFault.HeartbeatsOnly, 0, "")]
    [InlineData(StubFault.Stall, 2, "word1 word2")]
    [InlineData(StubFault.HeartbeatsOnly, 2, "word1 word2")]
    public async Task Silence_ends_with_a_timeout_and_the_request_is_broken_off(StubFault fault, int tokens, string expected)
    {
        var limits = new ProviderLimits { FirstToken = TimeSpan.FromMilliseconds(400), Idle = TimeSpan.FromMilliseconds(300) };
        Stub.Script.Next(StubBehaviour.Breaks(fault, tokens));
        var (updates, error) = await Collect(Client(limits: limits).GetStreamingResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(expected, Text(updates));
        Assert.Equal(ProviderError.Timeout, error?.Code);
        Assert.Equal(tokens > 0, error!.AfterFirstToken);
        Assert.Equal(StubEnd.CancelledByClient, await Stub.LastRequest.Ended.WaitAsync(TimeSpan.FromSeconds(5), Ct));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_ends_with_a_timeout()
    {
        Stub.Script.Next(StubBehaviour.Breaks(StubFault.Silence));
        var error = await Assert.ThrowsAsync<ProviderException>(() =>
            Client(limits: new() { Answer = TimeSpan.FromMilliseconds(300) }).GetResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(ProviderError.Timeout, error.Code);
    }

    [Fact]
    public async Task A_stream_that_never_stops_talking_is_ended_at_its_limit()
    {
        var limits = new ProviderLimits { Stream = TimeSpan.FromMilliseconds(500) };
        Stub.Script.Next(new StubBehaviour { Tokens = 10_000, TokenDelayMs = 10 });
        var (updates, error) = await Collect(Client(limits: limits).GetStreamingResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(ProviderError.Timeout, error?.Code);
        Assert.NotEmpty(Text(updates));
    }

    [Fact]
    public async Task Cancelling_breaks_off_the_request_at_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Stub.Script.Next(new StubBehaviour { Tokens = 10_000, TokenDelayMs = 20 });
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in Client().GetStreamingResponseAsync(Ask(), cancellationToken: stop.Token))
                if (update.Text.Length > 0 && ++seen == 3) await stop.CancelAsync();
        });
        Assert.Equal(StubEnd.CancelledByClient, await Stub.LastRequest.Ended.WaitAsync(TimeSpan.FromSeconds(2), Ct));
        Assert.True(Stub.LastRequest.TokensSent < 50, $"{Stub.LastRequest.TokensSent} tokens were paid for");
    }

    [Fact]
    public async Task A_reader_that_stops_reading_breaks_off_the_request()
    {
        Stub.Script.Next(new StubBehaviour { Tokens = 10_000, TokenDelayMs = 20 });
        await foreach (var update in Client().GetStreamingResponseAsync(Ask(), cancellationToken: Ct))
            if (update.Text.Length > 0) break;
        Assert.Equal(StubEnd.CancelledByClient, await Stub.LastRequest.Ended.WaitAsync(TimeSpan.FromSeconds(2), Ct));
    }

    [Fact]
    public async Task Nothing_listening_on_localhost_comes_with_the_container_hint()
    {
        var gone = Stub.BaseUrl;
        await Stub.DisposeAsync();
        var client = new ModelClients(_ => _http, new(), TimeProvider.System).Chat(new ModelEndpoint(Kind, gone, "k", "m", ApiVersion));
        var error = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync(Ask(), cancellationToken: Ct));
        Assert.Equal(ProviderError.Unreachable, error.Code);
        Assert.True(error.IsTransient);
        Assert.Contains("container", error.Hint, StringComparison.Ordinal);
    }
}

/// <summary>A tool as the engine offers it: a name and a schema, without code behind it.</summary>
internal static class AIFunctionFactoryLike
{
    public static AIFunctionDeclaration Declare(string name, string description, string schema)
    {
        using var json = JsonDocument.Parse(schema);
        return AIFunctionFactory.CreateDeclaration(name, description, json.RootElement.Clone());
    }
}
