using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lyceum.Platform;

/// <summary>
/// Catches what leaves the endpoints: refusals become their problem, requests nobody could read become a sentence with the
/// field's path, bugs become <c>unexpected</c> without a word about their inside. A client that went away is no error.
/// </summary>
internal sealed partial class ProblemBoundary(RequestDelegate next, ILogger<ProblemBoundary> log)
{
    private const int ClientWentAway = 499;

    public async Task Invoke(HttpContext http)
    {
        Problem? problem;
        try
        {
            await next(http);
            problem = Bodiless(http);
        }
        catch (Exception fault)
        {
            if (http.RequestAborted.IsCancellationRequested && fault is OperationCanceledException or IOException or BadHttpRequestException)
            {
                if (!http.Response.HasStarted)
                {
                    http.Response.StatusCode = ClientWentAway;
                }

                return;
            }

            problem = RequestProblems.Of(fault);
            if (problem is null || fault is SecretUnreadable)
            {
                LogUnexpected(log, fault, http.Request.Method, http.Request.Path);
                problem ??= RequestProblems.Unexpected;
            }

            if (http.Response.HasStarted)
            {
                // Half an answer is out: cutting the connection is the only honest end of it.
                http.Abort();
                return;
            }
        }

        if (problem is not null)
        {
            LyceumTelemetry.Refusals.Add(1, new KeyValuePair<string, object?>("code", problem.Code));
            await ProblemWriter.Write(http, problem);
        }
    }

    // What routing, Kestrel or an endpoint refused with a bare status.
    private static Problem? Bodiless(HttpContext http) =>
        http.Response is { StatusCode: >= 400 and not ClientWentAway, HasStarted: false, ContentLength: null, ContentType: null }
            ? RequestProblems.OfStatus(http.Response.StatusCode, matched: http.GetEndpoint() is not null)
            : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
    private static partial void LogUnexpected(ILogger log, Exception fault, string method, string path);
}
