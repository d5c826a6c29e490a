using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Asks for answers, writes them when their runs have ended, and shows them with what the reader may still see of their sources.</summary>
internal sealed class Answers(Db db, MessageStore messages, FeedbackStore feedback, RunEngine engine, DocumentDirectory documents)
{
    /// <summary>Writes a question, an empty answer and the run that fills it, all or nothing. Null when there is no such conversation.</summary>
    public async Task<PostedMessage?> Ask(Caller caller, Guid conversation, string content, Guid? model, CancellationToken ct)
    {
        await Settle(conversation, ct);
        return await db.Atomically(
            async unit =>
            {
                if (await ConversationStore.Lock(unit, Talker.Of(caller), conversation, ct) is not { } row)
                {
                    return null;
                }

                var history = await MessageStore.Path(unit, row.ActiveLeafId, ct);
                var (questionId, answerId) = (Guid.CreateVersion7(), Guid.CreateVersion7());
                var question = await MessageStore.InsertQuestion(unit, questionId, conversation, row.ActiveLeafId, row.MessageCount + 1, content, caller.UserId, ct);
                var run = await Start(unit, caller, row, answerId, [.. history, new RunMessage("user", content)], model, ct);
                var answer = await MessageStore.InsertAnswer(unit, answerId, conversation, questionId, row.MessageCount + 2, run, caller.UserId, ct);
                await ConversationStore.Grow(unit, conversation, 2, answerId, ConversationRules.Title(content), ConversationRules.Preview(content), ct);
                return new PostedMessage(question.Shown([], [], null), answer.Shown([], [], null), run);
            },
            ct);
    }

    /// <summary>Another answer to the same question, beside the one there is.</summary>
    public async Task<RegeneratedMessage?> AskAgain(Caller caller, MessageRow old, Guid? model, CancellationToken ct)
    {
        await Settle(old.ConversationId, ct);
        return await db.Atomically(
            async unit =>
            {
                if (await ConversationStore.Lock(unit, Talker.Of(caller), old.ConversationId, ct) is not { } row)
                {
                    return null;
                }

                var id = Guid.CreateVersion7();
                var run = await Start(unit, caller, row, id, await MessageStore.Path(unit, old.ParentMessageId, ct), model, ct);
                var answer = await MessageStore.InsertAnswer(unit, id, old.ConversationId, old.ParentMessageId, row.MessageCount + 1, run, caller.UserId, ct);
                await ConversationStore.Grow(unit, old.ConversationId, 1, id, null, null, ct);
                return new RegeneratedMessage(answer.Shown([], [], null), run);
            },
            ct);
    }

    /// <summary>Messages of a conversation as this reader sees them now.</summary>
    public async Task<Paged<Message>> List(Caller caller, Guid conversation, Page page, Guid? after, CancellationToken ct)
    {
        await Settle(conversation, ct);
        var rows = page.Cut(await messages.List(conversation, after, page.Limit + 1, ct), row => row.Id);
        return new Paged<Message>(await Show(caller, rows.Data, ct), rows.NextCursor);
    }

    /// <summary>
    /// Writes the answers of runs that have ended. The event of the run does the same a moment later; here it is done for
    /// somebody who looks right now, and for an event that was lost.
    /// </summary>
    public async Task Settle(Guid conversation, CancellationToken ct)
    {
        var open = await messages.OpenRuns(conversation, ct);
        if (open.Count == 0)
        {
            return;
        }

        foreach (var outcome in (await RunDirectory.Find(db, open, ct)).Where(o => o.HasEnded))
        {
            await db.Atomically(unit => Write(unit, outcome, ct), ct);
        }
    }

    /// <summary>Writes what a run came to into its answer, once.</summary>
    public static async Task Write(Unit unit, RunOutcome outcome, CancellationToken ct)
    {
        if (outcome is { Flag: { } flag, HasEnded: true })
        {
            await ModerationStore.Flag(unit, outcome, flag, ct);
        }

        if (outcome is not { ConversationId: { } conversation, MessageId: { } message, HasEnded: true })
        {
            return;
        }

        var status = outcome.Status switch { "completed" => "success", "cancelled" => "cancelled", _ => "error" };
        if (await MessageStore.Write(unit, message, outcome, status, ct) && outcome.Text.Length > 0)
        {
            await ConversationStore.ShowAnswer(unit, conversation, message, ConversationRules.Preview(outcome.Text), ct);
        }
    }

    private Task<Guid> Start(Unit unit, Caller caller, ConversationRow row, Guid answer, IReadOnlyList<RunMessage> asked, Guid? model, CancellationToken ct) => engine.Start(
        unit,
        new NewRun(
            row.AgentId, caller.ApiKeyId is null ? "web" : "api", caller.UserId, caller.ApiKeyId, caller.TeamIds, row.Id, answer, asked,
            row.Context.CollectionIds is { Count: > 0 } chosen ? chosen : null,
            caller.OnlyAgent is null ? model ?? row.Context.ModelId : null, null, null, null, caller.OnlyCollection) { OnlyAgent = caller.OnlyAgent is not null },
        ct);

    private async Task<IReadOnlyList<Message>> Show(Caller caller, IReadOnlyList<MessageRow> rows, CancellationToken ct)
    {
        var answers = rows.Where(r => r.Role == "assistant").Select(r => r.Id).ToArray();
        var sources = answers.Length == 0 ? [] : await messages.Sources(answers, ct);
        var seen = sources.Count == 0 ? new HashSet<Guid>() : await documents.Readable(db, Reader.Of(caller), [.. sources.Select(s => s.Citation.DocumentId).Distinct()], ct);
        var opinions = answers.Length == 0 ? new Dictionary<Guid, Feedback>() : await feedback.Of(caller.UserId, answers, ct);
        var ofMessage = sources.ToLookup(s => (s.MessageId, s.IsCited), s => seen.Contains(s.Citation.DocumentId) ? s.Citation : Gone(s.Citation));
        return [.. rows.Select(r => r.Shown([.. ofMessage[(r.Id, true)]], [.. ofMessage[(r.Id, false)]], opinions.GetValueOrDefault(r.Id)))];
    }

    // Deleted, or no longer for this reader: the marker stays explained, nothing of the document is shown.
    private static RunCitation Gone(RunCitation citation) => citation with { Name = "", Page = null, Quote = "", StartOffset = 0, EndOffset = 0, StartSeconds = null, EndSeconds = null, Removed = true };
}

/// <summary>Writes the answer when its run has ended. Runs at least once; a second time changes nothing.</summary>
internal sealed class AnswerJob : IJobHandler
{
    public static readonly EventSubscription Subscription = new("agents.run.finished", "chat.answer");

    public string Type => Subscription.JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var published = run.Job.Input<PublishedEvent>();
        var finished = System.Text.Json.JsonSerializer.Deserialize<RunFinished>(published.Payload, LyceumJson.Options)
            ?? throw new JobFailed("The event of the run has no payload.", final: true);
        var outcome = finished is { MessageId: null, Flagged: false } ? null : await RunDirectory.Find(run.Db, finished.RunId, ct);
        await run.Db.Atomically(
            async unit =>
            {
                if (outcome is not null)
                {
                    await Answers.Write(unit, outcome, ct);
                }

                await run.Complete(unit, ct);
            },
            ct);
    }
}
