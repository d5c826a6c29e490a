using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.AI;
using Npgsql;

namespace Lyceum.Agents;

/// <summary>
/// Step 1: asks the model and lets readers see the text as it comes. No database connection is held meanwhile. An attempt that lost its
/// process is made again; readers notice nothing unless the model says something else.
/// </summary>
internal sealed class ModelStep(ModelDirectory directory, ModelCalls models, AgentsOptions options, TimeProvider clock)
{
    private const int Attempts = 3;

    public async Task<ModelResult> Run(RunWork work)
    {
        if (work.Done<ModelResult>(1) is { } known)
        {
            return known;
        }

        var (row, agent, retrieval) = (work.Row, work.Agent, work.Retrieval!); // step 0 came before
        var model = await Outage.Ride(() => Choose(work, work.Handle.Stopping), options.Outage, clock, work.Handle.Stopping);
        var completion = RunRules.CompletionTokens(row.Limits, agent, model.MaxCompletionTokens, options);
        var prompt = PromptRules.Build(
            row.Input.Messages, PromptRules.WithMemories(agent.SystemPrompt, retrieval.Memories), retrieval.Passages, retrieval.Searched, model.ContextSize ?? options.ContextTokens, completion, agent.MaxHistoryItems ?? 100)
            ?? throw new RunRefused("context_length", "Your message is longer than this model can read. Shorten it, or choose a model with a larger context.");
        (work.ModelId, work.ModelName, work.Sources) = (model.Id, model.DisplayName, prompt.Sources);
        for (var again = 0; ; again++)
        {
            await work.BeginStep(1, "model", new { model = model.Id, messages = prompt.Messages.Count, tokens = prompt.Tokens, sources = prompt.Sources }, [], again);
            try
            {
                return await Ask(work, model, prompt, again);
            }
            catch (NpgsqlException fault) when (Outage.Is(fault) && again + 1 < Attempts && !work.Handle.Stopping.IsCancellationRequested)
            {
                // The call's own bookkeeping met a database that is away. The text so far stands; the next attempt goes on from it.
            }
        }
    }

    private async Task<ModelResult> Ask(RunWork work, ModelInfo model, Prompt prompt, int again)
    {
        var row = work.Row;
        var context = new CallContext(
            row.Source switch { "web" => "ui", "api" or "mcp" or "automation" or "workflow" => row.Source, _ => "system" },
            $"run:{row.Id}:1:{work.OpenStep}", row.UserId, row.ApiKeyId, row.AgentId, row.Input.TeamIds is [var team, ..] ? team : null, row.MessageId);
        var longest = prompt.CompletionTokens;
        var finish = "stop";
        UsageDetails? usage = null;
        var text = new Continuation(work.Text);
        var written = 0L;
        try
        {
            await foreach (var update in models.Stream(work.Db, model, prompt.Messages, Options(work, model, longest), context, work.Handle.Stopping))
            {
                usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
                finish = update.FinishReason?.Value ?? finish;
                if (RunRules.Clean(update.Text) is { Length: > 0 } piece)
                {
                    Show(work, text.Next(piece));
                    // A provider that ignores its limit is cut off at twice of it, by our own high guess.
                    written += HistoryRules.Tokens(piece) - HistoryRules.Tokens("");
                    if (written > 2L * longest)
                    {
                        work.Handle.Stop(StopCause.Length);
                    }
                }

                work.Handle.Stopping.ThrowIfCancellationRequested();
            }

            Show(work, text.End());
        }
        finally
        {
            work.Text = text.Visible;
            work.PromptTokens += usage?.InputTokenCount ?? prompt.Tokens;
            work.CompletionTokens += usage?.OutputTokenCount ?? (written > 0 ? HistoryRules.Tokens(text.Visible) : 0);
        }

        return new ModelResult(work.Text, finish, model.Id, model.DisplayName, work.PromptTokens, work.CompletionTokens, prompt.Sources);
    }

    private static void Show(RunWork work, (bool Reset, string Show) change)
    {
        if (change.Reset)
        {
            work.Log.Reset();
        }

        if (change.Show.Length > 0)
        {
            work.Log.Text(change.Show);
        }
    }

    private async Task<ModelInfo> Choose(RunWork work, CancellationToken ct)
    {
        var wanted = work.Row.Input.ModelId ?? work.Agent.ModelId;
        return wanted is null
            ? await directory.Default(work.Db, "chat", ct)
            : await directory.Find(work.Db, wanted.Value, ct) ?? throw new RunRefused("model_not_found", "The model of this conversation is not there any more. Choose another one.");
    }

    private static ChatOptions Options(RunWork work, ModelInfo model, int longest)
    {
        var asked = work.Row.Input.Options;
        return new ChatOptions
        {
            MaxOutputTokens = longest,
            Temperature = asked?.Temperature ?? (float?)(work.Agent.Temperature ?? model.DefaultTemperature),
            TopP = asked?.TopP,
            StopSequences = asked?.Stop is { Count: > 0 } stop ? [.. stop] : null,
            FrequencyPenalty = asked?.FrequencyPenalty,
            PresencePenalty = asked?.PresencePenalty,
            Seed = asked?.Seed,
            Reasoning = Enum.TryParse<ReasoningEffort>(asked?.Effort, ignoreCase: true, out var effort) ? new ReasoningOptions { Effort = effort } : null,
        };
    }
}
