using System.Text;
using System.Text.Json;

namespace Lyceum.Host.Cli;

/// <summary>
/// Asks one question in a conversation of its own and writes the answer as it comes. A connection that breaks is taken
/// up again after the last event that arrived; Ctrl-C stops the run too.
/// </summary>
internal sealed class AskCommand(ApiClient api, Terminal terminal, TimeProvider time)
{
    private const int ReconnectsMax = 8;

    private sealed class Answer
    {
        public StringBuilder Text { get; } = new();
        public IReadOnlyList<CitationBody> Citations { get; set; } = [];
        public long LastEvent { get; set; }
        public bool Done { get; set; }
        public bool NoSource { get; set; }
    }

    public async Task<int> Run(string question, string? collection, string? agent, CancellationToken ct)
    {
        Guid[]? collections = collection is null ? null : [(await Collections.Require(api, collection, ct)).Id];
        var conversation = await api.Post(
            "api/v1/chat/conversations", new CreateConversation(collections, agent), CliJson.Sent.CreateConversation, CliJson.Default.ConversationBody, ct);
        var accepted = await api.Post(
            $"api/v1/chat/conversations/{conversation.Id}/messages", new CreateMessage(question), CliJson.Sent.CreateMessage, CliJson.Default.MessageAccepted, ct);
        var answer = new Answer();
        try
        {
            await Follow(accepted.RunId, answer, ct);
        }
        catch (OperationCanceledException)
        {
            await StopRun(accepted.RunId);
            throw;
        }

        await Print(answer);
        return ExitCode.Ok;
    }

    private async Task Follow(Guid run, Answer answer, CancellationToken ct)
    {
        for (var broken = 0; !answer.Done;)
        {
            var before = answer.LastEvent;
            try
            {
                using var response = await api.Stream($"api/v1/chat/runs/{run}/events?starting_after={answer.LastEvent}", ct);
                await using var stream = await response.Content.ReadAsStreamAsync(ct);
                using var reader = new StreamReader(stream, Encoding.UTF8);
                await foreach (var told in ServerSentEvents.Read(reader, ct))
                {
                    await Take(told, answer, ct);
                    if (answer.Done)
                    {
                        return;
                    }
                }
            }
            catch (Exception fault) when (fault is IOException or HttpRequestException)
            {
                // The run goes on at the server; its events are there to be read again.
            }

            broken = answer.LastEvent > before ? 1 : broken + 1;
            if (broken > ReconnectsMax)
            {
                throw new CommandFailed(ExitCode.Unreachable, "stream_lost", "The connection to the server broke and could not be taken up again. The answer is in the conversation list.");
            }

            await Task.Delay(ApiClient.Pause(broken, null), time, ct);
        }
    }

    private async Task Take(ServerSentEvent told, Answer answer, CancellationToken ct)
    {
        if (told.Id is { } id)
        {
            if (id <= answer.LastEvent)
            {
                return; // told twice
            }

            answer.LastEvent = id;
        }

        try
        {
            switch (told.Type)
            {
                case "text.delta":
                    var text = Parse(told, CliJson.Default.TextDelta).Text;
                    answer.Text.Append(text);
                    await terminal.Piece(text, ct);
                    break;
                case "text.reset":
                    if (answer.Text.Length > 0)
                    {
                        await terminal.Piece("\n\n(starting again)\n\n", ct);
                    }

                    answer.Text.Clear();
                    break;
                case "citations":
                    answer.Citations = Parse(told, CliJson.Default.CitationsEvent).Citations;
                    break;
                case "run.completed":
                    answer.NoSource = Parse(told, CliJson.Default.RunCompleted).NoSource;
                    answer.Done = true;
                    break;
                case "run.failed":
                    var failed = Parse(told, CliJson.Default.RunFailed);
                    throw new CommandFailed(ExitCode.ServerError, failed.Code ?? "run_failed", failed.Message ?? "The answer could not be made.");
                case "run.cancelled":
                    throw new CommandFailed(ExitCode.Interrupted, "run_cancelled", "The answer was stopped.");
            }
        }
        catch (JsonException broken)
        {
            throw new CommandFailed(ExitCode.ServerError, "bad_answer", $"The server sent an event '{told.Type}' that cannot be read.", broken);
        }
    }

    private static T Parse<T>(ServerSentEvent told, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(told.Data, type) ?? throw new JsonException("null");

    private async Task Print(Answer answer)
    {
        await terminal.Document(
            new AskReport(answer.Text.ToString(), [.. answer.Citations.Select(c => new AskCitation(c.DocumentId, c.Name, c.Page, c.Quote, c.Score))]),
            CliJson.Printed.AskReport);
        await terminal.Line("");
        if (answer.Citations.Count > 0)
        {
            await terminal.Line("");
        }

        foreach (var citation in answer.Citations)
        {
            var page = citation.Page is { } number ? $", page {number}" : "";
            await terminal.Line($"[{citation.Marker}] {Terminal.Clean(citation.Name)}{page}");
            if (!string.IsNullOrWhiteSpace(citation.Quote))
            {
                await terminal.Line($"    {Terminal.Short(citation.Quote, 160)}");
            }
        }

        if (answer.NoSource)
        {
            await terminal.Line("No source was found for this question.");
        }
    }

    private async Task StopRun(Guid run)
    {
        // The person's patience is over, so this last word has two seconds of its own.
        using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        try
        {
            await api.Tell($"api/v1/chat/runs/{run}/cancel", brief.Token);
        }
        catch (Exception fault) when (fault is CommandFailed or OperationCanceledException)
        {
            // The run then ends by its own limits.
        }
    }
}
