using System.Text.Json;
using Lyceum.Chat;
using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>POST /v1/chat/completions. A raw model is passed through: nothing of it is kept but the ledger rows, and a client that goes away stops it.</summary>
internal static class ChatEndpoints
{
    public static void MapChatCompletions(this RouteGroupBuilder v1) =>
        v1.MapPost("/chat/completions", Complete).Needs("models.models.use").WithName("createChatCompletion").ForKeys("chat");

    private static async Task Complete(
        HttpContext http, Db db, Caller caller, ModelDirectory directory, ModelCalls calls, Quotas quotas, Guard guard, ModerationStore flags, AgentCompletions agents, TimeProvider clock, CancellationToken ct)
    {
        using var body = await OpenAiJson.Body(http.Request, ct);
        var request = ChatRequest.From(body.RootElement);
        if (AgentCompletions.Owns(request.Model))
        {
            await agents.Answer(http, db, caller, request, ct);
            return;
        }

        var model = await RawModels.Find(directory, db, caller, request.Model, ct);
        if (model.ModelType is not ("llm" or "vision" or "guard"))
        {
            throw new OpenAiException(OpenAiError.Invalid($"'{model.Name}' is no chat model.", "model", "model_not_supported"));
        }

        await quotas.HoldTokens(db, ct);
        var head = CompletionHead.New(request.Model, clock);
        var context = RawModels.Context(caller, head.Id);
        if (request.Messages.LastOrDefault(m => m.Role == ChatRole.User)?.Text is { Length: > 0 } asked
            && await guard.Judge(db, asked, context, ct) is { Verdict: { IsSafe: false } verdict } found)
        {
            await flags.Flag(caller.UserId, found.Model, verdict, ct);
            throw new ProblemException(Guard.Refusal(verdict));
        }

        if (request.Stream)
        {
            await Stream(http, head, request, calls.Stream(db, model, request.Messages, request.Options, context, ct), clock, ct);
            return;
        }

        var answer = await calls.Complete(db, model, request.Messages, request.Options, context, ct);
        http.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, OpenAiJson.Writer))
        {
            CompletionJson.Write(json, head, answer, request.IncludeReasoning);
        }

        await http.Response.BodyWriter.FlushAsync(ct);
    }

    private static async Task Stream(
        HttpContext http, CompletionHead head, ChatRequest request, IAsyncEnumerable<ChatResponseUpdate> answer, TimeProvider clock, CancellationToken ct)
    {
        using var stream = new CompletionStream(http, head, request.IncludeUsage);
        UsageDetails? usage = null;
        ChatFinishReason? finish = null;
        await using var updates = answer.GetAsyncEnumerator(ct);
        try
        {
            while (await Heartbeat.Next(updates, stream, clock))
            {
                var update = updates.Current;
                finish = update.FinishReason ?? finish;
                foreach (var content in update.Contents)
                {
                    switch (content)
                    {
                        case TextContent { Text.Length: > 0 } text:
                            await stream.Text(text.Text);
                            break;
                        case TextReasoningContent { Text.Length: > 0 } reasoning when request.IncludeReasoning:
                            await stream.Reasoning(reasoning.Text);
                            break;
                        case FunctionCallContent call:
                            await stream.ToolCall(call);
                            break;
                        case ErrorContent { ErrorCode: "refusal" } refusal:
                            await stream.Refusal(refusal.Message ?? "");
                            break;
                        case UsageContent told:
                            (usage ??= new UsageDetails()).Add(told.Details);
                            break;
                    }
                }
            }
        }
        catch (ProviderException fault) when (stream.HasStarted)
        {
            await stream.Error(OpenAiError.Of(fault));
            return;
        }

        await stream.Finish(CompletionJson.Finish(finish, stream.CalledTools));
        await stream.Done(usage);
    }
}
