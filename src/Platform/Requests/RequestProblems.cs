using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Platform;

/// <summary>Which problem an exception or a bare status is. Pure; the sentences never quote an exception.</summary>
internal static partial class RequestProblems
{
    private static readonly string[] Required = ["This field is required."];

    public static readonly Problem Unexpected = new(500, "unexpected", "Something went wrong on our side.", "Try again. If it stays, give the operator the traceId: the server's log has the details.");

    /// <summary>The problem of a fault; null for a bug.</summary>
    public static Problem? Of(Exception fault) => fault switch
    {
        ProblemException refused => refused.Problem,
        BadHttpRequestException { InnerException: JsonException json } => OfJson(json),
        BadHttpRequestException { StatusCode: 413 } => OfStatus(413, matched: true),
        BadHttpRequestException { StatusCode: 415 } => OfStatus(415, matched: true),
        BadHttpRequestException { StatusCode: 408 } => new Problem(408, "request_too_slow", "The request took too long to arrive."),
        BadHttpRequestException bad => OfParameter(bad.Message),
        EgressRefusedException refused => Problem.Invalid("address_refused", refused.Message),
        ObjectsUnavailable => new Problem(503, "storage_unavailable", "The place where files are kept does not answer right now.", "Try again in a few seconds. Nothing was half stored.") { RetryAfter = 5 },
        _ when FullDisk.Is(fault) => FullDisk.Problem,
        SecretUnreadable => new Problem(500, "stored_value_unreadable", "Something that is stored encrypted cannot be read: it was changed from outside, or the server has another master key than it was stored under.", "Tell the operator: the server's log says which it is."),
        Npgsql.NpgsqlException { IsTransient: true } => new Problem(503, "database_unavailable", "The database cannot be reached right now.", "Try again in a few seconds.") { RetryAfter = 2 },
        _ => null,
    };

    public static Problem OfStatus(int status, bool matched) => status switch
    {
        401 => new Problem(401, "not_authenticated", "Sign in first, or send an API key."),
        403 => new Problem(403, "not_allowed", "This is not allowed."),
        404 when matched => new Problem(404, "not_found", "There is no such thing."),
        404 => new Problem(404, "route_not_found", "There is nothing at this address.", "The addresses are listed in /openapi.json."),
        405 => new Problem(405, "method_not_allowed", "This address does not answer this method.", "The header Allow lists the methods it answers."),
        413 => new Problem(413, "request_too_large", "The request has more bytes than this address accepts."),
        415 => new Problem(415, "unsupported_media_type", "This address does not accept a body of this type.", "Send JSON with the header Content-Type: application/json."),
        429 => new Problem(429, "too_many_requests", "Too many requests. Slow down."),
        >= 500 => Unexpected with { Status = status },
        _ => Unreadable with { Status = status },
    };

    internal static Problem OfJson(JsonException fault)
    {
        var path = Field(fault.Path);
        if (Unknown().Match(fault.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups[1].Value;
            path = path.Length == 0 ? name : path == name || path.EndsWith("." + name, StringComparison.Ordinal) ? path : $"{path}.{name}";
            return Problem.Invalid("unknown_field", $"There is no field '{path}'.", "Fields are spelled as in /openapi.json.") with { Errors = At(path, "This field is not known.") };
        }

        if (Missing().Match(fault.Message) is { Success: true } missing)
        {
            var names = missing.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries).Select(n => n.Trim('\'')).ToArray();
            return Problem.Invalid("malformed_request", $"The request lacks {string.Join(", ", names)}.") with
            {
                Errors = names.ToDictionary(n => path.Length == 0 ? n : $"{path}.{n}", _ => Required),
            };
        }

        if (Duplicate().IsMatch(fault.Message))
        {
            return Problem.Invalid("malformed_request", "A field appears twice in the request.");
        }

        if (WrongType().Match(fault.Message) is { Success: true } wrong)
        {
            // The type in the message may be the record around the field; the reader's own complaint knows better.
            var expected = Expected(fault.InnerException?.Message ?? wrong.Groups[1].Value);
            var where = path.Length == 0 ? "The body" : $"The field '{path}'";
            return Problem.Invalid("malformed_request", $"{where} is not {expected}.") with { Errors = path.Length == 0 ? null : At(path, $"This is not {expected}.") };
        }

        var place = fault.LineNumber is { } line ? $" (line {line + 1}, byte {fault.BytePositionInLine + 1})" : "";
        return Problem.Invalid("malformed_request", $"The body is not valid JSON{place}.");
    }

    // The framework's sentence names the parameter in quotes, and sometimes its type before it.
    private static Problem OfParameter(string message) => Parameter().Match(message) switch
    {
        _ when message.Contains("from body", StringComparison.Ordinal) || message.Contains("body inferred", StringComparison.Ordinal) =>
            Unreadable with { Detail = "The request needs a body.", Hint = "Send JSON with the header Content-Type: application/json." },
        { Success: true } match =>
            Unreadable with { Detail = $"The parameter '{match.Groups[1].Value}' is missing or cannot be read.", Errors = At(match.Groups[1].Value, "This is missing or cannot be read.") },
        _ => Unreadable,
    };

    private static Problem Unreadable => Problem.Invalid("malformed_request", "The request cannot be read.");

    private static Dictionary<string, string[]> At(string path, string sentence) => new() { [path] = [sentence] };

    // "$.items[2].name" becomes "items[2].name".
    private static string Field(string? path) => path is null or "$" ? "" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path.TrimStart('$');

    private static string Expected(string type) => type switch
    {
        _ when type.Contains("[]", StringComparison.Ordinal) || type.Contains("List", StringComparison.Ordinal) => "a list of the right type",
        "System.String" => "a text",
        _ when type.Contains("as a string", StringComparison.Ordinal) => "a text",
        _ when type.Contains("as a number", StringComparison.Ordinal) => "a number",
        _ when type.Contains("Int", StringComparison.Ordinal) => "a whole number that fits",
        _ when type.Contains("Double", StringComparison.Ordinal) || type.Contains("Single", StringComparison.Ordinal) || type.Contains("Decimal", StringComparison.Ordinal) => "a number",
        _ when type.Contains("boolean", StringComparison.OrdinalIgnoreCase) => "true or false",
        _ when type.Contains("Guid", StringComparison.Ordinal) => "an id (a UUID)",
        _ when type.Contains("DateTime", StringComparison.Ordinal) => "a time such as 2026-05-01T12:00:00Z",
        _ => "of the right type",
    };

    [GeneratedRegex("^The JSON property '(.+?)' could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex("missing required properties including: (.+?)\\.(?:$| Path)")]
    private static partial Regex Missing();

    [GeneratedRegex("[Dd]uplicate propert")]
    private static partial Regex Duplicate();

    [GeneratedRegex("could not be converted to (.+?)\\. Path")]
    private static partial Regex WrongType();

    [GeneratedRegex("parameter \"(?:[^\" ]+ )?([^\" ]+)\"")]
    private static partial Regex Parameter();
}
