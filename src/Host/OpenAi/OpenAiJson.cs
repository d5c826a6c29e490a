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
            if (body.RootElement.ValueKind == JsonValueKind.Object)
            {
                return body;
            }

            body.Dispose();
            throw new OpenAiException(OpenAiError.Invalid("The body must be a JSON object.", code: "invalid_json"));
        }
        catch (JsonException)
        {
            throw new OpenAiException(OpenAiError.Invalid("The body is not valid JSON.", code: "invalid_json"));
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
