using System.Text.Json;

namespace Lyceum.Models;

/// <summary>The parts of a provider's error that we look at. Reads the many shapes there are; never throws.</summary>
internal readonly record struct ErrorBody(string Code, string Type, string Message)
{
    public static ErrorBody Read(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0) root = root[0]; // Google wraps it in a list
            if (root.ValueKind != JsonValueKind.Object) return new("", "", "");
            if (!root.TryGetProperty("error", out var error)) error = root;
            if (error.ValueKind == JsonValueKind.String) return new("", "", error.GetString() ?? "");
            if (error.ValueKind != JsonValueKind.Object) return new("", "", "");
            return new(Text(error, "code"), Text(error, "type", "status"), Text(error, "message", "detail", "error"));
        }
        catch (JsonException)
        {
            return new("", "", ""); // a web page or nothing: the status alone must do
        }
    }

    public bool Is(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (Code == name || Type == name) return true;
        return false;
    }

    private static string Text(JsonElement error, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String) return value.GetString() ?? "";
        return "";
    }
}
