using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>POST /v1/embeddings: up to 2,048 texts, as base64 (little-endian float32, what the official clients ask for) or as numbers.</summary>
internal static class EmbeddingEndpoints
{
    private const int InputsMost = 2048;
    private const int BytesBeforeFlush = 256 * 1024;

    public static void MapEmbeddings(this RouteGroupBuilder v1) =>
        v1.MapPost("/embeddings", Embed).Needs("models.models.use").WithName("createEmbedding");

    private static async Task Embed(HttpContext http, Db db, Caller caller, ModelDirectory directory, ModelCalls calls, Quotas quotas, CancellationToken ct)
    {
        using var body = await OpenAiJson.Body(http.Request, ct);
        var fields = new Fields(body.RootElement);
        var name = fields.NeededText("model");
        var texts = Inputs(fields);
        var base64 = fields.Text("encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw fields.Wrong("encoding_format", "float or base64"),
        };
        var wanted = (int?)fields.Whole("dimensions", 1, 16_000);
        var model = await RawModels.Find(directory, db, caller, name, ct);
        if (model.ModelType != "embeddings")
        {
            throw new OpenAiException(OpenAiError.Invalid($"'{model.Name}' makes no embeddings.", "model", "model_not_supported"));
        }

        if (wanted is { } length && !model.CanMake(length))
        {
            throw new OpenAiException(OpenAiError.Invalid($"'{model.Name}' makes vectors of {model.Dimension} numbers, not {length}.", "dimensions"));
        }

        await quotas.HoldTokens(db, ct);
        var embedded = await calls.EmbedAndCount(
            db, wanted is null ? model : model with { Dimension = wanted }, texts, asQuery: null, RawModels.Context(caller, $"embd-{Guid.CreateVersion7():N}"), ct);
        http.Response.ContentType = "application/json";
        await Write(http, model.Name, embedded, base64, ct);
    }

    private static List<string> Inputs(Fields fields)
    {
        switch (fields.Any("input"))
        {
            case null:
                throw fields.Missing("input");
            case { ValueKind: JsonValueKind.String } one:
                return [Checked(one.GetString(), "input")];
            case { ValueKind: JsonValueKind.Array } all when all.GetArrayLength() > 0:
                if (all[0].ValueKind is JsonValueKind.Number or JsonValueKind.Array)
                {
                    throw fields.Unsupported("input", "Token ids cannot be turned back into text here: models of many providers have many tokenizers. Send the text itself.");
                }

                return [.. fields.List("input", InputsMost).Select(i => i.Json.ValueKind == JsonValueKind.String ? Checked(i.Json.GetString(), i.Path) : throw fields.Wrong("input", "a string or an array of strings"))];
            default:
                throw fields.Wrong("input", "a string or an array of 1 to 2048 strings");
        }
    }

    private static string Checked(string? text, string at) =>
        string.IsNullOrEmpty(text) ? throw new OpenAiException(OpenAiError.Invalid($"The parameter '{at}' must not be empty.", at)) : text;

    private static async Task Write(HttpContext http, string model, Embedded embedded, bool base64, CancellationToken ct)
    {
        var body = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(body, OpenAiJson.Writer);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        for (var index = 0; index < embedded.Vectors.Length; index++)
        {
            json.WriteStartObject();
            json.WriteString("object", "embedding");
            json.WriteNumber("index", index);
            json.WritePropertyName("embedding");
            WriteVector(json, embedded.Vectors[index], base64);
            json.WriteEndObject();
            if (json.BytesPending > BytesBeforeFlush || body.UnflushedBytes > BytesBeforeFlush)
            {
                await json.FlushAsync(ct);
                await body.FlushAsync(ct);
            }
        }

        json.WriteEndArray();
        json.WriteString("model", model);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", embedded.Tokens);
        json.WriteNumber("total_tokens", embedded.Tokens);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(ct);
        await body.FlushAsync(ct);
    }

    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool base64)
    {
        if (!base64)
        {
            json.WriteStartArray();
            foreach (var number in vector)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
            return;
        }

        if (BitConverter.IsLittleEndian)
        {
            json.WriteBase64StringValue(MemoryMarshal.AsBytes(vector.AsSpan()));
            return;
        }

        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        json.WriteBase64StringValue(bytes);
    }
}
