using System.Text.Json.Nodes;

namespace Lyceum.Iam;

/// <summary>One operation of a PATCH: add, replace or remove.</summary>
internal sealed record ScimOperation(string Op, ScimPath? Path, JsonNode? Value);

/// <summary>Changes a resource as a PATCH says (RFC 7644, 3.5.2), in the dialects that directories speak. Pure.</summary>
internal static class ScimPatch
{
    private const int MostOperations = 1000;

    /// <summary>The operations of a request. Names in any capitals: Entra writes "Add" and "Replace".</summary>
    public static IReadOnlyList<ScimOperation> Read(JsonObject body)
    {
        if (ScimJson.Get(body, "Operations") is not JsonArray { Count: > 0 and <= MostOperations } operations)
        {
            throw new ScimException(ScimError.Invalid("invalidSyntax", $"A PATCH has from 1 to {MostOperations} Operations."));
        }

        return [.. operations.SelectMany(Read)];
    }

    public static void Apply(JsonObject resource, ScimOperation operation)
    {
        if (operation.Path is not { } path)
        {
            foreach (var (name, value) in (JsonObject)operation.Value!) // without a path the value is an object: it was read
            {
                Set(resource, ScimJson.NameIn(resource, name), value, operation.Op);
            }

            return;
        }

        var target = resource;
        if (path.Extension is { } extension)
        {
            if (resource[ScimJson.NameIn(resource, extension)] is not JsonObject inside)
            {
                if (operation.Op == "remove")
                {
                    return;
                }

                resource[extension] = inside = [];
            }

            target = inside;
        }

        var attribute = ScimJson.NameIn(target, path.Attribute);
        if (path.Which is null && path.Part is null)
        {
            SetOrRemove(target, attribute, operation);
        }
        else if (path.Which is null && target[attribute] is not JsonArray)
        {
            Inside(target, attribute, path.Part!, operation); // one of the two is there
        }
        else
        {
            Among(target, attribute, path, operation);
        }
    }

    // A value without a path is an object of attributes; Okta sends {"active":false}, others {"name.givenName":"…"} or whole paths as names.
    private static IEnumerable<ScimOperation> Read(JsonNode? node)
    {
        var item = node as JsonObject ?? [];
        var op = ScimJson.TextOf(item, "op")?.ToLowerInvariant();
        if (op is not ("add" or "replace" or "remove"))
        {
            throw new ScimException(ScimError.Invalid("invalidSyntax", "An operation is add, replace or remove."));
        }

        var (path, value) = (ScimJson.TextOf(item, "path"), ScimJson.Get(item, "value"));
        if (!string.IsNullOrWhiteSpace(path))
        {
            return [new ScimOperation(op, ScimPath.Parse(path), value)];
        }

        if (op == "remove")
        {
            throw new ScimException(ScimError.Invalid("noTarget", "A remove needs a path."));
        }

        return value is JsonObject attributes
            ? attributes.Select(a => a.Key.Contains('.', StringComparison.Ordinal) || a.Key.Contains('[', StringComparison.Ordinal)
                ? a.Key.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) && a.Value is JsonObject
                    ? new ScimOperation(op, null, new JsonObject { [a.Key] = a.Value?.DeepClone() })
                    : new ScimOperation(op, ScimPath.Parse(a.Key), a.Value)
                : new ScimOperation(op, null, new JsonObject { [a.Key] = a.Value?.DeepClone() }))
            : throw new ScimException(ScimError.Invalid("invalidSyntax", "A value without a path is an object of attributes."));
    }

    private static void SetOrRemove(JsonObject target, string attribute, ScimOperation operation)
    {
        if (operation.Op != "remove")
        {
            Set(target, attribute, operation.Value, operation.Op);
        }
        else if (operation.Value is JsonArray gone && target[attribute] is JsonArray there)
        {
            // Entra removes members by a list of values instead of a filter.
            foreach (var item in there.Where(item => gone.Any(g => ValueOf(g) is { } value && value == ValueOf(item))).ToList())
            {
                there.Remove(item);
            }
        }
        else
        {
            target.Remove(attribute);
        }
    }

    private static void Inside(JsonObject target, string attribute, string part, ScimOperation operation)
    {
        if (target[attribute] is not JsonObject inside)
        {
            if (operation.Op == "remove")
            {
                return;
            }

            target[attribute] = inside = [];
        }

        SetOrRemove(inside, ScimJson.NameIn(inside, part), operation);
    }

    private static void Among(JsonObject target, string attribute, ScimPath path, ScimOperation operation)
    {
        if (target[attribute] is not JsonArray list)
        {
            target[attribute] = list = [];
        }

        var found = list.Where(item => ScimPath.Matches(path.Which, item)).ToList();
        if (operation.Op == "remove" && path.Part is null)
        {
            foreach (var item in found)
            {
                list.Remove(item);
            }

            return;
        }

        if (found.Count == 0 && operation.Op != "remove")
        {
            var made = ScimPath.Made(path.Which) ?? throw new ScimException(ScimError.Invalid("noTarget", "Nothing fits the filter in the path."));
            list.Add(made);
            found.Add(made);
        }

        foreach (var item in found.OfType<JsonObject>())
        {
            if (path.Part is { } part)
            {
                SetOrRemove(item, ScimJson.NameIn(item, part), operation);
            }
            else if (operation.Value is JsonObject values)
            {
                foreach (var (name, value) in values)
                {
                    item[ScimJson.NameIn(item, name)] = value?.DeepClone();
                }
            }
        }
    }

    // Adding to a list appends what is not there yet; adding to an object adds to it; all else is replaced.
    private static void Set(JsonObject target, string attribute, JsonNode? value, string op)
    {
        if (value is null)
        {
            target.Remove(attribute);
        }
        else if (op == "add" && target[attribute] is JsonArray list)
        {
            foreach (var item in value is JsonArray many ? many : [value.DeepClone()])
            {
                if (!list.Any(there => JsonNode.DeepEquals(there, item) || (ValueOf(there) is { } known && known == ValueOf(item))))
                {
                    list.Add(item?.DeepClone());
                }
            }
        }
        else if (target[attribute] is JsonObject there && value is JsonObject more)
        {
            foreach (var (name, part) in more)
            {
                there[ScimJson.NameIn(there, name)] = part?.DeepClone();
            }
        }
        else
        {
            target[attribute] = value.DeepClone();
        }
    }

    private static string? ValueOf(JsonNode? item) => item is JsonObject one ? ScimJson.TextOf(one, "value") : ScimJson.Text(item);
}
