using System.Text.Json.Nodes;

namespace Lyceum.Stub;

/// <summary>Messages as Anthropic sends them, whole and as named events.</summary>
internal static class AnthropicWire
{
    public static async Task Messages(Exchange exchange)
    {
        var body = exchange.Request.Json;
        if (!exchange.Request.Headers.ContainsKey("anthropic-version"))
        {
            await Error(exchange, 400, "invalid_request_error", "anthropic-version: header is required");
            return;
        }

        if (body["max_tokens"] is null)
        {
            await Error(exchange, 400, "invalid_request_error", "max_tokens: Field required");
            return;
        }

        // The version of October 2026 took the sampling parameters away.
        if (string.CompareOrdinal(exchange.Request.Headers["anthropic-version"], "2026-10-21") >= 0
            && (body["temperature"] ?? body["top_p"] ?? body["top_k"]) is not null)
        {
            await Error(exchange, 400, "invalid_request_error", "temperature: Extra inputs are not permitted");
            return;
        }

        var model = body["model"]?.GetValue<string>() ?? "stub-chat";
        var messages = body["messages"]?.AsArray() ?? [];
        var reply = Reply(exchange.Behaviour, body, messages);
        var input = messages.Sum(m => StubText.Count(Exchange.TextOf(m?["content"])) + 4) + StubText.Count(Exchange.TextOf(body["system"]));
        if (body["stream"]?.GetValue<bool>() == true) await Stream(exchange, model, reply, input);
        else await Whole(exchange, model, reply, input);
    }

    public static Task CountTokens(Exchange exchange)
    {
        var body = exchange.Request.Json;
        var messages = body["messages"]?.AsArray() ?? [];
        return exchange.Write(200, new
        {
            input_tokens = messages.Sum(m => StubText.Count(Exchange.TextOf(m?["content"])) + 4) + StubText.Count(Exchange.TextOf(body["system"])),
        });
    }

    public static Task Error(Exchange exchange, int status, string type, string message) =>
        exchange.Write(status, new { type = "error", error = new { type, message }, request_id = $"req_{exchange.Request.Number:D8}" });

    private static StubReply Reply(StubBehaviour behaviour, JsonNode body, JsonArray messages)
    {
        var result = (messages.LastOrDefault()?["content"] as JsonArray)?.FirstOrDefault(part => part?["type"]?.GetValue<string>() == "tool_result");
        if (behaviour.UseOfferedTool && result is not null) return new("The tool said: " + Exchange.TextOf(result["content"]), [], "end_turn");
        if (behaviour.UseOfferedTool && body["tools"]?[0] is JsonObject offered)
            return new("", [new(offered["name"]!.GetValue<string>(), StubReply.Arguments(offered["input_schema"]))], "tool_use");
        if (behaviour.ToolCalls.Count > 0) return new(behaviour.Text ?? "", behaviour.ToolCalls, "tool_use");
        var question = Exchange.TextOf(messages.LastOrDefault(m => m?["role"]?.GetValue<string>() == "user")?["content"]);
        var prompt = Exchange.TextOf(body["system"]) + "\n" + string.Join('\n', messages.Select(m => Exchange.TextOf(m?["content"])));
        var reply = StubReply.Text(behaviour, prompt, question);
        return reply with { Finish = StopReason(reply.Finish) };
    }

    private static string StopReason(string finish) => finish switch
    {
        "stop" => "end_turn",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        var other => other,
    };

    private static Task Whole(Exchange exchange, string model, StubReply reply, int input)
    {
        var content = new JsonArray();
        if (reply.Content.Length > 0) content.Add(new JsonObject { ["type"] = "text", ["text"] = reply.Content });
        for (var i = 0; i < reply.Calls.Count; i++)
            content.Add(new JsonObject
            {
                ["type"] = "tool_use",
                ["id"] = reply.Calls[i].Id ?? $"toolu_{i + 1}",
                ["name"] = reply.Calls[i].Name,
                ["input"] = JsonNode.Parse(reply.Calls[i].ArgumentsJson),
            });
        return exchange.Write(200, Message(exchange, model, content, reply.Finish, input, StubText.Count(reply.Content)));
    }

    private static JsonObject Message(Exchange exchange, string model, JsonArray content, string? stop, int input, int output) => new()
    {
        ["id"] = $"msg_{exchange.Request.Number:D8}",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = model,
        ["content"] = content,
        ["stop_reason"] = stop,
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject { ["input_tokens"] = input, ["output_tokens"] = output },
    };

    private static async Task Stream(Exchange exchange, string model, StubReply reply, int input)
    {
        Task ErrorEvent() => exchange.Event(new { type = "error", error = new { type = "overloaded_error", message = "Overloaded" } }, "error");
        Task Send(JsonObject data) => exchange.Event(data, data["type"]!.GetValue<string>());

        await exchange.OpenStream();
        await Send(new JsonObject { ["type"] = "message_start", ["message"] = Message(exchange, model, [], null, input, 1) });
        await Send(new JsonObject { ["type"] = "ping" });
        var index = 0;
        if (reply.Content.Length > 0)
        {
            await Send(Start(index, new JsonObject { ["type"] = "text", ["text"] = "" }));
            foreach (var token in StubText.Tokens(reply.Content))
            {
                if (await exchange.BrokeInStream(exchange.Request.TokensSent, ErrorEvent)) return;
                await exchange.BetweenTokens();
                await Send(Delta(index, new JsonObject { ["type"] = "text_delta", ["text"] = token }));
                exchange.Request.TokensSent++;
            }

            await Send(new JsonObject { ["type"] = "content_block_stop", ["index"] = index++ });
        }

        for (var i = 0; i < reply.Calls.Count; i++)
        {
            var call = reply.Calls[i];
            await Send(Start(index, new JsonObject { ["type"] = "tool_use", ["id"] = call.Id ?? $"toolu_{i + 1}", ["name"] = call.Name, ["input"] = new JsonObject() }));
            foreach (var piece in StubReply.Pieces(call.ArgumentsJson))
            {
                if (await exchange.BrokeInStream(exchange.Request.TokensSent, ErrorEvent)) return;
                await Send(Delta(index, new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = piece }));
                exchange.Request.TokensSent++;
            }

            await Send(new JsonObject { ["type"] = "content_block_stop", ["index"] = index++ });
        }

        if (await exchange.BrokeInStream(int.MaxValue, ErrorEvent)) return;
        await Send(new JsonObject
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = reply.Finish, ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = exchange.Request.TokensSent },
        });
        await Send(new JsonObject { ["type"] = "message_stop" });
    }

    private static JsonObject Start(int index, JsonObject block) => new() { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = block };

    private static JsonObject Delta(int index, JsonObject delta) => new() { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta };
}
