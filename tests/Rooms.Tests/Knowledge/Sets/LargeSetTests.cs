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

    [Fact]
    public async Task An_index_of_which_much_was_removed_is_built_anew_and_searched_meanwhile()
    {
        await using var house = new House(server) { Settings = { ["LYCEUM_EXACT_SEARCH_CHUNKS"] = "100" } };
        await house.InitializeAsync();
        var (model, _) = await house.StubModel("embeddings", dimension: 64);
        var shelf = await house.Numbered(model, 150);
        await Until("select count(*) = 1 from knowledge.embedding_sets where index_name is not null");
        var before = await File();
        var first = await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{shelf}' order by id limit 20");
        await Remove(first);
        Assert.Equal(20, await house.Database.Ask<int>("select index_removed from knowledge.embedding_sets"));
        Assert.Equal(before, await File()); // not yet worth it

        await Remove(await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{shelf}' and deleted_at is null order by id limit 20"));
        await house.Do("update ops.jobs set run_after = now() where job_type = 'knowledge.upkeep' and status = 'pending'; notify lyceum, 'jobs:maintenance'");
        await Until("select index_removed = 0 from knowledge.embedding_sets");
        Assert.NotEqual(before, await File());
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname like 'vectors_%' and i.indisvalid"));
        Assert.NotEmpty(await house.ByMeaning(shelf, "the lamp number 77 in green light"));

        Task<long> File() => house.Database.Ask<long>("select c.relfilenode::bigint from pg_class c join knowledge.embedding_sets s on c.relname = s.index_name");
        Task Until(string sql) => Platform.JobHouse.Until(() => house.Database.Ask<bool>(sql), sql);
        async Task Remove(IEnumerable<string> documents)
        {
            foreach (var document in documents)
            {
                Assert.True((await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/documents/{document}", Ct)).IsSuccessStatusCode);
            }
        }
    }
}
