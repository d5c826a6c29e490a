using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using AiFinish = Microsoft.Extensions.AI.ChatFinishReason;

namespace Lyceum.Models;

#pragma warning disable SCME0001 // see OpenAiChat

/// <summary>Reads the SDK's answers into the shared types.</summary>
internal static class OpenAiAnswer
{
    public static ChatResponse Read(ChatCompletion completion)
    {
        var contents = new List<AIContent>();
        if (completion.Patch.TryGetValue("$.choices[0].message.reasoning_content"u8, out string? reasoning) && !string.IsNullOrEmpty(reasoning))
            contents.Add(new TextReasoningContent(reasoning));
        foreach (var part in completion.Content)
            if (!string.IsNullOrEmpty(part.Text)) contents.Add(new TextContent(part.Text));
        if (!string.IsNullOrEmpty(completion.Refusal)) contents.Add(new ErrorContent(completion.Refusal) { ErrorCode = "refusal" });
        foreach (var call in completion.ToolCalls) contents.Add(Call(call.Id, call.FunctionName, call.FunctionArguments.ToString()));
        return new(new Microsoft.Extensions.AI.ChatMessage(ChatRole.Assistant, contents) { MessageId = completion.Id })
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            CreatedAt = completion.CreatedAt,
            FinishReason = Finish(completion.FinishReason),
            Usage = Usage(completion.Usage),
        };
    }

    public static ChatResponseUpdate Read(StreamingChatCompletionUpdate chunk)
    {
        var update = new ChatResponseUpdate
        {
            Role = chunk.Role is null ? null : ChatRole.Assistant,
            ResponseId = chunk.CompletionId,
            MessageId = chunk.CompletionId,
            ModelId = chunk.Model,
            FinishReason = chunk.FinishReason is { } finish ? Finish(finish) : null,
        };
        if (chunk.Patch.TryGetValue("$.choices[0].delta.reasoning_content"u8, out string? reasoning) && !string.IsNullOrEmpty(reasoning))
            update.Contents.Add(new TextReasoningContent(reasoning));
        foreach (var part in chunk.ContentUpdate)
            if (!string.IsNullOrEmpty(part.Text)) update.Contents.Add(new TextContent(part.Text));
        if (!string.IsNullOrEmpty(chunk.RefusalUpdate)) update.Contents.Add(new ErrorContent(chunk.RefusalUpdate) { ErrorCode = "refusal" });
        if (Usage(chunk.Usage) is { } usage) update.Contents.Add(new UsageContent(usage));
        return update;
    }

    /// <summary>A call whose arguments are no JSON is kept, with the reason: the model can be told and try again.</summary>
    public static FunctionCallContent Call(string id, string name, string arguments)
    {
        try
        {
            return new(id, name, arguments.Length == 0 ? new Dictionary<string, object?>() : JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments));
        }
        catch (JsonException e)
        {
            return new(id, name) { Exception = e };
        }
    }

    private static AiFinish Finish(OpenAI.Chat.ChatFinishReason reason) => reason switch
    {
        OpenAI.Chat.ChatFinishReason.Length => AiFinish.Length,
        OpenAI.Chat.ChatFinishReason.ContentFilter => AiFinish.ContentFilter,
        OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => AiFinish.ToolCalls,
        _ => AiFinish.Stop,
    };

    private static UsageDetails? Usage(ChatTokenUsage? usage) => usage is null ? null : new()
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
        TotalTokenCount = usage.TotalTokenCount,
        CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
        ReasoningTokenCount = usage.OutputTokenDetails?.ReasoningTokenCount,
    };
}
