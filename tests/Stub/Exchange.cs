using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Stub;

/// <summary>One request being answered: what came in, how to behave, and the ways to write or to break off.</summary>
internal sealed class Exchange(HttpContext http, StubRequest request, StubBehaviour behaviour, Func<bool> isHeld, CancellationToken ct)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.Never };

    public StubRequest Request => request;

    public StubBehaviour Behaviour => behaviour;

    public string Path => http.Request.Path.Value ?? "";

    public CancellationToken Ct => ct;

    public async Task Write(int status, object body)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(body, Json, "application/json", ct);
    }

    public async Task WriteRaw(string contentType, string body)
    {
        http.Response.ContentType = contentType;
        await http.Response.WriteAsync(body, ct);
    }

    public void Header(string name, string value) => http.Response.Headers[name] = value;

    public async Task OpenStream()
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.StartAsync(ct);
        await http.Response.Body.FlushAsync(ct);
    }

    /// <summary>One server-sent event; the JSON is on one line because decoders work by line.</summary>
    public async Task Event(object data, string? name = null)
    {
        var line = data as string ?? JsonSerializer.Serialize(data, Json);
        await http.Response.WriteAsync(name is null ? $"data: {line}\n\n" : $"event: {name}\ndata: {line}\n\n", ct);
        await http.Response.Body.FlushAsync(ct);
    }

    public async Task Comment(string text)
    {
        await http.Response.WriteAsync($": {text}\n\n", ct);
        await http.Response.Body.FlushAsync(ct);
    }

    public void Cut()
    {
        request.Finish(StubEnd.Broken);
        http.Abort();
    }

    /// <summary>Waits until the client gives up or the stub is stopped.</summary>
    public Task Silence() => Task.Delay(Timeout.Infinite, ct);

    public Task Pause(int milliseconds) => milliseconds > 0 ? Task.Delay(milliseconds, ct) : Task.CompletedTask;

    /// <summary>What passes between two tokens of a stream.</summary>
    public async Task BetweenTokens()
    {
        if (request.TokensSent > 0) await Pause(behaviour.TokenDelayMs);
        while (behaviour.HoldAfterTokens <= request.TokensSent && isHeld()) await Pause(20);
    }

    /// <summary>True when the fault was played and nothing more is to be sent.</summary>
    public async Task<bool> BrokeInStream(int tokensSent, Func<Task> errorEvent)
    {
        if (behaviour.Fault == StubFault.None || tokensSent < behaviour.FaultAfterTokens) return false;
        switch (behaviour.Fault)
        {
            case StubFault.ErrorEvent:
                await errorEvent();
                request.Finish(StubEnd.Broken);
                return true;
            case StubFault.EarlyEnd:
                request.Finish(StubEnd.Broken);
                return true;
            case StubFault.MalformedChunk:
                await Event("{\"choices\":[{\"delta\":{\"content\":", Routes.Name(Path) == "messages" ? "content_block_delta" : null);
                request.Finish(StubEnd.Broken);
                return true;
            case StubFault.Stall:
                await Silence();
                return true;
            case StubFault.HeartbeatsOnly:
                while (true)
                {
                    await Comment("ping");
                    await Pause(20);
                }

            default:
                // A reset throws away what the client's kernel has not handed over yet; let it read the tokens first.
                await Pause(50);
                Cut();
                return true;
        }
    }

    /// <summary>The text of a message content, be it a string or a list of parts.</summary>
    public static string TextOf(JsonNode? content) => content switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonArray parts => string.Join('\n', parts.Select(part => part?["text"] is JsonValue v && v.TryGetValue<string>(out var t) ? t : TextOf(part?["content"])).Where(t => t.Length > 0)),
        _ => "",
    };
}
