using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lyceum.Rooms.Tests.Platform.Alerts;

/// <summary>A request as it arrived.</summary>
public sealed record Arrived(string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A receiver of webhooks on loopback that keeps what it gets, answers 200, and misbehaves on command.</summary>
public sealed class AlertReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Arrived> _arrived = new();
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _next = new();

    private AlertReceiver(WebApplication app) => _app = app;

    public IReadOnlyList<Arrived> All => [.. _arrived];

    /// <summary>What it does when nothing else was said.</summary>
    public int Status { get; set; } = 200;

    public string Url => _app.Urls.First();

    public static async Task<AlertReceiver> Open()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new AlertReceiver(app);
        app.Run(receiver.Take);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>What it does with the next requests, one each, after it kept them.</summary>
    public void Next(params Func<HttpContext, Task>[] answers)
    {
        foreach (var answer in answers)
        {
            _next.Enqueue(answer);
        }
    }

    public static Func<HttpContext, Task> Says(int status, string? location = null) => http =>
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Location = location;
        return Task.CompletedTask;
    };

    public static Task HangsUp(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    public static async Task SaysNothing(HttpContext http) =>
        await Task.Delay(TimeSpan.FromSeconds(60), http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task Take(HttpContext http)
    {
        using var body = new StreamReader(http.Request.Body);
        var text = await body.ReadToEndAsync(http.RequestAborted);
        _arrived.Enqueue(new Arrived(http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), text));
        if (_next.TryDequeue(out var answer))
        {
            await answer(http);
            return;
        }

        http.Response.StatusCode = Status;
    }
}
