using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Stub;

/// <summary>
/// The script over HTTP, for other processes.
/// POST /_script {"next":[behaviour], "models":{"name":behaviour}, "default":behaviour}; DELETE /_script; GET and DELETE /_requests.
/// </summary>
internal static class ControlWire
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static async Task Answer(HttpContext http, StubServer server)
    {
        switch (http.Request.Method, http.Request.Path.Value)
        {
            case ("GET", "/_script"):
                await http.Response.WriteAsJsonAsync(new { waiting = server.Script.Waiting, @default = server.Script.Default }, Json, http.RequestAborted);
                return;
            case ("POST", "/_script"):
                await Apply(http, server.Script);
                return;
            case ("DELETE", "/_script"):
                server.Script.Reset();
                break;
            case ("GET", "/_requests"):
                await http.Response.WriteAsJsonAsync(server.Requests.Select(r => new { r.Number, r.Method, r.Path, r.Model, r.Headers, r.Body, r.TokensSent, r.End }), Json, http.RequestAborted);
                return;
            case ("DELETE", "/_requests"):
                server.Forget();
                break;
            default:
                http.Response.StatusCode = 404;
                return;
        }

        http.Response.StatusCode = 204;
    }

    private static async Task Apply(HttpContext http, StubScript script)
    {
        ScriptBody? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<ScriptBody>(http.Request.Body, Json, http.RequestAborted);
        }
        catch (JsonException e)
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsync(e.Message, http.RequestAborted);
            return;
        }

        if (body?.Default is { } standard) script.Default = standard;
        foreach (var (model, behaviour) in body?.Models ?? []) script.ForModel(model, behaviour);
        script.Next([.. body?.Next ?? []]);
        http.Response.StatusCode = 204;
    }

    private sealed record ScriptBody(List<StubBehaviour>? Next, Dictionary<string, StubBehaviour>? Models, StubBehaviour? Default);
}
