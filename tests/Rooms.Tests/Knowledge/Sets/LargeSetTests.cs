using Lyceum.Rooms.Tests.Knowledge.Search;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>Sets that are large enough for an index of their own, where that is little.</summary>
public sealed class LargeSetTests(TestServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task A_large_set_gets_its_index_before_it_is_searched_and_loses_it_when_it_is_removed()
    {
        await using var house = new House(server) { Settings = { ["LYCEUM_EXACT_SEARCH_CHUNKS"] = "100" } };
        await house.InitializeAsync();
        var ((first, _), (second, _)) = (await house.StubModel("embeddings", dimension: 64), await house.StubModel("embeddings", dimension: 48));
        var shelf = await house.Numbered(first, 120);
        var set = await house.Begin(shelf, second);
        Assert.True((await house.Until(shelf, set, "ready")).GetProperty("hasIndex").GetBoolean());
        var index = $"vectors_{set:N}";
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = '{index}' and i.indisvalid"));
        await house.Activate(shelf, set);
        var indexed = await house.ByMeaning(shelf, "the lamp number 4 in green light");
        await house.Do($"update knowledge.embedding_sets set index_name = null where id = '{set}'");
        Assert.Equal(await house.ByMeaning(shelf, "the lamp number 4 in green light"), indexed);

        await house.Undo(shelf);
        Assert.True((await house.Ann.Http.DeleteAsync($"{Reembedding.Api}/{shelf}/embedding-sets/{set}", Ct)).IsSuccessStatusCode);
        await house.CaughtUp(shelf);
        Assert.Equal(0L, await house.Database.Ask<long>($"""
            select (select count(*) from pg_class where relname = '{index}') + (select count(*) from knowledge.chunk_embeddings where embedding_set_id = '{set}') + (select count(*) from knowledge.embedding_sets where id = '{set}')
            """));
        await house.SetsAreWhole(shelf);
    }
}
