using System.Globalization;
using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Chat;

/// <summary>HTTP door of the runs that write answers: reading them as they come, from any place, and stopping them. Only the person who asked may.</summary>
internal static class RunEndpoints
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static void MapRuns(this RouteGroupBuilder chat)
    {
        chat.MapGet("/runs/{id:guid}/events", Events).Needs("chat.conversations.use").WithName("readRun");
        chat.MapPost("/runs/{id:guid}/cancel", Cancel).Needs("chat.conversations.use").WithName("cancelRun");
    }

    private static async Task Events(Guid id, long? starting_after, Caller caller, Db db, RunEventReader reader, Stay stay, TimeProvider clock, HttpContext http, CancellationToken ct)
    {
        await Own(db, caller, id, ct);
        // The run goes on when its reader goes away.
        // A browser that reconnects repeats the address it began with and adds where it got to.
        var after = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;
        after = Math.Max(Math.Max(after, starting_after ?? 0), 0);

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.StartAsync(ct);
        await http.Response.Body.FlushAsync(ct);
        await stay.While("chat.conversations.use", until => Tell(id, after, db, reader, clock, http, until), ct);
    }

    private static async Task Tell(Guid id, long after, Db db, RunEventReader reader, TimeProvider clock, HttpContext http, CancellationToken ct)
    {
        using var gate = new SemaphoreSlim(1);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pings = Ping(http.Response, gate, clock, ended.Token);
        try
        {
            await foreach (var entry in reader.Read(db, id, after, ct))
            {
                await Write(http.Response, gate, $"id: {entry.Seq}\nevent: {entry.Type}\ndata: {entry.Payload.GetRawText()}\n\n", ct);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await pings.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Proxies close what stays silent.
    private static async Task Ping(HttpResponse response, SemaphoreSlim gate, TimeProvider clock, CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(Heartbeat, clock, ct);
            await Write(response, gate, ": ping\n\n", ct);
        }
    }

    private static async Task Write(HttpResponse response, SemaphoreSlim gate, string text, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await response.WriteAsync(text, ct);
        }
        finally
        {
            gate.Release();
        }
    }

    private static async Task<Accepted> Cancel(Guid id, Caller caller, Db db, RunEngine engine, CancellationToken ct)
    {
        await Own(db, caller, id, ct);
        await engine.Cancel(db, id, ct);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task Own(Db db, Caller caller, Guid run, CancellationToken ct)
    {
        if ((await RunDirectory.Find(db, run, ct))?.UserId != caller.UserId)
        {
            throw new ProblemException(Problem.NotFound("run"));
        }
    }
}
