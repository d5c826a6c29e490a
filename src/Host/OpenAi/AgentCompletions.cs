using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Platform;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>
/// Agents (<c>agent:slug</c>) and collections (<c>kb:slug</c>) as models of /v1. Each completion is a run: it goes on and is billed when the
/// client goes away, unless the request says <c>"x_on_disconnect": "cancel"</c>. Citations come as annotations, in their official shape,
/// and whole as <c>x_citations</c>; in a stream both are in the last delta.
/// </summary>
internal sealed class AgentCompletions(AgentAnswers answers, CollectionDirectory collections, TimeProvider clock)
{
    /// <summary>Whether a model id is one of ours rather than a registered model's name.</summary>
    public static bool Owns(string model) => model.StartsWith("agent:", StringComparison.Ordinal) || model.StartsWith("kb:", StringComparison.Ordinal);

    /// <summary>What this caller may ask.</summary>
    public async Task<IReadOnlyList<ListedModel>> List(Db db, Caller caller, CancellationToken ct)
    {
        if (!caller.May("agents.agents.run"))
        {
            return [];
        }

        var agents = await AgentDirectory.Usable(db, caller, ct);
        var readable = caller.OnlyAgent is null ? await collections.Readable(db, Reader.Of(caller), null, ct) : [];
        return [
            .. agents.Select(a => new ListedModel($"agent:{a.Slug}", Created(a.Id), "lyceum")),
            .. readable.Select(c => new ListedModel($"kb:{c.Slug}", Created(c.Id), "lyceum")),
        ];
    }

    /// <summary>One of them; null when there is none that this caller may ask.</summary>
    public async Task<ListedModel?> Find(Db db, Caller caller, string model, CancellationToken ct) =>
        caller.May("agents.agents.run") && await answers.Find(db, caller, model, ct) is { } target
            ? new ListedModel(model, Created(target.Collections is [var only, ..] ? only : target.AgentId ?? Guid.Empty), "lyceum")
            : null;

    /// <summary>Answers the whole request, as a stream or in one piece.</summary>
    public async Task Answer(HttpContext http, Db db, Caller caller, ChatRequest request, CancellationToken ct)
    {
        var target = caller.May("agents.agents.run") ? await answers.Find(db, caller, request.Model, ct) : null;
        if (target is null)
        {
            throw new OpenAiException(OpenAiError.NoSuchModel(request.Model));
        }

        var options = AgentRequest.Options(request);
        var cancels = AgentRequest.CancelsOnDisconnect(request.Json);
        var limits = request.Options.MaxOutputTokens is { } most ? new RunLimits(MaxTokens: most) : null;
        var run = await answers.Ask(db, caller, target, [.. request.Messages.Select(AgentRequest.Message)], limits, options, null, ct);
        try
        {
            await (request.Stream ? Stream(http, db, run, request, ct) : Whole(http, db, run, request, ct));
        }
        finally
        {
            // However a reader's leaving shows itself: as a cancelled read, a broken pipe, or a stream that just ends.
            if (cancels && ct.IsCancellationRequested)
            {
                await answers.Stop(db, run, CancellationToken.None);
            }
        }
    }

    private async Task Whole(HttpContext http, Db db, Guid run, ChatRequest request, CancellationToken ct)
    {
        var outcome = await answers.Answer(db, run, ct);
        if (Fault(outcome) is { } fault)
        {
            throw new OpenAiException(fault);
        }

        http.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, OpenAiJson.Writer))
        {
            var answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, outcome.Text)) { Usage = Usage(outcome), FinishReason = Reason(outcome) };
            CompletionJson.Write(json, Head(run, request), answer, false, writer => Citations(writer, outcome, http.Request));
        }

        await http.Response.BodyWriter.FlushAsync(ct);
    }

    private async Task Stream(HttpContext http, Db db, Guid run, ChatRequest request, CancellationToken ct)
    {
        using var stream = new CompletionStream(http, Head(run, request), request.IncludeUsage);
        await using var events = answers.Events(db, run, ct).GetAsyncEnumerator(ct);
        while (await Heartbeat.Next(events, stream, clock))
        {
            switch (events.Current.Type)
            {
                case RunEventTypes.TextDelta:
                    await stream.Text(events.Current.Payload.GetProperty("text").GetString() ?? "");
                    break;
                case RunEventTypes.TextReset:
                    // What was sent cannot be taken back on this wire; the client asks again rather than read two answers as one.
                    await stream.Error(new OpenAiError(503, "server_error", "interrupted", "The server that wrote this answer stopped, and the answer was begun anew. Ask again."));
                    return;
            }
        }

        var outcome = await answers.Answer(db, run, ct);
        if (Fault(outcome) is { } fault)
        {
            if (!stream.HasStarted)
            {
                throw new OpenAiException(fault);
            }

            await stream.Error(fault);
            return;
        }

        await stream.Finish(CompletionJson.Finish(Reason(outcome), false), json => Citations(json, outcome, http.Request));
        await stream.Done(Usage(outcome));
    }

    // The run's id is the completion's: who has one can find the other.
    private CompletionHead Head(Guid run, ChatRequest request) => new($"chatcmpl-{run:N}", clock.GetUtcNow().ToUnixTimeSeconds(), request.Model);

    private static UsageDetails Usage(RunOutcome outcome) => new()
    {
        InputTokenCount = outcome.PromptTokens,
        OutputTokenCount = outcome.CompletionTokens,
        TotalTokenCount = outcome.PromptTokens + outcome.CompletionTokens,
    };

    private static ChatFinishReason Reason(RunOutcome outcome) =>
        outcome.StopReason is null or "stop" or "completed" ? ChatFinishReason.Stop : ChatFinishReason.Length;

    private static OpenAiError? Fault(RunOutcome outcome) => outcome.Status switch
    {
        "failed" or "interrupted" => new OpenAiError(outcome.ErrorCode == "context_length" ? 400 : 502, outcome.ErrorCode == "context_length" ? "invalid_request_error" : "server_error",
            outcome.ErrorCode == "context_length" ? "context_length_exceeded" : outcome.ErrorCode ?? "run_failed", outcome.ErrorMessage ?? "The answer could not be finished."),
        "cancelled" => new OpenAiError(499, "server_error", "run_cancelled", "The run was stopped."),
        _ => null,
    };

    private static void Citations(Utf8JsonWriter json, RunOutcome outcome, HttpRequest request)
    {
        json.WriteStartArray("annotations");
        foreach (var citation in outcome.Citations)
        {
            var mark = $"[{citation.Marker}]";
            for (var at = outcome.Text.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = outcome.Text.IndexOf(mark, at + mark.Length, StringComparison.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("type", "url_citation");
                json.WriteStartObject("url_citation");
                json.WriteNumber("start_index", at);
                json.WriteNumber("end_index", at + mark.Length);
                json.WriteString("url", Address(citation, request));
                json.WriteString("title", citation.Name);
                json.WriteEndObject();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WritePropertyName("x_citations");
        JsonSerializer.Serialize(json, outcome.Citations.Select(c => new
        {
            marker = c.Marker,
            document_id = c.DocumentId,
            collection_id = c.CollectionId,
            chunk_id = c.ChunkId,
            name = c.Name,
            page = c.Page,
            quote = c.Quote,
            score = c.Score,
            url = Address(c, request),
        }), LyceumJson.Options);
    }

    private static string Address(RunCitation citation, HttpRequest request) =>
        $"{request.Scheme}://{request.Host}/knowledge/{citation.CollectionId}/documents/{citation.DocumentId}?{(citation.Page is { } page ? $"page={page}&" : "")}chunk={citation.ChunkId}";

    // A UUIDv7 begins with its time in milliseconds.
    private static long Created(Guid id) => long.Parse(id.ToString("N").AsSpan(0, 12), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture) / 1000;
}
