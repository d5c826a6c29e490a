namespace Lyceum.Models;

/// <summary>What differs between kinds of provider, as pure rules: addresses, names of parameters, sizes of batches.</summary>
public static class EndpointRules
{
    // What people copy out of a provider's documentation instead of the base address.
    private static readonly string[][] Endings =
        [["chat", "completions"], ["completions"], ["embeddings"], ["models"], ["responses"], ["messages"], ["api", "chat"], ["api", "generate"], ["api", "tags"]];

    /// <summary>
    /// The base address the SDK needs: completed (missing /v1), shortened (a pasted /chat/completions), without query and trailing slash.
    /// Throws <see cref="ProviderException"/> with what to type when it cannot be one.
    /// </summary>
    public static Uri BaseUrl(string kind, Uri? typed)
    {
        var url = typed ?? Default(kind) ?? throw new ProviderException(ProviderError.BadRequest, "This provider has no address.", "Enter the base URL of its API, for example http://localhost:8000/v1.");
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw new ProviderException(ProviderError.BadRequest, "The base URL is not an http or https address.", "Write it with its scheme, for example https://example.org/v1.");
        if (url.UserInfo.Length > 0)
            throw new ProviderException(ProviderError.BadRequest, "The base URL contains a user name or password.", "Remove it and enter the API key in its own field.");

        var path = WithoutEnding([.. url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)]);
        var usual = UsualPath(kind);
        if (kind == "anthropic")
            path = path is [.. var before, "v1"] ? before : path; // its SDK adds /v1 itself
        else if (usual.AsSpan(0, Math.Min(path.Length, usual.Length)).SequenceEqual(path))
            path = usual;
        return new UriBuilder(url.Scheme, url.Host, url.Port, string.Join('/', path)).Uri;
    }

    /// <summary>OpenAI's own newer models refuse max_tokens; most others know nothing else.</summary>
    public static bool UsesMaxCompletionTokens(string kind) => kind is "openai" or "azure_openai";

    /// <summary>Servers of the others may answer floats or refuse the parameter.</summary>
    public static bool AsksForBase64(string kind) => kind is "openai" or "azure_openai" or "vllm";

    /// <summary>Mistral refuses fields it does not know and always sends its usage.</summary>
    public static bool SendsStreamOptions(string kind) => kind is not "mistral";

    /// <summary>
    /// Anthropic's API refuses temperature, top_p and top_k since its version 2026-10-21, which its SDK speaks.
    /// An endpoint with ApiVersion 2023-06-01 still sends them; newer models refuse them there too.
    /// </summary>
    public static bool SendsTemperature(ModelEndpoint endpoint) => endpoint.Kind != "anthropic" || endpoint.ApiVersion == AnthropicVersionWithSampling;

    internal const string AnthropicVersionWithSampling = "2023-06-01";

    /// <summary>Whose embeddings take lists of token ids; the others answer them with an error or, worse, with vectors of the digits.</summary>
    public static bool ReadsTokens(string kind) => kind is "openai" or "azure_openai" or "vllm" or "openai_compatible" or "custom";

    public static int EmbeddingBatch(string kind) => kind switch
    {
        "openai" or "azure_openai" or "vllm" => 2048,
        "google" => 100,
        "huggingface" or "tgi" => 32,
        _ => 256,
    };

    private static Uri? Default(string kind) => kind switch
    {
        "openai" => new("https://api.openai.com/v1"),
        "anthropic" => new("https://api.anthropic.com"),
        "mistral" => new("https://api.mistral.ai/v1"),
        "google" => new("https://generativelanguage.googleapis.com/v1beta/openai"),
        "groq" => new("https://api.groq.com/openai/v1"),
        "openrouter" => new("https://openrouter.ai/api/v1"),
        "ollama" => new("http://localhost:11434/v1"),
        _ => null,
    };

    private static string[] UsualPath(string kind) => kind switch
    {
        "azure_openai" or "groq" => ["openai", "v1"],
        "google" => ["v1beta", "openai"],
        "openrouter" => ["api", "v1"],
        "anthropic" => [],
        _ => ["v1"],
    };

    private static string[] WithoutEnding(string[] path)
    {
        foreach (var ending in Endings)
            if (path.Length >= ending.Length && path.AsSpan(^ending.Length..).SequenceEqual(ending))
                return path[..^ending.Length];
        return path;
    }
}
