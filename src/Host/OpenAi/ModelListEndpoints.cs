using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>A model as /v1/models lists it.</summary>
internal sealed record ListedModel(string Id, long Created, string OwnedBy);

/// <summary>GET /v1/models and /v1/models/{id}: what this key may use, and nothing else.</summary>
internal static class ModelListEndpoints
{
    public static void MapModelList(this RouteGroupBuilder v1)
    {
        v1.MapGet("/models", List).Needs("models.models.use").WithName("listOpenAiModels").ForKeys("chat");
        // Ids hold slashes and colons; clients send them encoded or not.
        v1.MapGet("/models/{**id}", Get).Needs("models.models.use").WithName("getOpenAiModel").ForKeys("chat");
    }

    private static async Task List(HttpContext http, Db db, Caller caller, ModelDirectory directory, AgentCompletions agents, CancellationToken ct)
    {
        var listed = await agents.List(db, caller, ct);
        var raw = await RawModels.All(directory, db, caller, ct);
        await Write(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var model in listed.Concat(raw.Select(Of)))
            {
                Write(json, model);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }, ct);
    }

    private static async Task Get(string id, HttpContext http, Db db, Caller caller, ModelDirectory directory, AgentCompletions agents, CancellationToken ct)
    {
        var name = Uri.UnescapeDataString(id);
        var model = AgentCompletions.Owns(name)
            ? await agents.Find(db, caller, name, ct) ?? throw new OpenAiException(OpenAiError.NoSuchModel(name))
            : Of(await RawModels.Find(directory, db, caller, name, ct));
        await Write(http, json => Write(json, model), ct);
    }

    private static ListedModel Of(ModelInfo model) => new(model.Name, model.CreatedAt.ToUnixTimeSeconds(), model.IsBuiltin ? "lyceum" : model.ProviderKind);

    private static void Write(Utf8JsonWriter json, ListedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Created);
        json.WriteString("owned_by", model.OwnedBy);
        json.WriteEndObject();
    }

    private static async Task Write(HttpContext http, Action<Utf8JsonWriter> write, CancellationToken ct)
    {
        http.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, OpenAiJson.Writer))
        {
            write(json);
        }

        await http.Response.BodyWriter.FlushAsync(ct);
    }
}
