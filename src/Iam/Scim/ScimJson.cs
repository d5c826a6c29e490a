using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lyceum.Iam;

/// <summary>Attributes are found whatever their capitals are (RFC 7643, 2.1), and keep the spelling of the schema.</summary>
internal static class ScimJson
{
    private static readonly string[] Known =
    [
        "schemas", "id", "externalId", "userName", "name", "displayName", "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone", "active",
        "emails", "phoneNumbers", "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates", "members", "meta", "formatted", "familyName", "givenName",
        "middleName", "honorificPrefix", "honorificSuffix", "value", "type", "primary", "display", "password",
    ];

    public static string Spelled(string name) => Known.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    /// <summary>The name under which an object has an attribute; the schema's where it has none.</summary>
    public static string NameIn(JsonObject from, string name) =>
        from.ContainsKey(name) ? name : from.Select(p => p.Key).FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? Spelled(name);

    public static JsonNode? Get(JsonObject from, string name) => from[NameIn(from, name)];

    public static string? Text(JsonNode? node) => node is JsonValue value ? value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.ToJsonString(),
        _ => null,
    } : null;

    public static string? TextOf(JsonObject from, string name) => Get(from, name) is { } node && node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    /// <summary>True and false, also as the texts "True" and "False" that Entra sends. Null where there is neither.</summary>
    public static bool? Flag(JsonNode? node) => Text(node)?.ToLowerInvariant() switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new ScimException(ScimError.Invalid("invalidValue", "active is true or false.")),
    };
}
