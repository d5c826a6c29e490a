using System.Text.Json.Nodes;

namespace Lyceum.Iam;

/// <summary>A member as the directory sees them: the resource as a document, and beside it what the platform itself knows.</summary>
internal sealed record ScimPerson(
    Guid Id, string UserName, string? ExternalId, bool Active, string Email, string DisplayName, string? FirstName, string? LastName, JsonObject Attributes,
    IReadOnlyList<(Guid Id, string Name)> Groups, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The resource as it is sent.</summary>
    public JsonObject ToJson(string origin)
    {
        var json = Document();
        json["groups"] = new JsonArray([.. Groups.Select(g => new JsonObject
        {
            ["value"] = g.Id.ToString(), ["display"] = g.Name, ["type"] = "direct", ["$ref"] = $"{origin}{ScimNames.Prefix}/Groups/{g.Id}",
        })]);
        json["meta"] = new JsonObject
        {
            ["resourceType"] = "User", ["created"] = CreatedAt.UtcDateTime, ["lastModified"] = UpdatedAt.UtcDateTime, ["location"] = $"{origin}{ScimNames.Prefix}/Users/{Id}",
        };
        return json;
    }

    /// <summary>What a PATCH works on. Somebody who came without the directory has what the platform knows.</summary>
    public JsonObject Document()
    {
        var json = new JsonObject
        {
            ["schemas"] = new JsonArray([.. new[] { ScimNames.User }.Concat(Attributes.Select(a => a.Key).Where(k => k.StartsWith("urn:", StringComparison.Ordinal))).Select(s => JsonValue.Create(s))]),
            ["id"] = Id.ToString(),
            ["userName"] = UserName,
            ["active"] = Active,
        };
        if (ExternalId is not null)
        {
            json["externalId"] = ExternalId;
        }

        foreach (var (name, value) in Attributes)
        {
            json[name] = value?.DeepClone();
        }

        json["displayName"] ??= DisplayName;
        json["name"] ??= new JsonObject { ["formatted"] = DisplayName, ["givenName"] = FirstName, ["familyName"] = LastName };
        json["emails"] ??= new JsonArray(new JsonObject { ["value"] = Email, ["type"] = "work", ["primary"] = true });
        return json;
    }
}

/// <summary>What a directory wants a member to be. Active is null where it does not say.</summary>
internal sealed record ScimWish(
    string UserName, string? ExternalId, bool? Active, string Email, string? DisplayName, string? FirstName, string? LastName, JsonObject Attributes)
{
    private const int MostBytes = 16_000;

    // What is kept in columns, made by us, or never kept at all: a password over SCIM is not taken.
    private static readonly string[] NotKept = ["schemas", "id", "userName", "externalId", "active", "groups", "meta", "password", "roles", "entitlements"];

    /// <summary>Reads a resource as it was sent or patched.</summary>
    public static ScimWish From(JsonObject resource)
    {
        if (ScimJson.TextOf(resource, "userName")?.Trim() is not { Length: > 0 and <= 320 } userName)
        {
            throw Invalid("userName is needed, with at most 320 characters.");
        }

        var email = (EmailOf(resource) ?? userName).Trim();
        if (email.Length > 320 || email.IndexOf('@', StringComparison.Ordinal) is < 1 || email.EndsWith('@') || email.Any(char.IsWhiteSpace))
        {
            throw Invalid("An e-mail address is needed, as one of emails or as userName.");
        }

        var name = ScimJson.Get(resource, "name") as JsonObject ?? [];
        var (first, last) = (Cut(ScimJson.TextOf(name, "givenName")), Cut(ScimJson.TextOf(name, "familyName")));
        var display = Cut(ScimJson.TextOf(resource, "displayName")) ?? Cut(ScimJson.TextOf(name, "formatted")) ?? Cut($"{first} {last}");
        var external = ScimJson.TextOf(resource, "externalId");
        if (external is { Length: > 500 })
        {
            throw Invalid("externalId has at most 500 characters.");
        }

        var attributes = new JsonObject();
        foreach (var (key, value) in resource)
        {
            var spelled = ScimJson.Spelled(key);
            if (!NotKept.Contains(spelled) && value is not null)
            {
                attributes[spelled] = value.DeepClone();
            }
        }

        var written = attributes.ToJsonString();
        if (written.Length > MostBytes)
        {
            throw Invalid("The resource has more attributes than are kept.");
        }

        if (written.Contains("\\u0000", StringComparison.Ordinal) || userName.Contains('\0', StringComparison.Ordinal) || email.Contains('\0', StringComparison.Ordinal)
            || external?.Contains('\0', StringComparison.Ordinal) is true)
        {
            throw Invalid("A text has a character that cannot be kept.");
        }

        return new ScimWish(userName, string.IsNullOrEmpty(external) ? null : external, ScimJson.Flag(ScimJson.Get(resource, "active")), email, display, first, last, attributes);
    }

    // The primary address, else the one for work, else the first.
    private static string? EmailOf(JsonObject resource)
    {
        var emails = (ScimJson.Get(resource, "emails") as JsonArray ?? []).OfType<JsonObject>().Where(e => ScimJson.TextOf(e, "value") is { Length: > 0 }).ToList();
        var chosen = emails.Find(e => ScimJson.Flag(ScimJson.Get(e, "primary")) is true) ?? emails.Find(e => ScimJson.TextOf(e, "type") == "work") ?? emails.FirstOrDefault();
        return chosen is null ? null : ScimJson.TextOf(chosen, "value");
    }

    private static string? Cut(string? text) => text?.Trim() is { Length: > 0 } trimmed ? trimmed.Length > 200 ? trimmed[..200] : trimmed : null;

    private static ScimException Invalid(string detail) => new(ScimError.Invalid("invalidValue", detail));
}
