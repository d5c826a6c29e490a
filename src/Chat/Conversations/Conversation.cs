using System.ComponentModel.DataAnnotations;

namespace Lyceum.Chat;

/// <summary>A thread of questions and answers, as its owner sees it, and whoever it is shown to. No agent slug is the tenant's default agent, no collections are all the owner may read.</summary>
public sealed record Conversation(
    Guid Id, string? Title, string? AgentSlug, IReadOnlyList<Guid> CollectionIds, Guid? ModelId, string? LastMessagePreview, DateTimeOffset LastMessageAt,
    int MessageCount, string Status, DateTimeOffset CreatedAt, string Visibility, Guid? OwnerId);

public sealed record CreateConversation(
    [property: MaxLength(300)] string? Title = null, [property: MaxLength(100)] Guid[]? CollectionIds = null, [property: MaxLength(64)] string? AgentSlug = null, Guid? ModelId = null);

/// <summary>A member that is left out stays as it is.</summary>
public sealed record ChangeConversation([property: MaxLength(300)] string? Title = null, [property: MaxLength(100)] Guid[]? CollectionIds = null,
    [property: RegularExpression("private|team|company", ErrorMessage = "visibility is private, team or company.")] string? Visibility = null);

/// <summary>An agent to choose for a conversation.</summary>
public sealed record ChatAgent(
    Guid Id, string Slug, string Name, string Description, bool IsDefault, IReadOnlyList<string> StarterMessages, string? IconUrl, bool MayChangeIcon);

/// <summary>What answers of a conversation are made with, kept in its context column.</summary>
internal sealed record ConversationContext(IReadOnlyList<Guid>? CollectionIds = null, Guid? ModelId = null);

internal sealed record ConversationRow(
    Guid Id, string? Title, Guid? AgentId, ConversationContext Context, string? LastMessagePreview, DateTimeOffset LastMessageAt, int MessageCount, string Status,
    DateTimeOffset CreatedAt, Guid? ActiveLeafId, string Visibility, Guid? OwnerId)
{
    public Conversation Shown(IReadOnlyDictionary<Guid, string> slugs) => new(
        Id, Title, AgentId is { } agent ? slugs.GetValueOrDefault(agent) : null, Context.CollectionIds ?? [], Context.ModelId, LastMessagePreview, LastMessageAt, MessageCount, Status, CreatedAt, Visibility, OwnerId);
}
