namespace Lyceum.Models;

/// <summary>What went wrong at a provider, in the words of the API (see <see cref="ProviderErrors.Code"/>).</summary>
public enum ProviderError
{
    InvalidKey,
    PermissionDenied,
    ModelNotFound,
    RateLimited,
    QuotaExhausted,
    ContextLength,
    ContentFiltered,
    BadRequest,
    Timeout,
    Unreachable,
    BadResponse,

    /// <summary>After the first token; what was received before is valid but incomplete.</summary>
    Interrupted,
    ProviderError,
}

public static class ProviderErrors
{
    public static string Code(this ProviderError error) => error switch
    {
        ProviderError.InvalidKey => "invalid_key",
        ProviderError.PermissionDenied => "permission_denied",
        ProviderError.ModelNotFound => "model_not_found",
        ProviderError.RateLimited => "rate_limited",
        ProviderError.QuotaExhausted => "quota_exhausted",
        ProviderError.ContextLength => "context_length",
        ProviderError.ContentFiltered => "content_filtered",
        ProviderError.BadRequest => "bad_request",
        ProviderError.Timeout => "timeout",
        ProviderError.Unreachable => "unreachable",
        ProviderError.BadResponse => "bad_response",
        ProviderError.Interrupted => "interrupted",
        _ => "provider_error",
    };
}

/// <summary>
/// A provider failed. <see cref="Exception.Message"/> and <see cref="Hint"/> are sentences for the person who asked:
/// they hold neither the key nor the provider's answer beyond a short cleaned extract.
/// </summary>
public sealed class ProviderException : Exception
{
    public ProviderException(ProviderError code, string message, string? hint = null, Exception? innerException = null)
        : base(message, innerException) => (Code, Hint) = (code, hint);

    public ProviderError Code { get; }

    /// <summary>What to try, when the fault looks like a known first-run mistake.</summary>
    public string? Hint { get; }

    public int? HttpStatus { get; init; }

    /// <summary>How long the provider asked us to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same request may succeed later (see <see cref="ProviderRetry"/>).</summary>
    public bool IsTransient { get; init; }

    /// <summary>Tokens were already handed on, so the request must not be repeated.</summary>
    public bool AfterFirstToken { get; init; }
}
