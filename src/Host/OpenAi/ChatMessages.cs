using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>Reads the messages of a request into the shared types.</summary>
internal static class ChatMessages
{
    private const int PartsMost = 500, CallsMost = 200;

    public static List<ChatMessage> Read(Fields request, int most)
    {
        var messages = new List<ChatMessage>();
        foreach (var (message, json, path) in request.List("messages", most))
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                throw new OpenAiException(OpenAiError.Invalid($"The parameter '{path}' must be an object.", path, "invalid_type"));
            }

            messages.Add(message.NeededText("role") switch
            {
                "system" or "developer" => new ChatMessage(ChatRole.System, Contents(message, needed: true)),
                "user" => new ChatMessage(ChatRole.User, Contents(message, needed: true)) { AuthorName = message.Text("name") },
                "assistant" => Assistant(message),
                "tool" => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(message.NeededText("tool_call_id"), string.Concat(Contents(message, needed: true).OfType<TextContent>().Select(t => t.Text)))]),
                _ => throw message.Wrong("role", "system, developer, user, assistant or tool"),
            });
        }

        return messages;
    }

    private static ChatMessage Assistant(Fields message)
    {
        var contents = Contents(message, needed: false);
        foreach (var (call, _, _) in message.List("tool_calls", CallsMost))
        {
            var function = call.Needed("function");
            contents.Add(new FunctionCallContent(call.NeededText("id"), function.NeededText("name"), Arguments(function)));
        }

        return contents.Count > 0 ? new ChatMessage(ChatRole.Assistant, contents) : throw message.Missing("content");
    }

    private static Dictionary<string, object?> Arguments(Fields function)
    {
        var text = function.Text("arguments");
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, object?>>(text) ?? [];
        }
        catch (JsonException)
        {
            throw function.Wrong("arguments", "a string that holds a JSON object");
        }
    }

    private static List<AIContent> Contents(Fields message, bool needed)
    {
        switch (message.Any("content"))
        {
            case null when needed:
                throw message.Missing("content");
            case null:
                return [];
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString() is { Length: > 0 } words || needed ? [new TextContent(text.GetString())] : [];
            case { ValueKind: JsonValueKind.Array }:
                return [.. message.List("content", PartsMost).Select(part => Part(part.Item, part.Json, part.Path))];
            default:
                throw message.Wrong("content", "a string or an array of parts");
        }
    }

    private static AIContent Part(Fields part, JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new OpenAiException(OpenAiError.Invalid($"The parameter '{path}' must be an object.", path, "invalid_type"));
        }

        switch (part.NeededText("type"))
        {
            case "text":
                return new TextContent(part.NeededText("text"));
            case "refusal":
                return new TextContent(part.NeededText("refusal"));
            case "image_url":
                return Image(part.Needed("image_url"));
            case "input_audio":
                var audio = part.Needed("input_audio");
                return new DataContent(Bytes(audio, "data", audio.NeededText("data")), audio.NeededText("format") == "wav" ? "audio/wav" : "audio/mpeg");
            case "file":
                var file = part.Needed("file");
                return Data(file, "file_data", file.Text("file_data") ?? throw file.Unsupported("file_id", "Stored files are not supported here: send 'file_data'."), file.Text("filename"));
            default:
                throw part.Wrong("type", "text, image_url, input_audio or file");
        }
    }

    private static AIContent Image(Fields image)
    {
        var url = image.NeededText("url");
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return Data(image, "url", url, null);
        }

        // The provider fetches it, not we.
        return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? new UriContent(address!, "image/*") // parsed just now
            : throw image.Wrong("url", "a data URL or an https address");
    }

    private static DataContent Data(Fields owner, string name, string url, string? fileName)
    {
        try
        {
            return new DataContent(url) { Name = fileName };
        }
        catch (Exception fault) when (fault is UriFormatException or ArgumentException or FormatException)
        {
            throw owner.Wrong(name, "a data URL such as data:image/png;base64,…");
        }
    }

    private static byte[] Bytes(Fields owner, string name, string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw owner.Wrong(name, "base64");
        }
    }
}
