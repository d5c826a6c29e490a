using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>
/// Who reads and writes conversations. A person has their own and reads what others show them. A key that is handed to others, one for chat or
/// bound to an agent, has only the conversations it began itself.
/// </summary>
internal sealed record Talker(Guid UserId, Guid[] TeamIds, Guid? OnlyKey)
{
    private static readonly Owned Conversations = new("conversation", $"c.id", $"c.visibility", $"c.team_id", $"c.user_id");

    public static Talker Of(Caller caller) => new(caller.UserId, caller.TeamIds, caller.OnlyAgent is null ? null : caller.ApiKeyId);

    /// <summary>The predicate over <c>chat.conversations c</c>: the owner's own, live.</summary>
    public Sql Owns => OnlyKey is { } key ? (Sql)$"c.user_id = {UserId} and c.api_key_id = {key} and c.deleted_at is null" : $"c.user_id = {UserId} and c.deleted_at is null";

    /// <summary>The own ones that belong to the teams one works in now.</summary>
    public Sql OwnsHere => $"{Owns} and (c.team_id is null or c.team_id = any ({TeamIds}))";

    /// <summary>What may be read: the own, and what is shown to the reader.</summary>
    public Sql MayRead => OnlyKey is null ? $"c.deleted_at is null and {Looks.May(Access.View, Conversations)}" : Owns;

    /// <summary>Those of others that are shown to the reader.</summary>
    public Sql ShownByOthers => $"{MayRead} and c.user_id is distinct from {UserId}";

    public Sql Level => Looks.Level(Conversations);

    private Viewer Looks => new(UserId, TeamIds);
}
