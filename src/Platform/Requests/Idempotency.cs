using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// A POST with an Idempotency-Key happens once per caller, however often it is sent within 24 hours: repetitions get the
/// first answer's status and bytes. Refusals that may end differently next time, faults, streams and answers with a secret are not kept. A process
/// that dies between the work and keeping its answer leaves the key in flight for two minutes; after that a repetition works again.
/// </summary>
internal sealed partial class Idempotency(RequestDelegate next, PlatformOptions options, TimeProvider time, ILogger<Idempotency> log)
{
    private const string Header = "Idempotency-Key";
    private const int MaxBody = 25 * 1024 * 1024;
    private const int MaxAnswer = 1024 * 1024;
    private static readonly TimeSpan Beat = IdempotencyStore.Abandoned / 3;

    public async Task Invoke(HttpContext http, CurrentDb current)
    {
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0 || !HttpMethods.IsPost(http.Request.Method) || !current.IsSet || http.GetEndpoint()?.Metadata.GetMetadata<SecretAnswer>() is not null
            || !(http.Request.Path.StartsWithSegments("/api/v1") || http.Request.Path.StartsWithSegments("/v1")))
        {
            await next(http);
            return;
        }

        if (key.Length > 255 || key.Any(c => c is < '!' or > '~'))
        {
            throw new ProblemException(Problem.Invalid("invalid_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters, such as a UUID."));
        }

        var state = await IdempotencyStore.Begin(current.Db, key, AddressOf(http.Request), await Hash(http), http.RequestAborted);
        if (state.Attempt is { } attempt)
        {
            await RunOnce(http, current.Db, attempt);
        }
        else if (!state.SameRequest)
        {
            throw new ProblemException(new Problem(422, "idempotency_key_reused", "This Idempotency-Key was used for another request.", "Use a new key for each new request."));
        }
        else if (state is { Answer: { } answer, Status: { } status })
        {
            await Replay(http.Response, status, answer, http.RequestAborted);
        }
        else
        {
            throw new ProblemException(new Problem(409, "idempotency_in_flight", "A request with this Idempotency-Key is being worked on.", "Try again in a moment to get its answer.") { RetryAfter = 1 });
        }
    }

    private static async Task Replay(HttpResponse response, int status, KeptAnswer answer, CancellationToken ct)
    {
        response.StatusCode = status;
        response.ContentType = answer.ContentType;
        response.Headers.Location = answer.Location;
        response.Headers.ETag = answer.ETag;
        response.Headers["Idempotent-Replayed"] = "true";
        if (answer.Body.Length > 0)
        {
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, ct);
        }
    }

    private async Task RunOnce(HttpContext http, Db db, Guid attempt)
    {
        var client = http.Response.Body;
        var buffer = new AnswerBuffer(http.Response, client, MaxAnswer);
        http.Response.Body = buffer;
        using var done = new CancellationTokenSource();
        var alive = KeepAlive(db, attempt, done.Token);
        var kept = false;
        try
        {
            try
            {
                await next(http);
            }
            catch (ProblemException refused) when (!http.Response.HasStarted)
            {
                await ProblemWriter.Write(http, refused.Problem);
            }

            await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
            var response = http.Response;
            if (buffer.Held is { } body && IsKept(response.StatusCode))
            {
                // The work is done, so this must not be cut short by a client that went away.
                kept = await IdempotencyStore.Keep(db, attempt, response.StatusCode,
                    new KeptAnswer(response.ContentType, response.Headers.Location, response.Headers.ETag, body), CancellationToken.None) == 1;
            }
        }
        finally
        {
            http.Response.Body = client;
            await done.CancelAsync();
            await alive;
            if (!kept)
            {
                await Forget(db, attempt);
            }
        }

        if (buffer.Held is { Length: > 0 } answer)
        {
            await client.WriteAsync(answer, http.RequestAborted);
        }
    }

    // Signing in, waiting or another's work may change these answers; asking again must be worth it.
    private static bool IsKept(int status) => status is < 500 and not (401 or 403 or 408 or 409 or 423 or 425 or 429);

    private async Task KeepAlive(Db db, Guid attempt, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                await IdempotencyStore.Touch(db, attempt, ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The request has ended.
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException or TimeoutException)
        {
            LogNotTouched(log, fault.Message);
        }
    }

    private async Task Forget(Db db, Guid attempt)
    {
        try
        {
            await IdempotencyStore.Forget(db, attempt, CancellationToken.None);
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException or TimeoutException)
        {
            LogNotForgotten(log, fault.Message);
        }
    }

    // Reads the body to its end, into a file of its own when it is large, and leaves it to be read again.
    private async Task<byte[]> Hash(HttpContext http)
    {
        if (http.Request.ContentLength > MaxBody)
        {
            throw TooLarge();
        }

        var folder = Directory.CreateDirectory(Path.Combine(options.Home, "tmp"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var body = new FileBufferingReadStream(http.Request.Body, 64 * 1024, null, () => folder.FullName);
        http.Response.RegisterForDisposeAsync(body);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(http.Request.QueryString.Value + "\n"));
        var buffer = new byte[32 * 1024];
        var total = 0;
        for (int read; (read = await body.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            total += read;
            if (total > MaxBody)
            {
                throw TooLarge();
            }

            hash.AppendData(buffer, 0, read);
        }

        body.Position = 0;
        http.Request.Body = body;
        return hash.GetHashAndReset();
    }

    private static string AddressOf(HttpRequest request) =>
        request.Path.Value is { Length: <= 1000 } path ? path : throw new ProblemException(Problem.Invalid("malformed_request", "The address is too long."));

    private static ProblemException TooLarge() => new(new Problem(
        413, "idempotency_body_too_large", "With an Idempotency-Key a request can have up to 25 MB.",
        "Leave the key out: uploads of that size need none, since files are recognised by their content."));

    [LoggerMessage(Level = LogLevel.Warning, Message = "An idempotency key in flight could not be renewed: {Reason}")]
    private static partial void LogNotTouched(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An idempotency key could not be given back and stays in flight for two minutes: {Reason}")]
    private static partial void LogNotForgotten(ILogger log, string reason);
}
