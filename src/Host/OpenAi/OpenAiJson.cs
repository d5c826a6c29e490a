using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lyceum.Host.OpenAi;

/// <summary>How JSON is read and written under /v1: as OpenAI does it, members that nobody knows are ignored.</summary>
internal static class OpenAiJson
{
    private const int DepthMost = 64;

    // Not indented, so an event of a stream is one line; the encoder escapes everything that any client takes for a line's end.
    public static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = false };

    /// <summary>The request's body, which must be a JSON object.</summary>
    public static async Task<JsonDocument> Body(HttpRequest request, CancellationToken ct)
    {
        try
        {
            var body = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = DepthMost }, ct);
            if (body.RootElement.ValueKind == JsonValueKind.Object && IsReadable(body.RootElement))
            {
                return body;
            }

            body.Dispose();
            throw new OpenAiException(OpenAiError.Invalid("The body must be a JSON object of whole characters.", code: "invalid_json"));
        }
        catch (JsonException)
        {
            throw new OpenAiException(OpenAiError.Invalid("The body is not valid JSON.", code: "invalid_json"));
        }
    }

    // Half of a character can be escaped and is then no text: whoever asks for such a name or value later would fall over it.
    private static bool IsReadable(JsonElement body)
    {
        if (JsonMarshal.GetRawUtf8Value(body).IndexOf("\\u"u8) < 0)
        {
            return true;
        }

        try
        {
            Read(body);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        static void Read(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.String)
            {
                _ = element.GetString();
            }

            foreach (var item in element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : default)
            {
                Read(item);
            }

            foreach (var member in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default)
            {
                _ = member.Name;
                Read(member.Value);
            }
        }
    }

    public static void Write(Utf8JsonWriter json, OpenAiError error)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
