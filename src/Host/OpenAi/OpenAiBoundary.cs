using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>
/// What all of /v1 has in common: every refusal, whoever makes it, leaves in OpenAI's envelope, and every answer names its request and the
/// time it took.
/// </summary>
internal sealed partial class OpenAiBoundary(RequestDelegate next, ILogger<OpenAiBoundary> log)
{
    public async Task Invoke(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/v1"))
        {
            await next(http);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers["openai-processing-ms"] = ((long)Stopwatch.GetElapsedTime(started).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            headers.TryAdd("x-request-id", http.TraceIdentifier);
            if (http.Request.Headers["X-Client-Request-Id"].ToString() is { Length: > 0 and <= 200 } id && id.All(c => c is > ' ' and <= '~'))
            {
                headers["X-Client-Request-Id"] = id;
            }

            return Task.CompletedTask;
        });
        try
        {
            await next(http);
            if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null })
            {
                await Write(http, OpenAiError.OfStatus(http.Response.StatusCode));
            }
        }
        catch (Exception fault) when (!http.Response.HasStarted && Known(fault, http) is { } error)
        {
            LyceumTelemetry.Refusals.Add(1, new KeyValuePair<string, object?>("code", error.Code));
            await Write(http, error);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
    }

    private OpenAiError? Known(Exception fault, HttpContext http)
    {
        switch (fault)
        {
            case OpenAiException refused:
                return refused.Error;
            case ProblemException refused:
                return OpenAiError.Of(refused.Problem);
            case ProviderException failed:
                return OpenAiError.Of(failed);
            case BadHttpRequestException { StatusCode: 413 }:
                return OpenAiError.OfStatus(413);
            case BadHttpRequestException bad:
                return OpenAiError.OfStatus(bad.StatusCode);
            case OperationCanceledException when http.RequestAborted.IsCancellationRequested:
                return null;
            default:
                LogUnexpected(log, fault, http.Request.Path);
                return OpenAiError.OfStatus(500);
        }
    }

    private static async Task Write(HttpContext http, OpenAiError error)
    {
        var response = http.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (error.RetryAfter is { } wait)
        {
            // The official clients read milliseconds first.
            response.Headers["retry-after-ms"] = ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.ShouldRetry is { } should)
        {
            response.Headers["x-should-retry"] = should ? "true" : "false";
        }

        await using (var json = new Utf8JsonWriter(response.BodyWriter, OpenAiJson.Writer))
        {
            OpenAiJson.Write(json, error);
        }

        await response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed unexpectedly")]
    private static partial void LogUnexpected(ILogger log, Exception fault, string path);
}
