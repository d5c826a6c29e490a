using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lyceum.Host.Cli;

/// <summary>
/// The HTTP API as the command line uses it. Connection faults, 429 and 503 are tried again a few times, honouring
/// Retry-After; every request that creates carries an Idempotency-Key, so that a repeat does nothing twice. What remains
/// becomes <see cref="CommandFailed"/>.
/// </summary>
internal sealed class ApiClient(HttpClient http, Profile profile, TimeProvider time) : IDisposable
{
    private const int AttemptsMax = 4;
    private const int AnswerBytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    public static ApiClient Open(Profile profile, TimeProvider time)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        // Uploads and answers take as long as they take; ConnectTimeout and Ctrl-C are the bounds.
        return new ApiClient(new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = AnswerBytesMax }, profile, time);
    }

    public Uri Url => profile.Url;

    public Task<T> Get<T>(string path, JsonTypeInfo<T> answer, CancellationToken ct) => Ask(HttpMethod.Get, path, () => null, answer, ct);

    public Task<TAnswer> Post<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> sent, JsonTypeInfo<TAnswer> answer, CancellationToken ct)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, sent);
        return Ask(HttpMethod.Post, path, () => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, answer, ct);
    }

    /// <summary>Posts a body that is made anew for each attempt, such as open files.</summary>
    public Task<T> Post<T>(string path, Func<HttpContent> body, JsonTypeInfo<T> answer, CancellationToken ct) => Ask(HttpMethod.Post, path, body, answer, ct);

    /// <summary>Posts without a body and without waiting for more than the status; used to say a last word.</summary>
    public async Task Tell(string path, CancellationToken ct)
    {
        using var response = await Send(HttpMethod.Post, path, () => null, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    /// <summary>An open answer to be read as it comes; the caller disposes of it.</summary>
    public Task<HttpResponseMessage> Stream(string path, CancellationToken ct) =>
        Send(HttpMethod.Get, path, () => null, HttpCompletionOption.ResponseHeadersRead, ct);

    public void Dispose() => http.Dispose();

    private async Task<T> Ask<T>(HttpMethod method, string path, Func<HttpContent?> body, JsonTypeInfo<T> answer, CancellationToken ct)
    {
        using var response = await Send(method, path, body, HttpCompletionOption.ResponseContentRead, ct);
        try
        {
            await using var content = await response.Content.ReadAsStreamAsync(ct);
            return await JsonSerializer.DeserializeAsync(content, answer, ct) ?? throw new JsonException("null");
        }
        catch (JsonException broken)
        {
            throw new CommandFailed(ExitCode.ServerError, "bad_answer", $"{profile.Url} gave an answer to {path} that is not Lyceum's. Is LYCEUM_URL right?", broken);
        }
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, Func<HttpContent?> body, HttpCompletionOption completion, CancellationToken ct)
    {
        var idempotencyKey = Guid.NewGuid().ToString();
        for (var attempt = 1; ; attempt++)
        {
            HttpResponseMessage response;
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(profile.Url, path)) { Content = body() };
                if (profile.ApiKey is not null)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", profile.ApiKey);
                }

                if (method == HttpMethod.Post)
                {
                    request.Headers.Add("Idempotency-Key", idempotencyKey);
                }

                response = await http.SendAsync(request, completion, ct);
            }
            catch (HttpRequestException fault)
            {
                if (attempt == AttemptsMax)
                {
                    throw new CommandFailed(
                        ExitCode.Unreachable, "unreachable", $"{profile.Url} cannot be reached ({fault.Message}). Start it with ./run, or set LYCEUM_URL.", fault);
                }

                await Task.Delay(Pause(attempt, null), time, ct);
                continue;
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && attempt < AttemptsMax)
                {
                    await Task.Delay(Pause(attempt, RetryAfter(response)), time, ct);
                    continue;
                }

                throw await Refusal(response, ct);
            }
        }
    }

    /// <summary>How long to wait before the next attempt: what the server asks for, else doubling from a quarter of a second.</summary>
    internal static TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        var pause = asked is { Ticks: > 0 } wish ? wish : TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt - 1));
        return pause < PauseMax ? pause : PauseMax;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private async Task<CommandFailed> Refusal(HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        ProblemBody? problem = null;
        try
        {
            await using var content = await response.Content.ReadAsStreamAsync(ct);
            problem = await JsonSerializer.DeserializeAsync(content, CliJson.Default.ProblemBody, ct);
        }
        catch (JsonException)
        {
            // Not Lyceum, or something in between: the status says what there is to say.
        }

        var said = problem?.Detail ?? problem?.Title ?? $"The server answered {status} {response.ReasonPhrase}.";
        if (status == 401)
        {
            said += profile.ApiKey is null
                ? " Set LYCEUM_API_KEY, or start the server with ./run, which leaves a key for this machine."
                : " The key is not valid here: make another one in the settings, and set LYCEUM_API_KEY.";
        }

        return new CommandFailed(ExitCode.Of(status), problem?.Code ?? $"http_{status}", problem?.Hint is { } hint ? $"{said} {hint}" : said);
    }
}
