using System.Text.Json;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lyceum.Iam;

/// <summary>What all of /scim has in common: every refusal, whoever makes it, leaves as a SCIM error.</summary>
internal sealed partial class ScimBoundary(RequestDelegate next, ILogger<ScimBoundary> log)
{
    public async Task Invoke(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/scim"))
        {
            await next(http);
            return;
        }

        ScimError? error;
        try
        {
            await next(http);
            error = http.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null } bare ? OfStatus(bare.StatusCode) : null;
        }
        catch (Exception fault) when (!http.Response.HasStarted && !(fault is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            error = Of(fault);
            if (error is null)
            {
                LogUnexpected(log, fault, http.Request.Method, http.Request.Path);
                error = OfStatus(500);
            }
        }

        if (error is not null)
        {
            LyceumTelemetry.Refusals.Add(1, new KeyValuePair<string, object?>("code", "scim_" + (error.Type ?? error.Status.ToString(System.Globalization.CultureInfo.InvariantCulture))));
            await new ScimAnswer(error.Status, error.ToJson()).ExecuteAsync(http);
        }
    }

    private static ScimError? Of(Exception fault) => fault switch
    {
        ScimException refused => refused.Error,
        ProblemException refused => ScimError.Of(refused.Problem),
        BadHttpRequestException { StatusCode: 413 } => OfStatus(413),
        BadHttpRequestException or JsonException => ScimError.Invalid("invalidSyntax", "The request cannot be read."),
        Npgsql.NpgsqlException { IsTransient: true } => new ScimError(503, null, "The database cannot be reached right now. Try again in a few seconds."),
        _ => null,
    };

    private static ScimError OfStatus(int status) => new(status, null, status switch
    {
        404 => "There is nothing at this address.",
        405 => "This address does not answer this method.",
        413 => "The request has more bytes than this address accepts.",
        415 => "Send JSON as application/scim+json.",
        >= 500 => "Something went wrong on our side. The server's log has the details.",
        _ => "The request was refused.",
    });

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
    private static partial void LogUnexpected(ILogger log, Exception fault, string method, string path);
}
