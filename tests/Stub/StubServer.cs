using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lyceum.Stub;

/// <summary>What a stub is started with.</summary>
/// <param name="Port">0 takes a free one.</param>
/// <param name="ApiKey">When set, any other key is answered 401. Keys that contain "wrong" are always refused.</param>
/// <param name="Record">Keep requests for inspection; benchmarks turn it off.</param>
public sealed record StubOptions(int Port = 0, string? ApiKey = null, bool Record = true);

/// <summary>
/// A model provider on the loopback interface that speaks OpenAI's and Anthropic's wire formats and misbehaves on command.
/// </summary>
public sealed class StubServer : IAsyncDisposable
{
    private const int RequestsKept = 10_000;
    private readonly WebApplication _app;
    private readonly StubOptions _options;
    private readonly CancellationTokenSource _stopping = new(); // without a timer: nothing to dispose of
    private readonly Lock _lock = new();
    private readonly List<StubRequest> _requests = [];
    private int _count;

    private StubServer(WebApplication app, StubOptions options) => (_app, _options) = (app, options);

    /// <summary>Without a path: http://127.0.0.1:port</summary>
    public Uri BaseUrl { get; private set; } = new("http://127.0.0.1");

    /// <summary>What an OpenAI client takes as its base: BaseUrl/v1</summary>
    public Uri OpenAiUrl => new(BaseUrl, "v1");

    public StubScript Script { get; } = new();

    /// <summary>What arrived so far, oldest first; the newest ten thousand are kept.</summary>
    public IReadOnlyList<StubRequest> Requests
    {
        get { lock (_lock) return [.. _requests]; }
    }

    public StubRequest LastRequest => Requests[^1];

    public static async Task<StubServer> Start(StubOptions? options = null)
    {
        options ??= new();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.Limits.MaxRequestBodySize = 64 << 20;
            kestrel.AddServerHeader = false;
        });
        var app = builder.Build();
        var server = new StubServer(app, options);
        app.Run(server.Handle);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.BaseUrl = new Uri(address);
        return server;
    }

    /// <summary>Deterministic vectors: the same as the server's for the same text.</summary>
    public static float[] Embeddings(string text, int dimension = StubVectors.DefaultDimension) => StubVectors.Of(text, dimension);

    public void Forget()
    {
        lock (_lock) _requests.Clear();
    }

    public Task WaitForShutdown() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task Handle(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (path.StartsWith("/_", StringComparison.Ordinal))
        {
            await ControlWire.Answer(http, this);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping.Token);
        // Bytes of a form stay bytes, one character each.
        using var reader = new StreamReader(http.Request.Body, AudioWire.IsForm(http) ? System.Text.Encoding.Latin1 : System.Text.Encoding.UTF8);
        var body = await reader.ReadToEndAsync(ending.Token);
        var request = Register(http, body);
        using var gone = http.RequestAborted.Register(() => request.Finish(StubEnd.CancelledByClient));
        try
        {
            await Answer(http, path, request, ending.Token);
            await http.Response.CompleteAsync();
            request.Finish(StubEnd.Answered);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            request.Finish(StubEnd.CancelledByClient);
        }
    }

    private async Task Answer(HttpContext http, string path, StubRequest request, CancellationToken ct)
    {
        var route = Routes.Of(path);
        var behaviour = Script.For(route, request.Model);
        var exchange = new Exchange(http, request, behaviour, () => Script.IsHeld(request.Model), ct);
        var refusal = Refusals.For(request, behaviour, route, path, _options.ApiKey);
        if (refusal is null && behaviour.Fault == StubFault.Silence) await exchange.Silence();
        await exchange.Pause(behaviour.HeaderDelayMs);
        if (refusal is not null)
        {
            await Refusals.Write(exchange, refusal);
            return;
        }

        switch (behaviour.Fault)
        {
            case StubFault.Refuse:
                exchange.Cut();
                return;
            case StubFault.Garbage:
                await exchange.WriteRaw("application/json", "<html><body>502 Bad Gateway</body></html>");
                return;
            case StubFault.EmptyObject:
                await exchange.Write(200, new { });
                return;
        }

        exchange.Header("x-request-id", $"req_{request.Number:D8}");
        await (Routes.Name(path) switch
        {
            "chat/completions" => OpenAiWire.Chat(exchange),
            "embeddings" => EmbeddingsWire.Answer(exchange),
            "rerank" => RerankWire.Answer(exchange),
            "audio/transcriptions" => AudioWire.Answer(exchange),
            "messages" => AnthropicWire.Messages(exchange),
            "messages/count_tokens" => AnthropicWire.CountTokens(exchange),
            _ => Routes.Models(exchange),
        });
    }

    private StubRequest Register(HttpContext http, string body)
    {
        var request = new StubRequest
        {
            Number = Interlocked.Increment(ref _count),
            Method = http.Request.Method,
            Path = http.Request.Path + http.Request.QueryString.Value,
            Headers = http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal),
            Body = body,
            Model = AudioWire.IsForm(http) ? AudioWire.Field(body, "model") : ModelOf(http.Request.Path, body),
        };
        if (!_options.Record) return request;
        lock (_lock)
        {
            if (_requests.Count == RequestsKept) _requests.RemoveAt(0);
            _requests.Add(request);
        }

        return request;
    }

    // Azure's older addresses carry the model in the path.
    private static string? ModelOf(PathString path, string body)
    {
        try
        {
            if (body.Length > 0 && JsonNode.Parse(body)?["model"] is JsonValue value && value.TryGetValue<string>(out var model)) return model;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        var parts = path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(parts, "deployments");
        return at >= 0 && at + 1 < parts.Length ? parts[at + 1] : null;
    }
}
