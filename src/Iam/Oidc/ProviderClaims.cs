using System.Text.Json;

namespace Lyceum.Iam;

/// <summary>What a provider says of a person. EmailVerified only where it says so in so many words. ExternalId is what its directory calls them over SCIM: Entra's oid, elsewhere the subject.</summary>
internal sealed record ProviderClaims(
    string Subject, string ExternalId, string? Email, bool EmailVerified, string? Name, string? FirstName, string? LastName, string? Session, IReadOnlyList<string> Groups, IReadOnlyList<string> Roles)
{
    private const int MostGroups = 2000;
    private const int MostLength = 500;

    /// <summary>Name to show: the one told, else one made of what was told.</summary>
    public string DisplayName => Cut(
        new[] { Name, $"{FirstName} {LastName}".Trim(), Email?.Split('@')[0] }.FirstOrDefault(name => !string.IsNullOrWhiteSpace(name))?.Trim() ?? "New member", 200);

    public string? Domain => Email is { } email && email.LastIndexOf('@') is > 0 and var at ? email[(at + 1)..].ToLowerInvariant() : null;

    /// <summary>Reads the ID token's claims; what it lacks is taken from the user information, which is about the same subject.</summary>
    public static ProviderClaims From(JsonElement token, JsonElement? information, string groupsClaim, string rolesClaim)
    {
        JsonElement? Of(string name) => Find(token, name) ?? (information is { } more ? Find(more, name) : null);
        string? Text(string name) => Of(name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        var email = Text("email") is { Length: <= 320 } address && address.IndexOf('@', StringComparison.Ordinal) > 0 && !address.Any(char.IsWhiteSpace) ? address : null;
        return new ProviderClaims(
            IdTokenRules.Text(token, "sub")!, // the token was read, so it has one
            IdTokenRules.Text(token, "oid") ?? IdTokenRules.Text(token, "sub")!,
            email,
            // Whoever said the address must say whether it was proved: one document must not vouch for the other's.
            email is not null && IsTrue((Find(token, "email") is not null ? Find(token, "email_verified") : information is { } said ? Find(said, "email_verified") : null)),
            Text("name"), Text("given_name") is { } first ? Cut(first, 200) : null, Text("family_name") is { } last ? Cut(last, 200) : null, Text("sid") is { Length: <= 500 } sid ? sid : null,
            Names(Of(groupsClaim)), Names(Of(rolesClaim)));
    }

    // A name with dots is a path where no claim is called so: realm_access.roles.
    private static JsonElement? Find(JsonElement from, string name)
    {
        if (from.TryGetProperty(name, out var direct))
        {
            return direct.ValueKind == JsonValueKind.Null ? null : direct;
        }

        var at = from;
        foreach (var step in name.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
            {
                return null;
            }
        }

        return at;
    }

    // Some providers write booleans as text.
    private static bool IsTrue(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.True } || (value is { ValueKind: JsonValueKind.String } text && text.GetString() == "true");

    private static string[] Names(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } one => Clean([one]),
        { ValueKind: JsonValueKind.Array } many => Clean(many.EnumerateArray().Take(MostGroups)),
        _ => [],
    };

    private static string[] Clean(IEnumerable<JsonElement> values) =>
    [
        .. values.Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!.Trim()) // each is one
            .Where(v => v.Length is > 0 and <= MostLength && !v.Contains('\0', StringComparison.Ordinal)).Distinct(StringComparer.Ordinal),
    ];

    private static string Cut(string text, int most) => text.Length > most ? text[..most] : text;
}
