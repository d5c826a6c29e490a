using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>A key as it can be shown: never its secret part. After a rotation with an overlap, the old one opens until PreviousUntil.</summary>
public sealed record ApiKey(
    Guid Id, string Name, string Kind, string Prefix, string[] Scopes, string Status, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt,
    Guid OwnerId, string OwnerName, Guid? TeamId, Guid? AgentId, Guid? CollectionId, int? RequestsPerMinute, int? TokensPerMinute, DateTimeOffset? PreviousUntil);

/// <summary>
/// Scopes are permission keys; none means everything its owner may do. A key for chat is bound to one agent and opens /v1 and chat with it; one for
/// ingest is bound to one collection and adds documents to it; one for mcp opens MCP endpoints. Limits: null for none, 0 for blocked.
/// </summary>
public sealed record CreateApiKey(
    [property: Required, MaxLength(200)] string Name,
    [property: RegularExpression("api|chat|mcp|ingest|service", ErrorMessage = "kind is api, chat, mcp, ingest or service.")] string? Kind = null,
    [property: MaxLength(100)] string[]? Scopes = null,
    DateTimeOffset? ExpiresAt = null,
    Guid? AgentId = null,
    Guid? CollectionId = null,
    Guid? TeamId = null,
    [property: Range(0, 1_000_000)] int? RequestsPerMinute = null,
    [property: Range(0, 1_000_000_000)] int? TokensPerMinute = null);

/// <summary>What is left out stays; null removes a limit or an end.</summary>
public sealed record ChangeApiKey
{
    public Given<string> Name { get; init; }

    public Given<string[]> Scopes { get; init; }

    public Given<DateTimeOffset?> ExpiresAt { get; init; }

    public Given<int?> RequestsPerMinute { get; init; }

    public Given<int?> TokensPerMinute { get; init; }
}

/// <summary>The only time the key itself is shown.</summary>
public sealed record CreatedApiKey(string Key, ApiKey ApiKey)
{
    // A record prints its members; the key must not reach a log that way.
    public override string ToString() => ApiKey.Prefix;
}
