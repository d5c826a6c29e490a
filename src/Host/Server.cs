using Lyceum.Agents;
using Lyceum.Host.Audit;
using Lyceum.Chat;
using Lyceum.Connect;
using Lyceum.Host.OpenAi;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Knowledge.Reading;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http.Json;

namespace Lyceum.Host;

/// <summary>The server: one process that serves the API and the UI and runs the background work.</summary>
public static class Server
{
    /// <summary>Builds the server from LYCEUM_* variables; <see cref="SettingException"/> names a bad one.</summary>
    public static WebApplication Build(string[] args, Func<string, string?> variable)
    {
        var options = PlatformOptions.From(variable);
        var host = HostOptions.From(variable);
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(host.Bind, host.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 30 * 1024 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        });
        // They would write down addresses with their queries and the names of files: what people look for, and the secrets of links they open.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Http.Result", LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(hosting => hosting.ShutdownTimeout = TimeSpan.FromSeconds(15));
        builder.Services.AddRouting();
        builder.Services.AddSingleton(host);
        builder.Services.AddPlatform(options)
            .AddIam()
            .AddFederation(FederationOptions.From(variable))
            .AddMail(MailOptions.Read(variable))
            .AddMetering()
            .AddModels(ModelsOptions.From(variable))
            .AddKnowledge(KnowledgeOptions.From(variable), ReaderCommand.ThisProgram())
            .AddConnect()
            .AddAgents()
            .AddChat()
            .AddOpenAi()
            .AddLyceumTelemetry(variable);
        builder.Services.AddLyceumOpenApi();
        builder.Services.AddProblemDetails();
        builder.Services.AddHostedService<Bootstrap>();
        builder.Services.Configure<JsonOptions>(json => LyceumJson.Strict(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);

        var app = builder.Build();
        app.UseTrustedProxies(TrustedProxies.From(variable));
        app.UseCorrelation();
        app.UseRefusedBodies();
        app.UseLyceumProblems();
        app.UseSecurityHeaders();
        app.UseUi(host.UiFolder);
        app.UseRouting();
        app.UseOpenAi();
        app.UseCrossOrigin();
        app.UseScim();
        app.UseDoor();
        app.UseLimits();
        app.UseIdempotency();
        app.MapIam();
        app.MapMetering();
        app.MapModels();
        app.MapKnowledge();
        app.MapConnect();
        app.MapAgents();
        app.MapChat();
        app.MapOpenAi();
        app.MapHost();
        app.MapAudit();
        app.MapJobs();
        app.MapAlerts();
        app.MapStorage();
        app.MapHealth(Migration.Of(Rooms.BottomToTop));
        return app;
    }

    /// <summary>Serves until stopped. Returns the exit code of the process.</summary>
    public static async Task<int> Run(string[] args, CancellationToken ct)
    {
        try
        {
            await using var app = Build(args, Environment.GetEnvironmentVariable);
            await app.RunAsync(ct);
            return 0;
        }
        catch (SettingException bad)
        {
            await Console.Error.WriteLineAsync(bad.Message);
            return 2;
        }
    }
}
