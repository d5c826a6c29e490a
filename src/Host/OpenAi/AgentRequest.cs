using System.Text.Json;
using Lyceum.Agents;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>What of a request an agent or a collection can follow. What would change the answer and cannot be had is refused with its name, never left out in silence.</summary>
internal static class AgentRequest
{
    /// <summary>How the run asks its model.</summary>
    public static RunOptions Options(ChatRequest request)
    {
        var asked = request.Options;
        if (asked.Tools is { Count: > 0 })
        {
            throw Refused("tools", "This model runs tools of its own and takes none from the request: leave 'tools' out.");
        }

        if (asked.ResponseFormat is not null and not ChatResponseFormatText)
        {
            throw Refused("response_format", "This model answers in sentences with the numbers of its sources, which are no JSON: leave 'response_format' out, or ask a raw model.");
        }

        return new RunOptions(
            asked.Temperature, asked.TopP, asked.StopSequences is { Count: > 0 } stop ? [.. stop] : null, asked.FrequencyPenalty, asked.PresencePenalty, asked.Seed,
            asked.Reasoning?.Effort?.ToString().ToLowerInvariant());
    }

    public static RunMessage Message(ChatMessage message) => message.Contents.All(c => c is TextContent)
        ? new RunMessage(message.Role.Value, message.Text)
        : throw new OpenAiException(OpenAiError.Invalid("This model reads text only: leave images, files and tool calls out of the messages.", "messages", "unsupported_content"));

    /// <summary>Whether the run ends when the client goes away. It goes on otherwise.</summary>
    public static bool CancelsOnDisconnect(JsonElement json)
    {
        var fields = new Fields(json);
        return fields.Text("x_on_disconnect") switch
        {
            null or "continue" => false,
            "cancel" => true,
            _ => throw fields.Wrong("x_on_disconnect", "cancel or continue"),
        };
    }

    private static OpenAiException Refused(string param, string sentence) => new(OpenAiError.Invalid(sentence, param, "unsupported_parameter"));
}
