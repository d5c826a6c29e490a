using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Knowledge;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>What is used, how important it is, where it lies, and what is not embedded twice.</summary>
public sealed class UseTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "KNW-16")]
    public async Task A_use_is_counted_once_for_each_question_in_batches_and_not_while_it_is_answered()
    {
        var shelf = await house.Shelf("The harbour opens at six.", "Gardens have walls.");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("t0", (await house.Ann.Search(new { query = $"When does the harbour open, {i}?", collections = new[] { shelf }, topK = 1 })).Found()[0]);
        }

        var chunk = await Chunk(shelf, "t0");
        Assert.Equal(0, await house.Database.Ask<int>($"select access_count from knowledge.chunks where id = '{chunk}'"));
        await Daily(later: true);
        Assert.Equal(3, await house.Database.Ask<int>($"select access_count from knowledge.chunks where id = '{chunk}'"));
        Assert.Equal(0, await house.Database.Ask<int>($"select access_count from knowledge.chunks where id = '{await Chunk(shelf, "t1")}'"));
        await Daily(later: true);
        Assert.Equal(3, await house.Database.Ask<int>($"select access_count from knowledge.chunks where id = '{chunk}'"));
    }

    [Fact]
    [Trait("row", "KNW-14")]
    public async Task What_nobody_needed_for_long_goes_cold_and_is_found_only_when_it_is_asked_for()
    {
        var shelf = await house.Shelf("A report about the harbour, old.", "A report about the harbour, new.", "A report about the harbour, used.");
        var (old, used) = (await Chunk(shelf, "t0"), await Chunk(shelf, "t2"));
        await house.Do($"update knowledge.chunks set created_at = now() - interval '400 days' where id in ('{old}', '{used}'); update knowledge.chunks set last_accessed_at = now() - interval '60 days' where id = '{used}'");
        await Daily();
        var tiers = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{shelf}/tiers", Ct));
        Assert.Equal((1, 1, 1), (tiers.GetProperty("hot").GetInt32(), tiers.GetProperty("warm").GetInt32(), tiers.GetProperty("cold").GetInt32()));
        foreach (var strategy in new[] { "vector", "lexical", "hybrid", "mmr", "parent_child" })
        {
            Assert.Equal(["t1", "t2"], (await house.Ann.Search(new { query = "report about the harbour", collections = new[] { shelf }, strategy })).Found().Order());
            Assert.Equal(["t0", "t1", "t2"], (await house.Ann.Search(new { query = "report about the harbour", collections = new[] { shelf }, strategy, includeCold = true })).Found().Order());
        }

        // Moving it wrote neither its vector nor its words.
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings where chunk_id = '{old}'"));
    }

    [Fact]
    [Trait("row", "KNW-15")]
    public async Task Importance_is_explained_can_be_set_and_counts_in_ranking_as_much_as_it_should()
    {
        var shelf = await house.Shelf("The harbour report, first.", "The harbour report, other.");
        var (first, other) = (await Chunk(shelf, "t0"), await Chunk(shelf, "t1"));
        var explained = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/chunks/{first}/importance", Ct));
        Assert.Equal(0.6, explained.GetProperty("computed").GetDouble(), 2); // new and not used: 0.4 + 0.2
        Assert.Equal(0, explained.GetProperty("uses").GetInt32());
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/chunks/{first}/importance", new { score = 0.0 }, Ct));
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/chunks/{other}/importance", new { score = 1.0 }, Ct));
        await Daily();
        Assert.Equal(1, (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/chunks/{other}/importance", Ct))).GetProperty("score").GetDouble());
        var question = new { query = "The harbour report, first", collections = new[] { shelf } };
        Assert.Equal("t0", (await house.Ann.Search(question)).Found()[0]);
        var weighted = await house.Ann.Search(new { question.query, question.collections, importanceWeight = 1.0 });
        Assert.Equal(["t1", "t0"], weighted.Found());
        Assert.Equal(0, weighted.Hits()[1].GetProperty("score").GetDouble());
        Assert.Equal((400, "invalid_request"), await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/chunks/{first}/importance", new { score = 7 }, Ct).Said());
        Assert.Equal((404, "chunk_not_found"), await house.Eve.Http.PutAsJsonAsync($"/api/v1/knowledge/chunks/{first}/importance", new { score = 1.0 }, Ct).Said());
        var back = await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/chunks/{first}/importance", new { score = (double?)null }, Ct));
        Assert.Equal(JsonValueKind.Null, back.GetProperty("set").ValueKind);
    }

    [Fact]
    [Trait("row", "RET-16")]
    public async Task The_same_text_is_embedded_once_for_a_model_and_an_organisation()
    {
        var (embedder, name) = await house.StubModel("embeddings", dimension: 64);
        var shelf = await house.Shelf([new { externalId = "a", title = "Tides", text = "High water is at noon." }], embedder);
        house.Stub.Forget();
        var first = await house.Ann.Search(new { query = "When is high water?", collections = new[] { shelf } });
        var second = await house.Ann.Search(new { query = "When is high water?", collections = new[] { shelf } });
        Assert.Equal(first.Hits()[0].GetProperty("vectorScore").GetDouble(), second.Hits()[0].GetProperty("vectorScore").GetDouble());
        Assert.Equal(1, house.Stub.Requests.Count(r => r.Model == name));
        await house.Shelf([new { externalId = "b", title = "Tides", text = "High water is at noon." }], embedder);
        Assert.Equal(1, house.Stub.Requests.Count(r => r.Model == name));
        await house.Ann.Search(new { query = "Tides\nHigh water is at noon.", collections = new[] { shelf } }); // the same words as a question are another thing
        Assert.Equal(2, house.Stub.Requests.Count(r => r.Model == name));
        Assert.Equal(0L, await house.Eve.Db.One($"select count(*) from knowledge.embedding_cache", row => row.Get<long>(), Ct));
        Assert.Equal(3L, await house.Ann.Db.One($"select count(*) from knowledge.embedding_cache where model_id = {embedder}", row => row.Get<long>(), Ct));
    }

    private async Task Daily(bool later = false)
    {
        if (later)
        {
            // Hits of the last minute wait for their transactions; here they are made older.
            await house.Do("update knowledge.retrieval_hits set id = ops.uuid7(created_at - interval '5 minutes') where id > ops.uuid7_floor(now() - interval '2 minutes')");
        }

        while (await TierStore.CountUses(house.Ann.Db, 2, Ct) == 2)
        {
            // the next two
        }

        for (Guid? after = Guid.Empty; after is not null; after = await TierStore.Move(house.Ann.Db, after.Value, 3, Ct))
        {
            // the next three
        }
    }

    private Task<Guid> Chunk(Guid shelf, string externalId) => house.Database.Ask<Guid>(
        $"select k.id from knowledge.chunks k join knowledge.documents d on d.id = k.document_id where d.collection_id = '{shelf}' and d.external_id = '{externalId}'");
}
