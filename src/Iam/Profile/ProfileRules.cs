using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What a change makes of somebody's own profile.</summary>
internal static partial class ProfileRules
{
    public const int PreferenceBytes = 20_000;

    /// <summary>The profile afterwards, or why it cannot become so.</summary>
    public static (MeUser? After, Problem? Problem) Apply(MeUser user, ChangeMe change)
    {
        foreach (var (name, text) in new[] { ("firstName", change.FirstName.Value), ("lastName", change.LastName.Value) })
        {
            if (text is { Length: > 100 })
            {
                return (null, Problem.Invalid("invalid_profile", $"{name} has at most 100 characters."));
            }
        }

        if (change.Locale is { IsGiven: true, Value: { } locale } && !LanguageTag().IsMatch(locale))
        {
            return (null, Problem.Invalid("invalid_profile", "locale is a language tag such as en, de or pt-BR."));
        }

        if (change.Preferences is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            return (null, Problem.Invalid("invalid_profile", "preferences is a JSON object."));
        }

        var preferences = Merge(user.Preferences, change.Preferences);
        return Encoding.UTF8.GetByteCount(preferences.GetRawText()) > PreferenceBytes
            ? (null, Problem.Invalid("preferences_too_large", $"Preferences have at most {PreferenceBytes:N0} bytes, all together."))
            : (user with
            {
                DisplayName = change.DisplayName?.Trim() is { Length: > 0 } shown ? shown : user.DisplayName,
                FirstName = Trimmed(change.FirstName.Or(user.FirstName)),
                LastName = Trimmed(change.LastName.Or(user.LastName)),
                Locale = change.Locale.Or(user.Locale),
                Preferences = preferences,
            }, null);
    }

    /// <summary>Members of the change replace those of the same name, null takes one out, all others stay as they are.</summary>
    public static JsonElement Merge(JsonElement old, JsonElement? change)
    {
        var merged = old.ValueKind == JsonValueKind.Object ? JsonNode.Parse(old.GetRawText())!.AsObject() : []; // an object is no null
        foreach (var member in change is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject() : default)
        {
            merged.Remove(member.Name);
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                merged.Add(member.Name, JsonNode.Parse(member.Value.GetRawText()));
            }
        }

        return JsonSerializer.SerializeToElement(merged, LyceumJson.Options);
    }

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
    private static partial Regex LanguageTag();
}
