using Lyceum.Agents;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Reads and writes chat.messages and chat.message_sources. Who may see a message is decided by its conversation.</summary>
internal sealed class MessageStore(Db db)
{
    private const int LongestPath = 200;

    public static Task<MessageRow> InsertQuestion(Unit unit, Guid id, Guid conversation, Guid? parent, int sequence, string content, Guid user, CancellationToken ct) => unit.One(
        Sql.Prepared($"""
        insert into chat.messages as m (id, conversation_id, parent_message_id, sequence_number, role, status, content, created_by_user_id)
        values ({id}, {conversation}, {parent}, {sequence}, 'user', 'success', {content}, {user})
        returning {Columns}
        """),
        Read, ct);

    /// <summary>An answer before its first word; its run writes it.</summary>
    public static Task<MessageRow> InsertAnswer(Unit unit, Guid id, Guid conversation, Guid? parent, int sequence, Guid run, Guid user, CancellationToken ct) => unit.One(
        Sql.Prepared($"""
        insert into chat.messages as m (id, conversation_id, parent_message_id, sequence_number, role, status, run_id, created_by_user_id)
        values ({id}, {conversation}, {parent}, {sequence}, 'assistant', 'in_progress', {run}, {user})
        returning {Columns}
        """),
        Read, ct);

    /// <summary>Takes away what was said in a person's conversations.</summary>
    public static async Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct)
    {
        Sql theirs = $"(select c.id from chat.conversations c where c.tenant_id = {unit.Tenant.Value} and c.user_id = {user})";
        await unit.Run(
            $"delete from chat.message_sources s where s.tenant_id = {unit.Tenant.Value} and s.message_id in (select m.id from chat.messages m where m.tenant_id = {unit.Tenant.Value} and m.conversation_id in {theirs})", ct);
        return await unit.Run($"delete from chat.messages m where m.tenant_id = {unit.Tenant.Value} and m.conversation_id in {theirs}", ct);
    }

    /// <summary>Oldest first, after the message of the cursor.</summary>
    public Task<IReadOnlyList<MessageRow>> List(Guid conversation, Guid? after, int limit, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from chat.messages m
        where m.tenant_id = {Tenant} and m.conversation_id = {conversation}
          and m.sequence_number > coalesce((select a.sequence_number from chat.messages a where a.tenant_id = {Tenant} and a.id = {after} and a.conversation_id = {conversation}), 0)
        order by m.sequence_number limit {limit}
        """,
        Read, ct);

    /// <summary>A message of a live conversation of this owner.</summary>
    public Task<MessageRow?> Find(Talker talker, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        select {Columns} from chat.messages m join chat.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
        where m.tenant_id = {Tenant} and m.id = {id} and {talker.Owns}
        """,
        Read, ct);

    /// <summary>The messages that lead to <paramref name="leaf"/>, oldest first, as a model is shown them: answers that failed or are not written yet are left out.</summary>
    public static Task<IReadOnlyList<RunMessage>> Path(Unit unit, Guid? leaf, CancellationToken ct) => unit.Many(
        Sql.Prepared($"""
        with recursive path as (
          select m.id, m.parent_message_id, m.role, m.content, m.status, 1 as depth from chat.messages m where m.tenant_id = {unit.Tenant.Value} and m.id = {leaf}
          union all
          select m.id, m.parent_message_id, m.role, m.content, m.status, p.depth + 1
          from path p join chat.messages m on m.tenant_id = {unit.Tenant.Value} and m.id = p.parent_message_id where p.depth < {LongestPath})
        select role, content from path where role in ('user', 'assistant') and status in ('success', 'cancelled') and content <> '' order by depth desc
        """),
        row => new RunMessage(row.Get<string>(), row.Get<string>()), ct);

    /// <summary>Runs whose answers are not written yet.</summary>
    public Task<IReadOnlyList<Guid>> OpenRuns(Guid conversation, CancellationToken ct) => db.Many(
        Sql.Prepared($"""
        select m.run_id from chat.messages m where m.tenant_id = {Tenant} and m.conversation_id = {conversation}
          and m.status in ('pending', 'in_progress') and m.run_id is not null order by m.sequence_number limit 100
        """),
        row => row.Get<Guid>(), ct);

    /// <summary>Writes what a run came to into its answer. False when that was done before: doing it again changes nothing.</summary>
    public static async Task<bool> Write(Unit unit, Guid message, RunOutcome outcome, string status, CancellationToken ct)
    {
        var written = await unit.Run(
            $"""
            update chat.messages set status = {status}, content = {outcome.Text}, model_id = {outcome.ModelId}, model_name = {outcome.ModelName},
              prompt_tokens = {(int)outcome.PromptTokens}, completion_tokens = {(int)outcome.CompletionTokens}, total_tokens = {(int)(outcome.PromptTokens + outcome.CompletionTokens)},
              rephrased_query = {outcome.RephrasedQuery}, latency_ms = {outcome.LatencyMs}, error_code = {outcome.ErrorCode}, error_message = {outcome.ErrorMessage}
            where tenant_id = {unit.Tenant.Value} and id = {message} and run_id = {outcome.RunId} and status in ('pending', 'in_progress')
            """,
            ct) == 1;
        var sources = outcome.Citations.Select(c => (Citation: c, IsCited: true)).Concat(outcome.UnusedSources.Select(c => (Citation: c, IsCited: false))).ToList();
        if (written && sources.Count > 0)
        {
            await unit.Run(
                $"""
                insert into chat.message_sources (id, message_id, rank, chunk_id, document_id, collection_id, score, quoted_text, snapshot_title, is_cited, page, start_offset, end_offset, start_seconds, end_seconds)
                select s.id, {message}, s.rank, s.chunk, s.document, s.collection, s.score, s.quote, s.title, s.cited, s.page, s.start, s.stop, s.from_second, s.to_second
                from unnest({sources.Select(_ => Guid.CreateVersion7()).ToArray()}, {sources.Select(s => s.Citation.Marker).ToArray()}, {sources.Select(s => s.Citation.ChunkId).ToArray()},
                  {sources.Select(s => s.Citation.DocumentId).ToArray()}, {sources.Select(s => s.Citation.CollectionId).ToArray()}, {sources.Select(s => (float)Math.Clamp(s.Citation.Score, 0, 1)).ToArray()},
                  {sources.Select(s => s.Citation.Quote).ToArray()}, {sources.Select(s => s.Citation.Name).ToArray()}, {sources.Select(s => s.IsCited).ToArray()},
                  {sources.Select(s => s.Citation.Page).ToArray()}, {sources.Select(s => s.Citation.StartOffset).ToArray()}, {sources.Select(s => s.Citation.EndOffset).ToArray()},
                  {sources.Select(s => s.Citation.StartSeconds).ToArray()}, {sources.Select(s => s.Citation.EndSeconds).ToArray()})
                  s(id, rank, chunk, document, collection, score, quote, title, cited, page, start, stop, from_second, to_second)
                on conflict (tenant_id, message_id, chunk_id) do nothing
                """,
                ct);
        }

        return written;
    }

    public Task<IReadOnlyList<SourceRow>> Sources(Guid[] messages, CancellationToken ct) => db.Many(
        $"""
        select message_id, is_cited, rank, chunk_id, document_id, collection_id, snapshot_title, page, coalesce(quoted_text, ''), coalesce(score, 0)::float8, start_offset, end_offset, start_seconds, end_seconds
        from chat.message_sources where tenant_id = {Tenant} and message_id = any ({messages}) order by message_id, rank limit 20000
        """,
        row => new SourceRow(
            row.Get<Guid>(), row.Get<bool>(),
            new RunCitation(row.Get<int>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<int?>(), row.Get<string>(), row.Get<double>(), row.Get<int>(), row.Get<int>())
            {
                StartSeconds = row.Get<double?>(),
                EndSeconds = row.Get<double?>(),
            }),
        ct);

    private Guid Tenant => db.Tenant!.Value.Value; // requests and jobs of this room have a tenant

    private static Sql Columns =>
        $"""
        m.id, m.conversation_id, m.parent_message_id, m.sequence_number, m.role, m.status, m.content, m.run_id, m.model_name, m.error_code, m.error_message,
        m.prompt_tokens, m.completion_tokens, m.latency_ms, m.created_at
        """;

    private static MessageRow Read(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid?>(), row.Get<int>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<Guid?>(), row.Get<string?>(),
        row.Get<string?>(), row.Get<string?>(), row.Get<int?>(), row.Get<int?>(), row.Get<int?>(), row.Get<DateTimeOffset>());
}
