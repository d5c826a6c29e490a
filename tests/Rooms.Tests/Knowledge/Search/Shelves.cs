using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>Collections to search in: made over HTTP, filled with texts, embedded by the built-in model or by one of the stub's.</summary>
internal static class Shelves
{
    private static CancellationToken Ct => CancellationToken.None;

    /// <summary>A model of Ann's tenant that the stub answers for.</summary>
    public static async Task<(Guid Id, string Name)> StubModel(
        this House house, string type, StubBehaviour? behaviour = null, int? dimension = null, string? queryPrefix = null, string? passagePrefix = null, string? defaultFor = null)
    {
        var id = Guid.CreateVersion7();
        var name = $"{type}-{id}";
        await house.Do($"""
            insert into models.models (tenant_id, id, provider_tenant_id, provider_id, model_type, name, display_name, base_url, dimension, query_prefix, passage_prefix)
            select '{house.Ann.Tenant}', '{id}', tenant_id, id, '{type}', '{name}', '{name}', '{house.Stub.OpenAiUrl}', {dimension?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"},
              {(queryPrefix is null ? "null" : $"'{queryPrefix}'")}, {(passagePrefix is null ? "null" : $"'{passagePrefix}'")}
            from models.providers where kind = 'openai_compatible' order by tenant_id limit 1;
            delete from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = '{defaultFor}';
            insert into models.model_defaults (tenant_id, id, purpose, model_tenant_id, model_id)
              select '{house.Ann.Tenant}', ops.uuid7(), '{defaultFor}', '{house.Ann.Tenant}', '{id}' where '{defaultFor}' <> '';
            """);
        house.Stub.Script.ForModel(name, (behaviour ?? new StubBehaviour()) with { Dimension = dimension });
        return (id, name);
    }

    public static Task NoDefault(this House house, string purpose) => house.Do($"delete from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = '{purpose}'");

    /// <summary>A collection with these texts (objects of title, text, metadata, access …), indexed.</summary>
    public static async Task<Guid> Shelf(this House house, IReadOnlyList<object> items, Guid? embedder = null, object? settings = null, object? collection = null)
    {
        var created = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", collection ?? new { name = $"Shelf {Guid.NewGuid()}", visibility = "company" }, Ct));
        var id = created.GetProperty("id").GetGuid();
        if (embedder is { } model)
        {
            await house.Do($"update knowledge.collections set embedding_model_tenant_id = '{house.Ann.Tenant}', embedding_model_id = '{model}' where id = '{id}'");
        }

        foreach (var batch in items.Chunk(500))
        {
            var report = await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/texts", new { items = batch }, Ct));
            Assert.Equal(batch.Length, report.GetProperty("accepted").GetInt32());
        }

        await house.Settled(id);
        if (settings is not null)
        {
            await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{id}", settings, Ct));
        }

        return id;
    }

    public static Task<Guid> Shelf(this House house, params string[] texts) => house.Shelf([.. texts.Select((text, i) => (object)new { externalId = $"t{i}", title = $"Text {i}", text })]);

    public static async Task<JsonElement> Search(this Person person, object request) =>
        await House.Json(await person.Http.PostAsJsonAsync("/api/v1/knowledge/search", request, Ct));

    public static List<JsonElement> Hits(this JsonElement answer) => [.. answer.GetProperty("hits").EnumerateArray()];

    public static List<string> Found(this JsonElement answer) => [.. answer.Hits().Select(h => h.GetProperty("externalId").GetString()!)]; // texts have one

    public static List<string> Notes(this JsonElement answer) => [.. answer.GetProperty("notes").EnumerateArray().Select(n => n.GetString()!)];
}
