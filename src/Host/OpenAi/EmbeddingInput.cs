using System.Text.Json;
using Lyceum.Models;

namespace Lyceum.Host.OpenAi;

/// <summary>
/// What is to be embedded: texts, or the token ids that some clients send in their place (LangChain cuts texts with cl100k_base before it sends
/// them). Ids go to the provider as they are where it reads them, and are turned back into text for all others.
/// </summary>
internal sealed class EmbeddingInput
{
    private const int InputsMost = 2048, TokensMost = 32_768;
    private readonly IReadOnlyList<string>? _texts;
    private readonly string _path;

    private EmbeddingInput(IReadOnlyList<string>? texts, IReadOnlyList<ReadOnlyMemory<int>>? tokens, string path) => (_texts, Tokens, _path) = (texts, tokens, path);

    /// <summary>One list of ids per input; null when texts came.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>>? Tokens { get; }

    public static EmbeddingInput From(Fields fields)
    {
        switch (fields.Any("input"))
        {
            case null:
                throw fields.Missing("input");
            case { ValueKind: JsonValueKind.String } one:
                return new([Checked(one.GetString(), "input")], null, "input");
            case { ValueKind: JsonValueKind.Array } all when all.GetArrayLength() > 0:
                return all[0].ValueKind switch
                {
                    JsonValueKind.Number => new(null, [Ids(all, "input")], "input"),
                    JsonValueKind.Array => new(null, [.. fields.List("input", InputsMost).Select(i => Ids(i.Json, i.Path))], "input[{0}]"),
                    _ => new([.. fields.List("input", InputsMost).Select(i => i.Json.ValueKind == JsonValueKind.String ? Checked(i.Json.GetString(), i.Path) : throw fields.Wrong("input", "a string or an array of strings"))], null, "input"),
                };
            default:
                throw fields.Wrong("input", "a string, or an array of 1 to 2048 strings or lists of token ids");
        }
    }

    /// <summary>The texts, read back from their ids if need be.</summary>
    public IReadOnlyList<string> Texts() => _texts ?? [.. Tokens!.Select((ids, i) => TokenText.Of(ids.Span) ?? throw Unreadable(i))]; // one of both is there

    private OpenAiException Unreadable(int index)
    {
        var at = string.Format(System.Globalization.CultureInfo.InvariantCulture, _path, index);
        return new(OpenAiError.Invalid($"The token ids in '{at}' are not of the encoding cl100k_base, which is the one this model's input is read back from. Send the text itself.", at));
    }

    private static ReadOnlyMemory<int> Ids(JsonElement list, string at)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > TokensMost)
        {
            throw Wrong(at);
        }

        var ids = new int[list.GetArrayLength()];
        var next = 0;
        foreach (var item in list.EnumerateArray())
        {
            ids[next++] = item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0 ? id : throw Wrong(at);
        }

        return ids;
    }

    private static OpenAiException Wrong(string at) => new(OpenAiError.Invalid($"The parameter '{at}' must be a list of 1 to {TokensMost} token ids.", at, "invalid_type"));

    private static string Checked(string? text, string at) =>
        string.IsNullOrEmpty(text) ? throw new OpenAiException(OpenAiError.Invalid($"The parameter '{at}' must not be empty.", at)) : text;
}
