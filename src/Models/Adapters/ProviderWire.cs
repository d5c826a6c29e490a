using System.Globalization;
using System.Text;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>
/// Carries an SDK's requests over the HttpClient we were given, so that the egress guard sees them all,
/// and turns refusals into <see cref="ProviderException"/> before the SDK can wrap them in its own words.
/// </summary>
internal sealed class ProviderWire(HttpClient http, ModelEndpoint endpoint, ProviderLimits limits, TimeProvider time) : HttpMessageHandler
{
    private const int ErrorBytesMax = 64 << 10;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(Copy(request), HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException e)
        {
            throw ProviderFaults.FromConnection(e, endpoint);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw ProviderFaults.TimedOut(endpoint, http.Timeout, "answer", afterFirstToken: false);
        }

        if (response.IsSuccessStatusCode)
        {
            var body = await response.Content.ReadAsStreamAsync(ct);
            var bounded = new StreamContent(new BoundedStream(body, limits.ResponseBytesMax));
            foreach (var header in response.Content.Headers) bounded.Headers.TryAddWithoutValidation(header.Key, header.Value);
            response.Content = bounded;
            return response;
        }

        using (response)
            throw ProviderFaults.FromStatus(endpoint, (int)response.StatusCode, await Beginning(response.Content, ct), RetryAfter(response, time));
    }

    /// <summary>Milliseconds are read first, as the official SDKs do; then seconds or a date.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        if (response.Headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.FirstOrDefault(), NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) && ms is >= 0 and < 86_400_000)
            return TimeSpan.FromMilliseconds(ms);
        var after = response.Headers.RetryAfter;
        if (after?.Delta is { } delta) return delta;
        return after?.Date is { } date && date > time.GetUtcNow() ? date - time.GetUtcNow() : null;
    }

    // A message can be sent by one HttpClient only, and the SDK's has already marked it.
    private HttpRequestMessage Copy(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content, Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach (var header in request.Headers) copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        if (endpoint is { Kind: "anthropic", ApiVersion: { Length: > 0 } version })
        {
            copy.Headers.Remove("anthropic-version"); // its SDK lets nobody choose the version
            copy.Headers.TryAddWithoutValidation("anthropic-version", version);
        }

        return copy;
    }

    private static async Task<string> Beginning(HttpContent content, CancellationToken ct)
    {
        try
        {
            await using var stream = await content.ReadAsStreamAsync(ct);
            var buffer = new byte[ErrorBytesMax];
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return ""; // the status says enough
        }
    }
}

/// <summary>Reads through, refuses a body that grows past its limit, and breaks the connection when it is closed before its end.</summary>
internal sealed class BoundedStream(Stream inner, long bytesMax) : ReadStream
{
    private readonly byte[] _rest = new byte[4096];
    private long _read;
    private bool _closed;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await inner.ReadAsync(buffer, cancellationToken));

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            if (!_ended) BreakOff();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Closing alone would let the handler read on for two seconds to save the connection, and the model talk on at our cost.
    // A read that is cancelled while it waits closes the connection at once; what is buffered is read away first.
    private void BreakOff()
    {
        using var stop = new CancellationTokenSource();
        try
        {
            for (var i = 0; i < 64; i++)
            {
                var read = inner.ReadAsync(_rest, stop.Token);
                if (read is { IsCompletedSuccessfully: true, Result: > 0 }) continue;
                stop.Cancel();
                _ = read.AsTask().ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _ended = true; // already broken
        }
    }

    private int Count(int read)
    {
        _read += read;
        _ended |= read == 0;
        return _read <= bytesMax ? read : throw new ProviderException(ProviderError.BadResponse, $"The provider's answer is larger than {bytesMax >> 20} MiB and was cut off.");
    }
}
