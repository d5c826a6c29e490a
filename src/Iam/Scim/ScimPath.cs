using System.Text.Json.Nodes;

namespace Lyceum.Iam;

/// <summary>
/// A path of a PATCH operation: an attribute, which of its values, and a part of them, such as <c>emails[type eq "work"].value</c>. Extension is the URN
/// in front of an extension's attribute.
/// </summary>
internal sealed record ScimPath(string? Extension, string Attribute, ScimFilter? Which, string? Part)
{
    public static ScimPath Parse(string text)
    {
        var rest = text.Trim();
        if (rest.Length is 0 or > 500)
        {
            throw Unreadable(text);
        }

        string? extension = null;
        foreach (var core in new[] { ScimNames.User, ScimNames.Group })
        {
            if (rest.StartsWith(core + ":", StringComparison.OrdinalIgnoreCase))
            {
                rest = rest[(core.Length + 1)..];
            }
        }

        if (rest.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
        {
            // A URN has dots (2.0) and colons of its own; the attribute stands after the last colon before any bracket.
            var until = rest.IndexOf('[', StringComparison.Ordinal);
            var last = rest.LastIndexOf(':', until < 0 ? rest.Length - 1 : until);
            if (rest.Equals(ScimNames.Enterprise, StringComparison.OrdinalIgnoreCase))
            {
                return new ScimPath(null, ScimNames.Enterprise, null, null);
            }

            extension = rest[..last].Equals(ScimNames.Enterprise, StringComparison.OrdinalIgnoreCase) ? ScimNames.Enterprise : rest[..last];
            rest = rest[(last + 1)..];
        }

        ScimFilter? which = null;
        string? part = null;
        var open = rest.IndexOf('[', StringComparison.Ordinal);
        if (open > 0)
        {
            var close = rest.LastIndexOf(']');
            if (close < open)
            {
                throw Unreadable(text);
            }

            which = ScimFilter.Parse(rest[(open + 1)..close]) ?? throw Unreadable(text);
            var after = rest[(close + 1)..];
            part = after.Length == 0 ? null : after[0] == '.' && after.Length > 1 ? after[1..] : throw Unreadable(text);
            rest = rest[..open];
        }
        else if (rest.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot)
        {
            (rest, part) = (rest[..dot], rest[(dot + 1)..]);
        }

        return IsName(rest) && (part is null || IsName(part)) ? new ScimPath(extension, rest, which, part) : throw Unreadable(text);
    }

    /// <summary>Whether one of an attribute's values is meant.</summary>
    public static bool Matches(ScimFilter? which, JsonNode? value) => which switch
    {
        null => true,
        ScimFilter.And both => Matches(both.Left, value) && Matches(both.Right, value),
        ScimFilter.Or either => Matches(either.Left, value) || Matches(either.Right, value),
        ScimFilter.Not not => !Matches(not.Inner, value),
        ScimFilter.Compare compare => Compare(compare, value is JsonObject item ? ScimJson.Get(item, compare.Attribute) : compare.Attribute == "value" ? value : null),
        _ => false,
    };

    /// <summary>A new value that <paramref name="which"/> would find: directories change what they think is there, and mean that it shall be.</summary>
    public static JsonObject? Made(ScimFilter? which) => which switch
    {
        ScimFilter.Compare { Operation: "eq", Value: string text } compare => new JsonObject { [compare.Attribute] = text },
        ScimFilter.Compare { Operation: "eq", Value: bool flag } compare => new JsonObject { [compare.Attribute] = flag },
        ScimFilter.And both when Made(both.Left) is { } left && Made(both.Right) is { } right => Joined(left, right),
        _ => null,
    };

    private static JsonObject Joined(JsonObject left, JsonObject right)
    {
        foreach (var (name, value) in right)
        {
            left[name] = value?.DeepClone();
        }

        return left;
    }

    private static bool Compare(ScimFilter.Compare compare, JsonNode? found)
    {
        var text = ScimJson.Text(found);
        var wanted = compare.Value switch
        {
            string given => given,
            true => "true",
            false => "false",
            _ => null,
        };
        return compare.Operation switch
        {
            "pr" => found is not null,
            "eq" => wanted is null ? found is null : string.Equals(text, wanted, StringComparison.OrdinalIgnoreCase),
            "ne" => wanted is null ? found is not null : !string.Equals(text, wanted, StringComparison.OrdinalIgnoreCase),
            "sw" => wanted is not null && text?.StartsWith(wanted, StringComparison.OrdinalIgnoreCase) is true,
            "ew" => wanted is not null && text?.EndsWith(wanted, StringComparison.OrdinalIgnoreCase) is true,
            "co" => wanted is not null && text?.Contains(wanted, StringComparison.OrdinalIgnoreCase) is true,
            _ => false,
        };
    }

    private static bool IsName(string text) => text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '$') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$');

    private static ScimException Unreadable(string text) =>
        new(ScimError.Invalid("invalidPath", $"The path '{(text.Length > 100 ? text[..100] + "…" : text)}' cannot be read."));
}
