using Lyceum.Models;
using Lyceum.Stub;
using Microsoft.Extensions.AI;
using Xunit;

namespace Lyceum.Rooms.Tests.Models.Adapters;

/// <summary>What every embedding adapter promises, for each kind that has embeddings.</summary>
public abstract class EmbeddingCompliance : IAsyncLifetime
{
    private readonly HttpClient _http = new();

    protected abstract string Kind { get; }

    private StubServer Stub { get; set; } = null!; // set before each test by xunit

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Stub = await StubServer.Start();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Stub.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private IEmbeddingGenerator<string, Embedding<float>> Client(string model = "stub-embed", int? dimension = null, bool request = false, ProviderLimits? limits = null) =>
        new ModelClients(_ => _http, limits ?? new(), TimeProvider.System)
            .Embeddings(new(Kind, Stub.BaseUrl, "sk-right", model, Dimension: dimension, RequestDimension: request, QueryPrefix: "query: ", PassagePrefix: "passage: "));

    [Fact]
    public async Task Each_text_gets_its_own_vector_in_order()
    {
        var texts = Enumerable.Range(0, 70).Select(i => $"text number {i}").ToList();
        var vectors = await Client(dimension: 384).GenerateAsync(texts, cancellationToken: Ct);
        Assert.Equal(70, vectors.Count);
        for (var i = 0; i < texts.Count; i++) Assert.Equal(StubServer.Embeddings(texts[i]), vectors[i].Vector.ToArray());
        Assert.Equal(210, vectors.Usage!.InputTokenCount);
        Assert.All(Stub.Requests, r => Assert.True(r.Json["input"]!.AsArray().Count <= EndpointRules.EmbeddingBatch(Kind)));
    }

    [Fact]
    public async Task Vectors_that_come_back_out_of_order_are_put_in_order()
    {
        string[] texts = ["first", "second", "third"];
        var vectors = await Client("stub-embed-reversed").GenerateAsync(texts, cancellationToken: Ct);
        for (var i = 0; i < texts.Length; i++) Assert.Equal(StubServer.Embeddings(texts[i]), vectors[i].Vector.ToArray());
    }

    [Fact]
    public async Task A_wrong_dimension_is_refused_with_the_right_one_in_the_hint()
    {
        var error = await Assert.ThrowsAsync<ProviderException>(() => Client("stub-embed-wrong-dimension", dimension: 384).GenerateAsync(["a"], cancellationToken: Ct));
        Assert.Equal(ProviderError.BadResponse, error.Code);
        Assert.Contains("17", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dimension_is_asked_for_only_when_wanted()
    {
        await Client(dimension: 384).GenerateAsync(["a"], cancellationToken: Ct);
        Assert.Null(Stub.LastRequest.Json["dimensions"]);
        var shorter = await Client(dimension: 64, request: true).GenerateAsync(["a"], cancellationToken: Ct);
        Assert.Equal(64, shorter[0].Vector.Length);
        var byOption = await Client().GenerateAsync(["a"], new() { Dimensions = 32 }, Ct);
        Assert.Equal(32, byOption[0].Vector.Length);
    }

    [Fact]
    public async Task A_missing_vector_is_refused()
    {
        var error = await Assert.ThrowsAsync<ProviderException>(() => Client("stub-embed-short").GenerateAsync(["a", "b"], cancellationToken: Ct));
        Assert.Equal(ProviderError.BadResponse, error.Code);
    }

    [Fact]
    public async Task Questions_and_passages_get_the_prefix_of_their_purpose()
    {
        await Client().GenerateAsync(["sky"], EmbeddingPurpose.Query, Ct);
        Assert.Equal("query: sky", Stub.LastRequest.Json["input"]![0]!.GetValue<string>());
        await Client().GenerateAsync(["sky"], EmbeddingPurpose.Passage, Ct);
        Assert.Equal("passage: sky", Stub.LastRequest.Json["input"]![0]!.GetValue<string>());
        Assert.Null(Stub.LastRequest.Json["purpose"]);
        await Client().GenerateAsync(["sky"], cancellationToken: Ct);
        Assert.Equal("sky", Stub.LastRequest.Json["input"]![0]!.GetValue<string>());
    }

    [Theory]
    [InlineData("stub-401", ProviderError.InvalidKey)]
    [InlineData("missing-embedder", ProviderError.ModelNotFound)]
    [InlineData("stub-embed-429", ProviderError.RateLimited)]
    [InlineData("stub-embed-500", ProviderError.ProviderError)]
    [InlineData("stub-garbage", ProviderError.BadResponse)]
    public async Task A_refusal_is_reported_in_our_words_and_sent_once(string model, ProviderError expected)
    {
        var error = await Assert.ThrowsAsync<ProviderException>(() => Client(model).GenerateAsync(["a"], cancellationToken: Ct));
        Assert.Equal(expected, error.Code);
        Assert.Single(Stub.Requests);
    }

    [Fact]
    public async Task An_answer_without_vectors_is_refused()
    {
        Stub.Script.Next(new StubBehaviour { Fault = StubFault.EmptyObject });
        var error = await Assert.ThrowsAsync<ProviderException>(() => Client().GenerateAsync(["a"], cancellationToken: Ct));
        Assert.Equal(ProviderError.BadResponse, error.Code);
    }

    [Fact]
    public async Task Silence_ends_with_a_timeout_and_cancelling_breaks_off()
    {
        Stub.Script.Next(StubBehaviour.Breaks(StubFault.Silence) with { Times = 2 });
        var error = await Assert.ThrowsAsync<ProviderException>(() => Client(limits: new() { Embedding = TimeSpan.FromMilliseconds(200) }).GenerateAsync(["a"], cancellationToken: Ct));
        Assert.Equal(ProviderError.Timeout, error.Code);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        stop.CancelAfter(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client().GenerateAsync(["a"], cancellationToken: stop.Token));
        Assert.Equal(StubEnd.CancelledByClient, await Stub.LastRequest.Ended.WaitAsync(TimeSpan.FromSeconds(2), Ct));
    }
}

public sealed class OpenAiEmbeddingTests : EmbeddingCompliance { protected override string Kind => "openai"; }

public sealed class VllmEmbeddingTests : EmbeddingCompliance { protected override string Kind => "vllm"; }

public sealed class OllamaEmbeddingTests : EmbeddingCompliance { protected override string Kind => "ollama"; }

public sealed class MistralEmbeddingTests : EmbeddingCompliance { protected override string Kind => "mistral"; }

public sealed class GoogleEmbeddingTests : EmbeddingCompliance { protected override string Kind => "google"; }

public sealed class HuggingFaceEmbeddingTests : EmbeddingCompliance { protected override string Kind => "huggingface"; }

public sealed class CustomEmbeddingTests : EmbeddingCompliance { protected override string Kind => "custom"; }
