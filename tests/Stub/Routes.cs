using System.Text.RegularExpressions;

namespace Lyceum.Stub;

/// <summary>Which addresses the stub knows. A missing /v1 is not forgiven, as it is not by real providers.</summary>
internal static partial class Routes
{
    /// <summary>chat, embeddings, rerank, transcriptions, models, or "none" for an address that no provider has.</summary>
    public static string Of(string path) => Name(path) switch
    {
        "chat/completions" or "messages" or "messages/count_tokens" => "chat",
        "embeddings" => "embeddings",
        "rerank" => "rerank",
        "audio/transcriptions" => "transcriptions",
        null => "none",
        _ => "models",
    };

    public static string? Name(string path)
    {
        var match = Known().Match(path);
        return match.Success ? match.Groups["name"].Value : null;
    }

    public static Task Models(Exchange exchange)
    {
        var list = StubModels.Named.Keys.Select(id => new { id, @object = "model", created = 1_760_000_000, owned_by = "stub" }).ToList();
        var path = exchange.Path;
        if (path.EndsWith("/models", StringComparison.Ordinal)) return exchange.Write(200, new { @object = "list", data = list });
        var wanted = Uri.UnescapeDataString(path[(path.IndexOf("/models/", StringComparison.Ordinal) + 8)..]);
        return StubModels.IsUnknown(wanted)
            ? OpenAiWire.Error(exchange, 404, $"The model '{wanted}' does not exist or you do not have access to it.", "invalid_request_error", "model_not_found", "model")
            : exchange.Write(200, new { id = wanted, @object = "model", created = 1_760_000_000, owned_by = "stub" });
    }

    // OpenAI, Azure old and new, Google's compatible door, OpenRouter, Groq, TGI and the rest.
    [GeneratedRegex(@"^/(v1|openai/v1|api/v1|v1beta/openai|openai/deployments/[^/]+)/(?<name>chat/completions|embeddings|messages/count_tokens|messages|models|rerank|audio/transcriptions)(/|$)")]
    private static partial Regex Known();
}
