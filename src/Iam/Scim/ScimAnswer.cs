using System.Text.Json;
using System.Text.Json.Nodes;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>An answer as application/scim+json.</summary>
internal sealed class ScimAnswer(int status, JsonObject body, string? location = null) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = ScimNames.MediaType;
        response.Headers.CacheControl = "no-store";
        if (location is not null)
        {
            response.Headers.Location = location;
        }

        return JsonSerializer.SerializeAsync(response.Body, body, LyceumJson.Options, httpContext.RequestAborted);
    }

    public static IResult Ok(JsonObject body) => new ScimAnswer(200, body);

    public static IResult Created(JsonObject body, string location) => new ScimAnswer(201, body, location);

    public static IResult Page(IEnumerable<JsonObject> resources, int total, int start)
    {
        var items = new JsonArray([.. resources]);
        return Ok(new JsonObject
        {
            ["schemas"] = new JsonArray(ScimNames.List), ["totalResults"] = total, ["startIndex"] = start, ["itemsPerPage"] = items.Count, ["Resources"] = items,
        });
    }

    /// <summary>Reads a body, whatever JSON type it calls itself: directories differ. No member twice, no depth beyond reason.</summary>
    public static async Task<JsonObject> Read(HttpContext http, CancellationToken ct)
    {
        if (http.Request.ContentType is { Length: > 0 } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ScimException(new ScimError(415, null, "Send JSON as application/scim+json."));
        }

        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(ct);
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 }) as JsonObject
                ?? throw new ScimException(ScimError.Invalid("invalidSyntax", "The body is not a JSON object."));
        }
        catch (JsonException)
        {
            throw new ScimException(ScimError.Invalid("invalidSyntax", "The body is not valid JSON."));
        }
    }
}

/// <summary>A page of a SCIM list: from the first, counted from one.</summary>
internal sealed record ScimPage(int Start, int Count)
{
    private const int Default = 100, Most = 200;

    public static ScimPage From(string? startIndex, string? count) => new(
        Math.Clamp(Number(startIndex, 1, "startIndex"), 1, 10_000_000), Math.Clamp(Number(count, Default, "count"), 0, Most));

    private static int Number(string? text, int otherwise, string name) =>
        string.IsNullOrEmpty(text) ? otherwise
        : int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
        : throw new ScimException(ScimError.Invalid("invalidValue", $"{name} is not a whole number."));
}
