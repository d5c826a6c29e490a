using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>The name and the time of one completion; the same in all its chunks.</summary>
internal sealed record CompletionHead(string Id, long Created, string Model)
{
    public static CompletionHead New(string model, TimeProvider clock) => new($"chatcmpl-{Guid.CreateVersion7():N}", clock.GetUtcNow().ToUnixTimeSeconds(), model);
}

/// <summary>Writes the parts that a completion and its chunks share.</summary>
internal static class CompletionJson
{
    private static readonly JsonSerializerOptions Arguments = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A whole answer. <paramref name="citations"/> writes the message's annotations; without it there are none.</summary>
    public static void Write(Utf8JsonWriter json, CompletionHead head, ChatResponse response, bool includeReasoning, Action<Utf8JsonWriter>? citations = null)
    {
        var contents = response.Messages.SelectMany(m => m.Contents).ToList();
        var calls = contents.OfType<FunctionCallContent>().ToList();
        json.WriteStartObject();
        json.WriteString("id", head.Id);
        json.WriteString("object", "chat.completion");
        json.WriteNumber("created", head.Created);
        json.WriteString("model", head.Model);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        var text = string.Concat(contents.OfType<TextContent>().Select(t => t.Text));
        json.WriteString("content", text.Length == 0 && calls.Count > 0 ? null : text);
        json.WriteString("refusal", contents.OfType<ErrorContent>().FirstOrDefault(e => e.ErrorCode == "refusal")?.Message);
        if (includeReasoning && string.Concat(contents.OfType<TextReasoningContent>().Select(t => t.Text)) is { Length: > 0 } reasoning)
        {
            json.WriteString("reasoning_content", reasoning);
        }

        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (var call in calls)
            {
                json.WriteStartObject();
                json.WriteString("id", call.CallId);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", call.Name);
                json.WriteString("arguments", ArgumentsOf(call));
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        (citations ?? NoCitations)(json);
        json.WriteEndObject();
        json.WriteString("finish_reason", Finish(response.FinishReason, calls.Count > 0));
        json.WriteNull("logprobs");
        json.WriteEndObject();
        json.WriteEndArray();
        Usage(json, response.Usage ?? new UsageDetails());
        json.WriteEndObject();
    }

    private static void NoCitations(Utf8JsonWriter json)
    {
        json.WriteStartArray("annotations");
        json.WriteEndArray();
    }

    public static void Usage(Utf8JsonWriter json, UsageDetails usage)
    {
        var (input, output) = (usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", input);
        json.WriteNumber("completion_tokens", output);
        json.WriteNumber("total_tokens", input + output);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedInputTokenCount ?? 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokenCount ?? 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static string Finish(ChatFinishReason? reason, bool calledTools) =>
        reason == ChatFinishReason.Length ? "length"
        : reason == ChatFinishReason.ContentFilter ? "content_filter"
        : reason == ChatFinishReason.ToolCalls || calledTools ? "tool_calls"
        : "stop";

    /// <summary>A model that wrote no JSON gets its client told so by an empty text, which is none either.</summary>
    public static string ArgumentsOf(FunctionCallContent call) =>
        call.Exception is not null ? "" : JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), Arguments);
}
