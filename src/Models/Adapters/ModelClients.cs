using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Lyceum.Models;

#pragma warning disable OPENAI001 // clients with another key header than Bearer are marked experimental

/// <summary>
/// Makes the clients with which models are called. All HTTP goes through the client that <paramref name="http"/> gives
/// (the egress guard lives in its handler); it is neither changed nor disposed of. Clients are cheap: make one per call.
/// </summary>
/// <remarks>The given HttpClient should have no timeout of its own and a handler with ConnectTimeout = <see cref="ProviderLimits.Connect"/> that follows no redirects.</remarks>
public sealed class ModelClients(Func<ModelEndpoint, HttpClient> http, ProviderLimits limits, TimeProvider time)
{
    private static readonly HashSet<string> OpenAiKinds =
        ["openai", "azure_openai", "mistral", "google", "ollama", "tgi", "vllm", "groq", "openrouter", "huggingface", "openai_compatible", "custom"];

    /// <summary>All kinds that can be called over the network.</summary>
    public static IReadOnlyCollection<string> Kinds { get; } = [.. OpenAiKinds, "anthropic"];

    /// <summary>Throws <see cref="ProviderException"/> at once when the endpoint cannot be one; everything else when it is called.</summary>
    public IChatClient Chat(ModelEndpoint endpoint)
    {
        var complete = Complete(endpoint);
        IChatClient raw = complete.Kind == "anthropic"
            ? AnthropicChat.Create(complete, Client(complete))
            : new OpenAiChat(new OpenAI.Chat.ChatClient(complete.Model, Key(complete), Options(complete)), complete);
        return new GuardedChat(raw, complete, limits, time);
    }

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelEndpoint endpoint)
    {
        var complete = Complete(endpoint);
        if (complete.Kind == "anthropic")
            throw new ProviderException(ProviderError.BadRequest, "Anthropic has no embedding models.", "Choose another provider, or the built-in embedder, for embeddings.");
        return new OpenAiEmbeddings(new OpenAI.Embeddings.EmbeddingClient(complete.Model, Key(complete), Options(complete)), complete, limits, time);
    }

    internal RerankWire Reranker(ModelEndpoint endpoint)
    {
        var complete = Complete(endpoint);
        if (complete.Kind == "anthropic")
            throw new ProviderException(ProviderError.BadRequest, "Anthropic has no rerank models.", "Choose another provider for it.");
        return new RerankWire(Client(complete), complete, limits, time);
    }

    internal ModerationWire Moderator(ModelEndpoint endpoint)
    {
        var complete = Complete(endpoint);
        if (complete.Kind == "anthropic")
            throw new ProviderException(ProviderError.BadRequest, "Anthropic has no moderation models.", "Choose another provider for it.");
        return new ModerationWire(new OpenAI.Moderations.ModerationClient(complete.Model, Key(complete), Options(complete)), complete, limits, time);
    }

    internal TranscriptionWire Transcriber(ModelEndpoint endpoint)
    {
        var complete = Complete(endpoint);
        if (complete.Kind == "anthropic")
            throw new ProviderException(ProviderError.BadRequest, "Anthropic has no transcription models.", "Choose another provider for it.");
        return new TranscriptionWire(Client(complete), complete, limits, time);
    }

    private static ModelEndpoint Complete(ModelEndpoint endpoint)
    {
        if (!Kinds.Contains(endpoint.Kind)) throw new ProviderException(ProviderError.BadRequest, $"There is no provider kind called {endpoint.Kind}.", "Use openai_compatible for a server that speaks OpenAI's API.");
        if (string.IsNullOrWhiteSpace(endpoint.Model)) throw new ProviderException(ProviderError.BadRequest, "The model has no name.", "Enter the name that the provider gives it.");
        var url = EndpointRules.BaseUrl(endpoint.Kind, endpoint.BaseUrl);
        if (endpoint is { Kind: "azure_openai", ApiVersion: { Length: > 0 } })
            url = new Uri(url, $"/openai/deployments/{Uri.EscapeDataString(endpoint.Model)}");
        var key = endpoint.ApiKey?.Trim();
        // A key with a line break or an umlaut cannot be a header; saying so beats the SDK's exception.
        if (key is not null && key.Any(c => c is < ' ' or > '~')) throw new ProviderException(ProviderError.InvalidKey, "The API key contains characters that no key has.", "Copy it again from the provider's console.");
        return endpoint with { BaseUrl = url, ApiKey = string.IsNullOrEmpty(key) ? null : key };
    }

    private HttpClient Client(ModelEndpoint endpoint) =>
        new(new ProviderWire(http(endpoint), endpoint, limits, time), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    private OpenAIClientOptions Options(ModelEndpoint endpoint)
    {
        var options = new OpenAIClientOptions
        {
            Endpoint = endpoint.BaseUrl,
            Transport = new HttpClientPipelineTransport(Client(endpoint)),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // ProviderRetry decides, with the run's journal at hand
            NetworkTimeout = Timeout.InfiniteTimeSpan, // ProviderLimits decide
            UserAgentApplicationId = "Lyceum",
        };
        if (endpoint is { Kind: "azure_openai", ApiVersion: { Length: > 0 } version }) options.AddPolicy(new AddQuery("api-version=" + Uri.EscapeDataString(version)), PipelinePosition.PerCall);
        return options;
    }

    private static AuthenticationPolicy Key(ModelEndpoint endpoint) => endpoint switch
    {
        { ApiKey: null } => new NoKey(),
        { Kind: "azure_openai" } => ApiKeyAuthenticationPolicy.CreateHeaderApiKeyPolicy(new ApiKeyCredential(endpoint.ApiKey), "api-key"),
        _ => ApiKeyAuthenticationPolicy.CreateBearerAuthorizationPolicy(new ApiKeyCredential(endpoint.ApiKey)),
    };

    /// <summary>Sends no credentials at all: a made-up key is refused by some proxies in front of local models.</summary>
    private sealed class NoKey : AuthenticationPolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => ProcessNext(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => ProcessNextAsync(message, pipeline, currentIndex);
    }

    private sealed class AddQuery(string query) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Add(message);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Add(message);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }

        private void Add(PipelineMessage message) => message.Request.Uri = new UriBuilder(message.Request.Uri!) { Query = query }.Uri; // set by the client before policies run
    }
}
