using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lyceum.Platform;

/// <summary>
/// One id for everything a request causes. A caller may bring it as X-Request-Id or X-Client-Request-Id; anything but
/// letters, digits, dot, dash and underscore is replaced, since the id ends up in logs and headers.
/// </summary>
internal sealed class Correlation(RequestDelegate next, ILogger<Correlation> log)
{
    private const int MaxLength = 64;
    private static readonly Func<ILogger, string, IDisposable?> Scope = LoggerMessage.DefineScope<string>("correlation:{CorrelationId}");

    public async Task Invoke(HttpContext http)
    {
        var id = Sane(http.Request.Headers["X-Request-Id"]) ?? Sane(http.Request.Headers["X-Client-Request-Id"]) ?? Guid.CreateVersion7().ToString("N");
        http.TraceIdentifier = id;
        http.Response.OnStarting(static state =>
        {
            var (context, correlation) = ((HttpContext, string))state;
            context.Response.Headers["x-request-id"] = correlation;
            return Task.CompletedTask;
        }, (http, id));
        Activity.Current?.SetTag("lyceum.correlation", id).SetBaggage("lyceum.correlation", id);
        using (Scope(log, id))
        {
            await next(http);
        }
    }

    private static string? Sane(string? id) =>
        id is { Length: > 0 and <= MaxLength } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? id : null;
}
