using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>The ways to search, what each promises, and what happens when a part of it fails.</summary>
public sealed class StrategyTests(House house) : IClassFixture<House>
{
    private static readonly string[] Weather =
    [
        "Rain is expected over the harbour of Bergen on Monday.", "Rain is expected over the harbour of Bergen on Monday morning.", "Rain is expected over the harbour of Bergen on Monday evening.",
        "The library opens at nine. Part number ZX-4471-Q is kept in the cellar.", "Cats sleep most of the day, and rain makes them sleep more.",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hybrid")]
    [InlineData("vector")]
    [InlineData("lexical")]
    [InlineData("mmr")]
    [InlineData("parent_child")]
    [Trait("row", "RET-01")]
    public async Task Every_strategy_answers_in_one_order_with_scores_from_0_to_1(string strategy)
    {
        var shelf = await house.Shelf(Weather);
        var first = await house.Ann.Search(new { query = "rain in the harbour", collections = new[] { shelf }, topK = 4, strategy });
        var second = await house.Ann.Search(new { query = "rain in the harbour", collections = new[] { shelf }, topK = 4, strategy });
        Assert.Equal(strategy, first.GetProperty("strategy").GetString());
        Assert.NotEmpty(first.Hits());
        Assert.Equal(first.Found(), second.Found());
        var scores = first.Hits().Select(h => h.GetProperty("score").GetDouble()).ToList();
        Assert.All(scores, s => Assert.InRange(s, 0, 1));
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(Enumerable.Range(1, scores.Count), first.Hits().Select(h => h.GetProperty("rank").GetInt32()));
    }

    [Fact]
    [Trait("row", "RET-01")]
    public async Task Equal_scores_are_ordered_by_id()
    {
        var shelf = await house.Shelf([.. Enumerable.Range(0, 12).Select(i => (object)new { externalId = $"same-{i}", title = "The same", text = "One and the same sentence about lighthouses." })]);
        var ids = (await house.Ann.Search(new { query = "lighthouses", collections = new[] { shelf }, topK = 12, copies = "apart" })).Hits().Select(h => h.GetProperty("chunkId").GetGuid()).ToList();
        Assert.Equal(12, ids.Count);
        Assert.Equal(ids.Order(), ids);
    }

    [Fact]
    [Trait("row", "KNW-21")]
    public async Task A_search_that_says_nothing_is_done_as_the_collection_says_and_one_that_does_as_it_says()
    {
        var shelf = await house.Shelf(Weather);
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{shelf}", new { defaultTopK = 2, retrieval = new { strategy = "lexical", after = 1 } }, Ct));
        var plain = await house.Ann.Search(new { query = "rain", collections = new[] { shelf } });
        Assert.Equal("lexical", plain.GetProperty("strategy").GetString());
        Assert.Equal(2, plain.Hits().Count);
        Assert.Equal(JsonValueKind.Array, plain.Hits()[0].GetProperty("after").ValueKind);
        var asked = await house.Ann.Search(new { query = "rain", collections = new[] { shelf }, strategy = "vector", topK = 3, after = 0 });
        Assert.Equal("vector", asked.GetProperty("strategy").GetString());
        Assert.Equal(3, asked.Hits().Count);
        Assert.Equal(JsonValueKind.Null, asked.Hits()[0].GetProperty("after").ValueKind);
        var stored = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{shelf}", Ct));
        Assert.Equal("lexical", stored.GetProperty("retrieval").GetProperty("strategy").GetString());
        Assert.Equal((400, "invalid_request"), await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{shelf}", new { retrieval = new { strategy = "guess" } }, Ct).Said());
    }

    [Fact]
    [Trait("row", "RET-02")]
    public async Task Below_the_threshold_nothing_comes_back_and_nothing_is_padded()
    {
        var shelf = await house.Shelf(Weather);
        var all = await house.Ann.Search(new { query = "rain in the harbour of Bergen", collections = new[] { shelf }, strategy = "vector", topK = 5 });
        var third = all.Hits()[2].GetProperty("vectorScore").GetDouble();
        foreach (var strategy in new[] { "vector", "hybrid", "mmr", "parent_child" })
        {
            var near = await house.Ann.Search(new { query = "rain in the harbour of Bergen", collections = new[] { shelf }, strategy, topK = 5, threshold = third - 0.001 });
            Assert.NotEmpty(near.Hits());
            Assert.True(near.Hits().Count < 5, $"{strategy} was padded");
            Assert.All(near.Hits(), h => Assert.True(h.GetProperty("vectorScore").GetDouble() >= third - 0.001));
            Assert.Empty((await house.Ann.Search(new { query = "rain in the harbour of Bergen", collections = new[] { shelf }, strategy, topK = 5, threshold = 0.9999 })).Hits());
        }

        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{shelf}", new { defaultThreshold = 0.9999 }, Ct));
        var nothing = await house.Ann.Search(new { query = "rain in the harbour of Bergen", collections = new[] { shelf } });
        Assert.Empty(nothing.Hits());
        Assert.Contains(nothing.Notes(), n => n.Contains("less near by meaning", StringComparison.Ordinal));
        Assert.NotEmpty((await house.Ann.Search(new { query = "rain in the harbour of Bergen", collections = new[] { shelf }, threshold = 0.05 })).Hits());
        Assert.Equal((400, "invalid_threshold"), await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{shelf}", new { defaultThreshold = 2 }, Ct).Said());
    }

    [Fact]
    [Trait("row", "RET-03")]
    public async Task Mmr_gives_different_passages_where_plain_nearness_gives_the_same_one_three_times()
    {
        var shelf = await house.Shelf(Weather);
        var plain = await house.Ann.Search(new { query = "rain", collections = new[] { shelf }, strategy = "mmr", lambda = 1.0, topK = 3, fetchK = 5 });
        var nearest = await house.Ann.Search(new { query = "rain", collections = new[] { shelf }, strategy = "vector", topK = 3 });
        Assert.Equal(nearest.Found(), plain.Found());
        var question = new { query = "rain over the harbour of Bergen", collections = new[] { shelf }, topK = 2, lambda = 0.3 };
        string[] twins = ["t0", "t1", "t2"];
        Assert.Equal(2, (await house.Ann.Search(new { question.query, question.collections, question.topK, strategy = "vector" })).Found().Intersect(twins).Count());
        var diverse = await house.Ann.Search(new { question.query, question.collections, question.topK, question.lambda, strategy = "mmr", fetchK = 5 });
        Assert.Single(diverse.Found().Intersect(twins));
        Assert.Equal(2, diverse.Hits().Count);
        // What is not fetched cannot be chosen.
        var few = await house.Ann.Search(new { question.query, question.collections, question.topK, question.lambda, strategy = "mmr", fetchK = 3 });
        Assert.Equal(2, few.Found().Intersect(twins).Count());
    }

    [Fact]
    [Trait("row", "RET-06")]
    public async Task An_exact_part_number_is_found_though_the_embedding_fails()
    {
        var (embedder, name) = await house.StubModel("embeddings", dimension: 64);
        var shelf = await house.Shelf([.. Weather.Select((text, i) => (object)new { externalId = $"t{i}", title = $"Text {i}", text })], embedder);
        house.Stub.Script.ForModel(name, StubBehaviour.Fails(500));
        var answer = await house.Ann.Search(new { query = "ZX-4471-Q", collections = new[] { shelf }, topK = 3 });
        Assert.Equal("t3", answer.Found()[0]);
        Assert.True(answer.GetProperty("partial").GetBoolean());
        Assert.Contains(answer.Notes(), n => n.StartsWith("Searching by meaning failed", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("row", "RET-08")]
    [Trait("row", "RET-12")]
    public async Task A_small_hit_brings_its_section_and_its_neighbours()
    {
        var sentences = Enumerable.Range(0, 40).Select(i => $"Sentence number {i} speaks of {(i == 17 ? "the walrus of Svalbard" : "nothing in particular")} and of little else besides, whatever one may expect.");
        var shelf = await house.Shelf(
            [new { externalId = "book", title = "Book", text = string.Join(' ', sentences) }], collection: new { name = $"Book {Guid.NewGuid()}", chunkSize = 40, chunkOverlap = 0 });
        var hit = (await house.Ann.Search(new { query = "walrus of Svalbard", collections = new[] { shelf }, topK = 1, before = 2, after = 1 })).Hits()[0];
        Assert.Contains("walrus", hit.GetProperty("text").GetString(), StringComparison.Ordinal);
        var (index, document) = (hit.GetProperty("index").GetInt32(), hit.GetProperty("documentId").GetGuid());
        var chunks = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/documents/{document}/chunks?limit=200", Ct))).GetProperty("data").EnumerateArray().Select(c => c.GetProperty("text").GetString()!).ToList();
        Assert.Equal(chunks[(index - 2)..index], hit.GetProperty("before").EnumerateArray().Select(t => t.GetString()!));
        Assert.Equal(chunks[(index + 1)..(index + 2)], hit.GetProperty("after").EnumerateArray().Select(t => t.GetString()!));

        var parents = (await house.Ann.Search(new { query = "walrus of Svalbard sentence", collections = new[] { shelf }, topK = 5, strategy = "parent_child" })).Hits();
        var parent = parents[0].GetProperty("parent");
        var (first, last) = (parent.GetProperty("firstIndex").GetInt32(), parent.GetProperty("lastIndex").GetInt32());
        Assert.InRange(index, first, last);
        Assert.True(last > first);
        Assert.All(chunks[first..(last + 1)], text => Assert.Contains(text, parent.GetProperty("text").GetString(), StringComparison.Ordinal));
        var sections = parents.Select(p => p.GetProperty("parent").GetProperty("firstIndex").GetInt32()).ToList();
        Assert.Equal(sections.Distinct(), sections);
    }

    [Fact]
    [Trait("row", "RET-09")]
    [Trait("row", "RET-08")]
    public async Task Other_wordings_find_what_the_question_alone_does_not_and_both_are_kept()
    {
        var shelf = await house.Shelf("Dogs must be kept on a leash in the park.", "The canteen serves soup on Tuesdays.");
        await house.StubModel("llm", StubBehaviour.Says("1. Where is a leash required?\n2. Dogs in the park\n3. tethering pets"), defaultFor: "chat");
        var answer = await house.Ann.Search(new { query = "tethering pets", collections = new[] { shelf }, topK = 2, strategy = "multi_query" });
        Assert.Equal("t0", answer.Found()[0]);
        Assert.Equal(["Where is a leash required?", "Dogs in the park"], answer.GetProperty("rephrasings").EnumerateArray().Select(r => r.GetString()));
        var id = answer.GetProperty("queryId").GetGuid();
        Assert.Equal("tethering pets", await house.Database.Ask<string>($"select query_text from knowledge.retrieval_queries where id = '{id}'"));
        Assert.Equal("Where is a leash required?\nDogs in the park", await house.Database.Ask<string>($"select rephrased_query from knowledge.retrieval_queries where id = '{id}'"));

        await house.StubModel("llm", StubBehaviour.Fails(500), defaultFor: "chat");
        var plain = await house.Ann.Search(new { query = "leash in the park", collections = new[] { shelf }, topK = 2, strategy = "multi_query" });
        Assert.Equal("t0", plain.Found()[0]);
        Assert.Contains(plain.Notes(), n => n.EndsWith("the plain question was searched.", StringComparison.Ordinal));
        await house.NoDefault("chat");
        var builtin = await house.Ann.Search(new { query = "leash in the park", collections = new[] { shelf }, topK = 2, strategy = "multi_query" });
        Assert.Contains(builtin.Notes(), n => n.StartsWith("No language model is set", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("row", "RET-07")]
    public async Task A_rerank_model_orders_anew_and_the_first_order_stands_when_it_fails()
    {
        var shelf = await house.Shelf(Weather);
        var question = new { query = "rain in the harbour", collections = new[] { shelf }, topK = 3 };
        var first = await house.Ann.Search(question);
        var (_, name) = await house.StubModel("rerank", new StubBehaviour { Favourite = "Cats" }, defaultFor: "rerank");
        var reranked = await house.Ann.Search(new { question.query, question.collections, question.topK, rerank = "model" });
        Assert.Equal("t4", reranked.Found()[0]);
        Assert.Equal(0.99, reranked.Hits()[0].GetProperty("rerankScore").GetDouble(), 3);
        var sent = house.Stub.Requests.Last(r => r.Model == name);
        Assert.Equal("/v1/rerank", sent.Path);
        Assert.Equal(question.query, sent.Json["query"]!.GetValue<string>());
        Assert.True(await house.Database.Ask<bool>($"select reranked from knowledge.retrieval_queries where id = '{reranked.GetProperty("queryId").GetGuid()}'"));

        foreach (var fault in new[] { StubBehaviour.Fails(500), new StubBehaviour { OneVectorShort = true }, StubBehaviour.Breaks(StubFault.Garbage) })
        {
            house.Stub.Script.ForModel(name, fault);
            var plain = await house.Ann.Search(new { question.query, question.collections, question.topK, rerank = "model" });
            Assert.Equal(first.Found(), plain.Found());
            Assert.Contains(plain.Notes(), n => n.EndsWith("the first order stands.", StringComparison.Ordinal));
        }

        await house.NoDefault("rerank");
        var byWords = await house.Ann.Search(new { question.query, question.collections, question.topK, rerank = "model" });
        Assert.Contains(byWords.Notes(), n => n.StartsWith("No rerank model is set", StringComparison.Ordinal));
        Assert.Equal("t0", byWords.Found()[0]);
    }

    [Fact]
    [Trait("row", "RET-10")]
    [Trait("row", "MOD-15")]
    public async Task Collections_of_different_models_are_searched_in_one_question_each_with_its_own_model_and_weight()
    {
        var (small, smallName) = await house.StubModel("embeddings", dimension: 64);
        var (large, largeName) = await house.StubModel("embeddings", dimension: 384);
        object[] Items(string place) => [.. Enumerable.Range(0, 4).Select(i => (object)new { externalId = $"{place}-{i}", title = place, text = $"The lighthouse of {place} was built in 18{i}0." })];
        var (one, two) = (await house.Shelf(Items("one"), small), await house.Shelf(Items("two"), large));
        house.Stub.Forget();
        var answer = await house.Ann.Search(new { query = "When was the lighthouse built?", collections = new[] { one, two }, topK = 8, strategy = "vector" });
        Assert.Equal(8, answer.Found().Count);
        Assert.Equal(1, house.Stub.Requests.Count(r => r.Model == smallName));
        Assert.Equal(1, house.Stub.Requests.Count(r => r.Model == largeName));
        // By rank, never by score: the first of each collection before the second of any.
        Assert.Equal(["one", "two"], answer.Found().Take(2).Select(f => f[..3]).Order());
        var weighted = await house.Ann.Search(new { query = "When was the lighthouse built?", collections = new[] { one, two }, topK = 4, strategy = "vector", weights = new Dictionary<Guid, double> { [two] = 10 } });
        Assert.All(weighted.Found(), f => Assert.StartsWith("two", f, StringComparison.Ordinal));
        Assert.Equal(1, weighted.Hits()[0].GetProperty("score").GetDouble(), 3);
    }

    [Fact]
    [Trait("row", "RET-17")]
    public async Task Questions_and_passages_get_the_prefixes_of_their_model()
    {
        var (embedder, name) = await house.StubModel("embeddings", dimension: 64, queryPrefix: "query: ", passagePrefix: "passage: ");
        house.Stub.Forget();
        var shelf = await house.Shelf([new { externalId = "a", title = "Tides", text = "High water is at noon." }], embedder);
        var passage = house.Stub.Requests.Last(r => r.Model == name);
        Assert.All(passage.Json["input"]!.AsArray(), t => Assert.StartsWith("passage: ", t!.GetValue<string>(), StringComparison.Ordinal));
        await house.Ann.Search(new { query = "When is high water?", collections = new[] { shelf } });
        Assert.Equal("query: When is high water?", house.Stub.Requests.Last(r => r.Model == name).Json["input"]![0]!.GetValue<string>());
        var plain = Lyceum.Stub.StubServer.Embeddings("passage: Tides", 64);
        Assert.NotEqual(Lyceum.Stub.StubServer.Embeddings("query: Tides", 64), plain);
    }
}
