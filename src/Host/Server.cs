namespace Lyceum.Host;

/// <summary>The server process: everything that listens and works in the background.</summary>
public static class Server
{
    public static async Task<int> Run(string[] args, CancellationToken ct)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("LYCEUM_PORT") ?? "8080"}");
        await using var app = builder.Build();
        app.MapGet("/healthz/ready", () => Results.Ok(new { status = "ready" }));
        await app.StartAsync(ct);
        await app.WaitForShutdownAsync(ct);
        return 0;
    }
}
