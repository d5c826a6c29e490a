using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Reads and writes chat.conversations. Each is its owner's; others read it where it is shown to them, else it is like one that does not exist.</summary>
internal sealed class ConversationStore(Db db)
{
    public Task<ConversationRow> Insert(Guid id, Guid owner, Guid? apiKey, Guid? team, string? title, Guid? agent, Guid? agentTenant, ConversationContext context, CancellationToken ct) => db.One(
        $"""
        insert into chat.conversations as c (id, user_id, api_key_id, team_id, channel, title, agent_tenant_id, agent_id, context, started_at)
        values ({id}, {owner}, {apiKey}, {team}, {(apiKey is null ? "web" : "api")}, {title}, {agentTenant}, {agent}, {LyceumJson.Write(context)}::jsonb, now())
        returning {Columns}
        """,
        Read, ct);

    /// <summary>The last active first: the own ones of the teams one works in now, or those shown by others. With a text, those whose title or whose owner's own words contain it.</summary>
    public Task<IReadOnlyList<ConversationRow>> List(Talker talker, bool shown, ActivityPage page, string? text, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from chat.conversations c
        where c.tenant_id = {Tenant} and {(shown ? talker.ShownByOthers : talker.OwnsHere)}
          and (c.last_message_at, c.id) < ({page.Before}, {page.BeforeId})
          {(string.IsNullOrWhiteSpace(text) ? Sql.None : Contains(text.Trim()))}
        order by c.last_message_at desc, c.id desc limit {page.Limit + 1}
        """,
        Read, ct);

    /// <summary>One the talker may read.</summary>
    public Task<ConversationRow?> Find(Talker talker, Guid id, CancellationToken ct) => db.OneOrNone(
        $"select {Columns} from chat.conversations c where c.tenant_id = {Tenant} and c.id = {id} and {talker.MayRead}", Read, ct);

    /// <summary>Reads a conversation and holds it until the transaction ends: its messages are numbered under this lock.</summary>
    public static Task<ConversationRow?> Lock(Unit unit, Talker talker, Guid id, CancellationToken ct) => unit.OneOrNone(
        Sql.Prepared($"select {Columns} from chat.conversations c where c.tenant_id = {unit.Tenant.Value} and c.id = {id} and {talker.Owns} for no key update"), Read, ct);

    public static Task<ConversationRow> Change(Unit unit, Guid id, string? title, string visibility, ConversationContext context, CancellationToken ct) => unit.One(
        $"""
        update chat.conversations c set title = {title}, visibility = {visibility}, context = {LyceumJson.Write(context)}::jsonb where c.tenant_id = {unit.Tenant.Value} and c.id = {id} returning {Columns}
        """,
        Read, ct);

    public async Task<bool> Delete(Talker talker, Guid id, CancellationToken ct) => await db.Run(
        $"update chat.conversations c set deleted_at = now() where c.tenant_id = {Tenant} and c.id = {id} and {talker.Owns}", ct) == 1;

    /// <summary>Moves all of one team to another.</summary>
    public static Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => unit.Run(
        $"update chat.conversations set team_id = {to} where tenant_id = {unit.Tenant.Value} and team_id = {from}", ct);

    /// <summary>Counts new messages, the last of which is what the next question follows. Under <see cref="Lock"/>.</summary>
    public static Task Grow(Unit unit, Guid id, int messages, Guid leaf, string? title, string? preview, CancellationToken ct) => unit.Run(
        Sql.Prepared($"""
        update chat.conversations set message_count = message_count + {messages}, active_leaf_id = {leaf}, title = coalesce(title, {title}),
          last_message_preview = coalesce({preview}, last_message_preview), last_message_at = clock_timestamp()
        where tenant_id = {unit.Tenant.Value} and id = {id}
        """),
        ct);

    /// <summary>Shows the beginning of an answer in lists, if it is the newest.</summary>
    public static Task ShowAnswer(Unit unit, Guid id, Guid message, string preview, CancellationToken ct) => unit.Run(
        $"""
        update chat.conversations set last_message_preview = {preview}, last_message_at = clock_timestamp()
        where tenant_id = {unit.Tenant.Value} and id = {id} and active_leaf_id = {message}
        """,
        ct);

    public static Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct) =>
        unit.Run($"delete from chat.conversations where tenant_id = {unit.Tenant.Value} and user_id = {user}", ct);

    private Guid Tenant => db.Tenant!.Value.Value; // requests and jobs of this room have a tenant

    // Positions instead of patterns: what people type contains % and _.
    private static Sql Contains(string text) =>
        $"""
        and (strpos(lower(c.title), lower({text})) > 0 or exists (
          select from chat.messages m where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.role = 'user' and strpos(lower(m.content), lower({text})) > 0))
        """;

    private static Sql Columns =>
        $"c.id, c.title, c.agent_id, c.context::text, c.last_message_preview, c.last_message_at, c.message_count, c.status, c.created_at, c.active_leaf_id, c.visibility, c.user_id";

    private static ConversationRow Read(Row row) => new(
        row.Get<Guid>(), row.Get<string?>(), row.Get<Guid?>(), row.Json<ConversationContext>(), row.Get<string?>(), row.Get<DateTimeOffset>(), row.Get<int>(),
        row.Get<string>(), row.Get<DateTimeOffset>(), row.Get<Guid?>(), row.Get<string>(), row.Get<Guid?>());
}
