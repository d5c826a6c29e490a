using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Knowledge;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>One text that many documents have: one hit with many sources, of those the reader may see.</summary>
[Trait("row", "KNW-13")]
public sealed class CopiesTests(House house) : IClassFixture<House>
{
    private const string Notice = "This message is confidential and meant for the lighthouse keepers alone.";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hybrid")]
    [InlineData("vector")]
    [InlineData("lexical")]
    [InlineData("mmr")]
    [InlineData("parent_child")]
    public async Task The_same_text_twice_is_one_hit_with_two_sources(string strategy)
    {
        var shelf = await house.Shelf([Item("a", "First letter", Notice), Item("b", "Second letter", Notice), Item("c", "Other", "The lighthouse was painted in spring.")]);
        var answer = await house.Ann.Search(new { query = "confidential lighthouse", collections = new[] { shelf }, strategy, topK = 10 });
        var hit = Assert.Single(answer.Hits(), h => h.GetProperty("text").GetString() == Notice);
        var copy = Assert.Single(hit.GetProperty("copies").EnumerateArray());
        Assert.Equal(["a", "b"], new[] { hit, copy }.Select(h => h.GetProperty("externalId").GetString()).Order());
        Assert.Equal(["First letter", "Second letter"], new[] { hit, copy }.Select(h => h.GetProperty("name").GetString()).Order());
        Assert.Contains("c", answer.Found());

        // Whoever wants each place by itself gets it, from a search or from what the collection says.
        Assert.Equal(2, (await house.Ann.Search(new { query = "confidential lighthouse", collections = new[] { shelf }, strategy, topK = 10, copies = "apart" })).Found().Intersect(["a", "b"]).Count());
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{shelf}", new { retrieval = new { copies = "apart" } }, Ct));
        var apart = await house.Ann.Search(new { query = "confidential lighthouse", collections = new[] { shelf }, strategy, topK = 10 });
        Assert.Equal(2, apart.Found().Intersect(["a", "b"]).Count());
        Assert.All(apart.Hits(), h => Assert.Empty(h.GetProperty("copies").EnumerateArray()));
    }

    [Fact]
    public async Task Sources_that_one_may_not_see_are_not_named_and_take_no_hit_along()
    {
        var hidden = new { externalId = "hidden", title = "Hidden letter", text = Notice, access = new { access = "restricted" } };
        var shelf = await house.Shelf([hidden, Item("open", "Open letter", Notice), Item("also", "Another open letter", Notice)]);
        var all = (await house.Ann.Search(new { query = "confidential", collections = new[] { shelf } })).Hits();
        Assert.Equal(2, Assert.Single(all).GetProperty("copies").GetArrayLength()); // who brought it sees it
        var answer = await house.Bob.Search(new { query = "confidential", collections = new[] { shelf } });
        var hit = Assert.Single(answer.Hits());
        Assert.Equal(["also", "open"], new[] { hit }.Concat(hit.GetProperty("copies").EnumerateArray()).Select(h => h.GetProperty("externalId").GetString()).Order());
        Assert.DoesNotContain("Hidden", answer.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_text_in_another_organisation_changes_nothing()
    {
        var shelf = await house.Shelf([Item("mine", "My letter", Notice)]);
        var before = (await house.Ann.Search(new { query = "confidential", collections = new[] { shelf } })).Hits();
        var theirs = await House.Json(await house.Eve.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Theirs" }, Ct));
        await House.Json(await house.Eve.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{theirs.GetProperty("id").GetGuid()}/texts", new { items = new[] { Item("theirs", "Their letter", Notice) } }, Ct));
        await house.Settled(theirs.GetProperty("id").GetGuid(), house.Eve);
        var after = (await house.Ann.Search(new { query = "confidential", collections = new[] { shelf } })).Hits();
        Assert.Equal(Assert.Single(before).GetRawText(), Assert.Single(after).GetRawText());
        Assert.Empty(after[0].GetProperty("copies").EnumerateArray());
    }

    [Fact]
    public async Task Copies_that_fill_every_place_hide_nothing_that_is_further_down()
    {
        // More of them than are looked at at first.
        object[] crowd = [.. Enumerable.Range(0, 250).Select(i => Item($"copy-{i}", "Letter", Notice))];
        var shelf = await house.Shelf([.. crowd, .. Enumerable.Range(0, 4).Select(i => Item($"other-{i}", "Note", $"Lighthouse number {i} stands far out at sea."))]);
        foreach (var strategy in new[] { "hybrid", "vector", "lexical", "mmr" })
        {
            var answer = await house.Ann.Search(new { query = "confidential message for lighthouse keepers", collections = new[] { shelf }, strategy, topK = 5 });
            Assert.Equal(4, answer.Found().Count(f => f.StartsWith("other-", StringComparison.Ordinal)));
            var hit = Assert.Single(answer.Hits(), h => h.GetProperty("text").GetString() == Notice);
            Assert.Equal(20, hit.GetProperty("copies").GetArrayLength());
        }
    }

    [Fact]
    public void A_document_that_stands_behind_another_counts_as_found()
    {
        Guid first = Guid.CreateVersion7(), second = Guid.CreateVersion7(), third = Guid.CreateVersion7();
        MeasuredHit[] hits = [new(first, Notice) { Also = [second] }, new(third, "Other")];
        Assert.Equal([true, false], EvaluationRules.Right([second], [], hits));
        Assert.Equal(1, EvaluationRules.Expected([second], [], hits));
        Assert.Equal([true, false], EvaluationRules.Right([first, second], [], hits));
        Assert.Equal(1, EvaluationRules.Expected([first, second], [], hits)); // one hit can be right for both
        Assert.Equal(2, EvaluationRules.Expected([first, Guid.CreateVersion7()], [], hits));
    }

    private static object Item(string id, string title, string text) => new { externalId = id, title, text };
}
