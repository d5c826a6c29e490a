using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>Settings that decide how texts are cut, and chunks that people mend.</summary>
public sealed class ChunkingTests(House house) : IClassFixture<House>
{
    private static readonly string Long = string.Join(' ', Enumerable.Range(0, 120).Select(i => $"The lamp number {i} of the harbour is green and old."));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    private async Task<Guid> Shelf(params (string Name, string Text)[] texts)
    {
        var id = await house.Empty();
        await Ann.Post($"/collections/{id}/texts", new { items = texts.Select(t => new { externalId = t.Name, title = t.Name, text = t.Text }) });
        await house.Settled(id);
        return id;
    }

    private async Task<(string? Status, int Outdated)> State(Guid id)
    {
        var said = await Ann.Get($"/collections/{id}");
        return (said.GetProperty("status").GetString(), said.GetProperty("outdatedCount").GetInt32());
    }

    [Fact]
    [Trait("row", "KNW-17")]
    public async Task Other_chunk_settings_mark_the_collection_and_the_job_cuts_everything_anew()
    {
        var id = await Shelf(("a", Long), ("b", "The lamp is short."));
        await Ann.Files(id, "", ("c.txt", Long + " And more."));
        await house.Settled(id);
        Assert.Equal(("active", 0), await State(id));
        Assert.Equal((409, "nothing_outdated"), await Ann.Http.PostAsync($"{K}/collections/{id}/chunking/apply", null, Ct).Said());
        var before = await house.Database.Ask<long>($"select count(*) from knowledge.chunks where collection_id = '{id}'");
        await Ann.Patch($"/collections/{id}", new { description = "Nothing that cuts" });
        Assert.Equal(("active", 0), await State(id));
        await Ann.Patch($"/collections/{id}", new { chunkSize = 64, chunkOverlap = 8 });
        Assert.Equal(("needs_reindex", 3), await State(id));

        // Set back, nothing needs to be done; what is added meanwhile is cut as the settings say.
        await Ann.Patch($"/collections/{id}", new { chunkSize = 256, chunkOverlap = 32 });
        Assert.Equal(("active", 0), await State(id));
        await Ann.Patch($"/collections/{id}", new { chunkSize = 64, chunkOverlap = 8 });
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { new { externalId = "d", title = "d", text = "The lamp is new." } } });
        await house.Settled(id);
        Assert.Equal(("needs_reindex", 3), await State(id));

        Assert.Equal((202, null), await Ann.Http.PostAsync($"{K}/collections/{id}/chunking/apply", null, Ct).Said());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (await State(id) is not ("active", 0))
        {
            // Whoever searches meanwhile finds every document.
            Assert.Equal("a b c.txt d", await Ann.Finds(id, "lamp"));
            await Task.Delay(50, limit.Token);
        }

        await house.Settled(id);
        Assert.True(await house.Database.Ask<long>($"select count(*) from knowledge.chunks where collection_id = '{id}'") > before * 2);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.chunks where collection_id = '{id}' and token_count > 64"));
        Assert.Equal("a b c.txt d", await Ann.Finds(id, "lamp"));
        Assert.True(await house.CountersAreTrue(id));
    }

    [Fact]
    public async Task A_chunk_that_is_out_of_search_is_found_by_no_leg_and_one_that_was_mended_by_its_new_words()
    {
        var id = await Shelf(("a", "The lamp is green."), ("b", "The barometer is brass."));
        var document = (await Ann.List($"/collections/{id}/documents?q=a")).Single(d => d.GetProperty("title").GetString() == "a").GetProperty("id").GetGuid();
        var chunk = Assert.Single(await Ann.List($"/documents/{document}/chunks")).GetProperty("id").GetGuid();
        async Task<string> Finds(string query, string strategy) =>
            string.Join(' ', (await Ann.Post("/search", new { query, collections = new[] { id }, strategy })).GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(("a", "a"), (await Finds("lamp", "vector"), await Finds("lamp", "lexical")));
        Assert.False((await Ann.Patch($"/chunks/{chunk}", new { isEnabled = false })).GetProperty("isEnabled").GetBoolean());
        Assert.Equal(("", ""), (await Finds("lamp", "vector"), await Finds("lamp", "lexical")));
        Assert.Equal("The lamp is green.", Assert.Single(await Ann.List($"/documents/{document}/chunks")).GetProperty("text").GetString());
        Assert.Empty((await Ann.Post($"/collections/{id}/recount", new { })).GetProperty("wrong").EnumerateArray());
        Assert.True((await Ann.Patch($"/chunks/{chunk}", new { isEnabled = true })).GetProperty("isEnabled").GetBoolean());
        Assert.Equal(("a", "a"), (await Finds("lamp", "vector"), await Finds("lamp", "lexical")));
        Assert.True(await house.CountersAreTrue(id));
        var mended = await Ann.Patch($"/chunks/{chunk}", new { text = "The sextant is silver." });
        Assert.Equal(("The sextant is silver.", JsonValueKind.String), (mended.GetProperty("text").GetString(), mended.GetProperty("editedAt").ValueKind));
        Assert.Equal(("", "a"), (await Finds("lamp", "lexical"), await Finds("sextant", "lexical")));
        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal((400, "invalid_chunk"), await Ann.Http.PatchAsJsonAsync($"{K}/chunks/{chunk}", new { text = " " }, Ct).Said());

        // Out of search and then gone: no count goes below what is there.
        await Ann.Patch($"/chunks/{chunk}", new { isEnabled = false });
        await Ann.Http.DeleteAsync($"{K}/documents/{document}", Ct);
        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal("b", await Finds("barometer", "hybrid"));
    }
}
