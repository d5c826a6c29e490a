using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>What happens to documents after they came: together, out of use and back, gone; and the numbers of it all.</summary>
public sealed class LifeTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    private static object Text(string id, string text, object? metadata = null, object? access = null) => new { externalId = id, title = id, text, metadata, access };

    private async Task<Guid> Shelf(params object[] items)
    {
        var id = await house.Empty();
        await Ann.Post($"/collections/{id}/texts", new { items });
        await house.Settled(id);
        return id;
    }

    private static (int, int) Of(JsonElement removal) => (removal.GetProperty("documents").GetInt32(), removal.GetProperty("chunks").GetInt32());

    private Task<JsonElement> Delete(Guid collection, object body, Person? by = null) => (by ?? Ann).Post($"/collections/{collection}/documents/delete", body);

    [Fact]
    [Trait("row", "KNW-24")]
    public async Task What_a_dry_run_counts_is_what_goes_by_id_by_filter_and_all()
    {
        var id = await Shelf(
            Text("a", "The lamp is green.", new { year = 2020, kind = "memo" }), Text("b", "The lamp is red.", new { year = 2021, kind = "memo" }), Text("c", "The lamp is white.", new { year = 2022, kind = "plan" }),
            Text("d", "The lamp is blue.", new { year = 2023, kind = "plan" }), Text("secret", "The lamp is hidden.", new { year = 2021, kind = "memo" }, new { access = "restricted" }));
        var byYear = new { where = new { filters = new { year = new { gte = 2021 }, kind = "memo" } }, dryRun = true };
        Assert.Equal((1, 1), Of(await Delete(id, byYear, house.Bob))); // what Bob does not see is not counted
        Assert.Equal((2, 2), Of(await Delete(id, byYear)));
        Assert.Equal("a b c d secret", await Ann.Titles(id));
        Assert.Equal((409, "confirm_count"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/documents/delete", new { byYear.where }, Ct).Said());
        Assert.Equal((1, 1), Of(await Delete(id, new { byYear.where, confirm = 1 }, house.Bob)));
        Assert.Equal("a c d secret", await Ann.Finds(id, "lamp"));
        var a = (await Ann.List($"/collections/{id}/documents?q=a")).Single(d => d.GetProperty("title").GetString() == "a").GetProperty("id").GetGuid();
        Assert.Equal((1, 1), Of(await Delete(id, new { documents = new[] { a, a }, dryRun = true })));
        Assert.Equal((404, "document_not_found"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/documents/delete", new { documents = new[] { a, Guid.NewGuid() } }, Ct).Said());
        Assert.Equal((1, 1), Of(await Delete(id, new { documents = new[] { a, a } })));
        Assert.Equal((404, "document_not_found"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/documents/delete", new { documents = new[] { a } }, Ct).Said());
        Assert.Equal("c d secret", await Ann.Finds(id, "lamp"));
        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal((2, 2), Of(await Delete(id, new { all = true, dryRun = true }, house.Bob)));
        Assert.Equal((3, 3), Of(await Delete(id, new { all = true, confirm = 3 })));
        Assert.Equal("", await Ann.Titles(id));
        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id where s.collection_id = '{id}'"));
        Assert.Equal(3L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'documents.deleted' and resource_id = '{id}'"));
        foreach (var (body, code) in new (object, string)[]
        {
            (new { }, "invalid_selection"), (new { where = new { } }, "invalid_selection"), (new { all = true, documents = new[] { a } }, "invalid_selection"),
            (new { where = new { filters = new { year = new { near = 1 } } } }, "unknown_filter_operator"), (new { where = new { status = "lost" } }, "invalid_status"),
        })
        {
            Assert.Equal((400, code), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/documents/delete", body, Ct).Said());
        }
    }

    [Fact]
    [Trait("row", "ING-28")]
    [Trait("row", "ING-27")]
    public async Task A_batch_lists_exactly_what_came_with_it_and_says_how_far_it_is()
    {
        var id = await house.Empty();
        var batch = (await Ann.Post($"/collections/{id}/batches", new { name = "Spring" })).GetProperty("id").GetGuid();
        await Ann.Files(id, $"?batch={batch}", ("a.txt", "The lamp is green."), ("b.txt", "The lamp is red."));
        await Ann.Files(id, $"?batch={batch}", ("c.txt", "The lamp is white."), ("again.txt", "The lamp is red."), ("broken.pdf", "%PDF-1.7 no pages"));
        await Ann.Files(id, "", ("other.txt", "The lamp is blue."));
        var texts = await Ann.Post($"/collections/{id}/texts", new { items = new[] { Text("x", "The lamp is violet.") } });
        await house.Settled(id);
        Assert.Equal("a.txt b.txt broken.pdf c.txt", await Ann.Titles(id, $"?batch={batch}"));
        Assert.Equal("x", await Ann.Titles(id, $"?batch={texts.GetProperty("batchId").GetGuid()}"));
        var said = await Ann.Get($"/batches/{batch}");
        Assert.Equal(("Spring", 4, 3, 0, 1, 100), (said.GetProperty("name").GetString(), said.GetProperty("total").GetInt32(), said.GetProperty("ready").GetInt32(),
            said.GetProperty("inWork").GetInt32(), said.GetProperty("failed").GetInt32(), said.GetProperty("percent").GetInt32()));
        Assert.Equal(["texts", "upload", "upload"], (await Ann.List($"/collections/{id}/batches")).Select(b => b.GetProperty("kind").GetString()));

        // Half of the documents half embedded.
        await house.Do($"update knowledge.documents set status = 'processing', intake_step = 'embed', intake_progress = 50 where batch_id = '{batch}' and title in ('a.txt', 'b.txt')");
        said = await Ann.Get($"/batches/{batch}");
        Assert.Equal((1, 2, 1, 83), (said.GetProperty("ready").GetInt32(), said.GetProperty("inWork").GetInt32(), said.GetProperty("failed").GetInt32(), said.GetProperty("percent").GetInt32()));
        Assert.Equal((404, "batch_not_found"), await Ann.Http.GetAsync($"{K}/collections/{id}/documents?batch={Guid.NewGuid()}", Ct).Said());
        Assert.Equal((404, "batch_not_found"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{await house.Empty()}/texts?batch={batch}", new { items = new[] { Text("x", "x") } }, Ct).Said());
    }

    [Fact]
    [Trait("row", "KNW-06")]
    public async Task Counters_that_drifted_are_found_and_set_right_and_true_ones_are_left_alone()
    {
        var id = await Shelf(Text("a", "The lamp is green."), Text("b", "The lamp is red and the lamp is old."));
        Assert.True(await house.CountersAreTrue(id));
        Assert.Empty((await Ann.Post($"/collections/{id}/recount", new { })).GetProperty("wrong").EnumerateArray());
        await house.Do($"""
            update knowledge.collections set document_count = 9, chunk_count = 0, token_count = token_count + 5 where id = '{id}';
            update knowledge.documents set chunk_count = 7 where collection_id = '{id}' and external_id = 'a';
            update knowledge.embedding_sets set chunk_count = 77 where collection_id = '{id}';
            update knowledge.lexical_stats set chunk_count = 3, term_total = 1 where collection_id = '{id}';
            delete from knowledge.term_stats where ctid in (select ctid from knowledge.term_stats where collection_id = '{id}' limit 1);
            update knowledge.term_stats set chunk_count = 50 where ctid in (select ctid from knowledge.term_stats where collection_id = '{id}' limit 1);
            """);
        Assert.False(await house.CountersAreTrue(id));
        await Ann.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob("maintenance", "knowledge.recount"), Ct), Ct);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await house.Database.Ask<bool>($"select exists (select from ops.audit_logs where action = 'collection.recounted' and resource_id = '{id}' and metadata::text like '%stems%')"))
        {
            await Task.Delay(100, limit.Token);
        }

        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from knowledge.embedding_sets where collection_id = '{id}' and chunk_count = 2"));
        Assert.Equal(2L, await house.Database.Ask<long>($"select sum(chunk_count) from knowledge.documents where collection_id = '{id}'"));
        Assert.Equal("a b", await Ann.Finds(id, "lamp"));
    }

    [Fact]
    [Trait("row", "KNW-06")]
    [Trait("row", "KNW-05")]
    public async Task Counters_are_true_after_failure_retry_replacement_and_deletion()
    {
        var id = await Shelf(Text("a", "The lamp is green."), Text("b", "The lamp is red."));
        await Ann.Files(id, "", ("broken.pdf", "%PDF-1.7 no pages"), ("fine.txt", "The lamp is white."));
        await house.Settled(id);
        var broken = (await Ann.List($"/collections/{id}/documents?status=failed"))[0];
        Assert.EndsWith(".", broken.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        await Ann.Post($"/documents/{broken.GetProperty("id").GetGuid()}/retry", new { });
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { Text("b", string.Join(' ', Enumerable.Repeat("The lamp is very red and its light reaches the harbour.", 80))) } });
        await house.Settled(id);
        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/documents/{(await Ann.List($"/collections/{id}/documents?q=b"))[0].GetProperty("id").GetGuid()}", Ct).Said());
        Assert.True(await house.CountersAreTrue(id));
    }

    [Fact]
    [Trait("row", "KNW-04")]
    public async Task An_archived_document_is_in_no_search_and_comes_back_whole()
    {
        var id = await Shelf(Text("a", "The lamp is green."), Text("b", "The lamp is red."));
        await Ann.Files(id, "", ("c.txt", "The lamp is white."));
        await house.Settled(id);
        foreach (var (name, found) in new[] { ("a", "b c.txt"), ("c.txt", "a b") })
        {
            var document = (await Ann.List($"/collections/{id}/documents?q={name}")).Single(d => d.GetProperty("title").GetString() == name).GetProperty("id").GetGuid();
            Assert.Equal((202, null), await Ann.Http.PostAsync($"{K}/documents/{document}/archive", null, Ct).Said());
            Assert.Equal(found, await Ann.Finds(id, "lamp"));
            Assert.Equal(name, await Ann.Titles(id, "?status=archived"));
            Assert.DoesNotContain(name, (await Ann.Titles(id)).Split(' '));
            Assert.True(await house.CountersAreTrue(id));
            Assert.Equal((409, "document_archived"), await Ann.Http.PostAsync($"{K}/documents/{document}/archive", null, Ct).Said());
            Assert.Equal((202, null), await Ann.Http.PostAsync($"{K}/documents/{document}/restore", null, Ct).Said());
            await house.Settled(id);
            Assert.Equal("a b c.txt", await Ann.Finds(id, "lamp"));
            Assert.True(await house.CountersAreTrue(id));
            Assert.Equal((409, "document_not_archived"), await Ann.Http.PostAsync($"{K}/documents/{document}/restore", null, Ct).Said());
        }

        // Sent again, it comes back too, and is not stuck between the two.
        var a = (await Ann.List($"/collections/{id}/documents?q=a")).Single(d => d.GetProperty("title").GetString() == "a").GetProperty("id").GetGuid();
        await Ann.Post($"/documents/{a}/archive", new { });
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { Text("a", "The lamp is green.") } });
        await house.Settled(id);
        Assert.Equal("a b c.txt", await Ann.Finds(id, "lamp"));
        Assert.True(await house.CountersAreTrue(id));
    }

    [Fact]
    [Trait("row", "KNW-01")]
    public async Task An_archived_collection_is_read_and_neither_searched_nor_added_to_until_it_is_restored()
    {
        var (id, other) = (await Shelf(Text("a", "The lamp is green.")), await Shelf(Text("b", "The lamp is red.")));
        Assert.Equal("archived", (await Ann.Post($"/collections/{id}/archive", new { })).GetProperty("status").GetString());
        Assert.Equal("a", await Ann.Titles(id));
        Assert.Equal((409, "collection_archived"), await Ann.Http.PostAsJsonAsync($"{K}/search", new { query = "lamp", collections = new[] { id } }, Ct).Said());
        var both = await Ann.Post("/search", new { query = "lamp", collections = new[] { id, other } });
        Assert.Equal("b", Assert.Single(both.GetProperty("hits").EnumerateArray()).GetProperty("name").GetString());
        Assert.Contains("is archived and was not searched", both.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal((409, "collection_archived"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/texts", new { items = new[] { Text("c", "c") } }, Ct).Said());
        Assert.Equal((409, "collection_archived"), await Ann.Http.PostAsync($"{K}/collections/{id}/archive", null, Ct).Said());
        Assert.Equal("active", (await Ann.Post($"/collections/{id}/restore", new { })).GetProperty("status").GetString());
        Assert.Equal("a", await Ann.Finds(id, "lamp"));
        Assert.Equal((409, "collection_not_archived"), await Ann.Http.PostAsync($"{K}/collections/{id}/restore", null, Ct).Said());
    }

    [Fact]
    [Trait("row", "KNW-24")]
    public async Task A_purge_leaves_no_row_of_a_document_and_none_of_a_collection()
    {
        var id = await Shelf(Text("a", "The lamp is green."), Text("b", "The lamp is red."));
        await Ann.Files(id, "?paths=true", ("In/c.txt", "The lamp is white."));
        await house.Settled(id);
        await Ann.Finds(id, "lamp");
        await Ann.Post("/question-sets", new { collectionId = id, name = "Questions" });
        var a = (await Ann.List($"/collections/{id}/documents?q=a")).Single(d => d.GetProperty("title").GetString() == "a").GetProperty("id").GetGuid();
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/documents/{a}?purge=true", Ct).Said());
        Assert.Equal(0L, await house.Database.Ask<long>($"select (select count(*) from knowledge.documents where id = '{a}') + (select count(*) from knowledge.document_revisions where document_id = '{a}')"));
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/collections/{id}?purge=true", Ct).Said());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<bool>($"select exists (select from knowledge.collections where id = '{id}')"))
        {
            await Task.Delay(100, limit.Token);
        }

        foreach (var table in new[] { "documents", "chunks", "repositories", "batches", "term_stats", "lexical_stats", "embedding_sets", "question_sets" })
        {
            Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.{table} where collection_id = '{id}'"));
        }

        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'collection.purged' and resource_id = '{id}'"));
    }

    [Fact]
    [Trait("row", "KNW-29")]
    public async Task Statistics_say_what_there_is_as_far_as_one_may_see_it()
    {
        var id = await Shelf(Text("a", "The lamp is green."), Text("b", "The lamp is red."), Text("secret", "The lamp is hidden.", null, new { access = "restricted" }));
        await Ann.Files(id, "", ("c.txt", "The lamp is white."), ("broken.pdf", "%PDF-1.7 no pages"));
        await house.Settled(id);
        var b = (await Ann.List($"/collections/{id}/documents?q=b")).Single(d => d.GetProperty("title").GetString() == "b").GetProperty("id").GetGuid();
        await Ann.Post($"/documents/{b}/archive", new { });
        await Ann.Finds(id, "lamp");
        await Ann.Finds(id, "red");
        await Ann.Post("/search", new { query = "lamp", collections = new[] { id, await Shelf(Text("x", "y")) } });
        var all = await Ann.Get($"/collections/{id}/statistics");
        int N(string name) => all.GetProperty(name).GetInt32();
        Assert.Equal((5, 3, 0, 1, 1, 3, 3), (N("documents"), N("ready"), N("inWork"), N("failed"), N("archived"), N("chunks"), N("queries")));
        Assert.Equal(
            await house.Database.Ask<long>($"select sum(size_bytes)::bigint * 100000 + sum(total_tokens) from knowledge.documents where collection_id = '{id}'"),
            (all.GetProperty("bytes").GetInt64() * 100000) + all.GetProperty("tokens").GetInt64());
        Assert.Equal(JsonValueKind.String, all.GetProperty("lastIndexedAt").ValueKind);
        Assert.Equal(JsonValueKind.String, all.GetProperty("lastQueriedAt").ValueKind);
        var days = all.GetProperty("days").EnumerateArray().ToList();
        Assert.Equal((30, 5L, 3L), (days.Count, days[^1].GetProperty("documents").GetInt64() + days[^2].GetProperty("documents").GetInt64(), days[^1].GetProperty("queries").GetInt64() + days[^2].GetProperty("queries").GetInt64()));
        Assert.Contains(all.GetProperty("types").EnumerateArray(), t => t.GetProperty("name").GetString() == "application/pdf" && t.GetProperty("count").GetInt32() == 1);
        Assert.Single(all.GetProperty("failures").EnumerateArray());
        var bobs = await house.Bob.Get($"/collections/{id}/statistics");
        Assert.Equal((4, 2, 2), (bobs.GetProperty("documents").GetInt32(), bobs.GetProperty("ready").GetInt32(), bobs.GetProperty("chunks").GetInt32()));
    }
}
