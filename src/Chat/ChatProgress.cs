using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>How far an account has come with conversations, for the first-run checklist.</summary>
public static class ChatProgress
{
    public static Task<bool> HasAsked(Db db, Guid userId, CancellationToken ct) => db.One(
        $"select exists (select from chat.conversations where user_id = {userId} and message_count > 0)", row => row.Get<bool>(), ct);
}
