using System.Text.Json.Nodes;

namespace Lyceum.Stub;

/// <summary>Embeddings as OpenAI sends them: floats or base64, one or many inputs.</summary>
internal static class EmbeddingsWire
{
    private const int MaxInputs = 2048;

    public static async Task Answer(Exchange exchange)
    {
        var body = exchange.Request.Json;
        var model = body["model"]?.GetValue<string>() ?? "stub-embed";
        var inputs = Inputs(body["input"]);
        if (inputs is null || inputs.Count == 0)
        {
            await OpenAiWire.Error(exchange, 400, "'$.input' is invalid. Please check the API reference.", "invalid_request_error", null, "input");
            return;
        }

        if (inputs.Count > MaxInputs)
        {
            await OpenAiWire.Error(exchange, 400, $"'$.input' is too long: at most {MaxInputs} inputs.", "invalid_request_error", null, "input");
            return;
        }

        if (exchange.Behaviour.Fault is not StubFault.None)
        {
            exchange.Cut();
            return;
        }

        var dimension = exchange.Behaviour.Dimension ?? body["dimensions"]?.GetValue<int>() ?? StubVectors.DefaultDimension;
        var base64 = body["encoding_format"]?.GetValue<string>() == "base64";
        var rows = inputs.Select((text, index) =>
        {
            var vector = StubVectors.Of(text, dimension);
            return new { @object = "embedding", index, embedding = base64 ? (object)StubVectors.Base64(vector) : vector };
        }).ToList();
        if (exchange.Behaviour.OneVectorShort) rows.RemoveAt(rows.Count - 1);
        if (exchange.Behaviour.Reversed) rows.Reverse();
        var tokens = inputs.Sum(StubText.Count);
        await exchange.Write(200, exchange.Behaviour.WithoutUsage
            ? new { @object = "list", data = rows, model }
            : new { @object = "list", data = rows, model, usage = new { prompt_tokens = tokens, total_tokens = tokens } });
    }

    // Token ids are embedded by their numbers written out: the same ids, the same vector.
    private static List<string>? Inputs(JsonNode? input) => input switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        JsonArray { Count: > 0 } ids when ids[0] is JsonValue first && first.TryGetValue<int>(out _) => [ids.ToJsonString()],
        JsonArray list => [.. list.Select(item => item is JsonValue v && v.TryGetValue<string>(out var t) ? t : item?.ToJsonString() ?? "")],
        _ => null,
    };
}
