namespace Lyceum.Stub;

/// <summary>How one request is answered. Everything left out means "as a well-behaved provider would".</summary>
public sealed record StubBehaviour
{
    /// <summary>Only for these requests: chat (OpenAI and Anthropic), embeddings, models, rerank, transcriptions. Empty: chat and embeddings.</summary>
    public string? Route { get; init; }

    /// <summary>Only for requests that name this model. Empty: any.</summary>
    public string? Model { get; init; }

    /// <summary>The answer. Empty: quote the first source of the prompt, or repeat the question.</summary>
    public string? Text { get; init; }

    /// <summary>Answer with this many generated words instead of a text.</summary>
    public int? Tokens { get; init; }

    public string? Reasoning { get; init; }

    /// <summary>Function calls to ask for instead of a text.</summary>
    public IReadOnlyList<StubToolCall> ToolCalls { get; init; } = [];

    /// <summary>Call the first offered tool once, then tell what it returned.</summary>
    public bool UseOfferedTool { get; init; }

    /// <summary>In OpenAI's words (stop, length, tool_calls, content_filter); the Anthropic route translates.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Leave the usage out even if it was asked for, as some open servers do.</summary>
    public bool WithoutUsage { get; init; }

    public int HeaderDelayMs { get; init; }

    public int TokenDelayMs { get; init; }

    /// <summary>A stream waits after this many tokens until its model is set to something that does not wait.</summary>
    public int? HoldAfterTokens { get; init; }

    /// <summary>An HTTP error instead of an answer.</summary>
    public int? Status { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorType { get; init; }

    public string? ErrorMessage { get; init; }

    public int? RetryAfterMs { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public StubFault Fault { get; init; }

    /// <summary>How many tokens a stream gets out before <see cref="Fault"/> strikes.</summary>
    public int FaultAfterTokens { get; init; } = 3;

    /// <summary>Length of the vectors, whatever the request asked for.</summary>
    public int? Dimension { get; init; }

    /// <summary>Embeddings come back last first, each with its right index.</summary>
    public bool Reversed { get; init; }

    /// <summary>Leave out the last vector of a batch.</summary>
    public bool OneVectorShort { get; init; }

    /// <summary>Transcription: what is heard, instead of what the samples say; a segment each.</summary>
    public IReadOnlyList<StubSegment>? Segments { get; init; }

    /// <summary>Transcription: no times, as models that refuse verbose_json.</summary>
    public bool WithoutTimes { get; init; }

    /// <summary>Rerank: texts with this word come first. Empty: by the words they share with the question.</summary>
    public string? Favourite { get; init; }

    /// <summary>Answer so this many times before the next in the queue; the default is once.</summary>
    public int Times { get; init; } = 1;

    public static StubBehaviour Says(string text) => new() { Text = text };

    public static StubBehaviour Calls(string tool, string argumentsJson) => new() { ToolCalls = [new(tool, argumentsJson)] };

    public static StubBehaviour Fails(int status, string? code = null, string? message = null) =>
        new() { Status = status, ErrorCode = code, ErrorMessage = message };

    public static StubBehaviour RateLimited(int? retryAfterMs = null, int? retryAfterSeconds = null) =>
        new() { Status = 429, RetryAfterMs = retryAfterMs, RetryAfterSeconds = retryAfterSeconds };

    public static StubBehaviour Breaks(StubFault fault, int afterTokens = 3) => new() { Fault = fault, FaultAfterTokens = afterTokens, Tokens = 40 };
}

/// <summary>An utterance, from second to second.</summary>
public sealed record StubSegment(double Start, double End, string Text);

/// <summary>A function call the stub asks its client to make.</summary>
public sealed record StubToolCall(string Name, string ArgumentsJson, string? Id = null);

/// <summary>The ways in which a provider goes wrong after it accepted a request.</summary>
public enum StubFault
{
    None,

    /// <summary>An error event in the middle of a stream.</summary>
    ErrorEvent,

    /// <summary>The connection is cut without an end.</summary>
    Cut,

    /// <summary>The stream ends in good order, but without a finish reason or [DONE].</summary>
    EarlyEnd,

    /// <summary>One event that is not JSON.</summary>
    MalformedChunk,

    /// <summary>Nothing is sent at all, not even headers.</summary>
    Silence,

    /// <summary>Tokens stop coming, the connection stays open.</summary>
    Stall,

    /// <summary>Only heartbeat comments come after some tokens, for ever.</summary>
    HeartbeatsOnly,

    /// <summary>200 with a body that is no JSON.</summary>
    Garbage,

    /// <summary>200 with JSON that is no answer.</summary>
    EmptyObject,

    /// <summary>The connection is closed before any byte.</summary>
    Refuse,
}
