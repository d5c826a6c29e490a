using System.Text.Json.Nodes;

namespace Lyceum.Stub;

/// <summary>Chat completions as OpenAI sends them, whole and as a stream.</summary>
internal static class OpenAiWire
{
    private const long Created = 1_760_000_000;

    public static async Task Chat(Exchange exchange)
    {
        var body = exchange.Request.Json;
        var model = body["model"]?.GetValue<string>() ?? "stub-chat";
        if (StubModels.IsEmbedder(model))
        {
            await Error(exchange, 404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint.", "invalid_request_error", null, "model");
            return;
        }

        if (body["messages"] is not JsonArray { Count: > 0 } messages)
        {
            await Error(exchange, 400, "Missing required parameter: 'messages'.", "invalid_request_error", "missing_required_parameter", "messages");
            return;
        }

        var reply = Reply(exchange.Behaviour, body, messages);
        var promptTokens = messages.Sum(m => StubText.Count(Exchange.TextOf(m?["content"])) + 4);
        if (body["stream"]?.GetValue<bool>() == true)
        {
            var wantsUsage = body["stream_options"]?["include_usage"]?.GetValue<bool>() == true;
            await Stream(exchange, model, reply, promptTokens, wantsUsage && !exchange.Behaviour.WithoutUsage, wantsUsage);
        }
        else
        {
            await Whole(exchange, model, reply, promptTokens);
        }
    }

    public static Task Error(Exchange exchange, int status, string message, string type, string? code, string? param = null) =>
        exchange.Write(status, new { error = new { message, type, param, code } });

    private static StubReply Reply(StubBehaviour behaviour, JsonNode body, JsonArray messages)
    {
        var last = messages[^1];
        if (behaviour.UseOfferedTool && last?["role"]?.GetValue<string>() == "tool")
            return new("The tool said: " + Exchange.TextOf(last["content"]), [], "stop");
        if (behaviour.UseOfferedTool && body["tools"]?[0]?["function"] is JsonObject offered)
            return new("", [new(offered["name"]!.GetValue<string>(), StubReply.Arguments(offered["parameters"]))], "tool_calls");
        if (behaviour.ToolCalls.Count > 0) return new(behaviour.Text ?? "", behaviour.ToolCalls, behaviour.FinishReason ?? "tool_calls");
        var question = Exchange.TextOf(messages.LastOrDefault(m => m?["role"]?.GetValue<string>() == "user")?["content"]);
        var prompt = string.Join('\n', messages.Select(m => Exchange.TextOf(m?["content"])));
        return StubReply.Text(behaviour, prompt, question);
    }

    private static Task Whole(Exchange exchange, string model, StubReply reply, int promptTokens) => exchange.Write(200, new JsonObject
    {
        ["id"] = Id(exchange),
        ["object"] = "chat.completion",
        ["created"] = Created,
        ["model"] = model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = Message(exchange.Behaviour, reply),
            ["finish_reason"] = reply.Finish,
            ["logprobs"] = null,
        }),
        ["usage"] = exchange.Behaviour.WithoutUsage ? null : Usage(promptTokens, StubText.Count(reply.Content)),
    });

    private static JsonObject Message(StubBehaviour behaviour, StubReply reply)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = reply.Calls.Count > 0 && reply.Content.Length == 0 ? null : reply.Content, ["refusal"] = null };
        if (behaviour.Reasoning is not null) message["reasoning_content"] = behaviour.Reasoning;
        if (reply.Calls.Count > 0)
            message["tool_calls"] = new JsonArray([.. reply.Calls.Select((call, i) => new JsonObject
            {
                ["id"] = call.Id ?? $"call_{i + 1}",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.ArgumentsJson },
            })]);
        return message;
    }

    private static async Task Stream(Exchange exchange, string model, StubReply reply, int promptTokens, bool usage, bool usageAsked)
    {
        var id = Id(exchange);
        JsonObject Chunk(JsonNode? delta, string? finish)
        {
            var chunk = new JsonObject
            {
                ["id"] = id,
                ["object"] = "chat.completion.chunk",
                ["created"] = Created,
                ["model"] = model,
                ["choices"] = delta is null ? new JsonArray() : new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish }),
            };
            if (usageAsked) chunk["usage"] = null;
            return chunk;
        }

        Task ErrorEvent() => exchange.Event(new { error = new { message = "The server had an error while processing your request.", type = "server_error", param = (string?)null, code = (string?)null } });

        await exchange.OpenStream();
        await exchange.Event(Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }, null));
        if (exchange.Behaviour.Reasoning is { } reasoning)
            foreach (var token in StubText.Tokens(reasoning)) await exchange.Event(Chunk(new JsonObject { ["reasoning_content"] = token }, null));
        foreach (var token in StubText.Tokens(reply.Content))
        {
            if (await exchange.BrokeInStream(exchange.Request.TokensSent, ErrorEvent)) return;
            await exchange.BetweenTokens();
            await exchange.Event(Chunk(new JsonObject { ["content"] = token }, null));
            exchange.Request.TokensSent++;
        }

        for (var i = 0; i < reply.Calls.Count; i++)
            foreach (var delta in CallDeltas(reply.Calls[i], i))
            {
                if (await exchange.BrokeInStream(exchange.Request.TokensSent, ErrorEvent)) return;
                await exchange.Event(Chunk(new JsonObject { ["tool_calls"] = new JsonArray(delta) }, null));
                exchange.Request.TokensSent++;
            }

        if (await exchange.BrokeInStream(int.MaxValue, ErrorEvent)) return;
        await exchange.Event(Chunk(new JsonObject(), reply.Finish));
        if (usage)
        {
            var last = Chunk(null, null);
            last["usage"] = Usage(promptTokens, exchange.Request.TokensSent);
            await exchange.Event(last);
        }

        await exchange.Event("[DONE]");
    }

    private static IEnumerable<JsonObject> CallDeltas(StubToolCall call, int index)
    {
        yield return new JsonObject
        {
            ["index"] = index,
            ["id"] = call.Id ?? $"call_{index + 1}",
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = "" },
        };
        foreach (var part in StubReply.Pieces(call.ArgumentsJson))
            yield return new JsonObject { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = part } };
    }

    private static JsonObject Usage(int prompt, int completion) => new()
    {
        ["prompt_tokens"] = prompt,
        ["completion_tokens"] = completion,
        ["total_tokens"] = prompt + completion,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
    };

    private static string Id(Exchange exchange) => $"chatcmpl-{exchange.Request.Number:D8}";
}
