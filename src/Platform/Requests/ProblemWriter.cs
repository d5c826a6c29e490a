using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Lyceum.Platform;

/// <summary>
/// Writes every refusal of the server, whoever found it: problem+json (RFC 9457), and inside /v1 the envelope that OpenAI's
/// clients read. The framework's validation and endpoints' results come here too.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var details = context.ProblemDetails;
        if (details.Extensions.TryGetValue("code", out var value) && value is string code)
        {
            return new ValueTask(Send(context.HttpContext, details, code));
        }

        // Not one of ours: the framework's validation, or a bare status.
        var problem = details is HttpValidationProblemDetails { Errors.Count: > 0 } invalid
            ? Problem.Invalid("invalid_request", Sentence(invalid.Errors)) with { Errors = invalid.Errors.ToDictionary(e => Camel(e.Key), e => e.Value) }
            : RequestProblems.OfStatus(details.Status ?? context.HttpContext.Response.StatusCode, matched: true);
        return new ValueTask(Write(context.HttpContext, problem));
    }

    public static Task Write(HttpContext http, Problem problem) => Send(http, problem.ToResult().ProblemDetails, problem.Code);

    private static Task Send(HttpContext http, ProblemDetails details, string code)
    {
        var response = http.Response;
        var status = details.Status ?? 500;
        response.StatusCode = status;
        response.ContentLength = null;
        response.Headers.ETag = default;
        response.Headers.CacheControl = "no-store";
        if (details.Extensions.TryGetValue(Problem.RetryAfterMember, out var seconds) && seconds is int wait)
        {
            response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        }

        return http.Request.Path.StartsWithSegments("/v1")
            ? response.WriteAsJsonAsync(Envelope(details, status, code), LyceumJson.Options, "application/json", http.RequestAborted)
            : response.WriteAsJsonAsync(Members(http, details, status), LyceumJson.Options, "application/problem+json", http.RequestAborted);
    }

    private static Dictionary<string, object?> Members(HttpContext http, ProblemDetails details, int status)
    {
        var members = new Dictionary<string, object?>
        {
            ["type"] = details.Type,
            ["title"] = details.Title ?? Problem.Title(status),
            ["status"] = status,
            ["detail"] = details.Detail,
            ["instance"] = http.Request.Path.Value,
        };
        foreach (var (name, value) in details.Extensions)
        {
            members[name] = value;
        }

        members["traceId"] = http.TraceIdentifier;
        return members;
    }

    private static object Envelope(ProblemDetails details, int status, string code)
    {
        var hint = details.Extensions.TryGetValue("hint", out var text) ? text as string : null;
        var field = details.Extensions.TryGetValue("errors", out var errors) && errors is IReadOnlyDictionary<string, string[]> { Count: > 0 } fields ? fields.Keys.First() : null;
        return new
        {
            error = new
            {
                message = hint is null ? details.Detail : $"{details.Detail} {hint}",
                type = status switch
                {
                    401 => "authentication_error",
                    403 => "permission_error",
                    404 => "not_found_error",
                    429 => "rate_limit_error",
                    >= 500 => "server_error",
                    _ => "invalid_request_error",
                },
                param = field,
                code,
            },
        };
    }

    private static string Sentence(IDictionary<string, string[]> errors) => errors.Count == 1
        ? $"The field '{Camel(errors.Keys.First())}' cannot be used: {errors.Values.First().FirstOrDefault()}"
        : $"{errors.Count} fields cannot be used: {string.Join(", ", errors.Keys.Select(Camel))}.";

    // Validation names members as C# does; callers know them as JSON does.
    private static string Camel(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
