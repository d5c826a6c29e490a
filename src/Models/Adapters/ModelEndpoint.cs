namespace Lyceum.Models;

/// <summary>Where a model is called, and what is expected of it. The key is in clear here: build one per call, never store or log it.</summary>
/// <param name="Kind">A provider kind: openai, anthropic, mistral, azure_openai, google, ollama, tgi, vllm, groq, openrouter, huggingface, openai_compatible or custom.</param>
/// <param name="BaseUrl">As the person typed it; <see cref="EndpointRules"/> completes it. Null takes the kind's own address, where it has one.</param>
/// <param name="ApiKey">Null or empty sends no key at all.</param>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="ApiVersion">Azure only: set for the older deployment addresses, null for /openai/v1.</param>
/// <param name="Dimension">The length every vector must have; another length is refused. Null accepts what comes.</param>
/// <param name="RequestDimension">Ask the provider for <paramref name="Dimension"/>; only models that can shorten their vectors accept that.</param>
/// <param name="QueryPrefix">Put before a text that is embedded as a question (see <see cref="EmbeddingPurpose"/>).</param>
/// <param name="PassagePrefix">Put before a text that is embedded as a passage.</param>
public sealed record ModelEndpoint(
    string Kind,
    Uri? BaseUrl,
    string? ApiKey,
    string Model,
    string? ApiVersion = null,
    int? Dimension = null,
    bool RequestDimension = false,
    string? QueryPrefix = null,
    string? PassagePrefix = null)
{
    // A record prints all its members; the key must not reach a log that way.
    public override string ToString() => $"{Kind}/{Model}";
}

/// <summary>How long a provider may take and how much it may send. Nothing waits for ever: each wait has one of these limits.</summary>
public sealed record ProviderLimits
{
    /// <value>The default is 10 seconds. For whoever builds the HttpClient: its handler owns the connection.</value>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From sending the request to the first token of a stream; local models load in this time.</summary>
    /// <value>The default is 90 seconds.</value>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Between two tokens. Heartbeats do not count as tokens.</summary>
    /// <value>The default is 45 seconds.</value>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>A whole stream.</summary>
    /// <value>The default is 15 minutes.</value>
    public TimeSpan Stream { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>An answer that is not streamed.</summary>
    /// <value>The default is 3 minutes.</value>
    public TimeSpan Answer { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>One request for embeddings; a long list is several requests.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan Embedding { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Listening to one recording.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan Transcription { get; init; } = TimeSpan.FromMinutes(10);

    /// <value>The default is 64 MiB per answer.</value>
    public long ResponseBytesMax { get; init; } = 64 << 20;
}
