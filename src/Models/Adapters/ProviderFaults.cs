using System.ClientModel;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anthropic.Exceptions;

namespace Lyceum.Models;

/// <summary>Turns what providers, SDKs and sockets report into the one vocabulary of <see cref="ProviderException"/>. Pure.</summary>
internal static partial class ProviderFaults
{
    private const int ExtractMax = 200;

    /// <summary>An HTTP status that is no success, with the (bounded) beginning of its body.</summary>
    public static ProviderException FromStatus(ModelEndpoint endpoint, int status, string body, TimeSpan? retryAfter)
    {
        var error = ErrorBody.Read(body);
        var code = Classify(status, error);
        return new(code, Sentence(code, endpoint, Extract(error.Message, endpoint.ApiKey)), Hint(code, status, endpoint, error))
        {
            HttpStatus = status,
            RetryAfter = retryAfter,
            IsTransient = code is ProviderError.RateLimited or ProviderError.ProviderError or ProviderError.Timeout,
        };
    }

    /// <summary>An error reported inside a stream that began with 200.</summary>
    public static ProviderException FromStreamEvent(ModelEndpoint endpoint, string json, bool afterFirstToken)
    {
        var error = ErrorBody.Read(json);
        var known = Classify(error.Type is "overloaded_error" or "api_error" or "server_error" ? 500 : 400, error);
        var code = afterFirstToken ? ProviderError.Interrupted : known == ProviderError.BadRequest ? ProviderError.ProviderError : known;
        var extract = Extract(error.Message, endpoint.ApiKey);
        var sentence = afterFirstToken ? "The model stopped in the middle of its answer" + Said(extract) : Sentence(code, endpoint, extract);
        return new(code, sentence, afterFirstToken ? "Ask again to get the whole answer." : null)
        {
            IsTransient = !afterFirstToken && code is ProviderError.ProviderError or ProviderError.RateLimited,
            AfterFirstToken = afterFirstToken,
        };
    }

    /// <summary>Anything thrown while talking to a provider; null when it is none of our business and should rise as it is.</summary>
    public static ProviderException? From(Exception thrown, ModelEndpoint endpoint, bool afterFirstToken)
    {
        for (var e = thrown; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ProviderException known when !afterFirstToken || known.AfterFirstToken:
                    return known;
                case ProviderException known:
                    return new(known.Code, known.Message, known.Hint, known) { HttpStatus = known.HttpStatus, AfterFirstToken = true };
                case AnthropicSseException told: // the SDK's message is a sentence around the event's JSON
                    var (from, to) = (told.Message.IndexOf('{', StringComparison.Ordinal), told.Message.LastIndexOf('}'));
                    return FromStreamEvent(endpoint, from >= 0 && to > from ? told.Message[from..(to + 1)] : "", afterFirstToken);
                case AnthropicInvalidDataException:
                    return BadResponse(endpoint, afterFirstToken, e);
                case JsonException or FormatException or InvalidDataException or KeyNotFoundException:
                case ArgumentException or InvalidOperationException when ComesFromSdk(e):
                    return BadResponse(endpoint, afterFirstToken, e);
                case HttpRequestException or SocketException or IOException:
                    return afterFirstToken ? Cut(e) : FromConnection(e, endpoint);
            }
        }

        return thrown is ClientResultException ? BadResponse(endpoint, afterFirstToken, thrown) : null;
    }

    public static ProviderException FromConnection(Exception thrown, ModelEndpoint endpoint)
    {
        var url = endpoint.BaseUrl;
        var at = url is null ? "the provider" : $"{url.Host}:{url.Port}";
        var socket = Find<SocketException>(thrown)?.SocketErrorCode;
        var http = Find<HttpRequestException>(thrown)?.HttpRequestError;
        var (sentence, hint) = (socket, http) switch
        {
            (SocketError.ConnectionRefused, _) when url is { IsLoopback: true } =>
                ($"Nothing answers at {at}.", "If Lyceum runs in a container, localhost is the container itself: use host.docker.internal or the name of the other service. Otherwise check that the model server is running."),
            (SocketError.ConnectionRefused, _) => ($"The connection to {at} was refused.", "Check the port and that the model server is running."),
            (SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain, _) or (_, HttpRequestError.NameResolutionError) =>
                ($"The host name of {at} could not be found.", "Check the base URL for a spelling mistake, and that this server can resolve names."),
            (SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.TimedOut, _) =>
                ($"The server {at} could not be reached.", "Check the network and the firewall between Lyceum and the provider."),
            (_, HttpRequestError.SecureConnectionError) =>
                ($"No secure connection to {at} could be made.", "Check the certificate; a local model server often speaks plain http://."),
            _ => ($"The connection to {at} was closed without an answer.", null as string),
        };
        return new(ProviderError.Unreachable, sentence, hint, thrown) { IsTransient = true };
    }

    public static ProviderException TimedOut(ModelEndpoint endpoint, TimeSpan limit, string what, bool afterFirstToken) =>
        new(ProviderError.Timeout,
            $"{endpoint.Model} did not {what} within {Seconds(limit)}.",
            afterFirstToken ? "Ask again to get the whole answer." : "The provider may be overloaded, or a local model still loading. Try again in a moment.")
        { AfterFirstToken = afterFirstToken };

    public static ProviderException EndedEarly(bool afterFirstToken) => afterFirstToken
        ? new(ProviderError.Interrupted, "The model's answer ended in the middle.", "Ask again to get the whole answer.") { AfterFirstToken = true }
        : new(ProviderError.BadResponse, "The provider closed its answer before it said anything.") { IsTransient = true };

    public static ProviderException BadResponse(ModelEndpoint endpoint, bool afterFirstToken, Exception? thrown) =>
        new(ProviderError.BadResponse,
            afterFirstToken ? "The provider sent something unreadable in the middle of its answer." : "The address answered, but not in the way a model API does.",
            afterFirstToken ? "Ask again to get the whole answer." : AddressHint(endpoint),
            thrown)
        { AfterFirstToken = afterFirstToken };

    /// <summary>A provider's message in one short line: no key, no token, no control characters.</summary>
    public static string Extract(string? message, string? apiKey)
    {
        if (string.IsNullOrWhiteSpace(message)) return "";
        var text = apiKey is { Length: > 3 } ? message.Replace(apiKey, "…", StringComparison.Ordinal) : message;
        text = Secret().Replace(text, "…");
        text = Spaces().Replace(text, " ").Trim().TrimEnd('.');
        return text.Length <= ExtractMax ? text : string.Concat(text.AsSpan(0, ExtractMax - 1), "…");
    }

    private static ProviderError Classify(int status, ErrorBody error)
    {
        if (error.Is("context_length_exceeded") || TooLong().IsMatch(error.Message)) return ProviderError.ContextLength;
        if (error.Is("content_filter", "content_policy_violation") || Filtered().IsMatch(error.Message)) return ProviderError.ContentFiltered;
        if (status is 400 or 402 or 403 or 429 && (error.Is("insufficient_quota", "billing_error") || OutOfMoney().IsMatch(error.Message))) return ProviderError.QuotaExhausted;
        if (status is 400 or 401 or 403 && (error.Is("invalid_api_key", "authentication_error") || WrongKey().IsMatch(error.Message))) return ProviderError.InvalidKey;
        return status switch
        {
            401 => ProviderError.InvalidKey,
            402 => ProviderError.QuotaExhausted,
            403 => ProviderError.PermissionDenied,
            404 when WrongKind().IsMatch(error.Message) => ProviderError.BadRequest,
            404 when error.Is("model_not_found", "not_found_error", "DeploymentNotFound") || NamesModel().IsMatch(error.Message) => ProviderError.ModelNotFound,
            404 or 405 or (>= 300 and < 400) => ProviderError.BadResponse,
            408 or 504 => ProviderError.Timeout,
            413 => ProviderError.ContextLength,
            429 => ProviderError.RateLimited,
            >= 500 => error.Is("rate_limit_error") ? ProviderError.RateLimited : ProviderError.ProviderError,
            _ when error.Is("model_not_found") => ProviderError.ModelNotFound,
            _ when error.Is("rate_limit_error", "rate_limit_exceeded") => ProviderError.RateLimited,
            _ => ProviderError.BadRequest,
        };
    }

    private static string Sentence(ProviderError code, ModelEndpoint endpoint, string extract) => code switch
    {
        ProviderError.InvalidKey => string.IsNullOrEmpty(endpoint.ApiKey) ? "The provider wants an API key, and none is set." : "The provider does not accept the API key.",
        ProviderError.PermissionDenied => "The key is valid but may not use this model" + Said(extract),
        ProviderError.ModelNotFound => $"The provider has no model called {endpoint.Model}.",
        ProviderError.RateLimited => "The provider asks us to slow down (too many requests).",
        ProviderError.QuotaExhausted => "The account at the provider has no quota or credit left.",
        ProviderError.ContextLength => "The question and its sources are longer than this model can read.",
        ProviderError.ContentFiltered => "The provider's content filter refused this request.",
        ProviderError.Timeout => "The provider gave up waiting for its own model.",
        ProviderError.BadResponse => "The address answered, but not in the way a model API does.",
        ProviderError.BadRequest => "The provider refused the request" + Said(extract),
        _ => "The provider has a problem" + Said(extract),
    };

    private static string? Hint(ProviderError code, int status, ModelEndpoint endpoint, ErrorBody error) => code switch
    {
        ProviderError.InvalidKey => "Copy the key again from the provider's console; a space or a missing last letter is the usual reason.",
        ProviderError.ModelNotFound when endpoint.Kind == "ollama" => $"Load it on the Ollama server with: ollama pull {endpoint.Model}",
        ProviderError.ModelNotFound when endpoint.Kind == "azure_openai" => "On Azure this is the name of your deployment, not of the model.",
        ProviderError.ModelNotFound => "Check the spelling; the name must be exactly as the provider lists it.",
        ProviderError.QuotaExhausted => "Check plan and billing at the provider.",
        ProviderError.ContextLength => "Ask a shorter question, use fewer sources, or choose a model with a larger context.",
        ProviderError.BadResponse => AddressHint(endpoint),
        ProviderError.BadRequest when WrongKind().IsMatch(error.Message) => endpoint.Model.Contains("embed", StringComparison.OrdinalIgnoreCase)
            ? $"{endpoint.Model} looks like an embedding model: register it as one, and choose a chat model here."
            : "This model does not do what it is asked for here: choose a chat model for chat and an embedding model for search.",
        _ when status is 502 or 503 => "A provider that is overloaded recovers after a moment; a model server that was just started may still be loading.",
        _ => null,
    };

    private static string AddressHint(ModelEndpoint endpoint) =>
        $"Check the base URL {endpoint.BaseUrl?.GetLeftPart(UriPartial.Path)}: it is the address of the API, which usually ends in /v1, not of a website.";

    private static string Said(string extract) => extract.Length == 0 ? "." : $": {extract}.";

    private static string Seconds(TimeSpan limit) => limit.TotalSeconds >= 1 ? $"{limit.TotalSeconds:0.#} seconds" : $"{limit.TotalMilliseconds:0} milliseconds";

    private static ProviderException Cut(Exception thrown) =>
        new(ProviderError.Interrupted, "The connection to the provider broke in the middle of the answer.", "Ask again to get the whole answer.", thrown) { AfterFirstToken = true };

    private static bool ComesFromSdk(Exception e) => e.Source is "OpenAI" or "Anthropic" or "System.ClientModel" or "System.Text.Json";

    private static T? Find<T>(Exception? e) where T : Exception
    {
        for (; e is not null; e = e.InnerException)
            if (e is T found) return found;
        return null;
    }

    [GeneratedRegex(@"context (length|window)|maximum context|prompt is too long|too many (input )?tokens|input is too long|exceeds the (model'?s )?(maximum|limit) .*tokens", RegexOptions.IgnoreCase)]
    private static partial Regex TooLong();

    [GeneratedRegex(@"content management policy|content filter", RegexOptions.IgnoreCase)]
    private static partial Regex Filtered();

    [GeneratedRegex(@"billing details|credit balance|insufficient (funds|credit|balance)|requires? more credits", RegexOptions.IgnoreCase)]
    private static partial Regex OutOfMoney();

    [GeneratedRegex(@"api[- _]?key (is )?(not valid|invalid)|(invalid|incorrect|missing) (x-)?api[- _]?key|no auth credentials", RegexOptions.IgnoreCase)]
    private static partial Regex WrongKey();

    [GeneratedRegex(@"not a chat model|does not support (chat|embeddings?|generate|completions?)|not (allowed|able) to (generate|create) embeddings|does not support the (embeddings|chat)", RegexOptions.IgnoreCase)]
    private static partial Regex WrongKind();

    [GeneratedRegex(@"\b(model|deployment)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NamesModel();

    [GeneratedRegex(@"\b(sk|pk|rk|gsk|hf|xai|key|AIza)[-_][\w\-*.]{6,}|\bAIza[\w\-]{10,}|\b[\w-]{0,12}\*{3,}[\w-]*|Bearer\s+\S+|//[^/\s:@]+:[^/\s@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"[\s\p{C}]+")]
    private static partial Regex Spaces();
}
