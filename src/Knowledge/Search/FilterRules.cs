using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A filter as PostgreSQL applies it to a document's metadata: a jsonpath and its variables. With moments, the metadata is read through <c>knowledge.with_moments</c>.</summary>
internal sealed record MetadataFilter(string Path, string Variables, bool Moments);

/// <summary>
/// Turns filters into a jsonpath: keys are quoted, values become variables, so nothing of the caller is read as code. Comparison is
/// typed: numbers as numbers, dates as moments, texts as texts; an operator that is not known is an error, never ignored.
/// </summary>
internal static partial class FilterRules
{
    public static (MetadataFilter? Filter, Problem? Problem) Read(JsonElement? filters)
    {
        if (filters is not { } given || given.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return (null, null);
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            return (null, Problem.Invalid("invalid_filter", "filters is an object of metadata keys."));
        }

        var conditions = new List<string>();
        var variables = new Dictionary<string, JsonElement>();
        foreach (var member in given.EnumerateObject())
        {
            if (conditions.Count >= 50 || member.Name.Length > 200)
            {
                return (null, Problem.Invalid("invalid_filter", "A filter has at most 50 conditions on keys of at most 200 characters."));
            }

            var key = "@." + Quote(member.Name);
            var operators = member.Value.ValueKind == JsonValueKind.Object
                ? member.Value.EnumerateObject().Select(o => (o.Name, o.Value)).ToList()
                : [(member.Value.ValueKind == JsonValueKind.Array ? "in" : "eq", member.Value)];
            foreach (var (name, value) in operators)
            {
                var (condition, problem) = Condition(key, member.Name, name, value, variables);
                if (condition is null)
                {
                    return (null, problem);
                }

                conditions.Add(condition);
            }
        }

        return conditions.Count == 0
            ? (null, null)
            : (new MetadataFilter($"$ ? ({string.Join(" && ", conditions)})", JsonSerializer.Serialize(variables), conditions.Exists(c => c.Contains(".datetime()", StringComparison.Ordinal))), null);
    }

    private static (string?, Problem?) Condition(string key, string field, string name, JsonElement value, Dictionary<string, JsonElement> variables)
    {
        if (name == "exists")
        {
            return value.ValueKind switch
            {
                JsonValueKind.True => ($"exists ({key})", null),
                JsonValueKind.False => ($"!(exists ({key}))", null),
                _ => (null, Problem.Invalid("invalid_filter", $"'exists' on '{field}' is true or false.")),
            };
        }

        if (name == "in")
        {
            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is > 0 and <= 200
                ? ($"({string.Join(" || ", value.EnumerateArray().Select(v => $"{key} == {Variable(v, variables)}"))})", null)
                : (null, Problem.Invalid("invalid_filter", $"'in' on '{field}' is a list of 1 to 200 values."));
        }

        var sign = name switch { "eq" => "==", "ne" => "!=", "gt" => ">", "gte" => ">=", "lt" => "<", "lte" => "<=", _ => null };
        if (sign is null)
        {
            return (null, Problem.Invalid("unknown_filter_operator", $"There is no filter operator '{name}'. Use eq, ne, gt, gte, lt, lte, in or exists."));
        }

        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return (null, Problem.Invalid("invalid_filter", $"'{name}' on '{field}' is compared with a text, a number, true, false or null."));
        }

        var variable = Variable(value, variables);
        if (name is "eq" or "ne")
        {
            // The same moment may be written in several ways. A missing key is different from any value, as one expects of "not equal".
            var equal = IsDate(value) ? $"({key} == {variable} || {key}.datetime() == {variable}.datetime())" : $"{key} == {variable}";
            return (name == "eq" ? equal : $"!({equal})", null);
        }

        return value.ValueKind switch
        {
            JsonValueKind.Number => ($"{key} {sign} {variable}", null),
            JsonValueKind.String when IsDate(value) => ($"{key}.datetime() {sign} {variable}.datetime()", null),
            _ => (null, Problem.Invalid("invalid_filter", $"'{name}' on '{field}' compares numbers and dates (2026-01-31 or 2026-01-31T12:00:00Z); this is neither.")),
        };
    }

    // What PostgreSQL's jsonpath reads as a moment as well.
    private static bool IsDate(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: >= 10 and <= 40 } text && Moment().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    [GeneratedRegex(@"\.\d+")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?)?$")]
    private static partial Regex Moment();

    private static string Variable(JsonElement value, Dictionary<string, JsonElement> variables)
    {
        var name = "v" + variables.Count.ToString(CultureInfo.InvariantCulture);
        variables.Add(name, IsDate(value) ? JsonSerializer.SerializeToElement(Fraction().Replace(value.GetString()!, "").Replace("Z", "+00:00", StringComparison.Ordinal)) : value); // a date is a text
        return "$" + name;
    }

    private static string Quote(string key)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in key)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\').Append(c);
            }
            else if (c < 0x20 || c > 0x7e)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                quoted.Append(c);
            }
        }

        return quoted.Append('"').ToString();
    }
}
