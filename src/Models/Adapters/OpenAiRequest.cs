using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using AiMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Lyceum.Models;

#pragma warning disable SCME0001 // see OpenAiChat
#pragma warning disable OPENAI001 // audio, files and reasoning effort are marked experimental in the SDK; their wire fields are stable

/// <summary>Writes a request in the SDK's types. What is null is not sent; a zero is sent as zero.</summary>
internal static class OpenAiRequest
{
    public static (ChatCompletionOptions Body, List<OpenAI.Chat.ChatMessage> Messages) Build(
        ModelEndpoint endpoint, IEnumerable<AiMessage> messages, ChatOptions? options, bool streaming)
    {
        var body = new ChatCompletionOptions
        {
            Temperature = options?.Temperature,
            TopP = options?.TopP,
            FrequencyPenalty = options?.FrequencyPenalty,
            PresencePenalty = options?.PresencePenalty,
        };
        if (options is not null) Fill(body, endpoint, options);
        if (streaming && !EndpointRules.SendsStreamOptions(endpoint.Kind)) body.Patch.Remove("$.stream_options"u8);
        return (body, [.. Messages(endpoint, messages, options?.Instructions)]);
    }

    private static void Fill(ChatCompletionOptions body, ModelEndpoint endpoint, ChatOptions options)
    {
        if (options.MaxOutputTokens is { } max)
        {
            if (EndpointRules.UsesMaxCompletionTokens(endpoint.Kind)) body.MaxOutputTokenCount = max;
            else body.Patch.Set("$.max_tokens"u8, max);
        }

        if (options.Seed is { } seed) body.Patch.Set("$.seed"u8, seed);
        if (options.TopK is { } topK) body.Patch.Set("$.top_k"u8, topK);
        if (options.Reasoning?.Effort is { } effort) body.ReasoningEffortLevel = Effort(effort);
        foreach (var stop in options.StopSequences ?? []) body.StopSequences.Add(stop);
        Tools(body, options);
        body.ResponseFormat = options.ResponseFormat switch
        {
            ChatResponseFormatJson { Schema: { } schema } json => OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(
                json.SchemaName ?? "answer", BinaryData.FromString(schema.GetRawText()), json.SchemaDescription, Flag(options, "strict")),
            ChatResponseFormatJson => OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat(),
            ChatResponseFormatText => OpenAI.Chat.ChatResponseFormat.CreateTextFormat(),
            _ => null,
        };
        foreach (var (name, value) in options.AdditionalProperties ?? [])
            if (name is not "strict" && value is not null && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                body.Patch.Set(Encoding.UTF8.GetBytes("$." + name), BinaryData.FromString(JsonSerializer.Serialize(value)));
    }

    private static void Tools(ChatCompletionOptions body, ChatOptions options)
    {
        foreach (var tool in options.Tools?.OfType<AIFunctionDeclaration>() ?? [])
            body.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText()), Strict(tool)));
        if (body.Tools.Count == 0) return; // tool_choice without tools is refused
        body.AllowParallelToolCalls = options.AllowMultipleToolCalls;
        body.ToolChoice = options.ToolMode switch
        {
            NoneChatToolMode => ChatToolChoice.CreateNoneChoice(),
            RequiredChatToolMode { RequiredFunctionName: { } name } => ChatToolChoice.CreateFunctionChoice(name),
            RequiredChatToolMode => ChatToolChoice.CreateRequiredChoice(),
            AutoChatToolMode => ChatToolChoice.CreateAutoChoice(),
            _ => null,
        };
    }

    private static IEnumerable<OpenAI.Chat.ChatMessage> Messages(ModelEndpoint endpoint, IEnumerable<AiMessage> messages, string? instructions)
    {
        if (!string.IsNullOrEmpty(instructions)) yield return new SystemChatMessage(instructions);
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System) yield return new SystemChatMessage(message.Text);
            else if (message.Role == ChatRole.Assistant) yield return Assistant(endpoint, message);
            else if (message.Role == ChatRole.Tool)
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                    yield return new ToolChatMessage(CallId(endpoint, result.CallId), ToolResultText.Of(result));
            else yield return new UserChatMessage(Parts(message));
        }
    }

    private static AssistantChatMessage Assistant(ModelEndpoint endpoint, AiMessage message)
    {
        var calls = message.Contents.OfType<FunctionCallContent>()
            .Select(c => ChatToolCall.CreateFunctionToolCall(CallId(endpoint, c.CallId), c.Name, BinaryData.FromString(JsonSerializer.Serialize(c.Arguments ?? new Dictionary<string, object?>()))))
            .ToList();
        if (calls.Count == 0) return new AssistantChatMessage(message.Text);
        var assistant = new AssistantChatMessage(calls);
        if (message.Text.Length > 0) assistant.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
        return assistant;
    }

    private static List<ChatMessageContentPart> Parts(AiMessage message)
    {
        var parts = new List<ChatMessageContentPart>();
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    parts.Add(ChatMessageContentPart.CreateTextPart(text.Text));
                    break;
                case DataContent data when data.HasTopLevelMediaType("image"):
                    parts.Add(ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(data.Data), data.MediaType));
                    break;
                case DataContent data when data.HasTopLevelMediaType("audio"):
                    parts.Add(ChatMessageContentPart.CreateInputAudioPart(BinaryData.FromBytes(data.Data), data.MediaType.Contains("wav", StringComparison.Ordinal) ? ChatInputAudioFormat.Wav : ChatInputAudioFormat.Mp3));
                    break;
                case DataContent data:
                    parts.Add(ChatMessageContentPart.CreateFilePart(BinaryData.FromBytes(data.Data), data.MediaType, data.Name ?? "file"));
                    break;
                case UriContent uri when uri.HasTopLevelMediaType("image"):
                    parts.Add(ChatMessageContentPart.CreateImagePart(uri.Uri));
                    break;
            }
        }

        return parts.Count > 0 ? parts : [ChatMessageContentPart.CreateTextPart("")];
    }

    // Mistral accepts nothing but nine letters or digits; ids of other models in the history are mapped to such, always the same way.
    private static string CallId(ModelEndpoint endpoint, string id) =>
        endpoint.Kind != "mistral" || (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit)) ? id : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..9];

    private static bool? Strict(AITool tool) => tool.AdditionalProperties.TryGetValue("strict", out var value) && value is bool strict ? strict : null;

    private static bool? Flag(ChatOptions options, string name) => options.AdditionalProperties?.TryGetValue(name, out var value) == true && value is bool flag ? flag : null;

    private static ChatReasoningEffortLevel? Effort(ReasoningEffort effort) => effort switch
    {
        ReasoningEffort.None => new ChatReasoningEffortLevel("none"),
        ReasoningEffort.Low => ChatReasoningEffortLevel.Low,
        ReasoningEffort.Medium => ChatReasoningEffortLevel.Medium,
        _ => ChatReasoningEffortLevel.High,
    };
}
