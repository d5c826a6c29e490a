using System.Net;
using Lyceum.Stub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Bench.Floors;

/// <summary>
/// The simplest correct programs that do the same bytes: a proxy, a proxy that keeps the message first, a server that only says hello,
/// and the model provider behind them. Each prints its address on its first line and serves until it is stopped.
/// </summary>
internal static class TinyPrograms
{
    public static Task<int> Run(string kind, string[] args) => kind switch
    {
        "stub" => Provider(),
        "minimal" => Minimal(),
        "proxy" => Proxy(args[0], null),
        "turn" => Proxy(args[0], args[1]),
        "row" => OneRow(args[0]),
        _ => Task.FromResult(2),
    };

    private static async Task<int> Provider()
    {
        await using var stub = await StubServer.Start(new StubOptions(Record: false));
        stub.Script.ForModel("bench-chat", new StubBehaviour { Tokens = 8 });
        stub.Script.ForModel("bench-embed", new StubBehaviour { HeaderDelayMs = 2 });
        Console.WriteLine(stub.BaseUrl.ToString().TrimEnd('/'));
        await stub.WaitForShutdown();
        return 0;
    }

    private static async Task<int> Minimal()
    {
        await using var app = Build();
        app.MapGet("/hello", () => "hello");
        return await Serve(app);
    }

    /// <summary>Reads a collection by its id and writes the row as JSON, for whoever asks.</summary>
    private static async Task<int> OneRow(string database)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { NoResetOnClose = true, MaxPoolSize = 24 }.ConnectionString);
        await using var app = Build();
        app.MapGet("/api/v1/knowledge/collections/{id:guid}", async (Guid id, HttpContext http) =>
        {
            await using var read = source.CreateCommand("select row_to_json(c)::text from knowledge.collections c where c.id = $1 and c.deleted_at is null");
            read.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            var row = await read.ExecuteScalarAsync(http.RequestAborted) as string;
            return row is null ? Results.NotFound() : Results.Text(row, "application/json");
        });
        return await Serve(app);
    }

    /// <summary>Copies request and response, piece by piece. With a database it first keeps the request: one round trip, one commit.</summary>
    private static async Task<int> Proxy(string upstream, string? database)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await using var source = database is null ? null : NpgsqlDataSource.Create(database);
        await using var app = Build();
        app.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            if (source is not null)
            {
                using var reader = new StreamReader(http.Request.Body);
                var body = await reader.ReadToEndAsync(http.RequestAborted);
                await using var keep = source.CreateCommand("insert into bench.messages (content) values ($1)");
                keep.Parameters.Add(new NpgsqlParameter<string> { TypedValue = body });
                await keep.ExecuteNonQueryAsync(http.RequestAborted);
                using var kept = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
                await Relay(http, client, upstream, kept);
                return;
            }

            using var content = new StreamContent(http.Request.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", http.Request.ContentType);
            await Relay(http, client, upstream, content);
        });
        return await Serve(app);
    }

    private static async Task Relay(HttpContext http, HttpClient client, string upstream, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, upstream + "/v1/chat/completions") { Content = content };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)response.StatusCode;
        http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await using var from = await response.Content.ReadAsStreamAsync(http.RequestAborted);
        var buffer = new byte[16 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder.Build();
    }

    private static async Task<int> Serve(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()); // it was started
        await app.WaitForShutdownAsync();
        return 0;
    }
}
