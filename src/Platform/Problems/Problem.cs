using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lyceum.Platform;

/// <summary>
/// An expected refusal, as the caller will see it (RFC 9457). <paramref name="Code"/> is stable and listed in
/// <c>docs/problems.md</c>; <paramref name="Detail"/> is a sentence for people and may change; <paramref name="Hint"/> says what to try.
/// </summary>
public sealed record Problem(int Status, string Code, string Detail, string? Hint = null)
{
    /// <summary>The member of the answer that becomes the header Retry-After as well.</summary>
    internal const string RetryAfterMember = "retryAfter";

    /// <summary>Missing and foreign ids get this same answer.</summary>
    public static Problem NotFound(string what) => new(404, $"{what}_not_found", $"There is no such {what.Replace('_', ' ')}.");

    public static Problem Conflict(string code, string detail) => new(409, code, detail);

    public static Problem Invalid(string code, string detail, string? hint = null) => new(400, code, detail, hint);

    /// <summary>Fields that were refused, by name; null for none.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>More members of the answer; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? More { get; init; }

    /// <summary>Seconds after which to try again, sent as Retry-After; null for none.</summary>
    public int? RetryAfter { get; init; }

    public ProblemHttpResult ToResult()
    {
        var members = new Dictionary<string, object?> { ["code"] = Code };
        if (Hint is not null)
        {
            members["hint"] = Hint;
        }

        if (Errors is not null)
        {
            members["errors"] = Errors;
        }

        if (RetryAfter is not null)
        {
            members[RetryAfterMember] = RetryAfter;
        }

        foreach (var (name, value) in More ?? new Dictionary<string, object?>())
        {
            members[name] = value;
        }

        return TypedResults.Problem(Detail, statusCode: Status, title: Title(Status), type: $"/docs/problems#{Code}", extensions: members);
    }

    internal static string Title(int status) => status switch
    {
        400 => "The request is not understood",
        401 => "Not signed in",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        408 => "Too slow",
        409 => "Conflict",
        412 => "Changed in the meantime",
        413 => "Too large",
        415 => "Type not accepted",
        422 => "Cannot be processed",
        429 => "Too many requests",
        503 => "Not available now",
        _ => "Something went wrong",
    };

    /// <summary>A sentence about a fault that is safe to store and show: what kind of thing failed, never its text.</summary>
    public static string Sentence(Exception fault) => fault switch
    {
        _ when FullDisk.Is(fault) => FullDisk.Sentence,
        Npgsql.PostgresException database => $"The database refused the work ({database.SqlState}).",
        Npgsql.NpgsqlException => "The database could not be reached.",
        TimeoutException => "The work took longer than allowed.",
        ObjectsUnavailable gone => gone.Message,
        System.IO.IOException => "A file could not be read or written.",
        EgressRefusedException refused => refused.Message,
        SecretUnreadable => "A stored secret cannot be decrypted. Put the value in again, or give the server the master key it was stored under.",
        HttpRequestException => "A remote service could not be reached.",
        _ => $"An unexpected fault stopped the work ({fault.GetType().Name}). The server's log has the details.",
    };
}

/// <summary>An expected refusal that has to leave from deep inside, such as a request body that cannot be read.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
