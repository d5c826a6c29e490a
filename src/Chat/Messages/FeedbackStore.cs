using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Reads and writes chat.message_feedback: one opinion per person and answer.</summary>
internal sealed class FeedbackStore(Db db)
{
    public Task<Feedback> Give(Guid message, Guid user, GiveFeedback feedback, CancellationToken ct) => db.One(
        $"""
        insert into chat.message_feedback (id, message_id, user_id, is_positive, comment, reasons)
        values ({Guid.CreateVersion7()}, {message}, {user}, {feedback.IsPositive}, {feedback.Comment}, {feedback.Reasons ?? []})
        on conflict (tenant_id, message_id, user_id) do update set is_positive = excluded.is_positive, comment = excluded.comment, reasons = excluded.reasons
        returning is_positive, comment, reasons
        """,
        row => new Feedback(row.Get<bool>(), row.Get<string?>(), row.Get<string[]>()), ct);

    /// <summary>Takes a person's opinions away, and those on answers they were given.</summary>
    public static Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct) => unit.Run(
        $"""
        delete from chat.message_feedback f where f.tenant_id = {unit.Tenant.Value} and (f.user_id = {user} or f.message_id in (
          select m.id from chat.messages m join chat.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id where c.tenant_id = {unit.Tenant.Value} and c.user_id = {user}))
        """,
        ct);

    public Task TakeBack(Guid message, Guid user, CancellationToken ct) =>
        db.Run($"delete from chat.message_feedback where tenant_id = {db.Tenant!.Value.Value} and message_id = {message} and user_id = {user}", ct);

    public async Task<IReadOnlyDictionary<Guid, Feedback>> Of(Guid user, Guid[] messages, CancellationToken ct) => (await db.Many(
        $"""
        select message_id, is_positive, comment, reasons from chat.message_feedback
        where tenant_id = {db.Tenant!.Value.Value} and user_id = {user} and message_id = any ({messages})
        """,
        row => (Message: row.Get<Guid>(), Feedback: new Feedback(row.Get<bool>(), row.Get<string?>(), row.Get<string[]>())), ct)).ToDictionary(f => f.Message, f => f.Feedback);
}
