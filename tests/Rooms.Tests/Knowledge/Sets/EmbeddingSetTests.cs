using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Sets.Reembedding;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>Another embedding model for a collection that is in use: what it takes, filling it beside the searched one, switching and going back.</summary>
public sealed class EmbeddingSetTests(House house) : IClassFixture<House>
{
    private const string Asked = "green lamp number 4 of the harbour";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task The_model_is_changed_while_people_search_and_nobody_notices_and_one_can_go_back()
    {
        var (first, _) = await house.StubModel("embeddings", dimension: 64);
        var (second, name) = await house.StubModel("embeddings", new StubBehaviour { HeaderDelayMs = 100 }, dimension: 48);
        var shelf = await house.Numbered(first, 150);
        var before = await house.ByMeaning(shelf, Asked);

        var plan = await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = second, dryRun = true, pricePerMillionTokens = 2.0 }, Ct));
        Assert.Equal((48, 150, 150, 3, JsonValueKind.Null), (plan.GetProperty("dimension").GetInt32(), plan.GetProperty("documents").GetInt32(), plan.GetProperty("chunks").GetInt32(), plan.GetProperty("requests").GetInt32(), plan.GetProperty("set").ValueKind));
        Assert.Equal(plan.GetProperty("tokens").GetInt64() * 2.0 / 1_000_000, plan.GetProperty("price").GetDouble(), 4);
        Assert.InRange(plan.GetProperty("seconds").GetInt32(), 1, 600);
        Assert.Single(await house.Sets(shelf));

        var set = await house.Begin(shelf, second);
        var seen = new HashSet<int>();
        while ((await house.Sets(shelf)).Single(s => s.GetProperty("id").GetGuid() == set) is var now && now.GetProperty("status").GetString() == "building")
        {
            seen.Add(now.GetProperty("progress").GetInt32());
            Assert.Equal(before, await house.ByMeaning(shelf, Asked));
        }

        Assert.True(seen.Count > 1, "no progress was seen");
        await house.Until(shelf, set, "ready");
        Assert.Equal(before, await house.ByMeaning(shelf, Asked));
        Assert.Equal((409, "embedding_set_under_way"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = second }, Ct).Said());

        var active = (await house.Activate(shelf, set)).GetProperty("data")[0];
        Assert.Equal((set, "active", second), (active.GetProperty("id").GetGuid(), active.GetProperty("status").GetString(), active.GetProperty("embeddingModelId").GetGuid()));
        var after = await house.ByMeaning(shelf, Asked);
        Assert.NotEqual(before, after);
        Assert.Equal(name, house.Stub.LastRequest.Model);
        await house.SetsAreWhole(shelf);

        // What comes and goes now is in both, so that going back loses nothing.
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/texts", new { items = new[] { Text("later", "A lighthouse that came later."), Text("n3", "Lamp three is a candle now.") } }, Ct));
        await house.Settled(shelf);
        await house.CaughtUp(shelf);
        await house.SetsAreWhole(shelf);
        var back = await house.Undo(shelf);
        Assert.Equal((first, "active"), (back.GetProperty("data")[0].GetProperty("embeddingModelId").GetGuid(), back.GetProperty("data")[0].GetProperty("status").GetString()));
        Assert.Contains("later:", await house.ByMeaning(shelf, "lighthouse that came later"), StringComparison.Ordinal);
        await house.SetsAreWhole(shelf);
        // And forth again.
        Assert.Equal(second, (await house.Undo(shelf)).GetProperty("data")[0].GetProperty("embeddingModelId").GetGuid());
        await house.SetsAreWhole(shelf);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.documents where collection_id = '{shelf}' and status = 'failed'"));
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task Documents_that_come_change_and_go_while_it_is_filled_are_right_in_both()
    {
        var (second, _) = await house.StubModel("embeddings", new StubBehaviour { HeaderDelayMs = 250 }, dimension: 48);
        var shelf = await house.Numbered(await Plain(), 200);
        var set = await house.Begin(shelf, second);
        for (var i = 0; i < 6; i++)
        {
            await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/texts", new { items = new[] { Text($"new{i}", $"A bell that came as number {i}."), Text($"n{i * 30}", $"Lamp {i * 30} was changed to a bell.") } }, Ct));
            await house.Do($"update ops.jobs set run_after = now() where status = 'pending' and job_type = 'knowledge.texts'");
            var gone = await house.Database.Ask<Guid>($"select id from knowledge.documents where collection_id = '{shelf}' and external_id = 'n{(i * 30) + 7}'");
            Assert.True((await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/documents/{gone}", Ct)).IsSuccessStatusCode);
            var chunk = await house.Database.Ask<Guid>($"select k.id from knowledge.chunks k join knowledge.documents d on d.id = k.document_id where d.collection_id = '{shelf}' and d.external_id = 'n{(i * 30) + 11}'");
            await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/chunks/{chunk}", i % 2 == 0 ? new { text = $"Mended bell {i}.", isEnabled = true } : (object)new { isEnabled = false }, Ct));
        }

        await house.Settled(shelf);
        await house.Until(shelf, set, "ready");
        await house.CaughtUp(shelf);
        await house.SetsAreWhole(shelf);
        await house.Activate(shelf, set);
        await house.SetsAreWhole(shelf);
        Assert.Equal(200L, await house.Database.Ask<long>($"select count(*) from knowledge.documents where collection_id = '{shelf}' and status = 'indexed'"));
        Assert.Contains("new5:", await house.ByMeaning(shelf, "A bell that came as number 5."), StringComparison.Ordinal);
        Assert.DoesNotContain("n7:", await house.ByMeaning(shelf, "lamp number 7 of the harbour"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "MOD-13")]
    public async Task A_model_whose_vectors_have_another_length_than_it_says_is_refused_before_anything_is_written()
    {
        var (wrong, name) = await house.StubModel("embeddings", dimension: 32);
        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 17 });
        var shelf = await house.Numbered(await Plain(), 3);
        using var answer = await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = wrong }, Ct);
        var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement;
        Assert.Equal("embedding_model_failed", said.GetProperty("code").GetString());
        Assert.Contains("17", said.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(await house.Sets(shelf));

        // One that nobody told a length learns it by this call; one that is too long to be searched is refused.
        var (fresh, freshName) = await house.StubModel("embeddings");
        house.Stub.Script.ForModel(freshName, new StubBehaviour { Dimension = 40 });
        Assert.Equal(40, (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = fresh, dryRun = true }, Ct))).GetProperty("dimension").GetInt32());
        Assert.Equal(40, await house.Database.Ask<int>($"select dimension from models.models where id = '{fresh}'"));
        var (huge, _) = await house.StubModel("embeddings", dimension: 4001);
        Assert.Equal((400, "dimension_too_large"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = huge }, Ct).Said());
        var chat = await house.Model();
        Assert.Equal((400, "wrong_model_type"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = chat }, Ct).Said());
        Assert.Equal((404, "model_not_found"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = Guid.NewGuid() }, Ct).Said());
        Assert.Equal((404, "collection_not_found"), await house.Eve.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = BuiltIn }, Ct).Said());
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task The_model_of_a_filled_collection_changes_only_this_way_and_that_of_an_empty_one_at_once()
    {
        var (other, _) = await house.StubModel("embeddings", dimension: 48);
        var shelf = await house.Numbered(await Plain(), 2);
        Assert.Equal((409, "embedding_set_needed"), await house.Ann.Http.PatchAsJsonAsync($"{Api}/{shelf}", new { embeddingModelId = other, description = "not this either" }, Ct).Said());
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.collections where id = '{shelf}' and (embedding_model_id = '{other}' or description is not null)"));
        foreach (var document in await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{shelf}'"))
        {
            await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/documents/{document}", Ct);
        }

        Assert.Equal(other, (await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/{shelf}", new { embeddingModelId = other }, Ct))).GetProperty("embeddingModelId").GetGuid());
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/texts", new { items = new[] { Text("a", "A lamp again.") } }, Ct));
        await house.Settled(shelf);
        Assert.StartsWith("a:", await house.ByMeaning(shelf, "lamp"), StringComparison.Ordinal);
        await house.SetsAreWhole(shelf);
        Assert.Equal((404, "model_not_found"), await house.Ann.Http.PatchAsJsonAsync($"{Api}/{shelf}", new { embeddingModelId = Guid.NewGuid() }, Ct).Said());
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task The_set_before_is_kept_for_its_time_and_then_removed_with_all_its_vectors()
    {
        var shelf = await house.Numbered(await Plain(), 5);
        var first = (await house.Sets(shelf))[0].GetProperty("id").GetGuid();
        var set = await house.Begin(shelf, BuiltIn);
        await house.Until(shelf, set, "ready");
        await house.Activate(shelf, set);
        var kept = (await house.Sets(shelf)).Single(s => s.GetProperty("id").GetGuid() == first);
        Assert.Equal(14, (kept.GetProperty("keptUntil").GetDateTimeOffset() - kept.GetProperty("retiredAt").GetDateTimeOffset()).TotalDays, 3);
        await house.Do($"update knowledge.embedding_sets set retired_at = now() - interval '13 days' where id = '{first}'");
        await Daily();
        Assert.Equal(2, (await house.Sets(shelf)).Count);
        await house.Do($"update knowledge.embedding_sets set retired_at = now() - interval '15 days' where id = '{first}'");
        await Daily();
        await house.Until(shelf, first, "gone");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings where embedding_set_id = '{first}'") > 0)
        {
            await house.Hurry();
            await Task.Delay(50, limit.Token);
        }

        Assert.Equal((409, "no_previous_set"), await house.Ann.Http.PostAsync($"{Api}/{shelf}/embedding-sets/undo", null, Ct).Said());
        await house.SetsAreWhole(shelf);
    }

    private async Task<Guid> Plain() => (await house.StubModel("embeddings", dimension: 64)).Id;

    private async Task Daily()
    {
        await house.Do($"insert into ops.jobs (tenant_id, id, queue, job_type) values ('{house.Ann.Tenant}', ops.uuid7(), 'maintenance', 'knowledge.embedding_sets'); notify lyceum, 'jobs:maintenance'");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<long>("select count(*) from ops.jobs where job_type = 'knowledge.embedding_sets' and status in ('pending', 'running')") > 0)
        {
            await house.Hurry();
            await Task.Delay(50, limit.Token);
        }
    }
}
