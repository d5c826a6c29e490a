using Lyceum.Knowledge;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Agents;

/// <summary>How an execution came to its end; null code for a good one.</summary>
internal sealed record RunStop(string Status, string Reason, string? Code = null, string? Sentence = null);

/// <summary>A run that this process wrote a moment ago: nothing of it need be read.</summary>
internal sealed record RunBegun(RunRow Row, AgentVersion Agent);

/// <summary>Executes one run from its first step, or from where another process left it, to its end.</summary>
internal sealed partial class RunExecution(
    Databases databases, CurrentDb current, GuardStep guard, RetrievalStep retrieval, ModelStep model, KnowledgeSearch search, Wakeups wakeups, Node node,
    AgentsOptions options, TimeProvider clock, ILogger<RunExecution> log)
{
    public async Task Run(RunHandle handle, RunBegun? begun)
    {
        var system = databases.For(handle.Tenant, Actor.System());
        var row = begun?.Row ?? await Outage.Ride(() => RunStore.Begin(system, handle.Run, node.Name, CancellationToken.None), options.Outage, clock, CancellationToken.None);
        if (row is null)
        {
            return;
        }

        using var span = LyceumTelemetry.Activities.StartActivity("run");
        span?.SetTag("lyceum.run", row.Id).SetTag("lyceum.tenant", handle.Tenant.Value).SetTag("lyceum.correlation", row.CorrelationId);
        var db = databases.For(handle.Tenant, ActorOf(row));
        current.Set(db);
        var agent = begun?.Agent ?? await Outage.Ride(() => AgentStore.Version(db, row.AgentTenantId, row.AgentVersionId, CancellationToken.None), options.Outage, clock, CancellationToken.None);
        var steps = begun is not null ? [] : await Outage.Ride(() => RunStore.Steps(db, row.Id, CancellationToken.None), options.Outage, clock, CancellationToken.None);
        var (wall, maxSteps) = RunRules.Limits(row.Limits, agent, options);
        using var runLog = new RunLog(db, row.Id, node.Name, row.LastSeq, wakeups, options, clock, () => handle.Stop(StopCause.Lost));
        var work = new RunWork(handle, row, agent, db, runLog, steps, maxSteps);
        await Recall(work);

        var left = wall - TimeSpan.FromSeconds(row.ElapsedSeconds);
        await using var timer = clock.CreateTimer(_ => handle.Stop(StopCause.TimeLimit), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        if (row.CancelRequested)
        {
            handle.Stop(StopCause.Cancelled);
        }

        try
        {
            if (await Work(work) is { } stop)
            {
                await End(work, stop);
            }
        }
        catch (RunLost)
        {
            LogLost(log, row.Id);
        }
    }

    /// <summary>The steps. Null when the run goes on elsewhere.</summary>
    private async Task<RunStop?> Work(RunWork work)
    {
        try
        {
            if (work.Row.Takeovers > options.MaxTakeovers)
            {
                return new RunStop("failed", "interrupted", "interrupted", RunRules.Sentence("interrupted"));
            }

            work.Handle.Stopping.ThrowIfCancellationRequested();
            await guard.Run(work);
            work.Retrieval = await retrieval.Run(work);
            var result = await model.Run(work);
            (work.Text, work.ModelId, work.ModelName, work.Sources) = (result.Text, result.ModelId, result.ModelName, result.Sources);
            (work.PromptTokens, work.CompletionTokens) = (result.PromptTokens, result.CompletionTokens);
            await work.Log.Flush();
            return new RunStop("completed", result.FinishReason);
        }
        catch (RunLost)
        {
            throw;
        }
        catch (Exception fault) when (work.Handle.Cause != StopCause.None)
        {
            return await Stopped(work, fault);
        }
        catch (RunRefused refused) when (refused.Code == "step_limit" && work.Text.Length > 0)
        {
            return new RunStop("completed", "step_limit");
        }
        catch (RunRefused refused)
        {
            return new RunStop("failed", refused.Code, refused.Code, refused.Message);
        }
        catch (ProblemException refused)
        {
            return new RunStop("failed", refused.Problem.Code, refused.Problem.Code, refused.Problem.Detail);
        }
        catch (ProviderException fault)
        {
            var code = fault.Code.Code();
            return new RunStop("failed", code, code, fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        }
        catch (Exception fault)
        {
            LogFailed(log, fault, work.Row.Id, fault.Message);
            return new RunStop("failed", "unexpected", "unexpected", Problem.Sentence(fault));
        }
    }

    private static async Task<RunStop?> Stopped(RunWork work, Exception fault)
    {
        switch (work.Handle.Cause)
        {
            case StopCause.Cancelled:
                return new RunStop("cancelled", "cancelled");
            case StopCause.Length:
                return new RunStop("completed", "length");
            case StopCause.TimeLimit:
                return work.Text.Length > 0
                    ? new RunStop("completed", "time_limit")
                    : new RunStop("failed", "time_limit", "time_limit", RunRules.Sentence("time_limit"));
            case StopCause.Shutdown:
                // What readers saw is in the log; the next process goes on from it.
                await work.Settle();
                return null;
            default:
                throw fault as RunLost ?? new RunLost(work.Row.Id);
        }
    }

    /// <summary>Writes the end: first the marks in the query log, then in one transaction the step's result, the citations and the end itself with its event for the rooms above.</summary>
    private async Task End(RunWork work, RunStop stop)
    {
        await work.Log.Flush();
        var passages = work.Retrieval?.Passages.Take(work.Sources).ToList() ?? [];
        var (cited, unused) = work.Text.Length > 0 ? CitationRules.Resolve(work.Text, passages) : ([], []);
        var citations = work.Text.Length > 0 ? work.Once(RunEventTypes.Citations, new { citations = cited, unusedSources = unused }).ToList() : [];
        if (work.Retrieval?.QueryId is { } query && cited.Count > 0)
        {
            await MarkUsed(work, query, [.. cited.Select(c => c.ChunkId)]);
        }

        var output = new RunOutput(work.Text, work.ModelId, work.ModelName, cited, unused, cited.Count == 0, work.Retrieval?.RephrasedQuery, work.Flag);
        var last = stop.Status switch
        {
            "completed" => work.Log.Next(RunEventTypes.Completed, new
            {
                status = stop.Status,
                finishReason = stop.Reason,
                usage = new { promptTokens = work.PromptTokens, completionTokens = work.CompletionTokens },
                noSource = cited.Count == 0,
            }),
            "cancelled" => work.Log.Next(RunEventTypes.Cancelled, new { }),
            _ => work.Log.Next(RunEventTypes.Failed, new { code = stop.Code, message = stop.Sentence }),
        };
        var end = new RunEnd(stop.Status, stop.Reason, output, work.StepCount, work.PromptTokens, work.CompletionTokens, stop.Code, stop.Sentence);
        await work.Finish([.. citations, last], step => LastStep(work, stop, step), end);
    }

    private static StepEnd LastStep(RunWork work, RunStop stop, Guid step)
    {
        var isWhole = stop.Status == "completed";
        var result = isWhole ? LyceumJson.Write(new ModelResult(work.Text, stop.Reason, work.ModelId ?? Guid.Empty, work.ModelName ?? "", work.PromptTokens, work.CompletionTokens, work.Sources)) : null;
        return new StepEnd(step, isWhole ? "completed" : "failed", result, stop.Sentence ?? (isWhole ? null : stop.Reason));
    }

    private async Task MarkUsed(RunWork work, Guid query, IReadOnlyCollection<Guid> chunks)
    {
        try
        {
            await search.MarkUsed(work.Db, query, chunks, CancellationToken.None);
        }
        catch (Exception fault)
        {
            // A mark in a statistic is worth less than the answer.
            LogUnmarked(log, work.Row.Id, fault.Message);
        }
    }

    // What readers have seen of this run, when it was begun before.
    private async Task Recall(RunWork work)
    {
        for (long after = 0; work.Row.LastSeq > after;)
        {
            var from = after;
            var page = await Outage.Ride(() => RunStore.Events(work.Db, work.Row.Id, from, 1000, CancellationToken.None), options.Outage, clock, CancellationToken.None);
            foreach (var seen in page)
            {
                work.Seen.Add(seen.Type);
                work.Text = seen.Type switch
                {
                    RunEventTypes.TextDelta => work.Text + seen.Payload.GetProperty("text").GetString(),
                    RunEventTypes.TextReset => "",
                    _ => work.Text,
                };
            }

            after = page.Count > 0 ? page[^1].Seq : work.Row.LastSeq;
        }
    }

    private static Actor ActorOf(RunRow row) => new(
        row.UserId, row.ApiKeyId, "run", row.Source switch { "web" => "user_interface", "api" => "api", "mcp" => "mcp", _ => "automation" }, CorrelationId: row.CorrelationId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} was taken over by another process or has ended; this one writes nothing more")]
    private static partial void LogLost(ILogger log, Guid run);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Run} failed: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception fault, Guid run, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The passages that run {Run} cited were not marked in the query log: {Reason}")]
    private static partial void LogUnmarked(ILogger log, Guid run, string reason);
}
