using System.ComponentModel.DataAnnotations;
using Lyceum.Agents;

namespace Lyceum.Chat;

/// <summary>A question or an answer. Of an answer that is still written, the text comes through its run's events.</summary>
public sealed record Message(
    Guid Id, Guid ConversationId, Guid? ParentMessageId, int Sequence, string Role, string Status, string Content, Guid? RunId, string? ModelName,
    IReadOnlyList<RunCitation> Citations, IReadOnlyList<RunCitation> UnusedSources, Feedback? Feedback, string? ErrorCode, string? ErrorMessage,
    int? PromptTokens, int? CompletionTokens, int? LatencyMs, DateTimeOffset CreatedAt);

public sealed record Feedback(bool IsPositive, string? Comment, IReadOnlyList<string> Reasons);

public sealed record PostMessage([property: Required, MaxLength(100_000)] string Content, Guid? ModelId = null);

public sealed record PostedMessage(Message UserMessage, Message AssistantMessage, Guid RunId);

public sealed record Regenerate(Guid? ModelId = null);

public sealed record RegeneratedMessage(Message AssistantMessage, Guid RunId);

public sealed record GiveFeedback(bool IsPositive, [property: MaxLength(4000)] string? Comment = null, [property: MaxLength(20)] string[]? Reasons = null);

/// <summary>A message as it is stored, without what other tables say about it.</summary>
internal sealed record MessageRow(
    Guid Id, Guid ConversationId, Guid? ParentMessageId, int Sequence, string Role, string Status, string Content, Guid? RunId, string? ModelName,
    string? ErrorCode, string? ErrorMessage, int? PromptTokens, int? CompletionTokens, int? LatencyMs, DateTimeOffset CreatedAt)
{
    public Message Shown(IReadOnlyList<RunCitation> cited, IReadOnlyList<RunCitation> unused, Feedback? feedback) => new(
        Id, ConversationId, ParentMessageId, Sequence, Role, Status, Content, RunId, ModelName, cited, unused, feedback, ErrorCode, ErrorMessage,
        PromptTokens, CompletionTokens, LatencyMs, CreatedAt);
}

internal sealed record SourceRow(Guid MessageId, bool IsCited, RunCitation Citation);
