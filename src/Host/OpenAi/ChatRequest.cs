using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>
/// A request for a chat completion, read and checked. What would change the answer and cannot be had is refused with its name; what is not
/// known is ignored, as OpenAI does.
/// </summary>
internal sealed record ChatRequest(string Model, IReadOnlyList<ChatMessage> Messages, ChatOptions Options, bool Stream, bool IncludeUsage, bool IncludeReasoning)
{
    private const int MessagesMost = 5000, ToolsMost = 128, StopsMost = 16;

    /// <summary>The whole request, for members that only some kinds of models read (x_…).</summary>
    public required JsonElement Json { get; init; }

    public static ChatRequest From(JsonElement json)
    {
        var fields = new Fields(json);
        Refuse(fields);
        var model = fields.NeededText("model");
        var messages = fields.Any("messages") is null ? throw fields.Missing("messages") : ChatMessages.Read(fields, MessagesMost);
        if (messages.Count == 0)
        {
            throw new OpenAiException(OpenAiError.Invalid("There must be at least one message.", "messages"));
        }

        var options = new ChatOptions
        {
            Temperature = fields.Number("temperature", 0, 2),
            TopP = fields.Number("top_p", 0, 1),
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2),
            PresencePenalty = fields.Number("presence_penalty", -2, 2),
            MaxOutputTokens = (int?)(fields.Whole("max_completion_tokens", 1, int.MaxValue) ?? fields.Whole("max_tokens", 1, int.MaxValue)),
            Seed = fields.Whole("seed", long.MinValue, long.MaxValue),
            StopSequences = Stops(fields),
            ResponseFormat = Format(fields, out var strict),
            Reasoning = Effort(fields),
        };
        if (strict is { } value)
        {
            options.AdditionalProperties = new() { ["strict"] = value };
        }

        Tools(fields, options);
        var stream = fields.Flag("stream") ?? false;
        return new ChatRequest(
            model, messages, options, stream, stream && fields.Inner("stream_options")?.Flag("include_usage") == true, fields.Flag("include_reasoning") ?? false)
        { Json = json };
    }

    private static void Refuse(Fields fields)
    {
        if (fields.Whole("n", 1, 128) is > 1)
        {
            throw fields.Unsupported("n", "Only one answer per request is supported: leave 'n' out or send 1.");
        }

        if (fields.Flag("logprobs") == true || fields.Whole("top_logprobs", 0, 20) is > 0)
        {
            throw fields.Unsupported("logprobs", "Log probabilities are not supported: leave 'logprobs' out.");
        }

        foreach (var old in new[] { "functions", "function_call" })
        {
            if (fields.Any(old) is not null)
            {
                throw fields.Unsupported(old, $"'{old}' is the older form of 'tools'. Send 'tools' and 'tool_choice'.");
            }
        }

        if (fields.Inner("logit_bias") is not null && fields.Any("logit_bias") is { } bias && bias.EnumerateObject().Any())
        {
            throw fields.Unsupported("logit_bias", "Biases of single tokens are not supported: leave 'logit_bias' out.");
        }

        if (fields.Inner("web_search_options") is not null)
        {
            throw fields.Unsupported("web_search_options", "Answers are not searched for in the web: leave 'web_search_options' out.");
        }

        if (fields.List("modalities", 10).Any(m => m.Json.ValueKind != JsonValueKind.String || m.Json.GetString() != "text") || fields.Any("audio") is not null)
        {
            throw fields.Unsupported("modalities", "Answers are text: leave 'modalities' and 'audio' out.");
        }
    }

    private static List<string>? Stops(Fields fields) => fields.Any("stop") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } one => [one.GetString() ?? ""],
        _ => [.. fields.List("stop", StopsMost).Select(s => s.Json.ValueKind == JsonValueKind.String ? s.Json.GetString() ?? "" : throw fields.Wrong("stop", "a string or an array of strings"))],
    };

    private static ChatResponseFormat? Format(Fields fields, out bool? strict)
    {
        strict = null;
        if (fields.Inner("response_format") is not { } format)
        {
            return null;
        }

        switch (format.NeededText("type"))
        {
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
            case "json_schema":
                var schema = format.Needed("json_schema");
                strict = schema.Flag("strict");
                var shape = schema.Any("schema") ?? throw schema.Missing("schema");
                return ChatResponseFormat.ForJsonSchema(shape, schema.NeededText("name"), schema.Text("description"));
            default:
                throw format.Wrong("type", "text, json_object or json_schema");
        }
    }

    private static ReasoningOptions? Effort(Fields fields) => fields.Text("reasoning_effort") switch
    {
        null => null,
        "none" or "minimal" => new ReasoningOptions { Effort = ReasoningEffort.None },
        "low" => new ReasoningOptions { Effort = ReasoningEffort.Low },
        "medium" => new ReasoningOptions { Effort = ReasoningEffort.Medium },
        "high" => new ReasoningOptions { Effort = ReasoningEffort.High },
        "xhigh" => new ReasoningOptions { Effort = ReasoningEffort.ExtraHigh },
        _ => throw fields.Wrong("reasoning_effort", "none, minimal, low, medium, high or xhigh"),
    };

    private static void Tools(Fields fields, ChatOptions options)
    {
        var tools = new List<AITool>();
        foreach (var (tool, _, _) in fields.List("tools", ToolsMost))
        {
            if (tool.NeededText("type") != "function")
            {
                throw tool.Wrong("type", "function");
            }

            var function = tool.Needed("function");
            tools.Add(new ClientTool(function.NeededText("name"), function.Text("description") ?? "", function.Any("parameters") ?? default, function.Flag("strict")));
        }

        if (tools.Count == 0)
        {
            return;
        }

        options.Tools = tools;
        options.AllowMultipleToolCalls = fields.Flag("parallel_tool_calls");
        options.ToolMode = fields.Any("tool_choice") switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } word => word.GetString() switch
            {
                "auto" => ChatToolMode.Auto,
                "none" => ChatToolMode.None,
                "required" => ChatToolMode.RequireAny,
                _ => throw fields.Wrong("tool_choice", "auto, none, required or a function"),
            },
            { ValueKind: JsonValueKind.Object } => Chosen(fields.Needed("tool_choice"), tools),
            _ => throw fields.Wrong("tool_choice", "auto, none, required or a function"),
        };
    }

    private static RequiredChatToolMode Chosen(Fields choice, List<AITool> tools)
    {
        var name = choice.Needed("function").NeededText("name");
        return tools.Exists(t => t.Name == name)
            ? ChatToolMode.RequireSpecific(name)
            : throw new OpenAiException(OpenAiError.Invalid($"There is no tool called '{name}' in 'tools'.", choice.At("function.name")));
    }
}
