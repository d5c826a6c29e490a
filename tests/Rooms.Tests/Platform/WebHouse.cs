using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>A small server with the platform's request pipeline on a real Kestrel; the header X-Test-User stands for the door.</summary>
public sealed class WebHouse : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebHouse(WebApplication app, LogList logs) => (_app, Logs, Client) = (app, logs, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });

    public HttpClient Client { get; }

    public LogList Logs { get; }

    public static async Task<WebHouse> Open(TestDatabase? database, TemporaryHome home, Action<WebApplication> map, Action<IServiceCollection>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var logs = new LogList();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Services.AddSingleton(new PlatformOptions { Home = home.Path }).AddSingleton(TimeProvider.System).AddScoped<CurrentDb>();
        builder.Services.AddRequestPipeline();
        builder.Services.ConfigureHttpJsonOptions(json => LyceumJson.Strict(json.SerializerOptions));
        add?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseCorrelation();
        app.UseRefusedBodies();
        app.UseLyceumProblems();
        app.UseRouting();
        app.Use(async (http, next) =>
        {
            if (database is not null && http.Request.Headers["X-Test-User"].ToString() is { Length: > 0 } user)
            {
                var actor = new Actor(new Guid(user), null, "test", "api", CorrelationId: http.TraceIdentifier);
                http.RequestServices.GetRequiredService<CurrentDb>().Set(database.Databases.For(TestDatabase.Ours, actor));
            }

            await next(http);
        });
        app.UseIdempotency();
        map(app);
        await app.StartAsync();
        return new WebHouse(app, logs);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Logs.Dispose();
    }

    /// <summary>Status and parsed body of an answer.</summary>
    public static async Task<(int Status, JsonElement Body)> Read(HttpResponseMessage answer) =>
        ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
}

/// <summary>Everything that was logged at Warning or above, as text with its scopes.</summary>
public sealed class LogList : ILoggerProvider, ISupportExternalScope
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();
    private IExternalScopeProvider? _scopes;

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Log(this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Log(LogList list) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var scopes = new List<string?>();
            list._scopes?.ForEachScope((scope, all) => all.Add(scope?.ToString()), scopes);
            list._lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception} [{string.Join(' ', scopes)}]");
        }
    }
}
