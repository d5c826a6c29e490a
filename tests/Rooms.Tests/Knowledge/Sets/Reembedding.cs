using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Intake;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>Embedding sets over HTTP, and what must hold of all of them.</summary>
internal static class Reembedding
{
    public const string Api = "/api/v1/knowledge/collections";
    public static readonly Guid BuiltIn = new("00000000-0000-7000-8000-000000000203");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static object Text(string id, string text) => new { externalId = id, title = $"Title {id}", text };

    /// <summary>A collection with a text for each number, under a model.</summary>
    public static Task<Guid> Numbered(this House house, Guid model, int texts) =>
        house.Shelf([.. Enumerable.Range(0, texts).Select(i => Text($"n{i}", $"The lamp number {i} of the harbour burns {i * 7 % 13} hours in {(i % 2 == 0 ? "green" : "red")} light."))], model);

    public static async Task<List<JsonElement>> Sets(this House house, Guid collection) =>
        [.. (await House.Json(await house.Ann.Http.GetAsync($"{Api}/{collection}/embedding-sets", Ct))).GetProperty("data").EnumerateArray()];

    /// <summary>Begins one and says its id.</summary>
    public static async Task<Guid> Begin(this House house, Guid collection, Guid model, bool switchesItself = false) =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{collection}/embedding-sets", new { modelId = model, switchesItself }, Ct))).GetProperty("set").GetProperty("id").GetGuid();

    /// <summary>Waits until a set is in a state; nobody waits for pauses between attempts.</summary>
    public static async Task<JsonElement> Until(this House house, Guid collection, Guid set, params string[] states)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (true)
        {
            var now = (await house.Sets(collection)).SingleOrDefault(s => s.GetProperty("id").GetGuid() == set);
            if (states.Contains(now.ValueKind == JsonValueKind.Undefined ? "gone" : now.GetProperty("status").GetString()))
            {
                return now;
            }

            await house.Hurry();
            await Task.Delay(50, limit.Token);
        }
    }

    public static Task Hurry(this House house) =>
        house.Do("update ops.jobs set run_after = now() where status = 'pending' and run_after > now() and run_after < 'infinity'; notify lyceum, 'jobs:intake'; notify lyceum, 'jobs:maintenance'");

    public static async Task<JsonElement> Activate(this House house, Guid collection, Guid set, bool force = false) =>
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{collection}/embedding-sets/{set}/activate", new { force }, Ct));

    public static async Task<JsonElement> Undo(this House house, Guid collection) =>
        await House.Json(await house.Ann.Http.PostAsync($"{Api}/{collection}/embedding-sets/undo", null, Ct));

    /// <summary>What a search by meaning finds: ids with their scores, in order.</summary>
    public static async Task<string> ByMeaning(this House house, Guid collection, string query) => string.Join(' ', (await house.Ann.Search(new { query, collections = new[] { collection }, strategy = "vector", topK = 20 }))
        .Hits().Select(h => $"{h.GetProperty("externalId").GetString()}:{h.GetProperty("vectorScore").GetDouble():0.000000}"));

    /// <summary>Waits until no job of a set of the collection waits or runs.</summary>
    public static async Task CaughtUp(this House house, Guid collection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (await house.Database.Ask<long>($"select count(*) from ops.jobs j join knowledge.embedding_sets s on s.id = j.ref_id where s.collection_id = '{collection}' and j.status in ('pending', 'running')") > 0)
        {
            await house.Hurry();
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Every set that is kept complete has exactly one vector of its length for each passage in search, and none for any other; every count is that of the rows.</summary>
    public static async Task SetsAreWhole(this House house, Guid collection)
    {
        Assert.Equal("", string.Join("; ", await house.Database.Names($"""
            select s.status || ': ' || v.what from knowledge.embedding_sets s, lateral (values
              ('count', s.chunk_count <> (select count(*) from knowledge.chunk_embeddings e where e.embedding_set_id = s.id)),
              ('missing', s.status in ('active', 'ready', 'retired') and exists (select from knowledge.chunks k where k.collection_id = s.collection_id and k.disabled_at is null
                and not exists (select from knowledge.chunk_embeddings e where e.embedding_set_id = s.id and e.chunk_id = k.id))),
              ('strange', exists (select from knowledge.chunk_embeddings e left join knowledge.chunks k on k.id = e.chunk_id and k.collection_id = s.collection_id and k.disabled_at is null where e.embedding_set_id = s.id and k.id is null)),
              ('length', exists (select from knowledge.chunk_embeddings e where e.embedding_set_id = s.id and vector_dims(e.embedding) <> s.dimension)),
              ('model', s.status = 'active' and s.embedding_model_id <> (select c.embedding_model_id from knowledge.collections c where c.id = s.collection_id))) v(what, wrong)
            where s.collection_id = '{collection}' and v.wrong
            """)));
        await house.Database.CountersAreTrue(collection);
        Assert.Empty((await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{collection}/recount", new { }, Ct))).GetProperty("wrong").EnumerateArray());
    }
}
