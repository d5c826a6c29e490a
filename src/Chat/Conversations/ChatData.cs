using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>A person's conversations, what was said in them, and what they thought of answers.</summary>
internal sealed class ChatData : IPersonalData
{
    public IReadOnlyList<PersonalSection> Sections { get; } =
    [
        new("conversations", (user, after) => $"""
            select c.id, jsonb_build_object('id', c.id, 'title', c.title, 'createdAt', c.created_at, 'deletedAt', c.deleted_at)::text
            from chat.conversations c where c.user_id = {user} and c.id > {after} order by c.id limit 500
            """),
        new("messages", (user, after) => $"""
            select m.id, jsonb_build_object('conversationId', m.conversation_id, 'role', m.role, 'content', m.content, 'at', m.created_at)::text
            from chat.messages m join chat.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
            where c.user_id = {user} and m.id > {after} order by m.id limit 500
            """),
        new("feedback", (user, after) => $"""
            select f.id, jsonb_build_object('messageId', f.message_id, 'isPositive', f.is_positive, 'comment', f.comment, 'at', f.created_at)::text
            from chat.message_feedback f where f.user_id = {user} and f.id > {after} order by f.id limit 500
            """),
        new("moderation", (user, after) => $"""
            select f.id, jsonb_build_object('category', f.category, 'action', f.action, 'verdict', f.raw_verdict, 'at', f.created_at)::text
            from chat.moderation_flags f where f.user_id = {user} and f.id > {after} order by f.id limit 500
            """),
    ];

    public async Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct)
    {
        var things = await unit.Many(
            $"select c.id from chat.conversations c where c.user_id = {userId} union all select f.id from chat.message_feedback f where f.user_id = {userId}", row => row.Get<Guid>(), ct);
        await ModerationStore.EraseOf(unit, userId, ct);
        var feedback = await FeedbackStore.EraseOf(unit, userId, ct);
        var messages = await MessageStore.EraseOf(unit, userId, ct);
        var conversations = await ConversationStore.EraseOf(unit, userId, ct);
        return new Erased(new Dictionary<string, long> { ["feedback"] = feedback, ["messages"] = messages, ["conversations"] = conversations }, things);
    }
}
