using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lyceum.Stub;

/// <summary>A request as it arrived, and how it ended.</summary>
public sealed class StubRequest
{
    private readonly TaskCompletionSource<StubEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required int Number { get; init; }

    public required string Method { get; init; }

    /// <summary>Path and query.</summary>
    public required string Path { get; init; }

    /// <summary>Names in lower case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required string Body { get; init; }

    public string? Model { get; init; }

    public int TokensSent { get; internal set; }

    public StubEnd? End => _end.Task.IsCompletedSuccessfully ? _end.Task.Result : null;

    /// <summary>Completes when the last byte was sent, or when the client went away.</summary>
    public Task<StubEnd> Ended => _end.Task;

    public JsonNode Json => JsonNode.Parse(Body) ?? throw new JsonException("The request body is null.");

    internal void Finish(StubEnd end) => _end.TrySetResult(end);
}

public enum StubEnd
{
    Answered,

    /// <summary>The client closed the connection before the end.</summary>
    CancelledByClient,

    /// <summary>The stub broke it off, as scripted.</summary>
    Broken,
}
