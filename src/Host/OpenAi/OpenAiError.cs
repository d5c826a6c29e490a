using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>A refusal in the envelope that OpenAI's clients read. The status decides which exception their user sees.</summary>
internal sealed record OpenAiError(int Status, string Type, string Code, string Message, string? Param = null)
{
    /// <summary>How long to wait before the next attempt; null when nobody said.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>False keeps the official clients from repeating what cannot succeed; null leaves it to the status.</summary>
    public bool? ShouldRetry { get; init; }

    public static OpenAiError Invalid(string message, string? param = null, string code = "invalid_value") => new(400, "invalid_request_error", code, message, param);

    public static OpenAiError NoSuchModel(string model) => new(
        404, "invalid_request_error", "model_not_found", $"The model '{(model.Length > 200 ? model[..200] : model)}' does not exist here or this key may not use it. GET /v1/models lists those it may use.", "model");

    /// <summary>A refusal of the platform, such as a key that is not known.</summary>
    public static OpenAiError Of(Problem problem)
    {
        var message = problem.Hint is null ? problem.Detail : $"{problem.Detail} {problem.Hint}";
        var param = problem.Errors is { Count: > 0 } fields ? fields.Keys.First() : null;
        return problem.Status switch
        {
            401 => new(401, "authentication_error", "invalid_api_key", message),
            403 => new(403, "permission_error", problem.Code, message),
            404 => new(404, "invalid_request_error", problem.Code, message),
            429 => new(429, "rate_limit_error", problem.Code, message) { RetryAfter = problem.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null },
            >= 500 => new(problem.Status, "server_error", problem.Code, message),
            _ => new(problem.Status, "invalid_request_error", problem.Code, message, param),
        };
    }

    /// <summary>A provider's fault. That the provider refuses our key is not the client's fault, so it is not told 401.</summary>
    public static OpenAiError Of(ProviderException fault)
    {
        var message = fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}";
        return fault.Code switch
        {
            ProviderError.InvalidKey or ProviderError.PermissionDenied => new(502, "server_error", "provider_refused_key", message) { ShouldRetry = false },
            ProviderError.ModelNotFound => new(404, "invalid_request_error", "model_not_found", message, "model"),
            ProviderError.RateLimited => new(429, "rate_limit_error", "rate_limit_exceeded", message) { RetryAfter = fault.RetryAfter },
            ProviderError.QuotaExhausted => new(429, "insufficient_quota", "insufficient_quota", message) { ShouldRetry = false },
            ProviderError.ContextLength => new(400, "invalid_request_error", "context_length_exceeded", message, "messages"),
            ProviderError.ContentFiltered => new(400, "invalid_request_error", "content_filter", message),
            ProviderError.BadRequest => new(400, "invalid_request_error", "invalid_request", message),
            ProviderError.Timeout => new(504, "server_error", "provider_timeout", message),
            ProviderError.Unreachable => new(503, "server_error", "provider_unreachable", message),
            _ => new(502, "server_error", fault.Code.Code(), message),
        };
    }

    /// <summary>A bare status from routing or from the web server.</summary>
    public static OpenAiError OfStatus(int status) => status switch
    {
        404 => new(404, "invalid_request_error", "unsupported_endpoint", "There is no such endpoint under /v1. Supported are models, chat/completions and embeddings."),
        405 => new(405, "invalid_request_error", "method_not_supported", "This endpoint does not support this HTTP method."),
        413 => new(413, "invalid_request_error", "request_too_large", "The request is larger than this server accepts."),
        _ => new(status, status >= 500 ? "server_error" : "invalid_request_error", status >= 500 ? "unexpected" : "invalid_request", status >= 500 ? "Something went wrong." : "The request cannot be processed."),
    };
}

/// <summary>Leaves an endpoint of /v1 as its error.</summary>
internal sealed class OpenAiException(OpenAiError error) : Exception(error.Message)
{
    public OpenAiError Error { get; } = error;
}
