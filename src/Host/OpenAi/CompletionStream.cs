using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>
/// A chat completion as a stream of server-sent events, exactly as the official clients expect it: a role first, one line of JSON per event,
/// usage only when asked for, [DONE] last. The answer's status is decided by the first write; until then an error can still be a status.
/// </summary>
internal sealed class CompletionStream(HttpContext http, CompletionHead head, bool includeUsage) : IDisposable
{
    private static readonly byte[] Data = "data: "u8.ToArray(), End = "\n\n"u8.ToArray(), Heartbeat = ": ping\n\n"u8.ToArray(), Last = "data: [DONE]\n\n"u8.ToArray();
    private readonly Utf8JsonWriter _json = new(Stream.Null, OpenAiJson.Writer);
    private int _calls;
    private bool _said;

    /// <summary>Headers are out.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>A tool call was sent.</summary>
    public bool CalledTools => _calls > 0;

    public ValueTask Text(string text) => Delta(json => json.WriteString("content", text));

    public ValueTask Reasoning(string text) => Delta(json => json.WriteString("reasoning_content", text));

    public ValueTask Refusal(string text) => Delta(json => json.WriteString("refusal", text));

    /// <summary>A tool call in two fragments: the first says which, the second with what.</summary>
    public async ValueTask ToolCall(FunctionCallContent call)
    {
        var index = _calls++;
        await Delta(json => Fragment(json, index, () =>
        {
            json.WriteString("id", call.CallId);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", "");
            json.WriteEndObject();
        }));
        await Delta(json => Fragment(json, index, () =>
        {
            json.WriteStartObject("function");
            json.WriteString("arguments", CompletionJson.ArgumentsOf(call));
            json.WriteEndObject();
        }));
    }

    /// <summary>The last chunk of the answer; <paramref name="more"/> adds members to its delta, such as annotations.</summary>
    public ValueTask Finish(string reason, Action<Utf8JsonWriter>? more = null) => Delta(more ?? (static _ => { }), reason);

    /// <summary>Usage if it was asked for, then the end.</summary>
    public async ValueTask Done(UsageDetails? usage)
    {
        if (includeUsage)
        {
            await Chunk(json =>
            {
                json.WriteStartArray("choices");
                json.WriteEndArray();
                CompletionJson.Usage(json, usage ?? new UsageDetails());
            });
        }

        await Raw(Last);
    }

    /// <summary>An error in the middle; the stream ends with it.</summary>
    public ValueTask Error(OpenAiError error) => Event(json => OpenAiJson.Write(json, error));

    /// <summary>A comment that keeps proxies from closing a quiet connection.</summary>
    public async ValueTask Ping()
    {
        Start();
        await Raw(Heartbeat);
    }

    public void Dispose() => _json.Dispose();

    private async ValueTask Delta(Action<Utf8JsonWriter> write, string? finish = null)
    {
        if (!_said)
        {
            _said = true;
            await Choice(json =>
            {
                json.WriteString("role", "assistant");
                json.WriteString("content", "");
            }, null);
        }

        await Choice(write, finish);
    }

    private ValueTask Choice(Action<Utf8JsonWriter> delta, string? finish) => Chunk(json =>
    {
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finish);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage)
        {
            json.WriteNull("usage");
        }
    });

    private ValueTask Chunk(Action<Utf8JsonWriter> write) => Event(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", head.Id);
        json.WriteString("object", "chat.completion.chunk");
        json.WriteNumber("created", head.Created);
        json.WriteString("model", head.Model);
        write(json);
        json.WriteEndObject();
    });

    private async ValueTask Event(Action<Utf8JsonWriter> write)
    {
        Start();
        var body = http.Response.BodyWriter;
        Append(Data);
        _json.Reset(body);
        write(_json);
        _json.Flush();
        Append(End);
        await body.FlushAsync(CancellationToken.None);
    }

    private async ValueTask Raw(byte[] bytes)
    {
        Append(bytes);
        await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    private void Append(byte[] bytes)
    {
        var body = http.Response.BodyWriter;
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
    }

    private void Start()
    {
        if (HasStarted)
        {
            return;
        }

        HasStarted = true;
        var response = http.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private static void Fragment(Utf8JsonWriter json, int index, Action write)
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", index);
        write();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
