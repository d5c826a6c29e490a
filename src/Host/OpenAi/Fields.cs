using System.Text.Json;

namespace Lyceum.Host.OpenAi;

/// <summary>Reads the members of a request one by one. A null member is an absent one; a member of another type is refused with its name.</summary>
internal readonly struct Fields(JsonElement json, string path = "")
{
    public JsonElement? Any(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    public string? Text(string name) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a string");

    public string NeededText(string name) => Text(name) ?? throw Missing(name);

    public bool? Flag(string name) => Any(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false");

    public float? Number(string name, float least, float most) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && number >= least && number <= most ? number
        : throw Wrong(name, $"a number from {least} to {most}");

    public long? Whole(string name, long least, long most) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most ? number
        : throw Wrong(name, least == long.MinValue ? "a whole number" : $"a whole number from {least} to {most}");

    public IEnumerable<(Fields Item, JsonElement Json, string Path)> List(string name, int most)
    {
        if (Any(name) is not { } value)
        {
            yield break;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > most)
        {
            throw Wrong(name, $"an array of at most {most} items");
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var at = $"{At(name)}[{index++}]";
            yield return (new Fields(item, at), item, at);
        }
    }

    /// <summary>A member that is an object; null when absent.</summary>
    public Fields? Inner(string name) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new Fields(value, At(name)) : throw Wrong(name, "an object");

    public Fields Needed(string name) => Inner(name) ?? throw Missing(name);

    public string At(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public OpenAiException Missing(string name) => new(OpenAiError.Invalid($"The parameter '{At(name)}' is missing.", At(name), "missing_required_parameter"));

    public OpenAiException Wrong(string name, string expected) => new(OpenAiError.Invalid($"The parameter '{At(name)}' must be {expected}.", At(name), "invalid_type"));

    public OpenAiException Unsupported(string name, string sentence) => new(OpenAiError.Invalid(sentence, At(name), "unsupported_parameter"));
}
