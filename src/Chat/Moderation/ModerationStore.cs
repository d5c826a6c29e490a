using Lyceum.Agents;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Reads and writes chat.moderation_flags: what the tenant's guard did not let through.</summary>
public sealed class ModerationStore(Db db)
{
    /// <summary>Writes what the guard found in the question of a run; a second time changes nothing.</summary>
    internal static Task<int> Flag(Unit unit, RunOutcome outcome, RunFlag flag, CancellationToken ct) =>
        Insert(unit.Run, outcome.RunId, outcome.MessageId, outcome.UserId, (flag.GuardModelId, flag.GuardModelName), flag.Categories, flag.Raw, ct);

    /// <summary>Writes what the guard found in a question to a model that was asked directly.</summary>
    public Task<int> Flag(Guid user, ModelInfo guard, GuardVerdict verdict, CancellationToken ct) =>
        Insert(db.Run, null, null, user, (guard.Id, guard.DisplayName), verdict.Categories, verdict.Raw, ct);

    /// <summary>Newest first. <paramref name="category"/> null means all.</summary>
    internal Task<IReadOnlyList<ModerationFlag>> List(string? category, Page page, CancellationToken ct) => db.Many(
        $"""
        select f.id, f.category, f.action, f.user_id, f.guard_model_name, f.raw_verdict, left(m.content, 300), f.created_at
        from chat.moderation_flags f
        left join (chat.messages m join chat.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id and c.deleted_at is null) on m.tenant_id = f.tenant_id and m.id = f.message_id
        where f.tenant_id = {db.Tenant!.Value.Value} and f.id < {page.Before} and ({category}::text is null or f.category = {category}) order by f.id desc limit {page.Limit + 1}
        """,
        row => (row.Get<Guid>(), row.Get<string?>()) is var (id, code)
            ? new ModerationFlag(id, code, Name(code), row.Get<string>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<DateTimeOffset>())
            : throw new InvalidOperationException(), ct);

    /// <summary>How often each category was found in the last days, the most frequent first.</summary>
    internal Task<IReadOnlyList<ModerationCount>> Counts(int days, CancellationToken ct) => db.Many(
        $"""
        select f.category, count(*)::int from chat.moderation_flags f
        where f.tenant_id = {db.Tenant!.Value.Value} and f.created_at > now() - make_interval(days => {days}) group by f.category order by 2 desc, 1
        """,
        row => row.Get<string?>() is var code ? new ModerationCount(code, Name(code), row.Get<int>()) : throw new InvalidOperationException(), ct);

    /// <summary>Keeps the count and forgets whose it was and what it was about.</summary>
    internal static Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct) => unit.Run(
        $"update chat.moderation_flags set user_id = null, message_id = null, run_id = null, raw_verdict = '' where tenant_id = {unit.Tenant.Value} and user_id = {user}", ct);

    private static string Name(string? code) => code is null ? "unnamed" : GuardRules.Categories.GetValueOrDefault(code, code);

    private static Task<int> Insert(
        Func<Sql, CancellationToken, Task<int>> run, Guid? of, Guid? answer, Guid? user, (Guid Id, string Name) guard, IReadOnlyList<string> categories, string raw, CancellationToken ct)
    {
        string?[] codes = categories.Count == 0 ? [null] : [.. categories];
        return run(
            $"""
            insert into chat.moderation_flags (id, run_id, message_id, user_id, category, guard_model_id, guard_model_name, raw_verdict)
            select f.id, {of}, (select m.parent_message_id from chat.messages m where m.tenant_id = ops.tenant() and m.id = {answer}), {user}, f.code, {guard.Id}, {guard.Name}, {raw}
            from unnest({codes.Select(_ => Guid.CreateVersion7()).ToArray()}, {codes}) f(id, code)
            on conflict do nothing
            """,
            ct);
    }
}
