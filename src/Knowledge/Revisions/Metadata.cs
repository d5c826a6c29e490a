using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// A key that documents' metadata has. Type is text, number, integer, boolean, date (2026-01-31) or datetime (2026-01-31T12:00:00Z); with many it is a list of
/// those. Allowed names the only values there are, for texts.
/// </summary>
public sealed record MetadataField(
    [property: Required, MinLength(1), MaxLength(100)] string Name,
    [property: Required, RegularExpression("text|number|integer|boolean|date|datetime", ErrorMessage = "type is one of text, number, integer, boolean, date, datetime.")] string Type,
    bool Required = false, bool Many = false, [property: MaxLength(200)] IReadOnlyList<string>? Allowed = null);

/// <summary>Holds metadata to the fields of its collection. Pure.</summary>
internal static partial class MetadataRules
{
    public static Problem? Fault(IReadOnlyList<MetadataField> fields) =>
        fields.Count > 100 ? Invalid("A collection has at most 100 metadata fields.")
        : fields.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice ? Invalid($"The field '{twice.Key}' is there twice.")
        : fields.FirstOrDefault(f => f.Allowed is { Count: > 0 } && f.Type != "text") is { } odd ? Invalid($"Only a text can have a list of allowed values; '{odd.Name}' is a {odd.Type}.")
        : null;

    /// <summary>What is wrong with a document's metadata; null when nothing is. Unknown keys are wrong only where the fields are all there may be.</summary>
    public static ItemProblem? Fault(IReadOnlyList<MetadataField> fields, bool isFixed, JsonElement? metadata)
    {
        var given = metadata is { ValueKind: JsonValueKind.Object } some ? some.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal) : [];
        if (isFixed && given.Keys.FirstOrDefault(key => fields.All(f => f.Name != key)) is { } unknown)
        {
            return new ItemProblem("metadata_unknown_key", $"This collection has no metadata field '{unknown}'. It has {string.Join(", ", fields.Select(f => f.Name))}.");
        }

        foreach (var field in fields)
        {
            if (!given.TryGetValue(field.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (field.Required)
                {
                    return new ItemProblem("metadata_missing_key", $"The metadata field '{field.Name}' must be given in this collection.");
                }
            }
            else if (field.Many ? value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => !Fits(field, v)) : !Fits(field, value))
            {
                return new ItemProblem("metadata_wrong_type", $"The metadata field '{field.Name}' is {(field.Many ? "a list of values, each " : "")}{Words(field)}.");
            }
        }

        return null;
    }

    private static bool Fits(MetadataField field, JsonElement value) => field.Type switch
    {
        "text" => value.ValueKind == JsonValueKind.String && (field.Allowed is not { Count: > 0 } allowed || allowed.Contains(value.GetString()!)), // a text is one
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.Truncate(number) == number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "date" => value.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ => value.ValueKind == JsonValueKind.String && Moment().IsMatch(value.GetString()!) && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _), // a text is one
    };

    private static string Words(MetadataField field) => field.Type switch
    {
        "text" when field.Allowed is { Count: > 0 } allowed => $"one of {string.Join(", ", allowed)}",
        "text" => "a text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "date" => "a date like 2026-01-31",
        _ => "a time like 2026-01-31T12:00:00Z",
    };

    private static Problem Invalid(string sentence) => Problem.Invalid("invalid_metadata_fields", sentence);

    // As filters compare them.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$")]
    private static partial Regex Moment();
}
