using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Knowledge;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>What is remembered of a person: theirs alone, recalled by nearness and importance, gone when they say so or its time is over.</summary>
public sealed class MemoryTests(House house) : IClassFixture<House>
{
    private const string Api = "/api/v1/knowledge/memories";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "KNW-26")]
    public async Task Memories_are_recalled_by_nearness_and_importance_and_by_nobody_else()
    {
        await Add(house.Bob, "semantic", "Bob keeps bees behind the harbour.");
        var plain = await Add(house.Bob, "semantic", "The harbour office closes at noon.", 0.1);
        var important = await Add(house.Bob, "procedural", "The harbour office closes at noon.", 1);
        var recalled = await House.Json(await house.Bob.Http.PostAsJsonAsync(Api + "/recall", new { query = "When does the harbour office close?", topK = 2 }, Ct));
        Assert.Equal([important, plain], recalled.EnumerateArray().Select(r => r.GetProperty("memory").GetProperty("id").GetGuid()));
        Assert.True(recalled[0].GetProperty("score").GetDouble() > recalled[1].GetProperty("score").GetDouble());
        Assert.InRange(recalled[0].GetProperty("score").GetDouble(), 0, 1);
        Assert.Empty((await House.Json(await house.Ann.Http.PostAsJsonAsync(Api + "/recall", new { query = "harbour office" }, Ct))).EnumerateArray());
        Assert.DoesNotContain("harbour", await house.Ann.Http.GetStringAsync(Api, Ct), StringComparison.Ordinal);
        Assert.Equal((404, "memory_not_found"), await house.Ann.Http.DeleteAsync($"{Api}/{plain}", Ct).Said());
        var kinds = await House.Json(await house.Bob.Http.GetAsync(Api + "?type=procedural&limit=1", Ct));
        Assert.Equal(important, Assert.Single(kinds.GetProperty("data").EnumerateArray()).GetProperty("id").GetGuid());

        Assert.Equal(204, (await house.Bob.Http.DeleteAsync($"{Api}/{important}", Ct).Said()).Status);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.memories where id = '{important}'"));
        Assert.Equal((400, "invalid_request"), await house.Bob.Http.PostAsJsonAsync(Api, new { type = "dream", content = "x" }, Ct).Said());
        Assert.Equal((400, "invalid_memory"), await house.Bob.Http.PostAsJsonAsync(Api, new { type = "semantic", content = "x", expiresAt = "2001-01-01T00:00:00Z" }, Ct).Said());
    }

    [Fact]
    [Trait("row", "KNW-26")]
    public async Task What_has_expired_is_not_recalled_and_soon_not_there()
    {
        var id = await Add(house.Ann, "episodic", "Ann met the lighthouse keeper.");
        await house.Do($"update knowledge.memories set expires_at = now() - interval '1 second' where id = '{id}'");
        Assert.Empty((await House.Json(await house.Ann.Http.PostAsJsonAsync(Api + "/recall", new { query = "lighthouse keeper" }, Ct))).EnumerateArray());
        Assert.DoesNotContain("lighthouse", await house.Ann.Http.GetStringAsync(Api, Ct), StringComparison.Ordinal);
        await MemoryStore.Forget(house.Ann.Db, Ct);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.memories where id = '{id}'"));
    }

    [Fact]
    [Trait("row", "KNW-26")]
    public async Task An_agent_that_remembers_is_told_and_another_is_not()
    {
        var id = await Add(house.Ann, "semantic", "Ann travels to Oslo by train, never by plane.");
        var model = await house.Model(StubBehaviour.Says("By train."), StubBehaviour.Says("By train."));
        await house.Read(await house.Start("How do I travel to Oslo?", model));
        Assert.DoesNotContain("never by plane", house.Stub.Requests.Last(r => r.Model == $"model-{model}").Body, StringComparison.Ordinal);
        await house.Do($"update agents.agent_versions set memory_enabled = true where agent_id = '{AgentDirectory.Assistant}'");
        await house.Read(await house.Start("How do I travel to Oslo?", model));
        Assert.Contains("never by plane", house.Stub.Requests.Last(r => r.Model == $"model-{model}").Body, StringComparison.Ordinal);
        Assert.Equal(1, await house.Database.Ask<int>($"select access_count from knowledge.memories where id = '{id}'"));
        await house.Do($"update agents.agent_versions set memory_max_tokens = 1 where agent_id = '{AgentDirectory.Assistant}'");
        await house.Read(await house.Start("How do I travel to Oslo?", model));
        Assert.DoesNotContain("never by plane", house.Stub.Requests.Last(r => r.Model == $"model-{model}").Body, StringComparison.Ordinal);
        await house.Do($"update agents.agent_versions set memory_enabled = false, memory_max_tokens = null where agent_id = '{AgentDirectory.Assistant}'");
    }

    [Fact]
    [Trait("row", "KNW-26")]
    public async Task A_new_embedding_model_loses_no_memory()
    {
        await Add(house.Ann, "semantic", "The telescope stands on the roof.");
        await house.StubModel("embeddings", dimension: 64, defaultFor: "embedding");
        var recalled = await House.Json(await house.Ann.Http.PostAsJsonAsync(Api + "/recall", new { query = "Where is the telescope? On the roof?" }, Ct));
        await house.NoDefault("embedding");
        Assert.Equal("The telescope stands on the roof.", recalled[0].GetProperty("memory").GetProperty("content").GetString());
    }

    private static async Task<Guid> Add(Person person, string type, string content, double? importance = null) =>
        (await House.Json(await person.Http.PostAsJsonAsync(Api, new { type, content, importance }, Ct))).GetProperty("id").GetGuid();
}
