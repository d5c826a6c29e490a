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

    public Task TakeBack(Guid message, Guid user, CancellationToken ct) =>
        db.Run($"delete from chat.message_feedback where tenant_id = {db.Tenant!.Value.Value} and message_id = {message} and user_id = {user}", ct);

    public async Task<IReadOnlyDictionary<Guid, Feedback>> Of(Guid user, Guid[] messages, CancellationToken ct) => (await db.Many(
        $"""
        select message_id, is_positive, comment, reasons from chat.message_feedback
        where tenant_id = {db.Tenant!.Value.Value} and user_id = {user} and message_id = any ({messages})
        """,
        row => (Message: row.Get<Guid>(), Feedback: new Feedback(row.Get<bool>(), row.Get<string?>(), row.Get<string[]>())), ct)).ToDictionary(f => f.Message, f => f.Feedback);
}
