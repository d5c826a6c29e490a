using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>A foreign word put beside the request: a header, a query parameter or a member of the body that names another tenant.</summary>
internal sealed record Override(string Where, string Name, string Value);

/// <summary>Writes a request of a call: chosen ids at chosen places, the caller's own where something must stand, and words that pass the checks of form.</summary>
internal sealed class Letter(Surface surface, Call call, World own, string tag)
{
    // What must stand there for the request to be looked at, where the name and the type do not say it.
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["createProvider kind"] = "openai_compatible", ["createModel modelType"] = "llm", ["putShare resourceType"] = "collection", ["putShare granteeType"] = "user",
        ["createRole scope"] = "team", ["changeMember status"] = "active", ["createOAuthClient provider"] = "tag",
    };

    private static readonly HashSet<string> Always = ["putShare granteeId"];

    /// <summary>Members a PATCH begins with, the first that it has; it must change something.</summary>
    private static readonly string[] Patched = ["displayName", "title", "description", "contactName", "clientId", "name", "status"];

    public HttpRequestMessage Write(IReadOnlyDictionary<Position, string[]> chosen, Override? beside = null)
    {
        var path = call.Template;
        foreach (var position in call.Positions.Where(p => p.Where == "path"))
        {
            path = path.Replace("{" + position.Name + "}", Uri.EscapeDataString(Values(position)[0]), StringComparison.Ordinal);
        }

        path = path.Replace("{purpose}", "chat", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{id}", "User", StringComparison.Ordinal);
        var query = call.Positions.Where(p => p.Where == "query" && (chosen.ContainsKey(p) || p.Name == "id"))
            .Select(p => $"{p.Name}={Uri.EscapeDataString(p.Written(Values(p)[0]))}").ToList();
        if (Things.Beside.GetValueOrDefault($"{call.Method} {call.Template}") is { Length: > 0 } also)
        {
            query.Add(also);
        }

        if (beside?.Where == "query")
        {
            query.Add($"{beside.Name}={Uri.EscapeDataString(beside.Value)}");
        }

        var request = new HttpRequestMessage(new HttpMethod(call.Method), query.Count == 0 ? path : $"{path}?{string.Join('&', query)}") { Content = Content(chosen, beside) };
        if (beside?.Where == "header")
        {
            request.Headers.TryAddWithoutValidation(beside.Name, beside.Value);
        }

        return request;

        string[] Values(Position position) => chosen.TryGetValue(position, out var values) ? values : [own.Of(position.Kind)[0]];
    }

    private HttpContent? Content(IReadOnlyDictionary<Position, string[]> chosen, Override? beside)
    {
        if (call.IsForm)
        {
            return new MultipartFormDataContent { { new ByteArrayContent("A file about a lamp."u8.ToArray()), "file", $"{tag}.txt" } };
        }

        if (call.Name is "putMyAvatar" or "putAgentIcon")
        {
            return new ByteArrayContent(Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")) { Headers = { ContentType = new("image/png") } };
        }

        if (call.Body is not { } schema)
        {
            return call.Method is "POST" or "PUT" or "PATCH" ? JsonContent.Create(new { }) : null;
        }

        var body = (JsonObject)Node(schema, "", "", chosen)!; // every body is an object
        if (beside?.Where == "body")
        {
            body[beside.Name] = beside.Value;
        }

        return call.IsScim ? new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/scim+json") : JsonContent.Create(body);
    }

    private JsonNode? Node(JsonElement schema, string path, string name, IReadOnlyDictionary<Position, string[]> chosen)
    {
        schema = surface.Resolve(schema);
        if (call.Positions.FirstOrDefault(p => p.Where == "body" && p.Name == path) is { } position)
        {
            return chosen.TryGetValue(position, out var values) ? values[0] : own.Of(position.Kind)[0];
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return JsonNode.Parse(constant.GetRawText());
        }

        if (schema.TryGetProperty("properties", out var members))
        {
            return Members(schema, members, path, chosen);
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return $"{tag} {name}";
        }

        var types = type.GetRawText();
        return types.Contains("boolean", StringComparison.Ordinal) ? true
            : types.Contains("integer", StringComparison.Ordinal) || types.Contains("number", StringComparison.Ordinal) ? schema.TryGetProperty("minimum", out var least) ? Math.Max(1, least.GetInt32()) : 1
            : schema.TryGetProperty("format", out var format) && format.GetString() == "date-time" ? "2037-01-01T00:00:00Z"
            : Word(schema, name);
    }

    private JsonObject Members(JsonElement schema, JsonElement members, string path, IReadOnlyDictionary<Position, string[]> chosen)
    {
        var required = schema.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(r => r.GetString()!).ToHashSet() : []; // names
        if (required.Count == 0 && path.Length == 0 && chosen.Keys.All(p => p.Where != "body") && Patched.FirstOrDefault(p => members.TryGetProperty(p, out _)) is { } first)
        {
            required.Add(first);
        }

        var made = new JsonObject();
        foreach (var member in members.EnumerateObject())
        {
            var here = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            var wanted = chosen.Keys.Where(p => p.Where == "body" && (p.Name == here || p.Name.StartsWith(here + ".", StringComparison.Ordinal) || p.Name.StartsWith(here + "[]", StringComparison.Ordinal))).ToList();
            if (wanted.Count == 0 && !required.Contains(member.Name) && !Always.Contains($"{call.Name} {member.Name}"))
            {
                continue;
            }

            var inner = surface.Resolve(member.Value);
            if (!inner.TryGetProperty("items", out var items))
            {
                made[member.Name] = Node(member.Value, here, member.Name, chosen);
                continue;
            }

            // As many items as ids are asked for in the list; of lists that hold no ids, one where a form is known, else none.
            var position = call.Positions.FirstOrDefault(p => p.Where == "body" && p.Name.StartsWith(here + "[]", StringComparison.Ordinal));
            var count = position is null ? (surface.Resolve(items).TryGetProperty("properties", out _) ? 1 : 0) : Math.Max(1, wanted.Select(w => chosen[w].Length).DefaultIfEmpty(1).Max());
            var array = new JsonArray();
            for (var i = 0; i < count; i++)
            {
                var at = i;
                array.Add(Node(items, here + "[]", member.Name, chosen.ToDictionary(c => c.Key, c => c.Key.Name.StartsWith(here + "[]", StringComparison.Ordinal) ? [c.Value[Math.Min(at, c.Value.Length - 1)]] : c.Value)));
            }

            made[member.Name] = array;
        }

        return made;
    }

    private string Word(JsonElement schema, string name)
    {
        if (Words.TryGetValue($"{call.Name} {name}", out var word))
        {
            return word == "tag" ? tag : word;
        }

        if (schema.TryGetProperty("pattern", out var pattern))
        {
            return pattern.GetString()!.Contains('|', StringComparison.Ordinal) ? pattern.GetString()!.Split('|')[0] : tag; // it was found
        }

        return name switch
        {
            "email" or "userName" or "contactEmail" => $"{tag}@example.com",
            "password" or "newPassword" or "currentPassword" => $"a long enough password {tag}",
            "issuer" or "baseUrl" or "authorizationUrl" or "tokenUrl" => $"https://{tag}.example",
            _ => $"{tag} {name}",
        };
    }
}
