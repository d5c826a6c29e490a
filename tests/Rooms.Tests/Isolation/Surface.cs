using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>One place of a request that names a thing: a hole of the path, a query parameter, a member of the body such as <c>groupRoles[].roleId</c>.</summary>
internal sealed record Position(string Where, string Name, string Kind)
{
    /// <summary>How the id is written there.</summary>
    public Func<string, string> Written { get; init; } = id => id;

    public bool IsList => Where == "body" && Name.EndsWith("[]", StringComparison.Ordinal);
}

/// <summary>One route with one method: where it names things, and what its body looks like.</summary>
internal sealed record Call(string Method, string Template, string Name, IReadOnlyList<Position> Positions, JsonElement? Body, bool IsForm)
{
    /// <summary>A first path segment of SCIM, which takes keys of its own.</summary>
    public bool IsScim => Template.StartsWith("/scim/", StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Template}";
}

/// <summary>
/// Every route of the server with every place that names a thing, read from /openapi.json and, for what that leaves out, from <see cref="Undescribed"/>.
/// Whatever is not understood is a sentence in <see cref="Faults"/> that says what to register.
/// </summary>
internal sealed partial class Surface
{
    private readonly JsonElement _schemas;

    public List<string> Faults { get; } = [];

    public List<Call> Calls { get; } = [];

    public Surface(IEnumerable<RouteEndpoint> routes, string openApi)
    {
        var document = JsonDocument.Parse(openApi).RootElement;
        _schemas = document.GetProperty("components").GetProperty("schemas");
        foreach (var route in routes)
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var template = "/" + Constraint().Replace(route.RoutePattern.RawText ?? "", "{$1}").Trim('/');
                var name = route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? template;
                var described = document.GetProperty("paths").TryGetProperty(template, out var path) && path.TryGetProperty(method.ToLowerInvariant(), out var found) ? found : (JsonElement?)null;
                Calls.Add(Read(method, template, name, described));
            }
        }
    }

    private Call Read(string method, string template, string name, JsonElement? described)
    {
        var positions = new List<Position>();
        var call = $"{method} {template}";
        foreach (Match hole in Hole().Matches(template))
        {
            Found(positions, call, "path", hole.Groups[1].Value, SegmentBefore(template, hole.Index), isId: true);
        }

        foreach (var parameter in described?.TryGetProperty("parameters", out var list) is true ? list.EnumerateArray() : default)
        {
            var (where, parameterName) = (parameter.GetProperty("in").GetString(), parameter.GetProperty("name").GetString()!); // both are required there
            if (where == "query")
            {
                Found(positions, call, "query", parameterName, parameterName, IsId(parameter.GetProperty("schema"), parameterName));
            }
        }

        var extra = Undescribed.Bodies.TryGetValue(call, out var known);
        var (body, isForm) = extra ? (JsonDocument.Parse(known!).RootElement, false) : BodyOf(described);
        if (body is null && !isForm && method is "POST" or "PUT" or "PATCH" && !Undescribed.TakesNone.Contains(name))
        {
            Faults.Add($"{call} has a body that /openapi.json does not describe: write its form into Undescribed.Bodies, or add '{name}' to Undescribed.TakesNone.");
        }

        if (described is null && !template.StartsWith("/scim/", StringComparison.Ordinal) && !Undescribed.Routes.Contains(template))
        {
            Faults.Add($"{call} is not in /openapi.json: describe it, or add it to Undescribed.Routes.");
        }

        if (body is { } schema)
        {
            Walk(schema, "", positions, call, 0);
        }

        positions.AddRange(Undescribed.Queries.Where(q => q.Call == call).Select(q => q.Position));
        return new Call(method, template, name, positions, body, isForm);
    }

    private void Walk(JsonElement schema, string path, List<Position> positions, string call, int depth)
    {
        schema = Resolve(schema);
        if (depth > 8)
        {
            Faults.Add($"{call} nests its body too deep at {path}.");
        }
        else if (schema.TryGetProperty("properties", out var members))
        {
            foreach (var member in members.EnumerateObject())
            {
                var here = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
                var inner = Resolve(member.Value);
                if (inner.TryGetProperty("items", out var items))
                {
                    Inside(items, here + "[]", member.Name);
                }
                else
                {
                    Inside(member.Value, here, member.Name);
                }
            }
        }

        void Inside(JsonElement inner, string here, string name)
        {
            if (Resolve(inner).TryGetProperty("properties", out _))
            {
                Walk(inner, here, positions, call, depth + 1);
            }
            else
            {
                Found(positions, call, "body", here, name, IsId(inner, name));
            }
        }
    }

    // An id is what the document says is a UUID, or what is called like one; free JSON may hold anything, so it is asked for too.
    private void Found(List<Position> positions, string call, string where, string name, string key, bool isId)
    {
        if (!isId || Things.NoIds.ContainsKey($"{call} {where}:{name}") || Things.NoIds.ContainsKey($"{where}:{key}"))
        {
            return;
        }

        if ((Things.Special.TryGetValue($"{call} {where}:{name}", out var kind) || (where == "path" ? Things.ByPath : Things.ByName).TryGetValue(key, out kind)) && kind is not null)
        {
            positions.Add(new Position(where, name, kind));
            return;
        }

        Faults.Add($"{call}: the {where} has '{name}', and nobody said what it names. Add it to Things ({(where == "path" ? $"ByPath['{key}']" : $"ByName['{key}']")}) with the kind of thing, "
            + "which World must make one of, or to NoIds with the reason why it names nothing.");
    }

    private bool IsId(JsonElement schema, string name)
    {
        var reference = schema.TryGetProperty("$ref", out var to) ? to.GetString() : null;
        schema = Resolve(schema);
        return (schema.TryGetProperty("format", out var format) && format.GetString() == "uuid")
            || reference?.EndsWith("/GivenOfGuid", StringComparison.Ordinal) is true
            || (reference is null && !schema.TryGetProperty("type", out _) && !schema.TryGetProperty("const", out _))
            || (Named().IsMatch(name) && schema.TryGetProperty("type", out var type) && type.GetRawText().Contains("string", StringComparison.Ordinal));
    }

    public JsonElement Resolve(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var to))
        {
            return _schemas.GetProperty(to.GetString()!.Split('/')[^1]); // a reference names something
        }

        return schema.TryGetProperty("oneOf", out var either)
            ? Resolve(either.EnumerateArray().First(e => !e.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "null"))
            : schema;
    }

    private static (JsonElement?, bool) BodyOf(JsonElement? described)
    {
        if (described?.TryGetProperty("requestBody", out var body) is not true)
        {
            return (null, false);
        }

        var content = body.GetProperty("content");
        return content.TryGetProperty("application/json", out var json) ? (json.GetProperty("schema"), false) : (null, content.TryGetProperty("multipart/form-data", out _));
    }

    private static string SegmentBefore(string template, int index) => template[..(index - 1)].Split('/')[^1];

    [GeneratedRegex(@"\{\*{0,2}([A-Za-z]+)(:[^}]*)?\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Hole();

    [GeneratedRegex("(^id|Id|Ids|[sS]lug|^tenant|^model|^type|^cursor)$")]
    private static partial Regex Named();
}
