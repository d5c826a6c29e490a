using System.Globalization;

namespace Lyceum.Stub;

/// <summary>An HTTP error before any answer.</summary>
internal sealed record Refusal(int Status, string Message, string? Code, string? Type, int? RetryAfterMs = null, int? RetryAfterSeconds = null);

internal static class Refusals
{
    public static Refusal? For(StubRequest request, StubBehaviour behaviour, string route, string path, string? apiKey)
    {
        if (route == "none") return new(404, $"Invalid URL ({request.Method} {path})", null, "invalid_request_error");
        if (!KeyIsRight(request, apiKey)) return new(401, "Incorrect API key provided: " + KeyOf(request) + ".", "invalid_api_key", "invalid_request_error");
        if (behaviour.Status is { } status)
            return new(status, behaviour.ErrorMessage ?? MessageFor(status, behaviour.ErrorCode, request.Model), behaviour.ErrorCode ?? CodeFor(status), behaviour.ErrorType, behaviour.RetryAfterMs, behaviour.RetryAfterSeconds);
        return StubModels.IsUnknown(request.Model) ? new(404, MessageFor(404, null, request.Model), "model_not_found", null) : null;
    }

    public static Task Write(Exchange exchange, Refusal refusal)
    {
        if (refusal.RetryAfterMs is { } ms) exchange.Header("retry-after-ms", ms.ToString(CultureInfo.InvariantCulture));
        if (refusal.RetryAfterSeconds is { } seconds) exchange.Header("retry-after", seconds.ToString(CultureInfo.InvariantCulture));
        return Routes.Name(exchange.Path) is "messages" or "messages/count_tokens"
            ? AnthropicWire.Error(exchange, refusal.Status, refusal.Type ?? AnthropicType(refusal.Status), AnthropicMessage(refusal))
            : OpenAiWire.Error(exchange, refusal.Status, refusal.Message, refusal.Type ?? OpenAiType(refusal.Status), refusal.Code);
    }

    private static string? KeyOf(StubRequest request)
    {
        if (request.Headers.TryGetValue("x-api-key", out var key) || request.Headers.TryGetValue("api-key", out key)) return key;
        return request.Headers.TryGetValue("authorization", out var bearer) ? bearer.Replace("Bearer ", "", StringComparison.OrdinalIgnoreCase) : null;
    }

    private static bool KeyIsRight(StubRequest request, string? wanted)
    {
        var key = KeyOf(request);
        return key?.Contains("wrong", StringComparison.OrdinalIgnoreCase) != true && (wanted is null || key == wanted);
    }

    private static string CodeFor(int status) => status switch
    {
        401 => "invalid_api_key",
        404 => "model_not_found",
        429 => "rate_limit_exceeded",
        _ => "",
    };

    private static string MessageFor(int status, string? code, string? model) => (status, code) switch
    {
        (_, "context_length_exceeded") => "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
        (_, "content_filter") => "The response was filtered due to the prompt triggering content management policy.",
        (_, "insufficient_quota") => "You exceeded your current quota, please check your plan and billing details.",
        (401, _) => "Incorrect API key provided.",
        (403, _) => "You do not have access to this project.",
        (404, _) => $"The model '{model}' does not exist or you do not have access to it.",
        (429, _) => "Rate limit reached for requests.",
        (503, _) => "The engine is currently overloaded, please try again later.",
        _ => "The server had an error while processing your request.",
    };

    private static string OpenAiType(int status) => status switch
    {
        429 => "requests",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string AnthropicType(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 or 503 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    private static string AnthropicMessage(Refusal refusal) => refusal.Code switch
    {
        "context_length_exceeded" => "prompt is too long: 210000 tokens > 200000 maximum",
        "insufficient_quota" => "Your credit balance is too low to access the Anthropic API.",
        "invalid_api_key" => "invalid x-api-key",
        _ => refusal.Message,
    };
}
