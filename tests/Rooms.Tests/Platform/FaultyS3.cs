using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>How one answer goes wrong.</summary>
internal sealed record S3Fault
{
    /// <summary>Answered instead of the server, which hears nothing.</summary>
    public (int Status, string Code)? Refuse { get; init; }

    /// <summary>The connection is cut after so many bytes of the answer; 0 leaves no answer to what was done.</summary>
    public long? CutAfter { get; init; }

    /// <summary>The length told of an object, whatever it is.</summary>
    public long? Length { get; init; }
}

/// <summary>Stands between us and an S3 server, and misbehaves as told: once for each fault in the list, or for every request that matches.</summary>
internal sealed class FaultyS3 : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly Uri _server;

    private FaultyS3(WebApplication app, Uri server) => (_app, _server) = (app, server);

    public Uri Address { get; private set; } = null!; // set by Start

    /// <summary>What happens to a request; null for nothing.</summary>
    public Func<HttpRequest, S3Fault?> Misbehave { get; set; } = _ => null;

    public static async Task<FaultyS3> Start(Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var faulty = new FaultyS3(app, server);
        app.Run(faulty.Pass);
        await app.StartAsync();
        faulty.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()); // it has started
        return faulty;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task Pass(HttpContext http)
    {
        var fault = Misbehave(http.Request);
        if (fault?.Refuse is var (status, code))
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/xml";
            await http.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>As told.</Message></Error>", http.RequestAborted);
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(_server, http.Features.Get<IHttpRequestFeature>()!.RawTarget)); // every request has one
        request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, values.ToArray()) || request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        var bytes = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        if (fault?.CutAfter == 0)
        {
            await bytes.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Abort();
            return;
        }

        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection")))
        {
            http.Response.Headers[name] = values.ToArray();
        }

        if (fault?.Length is { } length)
        {
            http.Response.ContentLength = length;
            return;
        }

        if (fault?.CutAfter is { } most)
        {
            var part = new byte[most];
            await bytes.ReadExactlyAsync(part, http.RequestAborted);
            await http.Response.Body.WriteAsync(part, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            http.Abort();
            return;
        }

        await bytes.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
