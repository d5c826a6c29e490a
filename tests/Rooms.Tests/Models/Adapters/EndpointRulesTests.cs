using Lyceum.Models;
using Lyceum.Stub;
using Microsoft.Extensions.AI;
using Xunit;

namespace Lyceum.Rooms.Tests.Models.Adapters;

public sealed class EndpointRulesTests
{
    [Theory]
    [InlineData("openai", "https://api.example.org", "https://api.example.org/v1")]
    [InlineData("openai", "https://api.example.org/", "https://api.example.org/v1")]
    [InlineData("openai", "https://api.example.org/v1/", "https://api.example.org/v1")]
    [InlineData("openai", "https://api.example.org/v1/chat/completions", "https://api.example.org/v1")]
    [InlineData("custom", "http://10.0.0.1:8000/v1/embeddings?x=1#y", "http://10.0.0.1:8000/v1")]
    [InlineData("custom", "https://example.org/llm/v2", "https://example.org/llm/v2")]
    [InlineData("ollama", "http://localhost:11434/api/chat", "http://localhost:11434/v1")]
    [InlineData("ollama", "http://localhost:11434", "http://localhost:11434/v1")]
    [InlineData("groq", "https://api.example.org/openai", "https://api.example.org/openai/v1")]
    [InlineData("openrouter", "https://example.org/api", "https://example.org/api/v1")]
    [InlineData("google", "https://example.org", "https://example.org/v1beta/openai")]
    [InlineData("azure_openai", "https://res.example.org/", "https://res.example.org/openai/v1")]
    [InlineData("anthropic", "https://api.example.org/v1/messages", "https://api.example.org/")]
    [InlineData("anthropic", "https://proxy.example.org/claude/v1", "https://proxy.example.org/claude")]
    public void A_base_url_is_completed_and_cleaned(string kind, string typed, string expected) =>
        Assert.Equal(expected, EndpointRules.BaseUrl(kind, new Uri(typed)).ToString());

    [Theory]
    [InlineData("ftp://example.org/v1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:secret@example.org/v1")]
    public void An_address_that_cannot_be_an_api_is_refused_with_what_to_type(string typed)
    {
        var error = Assert.Throws<ProviderException>(() => EndpointRules.BaseUrl("custom", new Uri(typed)));
        Assert.NotNull(error.Hint);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_without_an_address_of_its_own_asks_for_one() =>
        Assert.Contains("base URL", Assert.Throws<ProviderException>(() => EndpointRules.BaseUrl("vllm", null)).Hint, StringComparison.Ordinal);

    [Fact]
    public void A_printed_endpoint_does_not_show_the_key() =>
        Assert.DoesNotContain("sk-secret", $"{new ModelEndpoint("openai", null, "sk-secret", "gpt")}", StringComparison.Ordinal);

    [Fact]
    public async Task Where_there_is_no_api_the_hint_is_to_check_the_base_url()
    {
        await using var stub = await StubServer.Start();
        using var http = new HttpClient();
        var client = new ModelClients(_ => http, new(), TimeProvider.System).Chat(new("custom", new Uri(stub.BaseUrl, "/wrong/path"), null, "m"));
        var error = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(ProviderError.BadResponse, error.Code);
        Assert.Contains("/v1", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_embedding_model_chosen_for_chat_is_told_so()
    {
        await using var stub = await StubServer.Start();
        using var http = new HttpClient();
        var client = new ModelClients(_ => http, new(), TimeProvider.System).Chat(new("openai", stub.BaseUrl, "k", "text-embedding-3-small"));
        var error = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(ProviderError.BadRequest, error.Code);
        Assert.Contains("embedding model", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", null, "authorization", "Bearer sk-1")]
    [InlineData("azure_openai", null, "api-key", "sk-1")]
    [InlineData("azure_openai", "2024-10-21", "api-key", "sk-1")]
    public async Task The_key_is_sent_where_the_provider_looks_for_it(string kind, string? version, string header, string value)
    {
        await using var stub = await StubServer.Start();
        using var http = new HttpClient();
        await new ModelClients(_ => http, new(), TimeProvider.System).Chat(new(kind, stub.BaseUrl, "sk-1", "dep 1", version)).GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(value, stub.LastRequest.Headers[header]);
        if (version is not null) Assert.Equal("/openai/deployments/dep%201/chat/completions?api-version=2024-10-21", stub.LastRequest.Path);
    }

    [Theory]
    [InlineData("ollama")]
    [InlineData("anthropic")]
    public async Task Without_a_key_no_credentials_are_sent_not_even_the_servers_own(string kind)
    {
        Environment.SetEnvironmentVariable("ANTHROPIC_API_KEY", "sk-of-the-server");
        Environment.SetEnvironmentVariable("OPENAI_API_KEY", "sk-of-the-server");
        await using var stub = await StubServer.Start();
        using var http = new HttpClient();
        await new ModelClients(_ => http, new(), TimeProvider.System).Chat(new(kind, stub.BaseUrl, null, "m")).GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(["authorization", "x-api-key", "api-key"], name => Assert.False(stub.LastRequest.Headers.ContainsKey(name)));
    }

    [Fact]
    public async Task A_slow_proxy_that_sends_a_web_page_is_not_read_without_end()
    {
        await using var stub = await StubServer.Start();
        stub.Script.Next(new StubBehaviour { Tokens = 100_000 });
        using var http = new HttpClient();
        var client = new ModelClients(_ => http, new() { ResponseBytesMax = 10_000 }, TimeProvider.System).Chat(new("openai", stub.BaseUrl, "k", "m"));
        var error = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(ProviderError.BadResponse, error.Code);
    }

    [Fact]
    public async Task Options_without_a_place_of_their_own_are_passed_through()
    {
        await using var stub = await StubServer.Start();
        using var http = new HttpClient();
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Json, StopSequences = ["END"], TopK = 7, Seed = 5, AdditionalProperties = new() { ["min_p"] = 0.1, ["guided_json"] = new Dictionary<string, object> { ["type"] = "object" } } };
        await new ModelClients(_ => http, new(), TimeProvider.System).Chat(new("vllm", stub.BaseUrl, null, "m")).GetResponseAsync("hi", options, TestContext.Current.CancellationToken);
        var body = stub.LastRequest.Json;
        Assert.Equal(0.1, body["min_p"]!.GetValue<double>());
        Assert.Equal("object", body["guided_json"]!["type"]!.GetValue<string>());
        Assert.Equal("json_object", body["response_format"]!["type"]!.GetValue<string>());
        Assert.Equal("END", body["stop"]![0]!.GetValue<string>());
        Assert.Equal(7, body["top_k"]!.GetValue<int>());
        Assert.Equal(5, body["seed"]!.GetValue<int>());
    }

    [Fact]
    public async Task Reasoning_is_told_apart_from_the_answer()
    {
        await using var stub = await StubServer.Start();
        using var http = new HttpClient();
        var client = new ModelClients(_ => http, new(), TimeProvider.System).Chat(new("vllm", stub.BaseUrl, null, "stub-reasoning"));
        var whole = await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        var streamed = await client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken);
        foreach (var answer in new[] { whole, streamed })
        {
            Assert.Equal("You said: hi", answer.Text);
            Assert.Equal("First I read the question.", string.Concat(answer.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Select(r => r.Text)));
        }
    }
}
