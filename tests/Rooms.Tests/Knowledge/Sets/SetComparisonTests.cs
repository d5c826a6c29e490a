using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Sets.Reembedding;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>Saved questions asked with the vectors of another model before they are searched by everybody.</summary>
public sealed class SetComparisonTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task Saved_questions_tell_the_two_apart_and_a_gate_refuses_the_worse()
    {
        var ((good, _), (bad, _)) = (await house.StubModel("embeddings", dimension: 256), await house.StubModel("embeddings", dimension: 2));
        var shelf = await house.Shelf([.. Enumerable.Range(0, 40).Select(i => Text($"w{i}", $"The house called villa{i}rosa stands at the corner of street{i}lane."))], good);
        var questions = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/question-sets", new { collectionId = shelf, name = "Lamps" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/question-sets/{questions}/questions", new
        {
            questions = new[] { 4, 17, 33, 38 }.Select(i => new { question = $"Where stands the house called villa{i}rosa at street{i}lane?", expectedQuotes = new[] { $"called villa{i}rosa stands" } }),
        }, Ct));
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/{shelf}", new { retrieval = new { strategy = "vector" }, defaultTopK = 5 }, Ct));
        var set = await house.Begin(shelf, bad);
        await house.Until(shelf, set, "ready");

        var compared = await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{set}/comparison", new { questionSetId = questions }, Ct));
        var ndcg = compared.GetProperty("differences").EnumerateArray().Single(d => d.GetProperty("metric").GetString() == "ndcg");
        Assert.True(ndcg.GetProperty("first").GetDouble() > 0.8);
        Assert.True(ndcg.GetProperty("difference").GetDouble() < -0.3);
        Assert.Equal(4, compared.GetProperty("questions").GetArrayLength());
        Assert.Equal(set, compared.GetProperty("second").GetProperty("settings").GetProperty("embeddingSet").GetGuid());
        // Measuring changes nothing of what people search with, and is nobody's question.
        Assert.Equal(good, (await house.Sets(shelf))[0].GetProperty("embeddingModelId").GetGuid());
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.retrieval_queries where collection_id = '{shelf}'"));

        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/{shelf}", new { gateSetId = questions }, Ct));
        using var refused = await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{set}/activate", new { }, Ct);
        var why = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Ct)).RootElement;
        Assert.Equal("retrieval_worse", why.GetProperty("code").GetString());
        Assert.Contains("vectors", why.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(good, (await house.Sets(shelf))[0].GetProperty("embeddingModelId").GetGuid());
        Assert.Equal(bad, (await house.Activate(shelf, set, force: true)).GetProperty("data")[0].GetProperty("embeddingModelId").GetGuid());
        // The way back is free of questions.
        Assert.Equal(good, (await house.Undo(shelf)).GetProperty("data")[0].GetProperty("embeddingModelId").GetGuid());

        Assert.Equal((404, "question_set_not_found"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{set}/comparison", new { questionSetId = Guid.NewGuid() }, Ct).Said());
        Assert.Equal((404, "embedding_set_not_found"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{Guid.NewGuid()}/comparison", new { questionSetId = questions }, Ct).Said());
        Assert.Equal((404, "collection_not_found"), await house.Eve.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{set}/activate", new { }, Ct).Said());
        await house.SetsAreWhole(shelf);
    }
}
