namespace Lyceum.Stub;

/// <summary>Models whose name is their behaviour, for processes that cannot reach the script.</summary>
public static class StubModels
{
    public static readonly IReadOnlyDictionary<string, StubBehaviour> Named = new Dictionary<string, StubBehaviour>(StringComparer.Ordinal)
    {
        ["stub-chat"] = new(),
        ["stub-echo"] = new(),
        ["stub-long"] = new() { Tokens = 1000 },
        ["stub-slow"] = new() { TokenDelayMs = 50, Tokens = 200 },
        ["stub-slow-start"] = new() { HeaderDelayMs = 2000 },
        ["stub-reasoning"] = new() { Reasoning = "First I read the question." },
        ["stub-tool"] = new() { UseOfferedTool = true },
        ["stub-401"] = new() { Status = 401 },
        ["stub-403"] = new() { Status = 403 },
        ["stub-404"] = new() { Status = 404 },
        ["stub-429"] = new() { Status = 429, RetryAfterMs = 50, RetryAfterSeconds = 1 },
        ["stub-quota"] = new() { Status = 429, ErrorCode = "insufficient_quota", ErrorType = "insufficient_quota" },
        ["stub-500"] = new() { Status = 500 },
        ["stub-503"] = new() { Status = 503 },
        ["stub-context"] = new() { Status = 400, ErrorCode = "context_length_exceeded" },
        ["stub-filtered"] = new() { Status = 400, ErrorCode = "content_filter" },
        ["stub-stream-error"] = StubBehaviour.Breaks(StubFault.ErrorEvent),
        ["stub-cut"] = StubBehaviour.Breaks(StubFault.Cut),
        ["stub-malformed"] = StubBehaviour.Breaks(StubFault.MalformedChunk),
        ["stub-stall"] = StubBehaviour.Breaks(StubFault.Stall),
        ["stub-silent"] = StubBehaviour.Breaks(StubFault.Silence),
        ["stub-garbage"] = StubBehaviour.Breaks(StubFault.Garbage),
        ["stub-embed"] = new(),
        ["stub-embed-2ms"] = new() { HeaderDelayMs = 2 },
        ["stub-embed-wrong-dimension"] = new() { Dimension = 17 },
        ["stub-embed-reversed"] = new() { Reversed = true },
        ["stub-embed-short"] = new() { OneVectorShort = true },
        ["stub-embed-429"] = new() { Status = 429, RetryAfterMs = 50, RetryAfterSeconds = 1 },
        ["stub-embed-500"] = new() { Status = 500 },
    };

    /// <summary>A model of this name makes vectors and cannot chat.</summary>
    public static bool IsEmbedder(string? model) => model is not null && model.Contains("embed", StringComparison.OrdinalIgnoreCase);

    /// <summary>No provider has a model of this name.</summary>
    public static bool IsUnknown(string? model) =>
        model is not null && (model.StartsWith("unknown", StringComparison.Ordinal) || model.StartsWith("missing", StringComparison.Ordinal));
}
