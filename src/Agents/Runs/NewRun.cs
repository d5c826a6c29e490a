using System.Text.Json;

namespace Lyceum.Agents;

/// <summary>One message of a conversation. Role is system, developer, user or assistant.</summary>
public sealed record RunMessage(string Role, string Content);

/// <summary>Limits of one run; null takes the agent's or the installation's. A caller can only lower them.</summary>
public sealed record RunLimits(int? WallSeconds = null, int? MaxSteps = null, int? MaxTokens = null);

/// <summary>How the model is asked; null takes the agent's or the model's own. <paramref name="Effort"/> is none, low, medium, high or extrahigh.</summary>
public sealed record RunOptions(
    float? Temperature = null, float? TopP = null, IReadOnlyList<string>? Stop = null, float? FrequencyPenalty = null, float? PresencePenalty = null, long? Seed = null, string? Effort = null);

/// <summary>
/// A run to start. <paramref name="Messages"/> end with the user's question. <paramref name="Collections"/> null reads the agent's, or all the
/// user may read. A second start of the tenant with the same <paramref name="IdempotencyKey"/> finds the first run.
/// </summary>
public sealed record NewRun(
    Guid? AgentId, string Source, Guid UserId, Guid? ApiKeyId, Guid[] TeamIds, Guid? ConversationId, Guid? MessageId, IReadOnlyList<RunMessage> Messages,
    IReadOnlyList<Guid>? Collections, Guid? ModelId, RunLimits? Limits, string? IdempotencyKey, RunOptions? Options, Guid? OnlyCollection = null)
{
    /// <summary>Asked with a key that is handed to others: only what the agent itself is given is read, whatever its owner may.</summary>
    public bool OnlyAgent { get; init; }
}

/// <summary>One entry of a run's log, as a reader sees it.</summary>
public sealed record RunEvent(long Seq, string Type, JsonElement Payload)
{
    /// <summary>Nothing follows this event.</summary>
    public bool IsLast => Type is RunEventTypes.Completed or RunEventTypes.Failed or RunEventTypes.Cancelled;
}

/// <summary>What can happen in a run.</summary>
public static class RunEventTypes
{
    public const string Started = "run.started", RetrievalStarted = "retrieval.started", RetrievalCompleted = "retrieval.completed",
        TextDelta = "text.delta", TextReset = "text.reset", Citations = "citations", Completed = "run.completed", Failed = "run.failed", Cancelled = "run.cancelled";
}

/// <summary>
/// A passage given to the model, as source number <paramref name="Marker"/>. <paramref name="Quote"/> is the sentence of it that fits best, at
/// <paramref name="StartOffset"/> to <paramref name="EndOffset"/> of the page's text. When <paramref name="Removed"/>, it is gone or hidden and nothing of it is shown.
/// </summary>
public sealed record RunCitation(
    int Marker, Guid ChunkId, Guid DocumentId, Guid CollectionId, string Name, int? Page, string Quote, double Score, int StartOffset, int EndOffset, bool Removed = false)
{
    /// <summary>Of a recording, when the passage begins, in seconds; null elsewhere.</summary>
    public double? StartSeconds { get; init; }

    /// <summary>And when it ends.</summary>
    public double? EndSeconds { get; init; }
}

/// <summary>What came of a run, or what it has so far (<paramref name="Status"/> queued or running).</summary>
public sealed record RunOutcome(
    Guid RunId, string Status, string? StopReason, Guid? UserId, Guid? ConversationId, Guid? MessageId, string Text, Guid? ModelId, string? ModelName,
    long PromptTokens, long CompletionTokens, int LatencyMs, IReadOnlyList<RunCitation> Citations, IReadOnlyList<RunCitation> UnusedSources, bool NoSource,
    string? RephrasedQuery, string? ErrorCode, string? ErrorMessage)
{
    /// <summary>What the guard found in the question; null where nothing was found or nothing looked.</summary>
    public RunFlag? Flag { get; init; }

    public bool HasEnded => Status is "completed" or "failed" or "cancelled" or "interrupted";
}

/// <summary>A question that the guard did not let through: which model said so, in what words, and the codes of what it found.</summary>
public sealed record RunFlag(Guid GuardModelId, string GuardModelName, IReadOnlyList<string> Categories, string Raw);

/// <summary>Payload of the event <c>agents.run.finished</c>.</summary>
public sealed record RunFinished(Guid RunId, Guid? ConversationId, Guid? MessageId, string Status, bool Flagged = false);

/// <summary>What is kept of a run's request, enough for another process to go on. Our own shape: never an SDK's.</summary>
internal sealed record RunInput(
    IReadOnlyList<RunMessage> Messages, IReadOnlyList<Guid>? Collections, Guid? ModelId, RunOptions? Options, Guid[] TeamIds, Guid? OnlyCollection, bool OnlyAgent = false)
{
    public static RunInput Of(NewRun run) => new(run.Messages, run.Collections, run.ModelId, run.Options, run.TeamIds, run.OnlyCollection, run.OnlyAgent);
}

/// <summary>What is kept of a run's result.</summary>
internal sealed record RunOutput(
    string Text, Guid? ModelId, string? ModelName, IReadOnlyList<RunCitation> Citations, IReadOnlyList<RunCitation> UnusedSources, bool NoSource, string? RephrasedQuery, RunFlag? Flag = null);

/// <summary>Result of step 0. Passages are kept as they were read: a run that goes on elsewhere shows the model the same.</summary>
internal sealed record RetrievalResult(Guid? QueryId, string Query, string? RephrasedQuery, IReadOnlyList<SourcePassage> Passages, double TookMs, bool Searched)
{
    /// <summary>What is remembered of the asker that has to do with the question; null where nothing is or the agent does not remember.</summary>
    public IReadOnlyList<string>? Memories { get; init; }
}

internal sealed record SourcePassage(
    Guid ChunkId, Guid DocumentId, Guid CollectionId, string Name, int? Page, double Score, string Text, int StartOffset, int EndOffset, string? Section)
{
    /// <summary>Of a recording, when it begins, in seconds; null elsewhere.</summary>
    public double? StartSeconds { get; init; }

    /// <summary>And when it ends.</summary>
    public double? EndSeconds { get; init; }
}

/// <summary>Result of step 1.</summary>
internal sealed record ModelResult(string Text, string FinishReason, Guid ModelId, string ModelName, long PromptTokens, long CompletionTokens, int Sources);
