using System.Text.Json.Nodes;

namespace Lyceum.Stub;

/// <summary>What is to be said, before it is put in a provider's words.</summary>
internal sealed record StubReply(string Content, IReadOnlyList<StubToolCall> Calls, string Finish)
{
    public static StubReply Text(StubBehaviour behaviour, string prompt, string question) => new(
        behaviour.Text ?? (behaviour.Tokens is { } n ? StubText.Words(n) : StubText.Answer(prompt, question)),
        [],
        behaviour.FinishReason ?? "stop");

    /// <summary>Arguments that satisfy a simple schema: "test" for a string, 1 for a number, true for a boolean.</summary>
    public static string Arguments(JsonNode? schema)
    {
        var arguments = new JsonObject();
        if (schema?["properties"] is JsonObject properties)
            foreach (var (name, property) in properties)
                arguments[name] = Sample(property);
        return arguments.ToJsonString();
    }

    /// <summary>Cuts a JSON text in small pieces, in the middle of words, as providers do.</summary>
    public static IEnumerable<string> Pieces(string json)
    {
        for (var i = 0; i < json.Length; i += 7) yield return json.Substring(i, Math.Min(7, json.Length - i));
    }

    private static JsonNode? Sample(JsonNode? property)
    {
        if (property?["enum"]?[0] is { } first) return first.DeepClone();
        var type = property?["type"] is JsonArray types ? types[0] : property?["type"];
        return (type as JsonValue)?.GetValue<string>() switch
        {
            "integer" or "number" => 1,
            "boolean" => true,
            "array" => new JsonArray(),
            "object" => new JsonObject(),
            _ => "test",
        };
    }
}
