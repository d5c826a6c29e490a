using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>Who may see a single document: on every path, in both legs and both tiers, and without a trace for everybody else.</summary>
public sealed class DocumentAccessTests(FilterTests.Shelf shelf) : IClassFixture<FilterTests.Shelf>
{
    private static readonly string[] Ways = ["vector", "lexical", "hybrid", "mmr", "parent_child"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private House House => shelf.House;

    [Fact]
    [Trait("row", "KNW-23")]
    [Trait("row", "RET-15")]
    public async Task Two_people_who_ask_the_same_get_different_sources()
    {
        var cid = await House.Colleague("Cid", "team_editor");
        var dan = await House.Colleague("Dan", null);
        var cidsMail = await House.Database.Ask<string>($"select email::text from iam.users where id = '{cid.UserId}'");
        var dansTeam = await House.Database.Ask<string>($"select slug::text from iam.teams where id = '{dan.Team}'");
        var id = await House.Shelf(
        [
            Item("open", null), Item("everyone", new { access = "restricted", allowed = new[] { new { type = "everyone", name = "everyone" } } }),
            Item("cids", new { access = "restricted", allowed = new[] { new { type = "email", name = cidsMail.ToUpperInvariant() } } }),
            Item("dans", new { access = "restricted", allowed = new[] { new { type = "group", name = dansTeam } } }),
            Item("unknown", new { access = "restricted" }),
        ]);
        foreach (var strategy in Ways)
        {
            Assert.Equal("cids everyone open", await Found(cid, id, strategy));
            Assert.Equal("dans everyone open", await Found(dan, id, strategy));
            Assert.Equal("everyone open", await Found(House.Bob, id, strategy)); // an administrator is nobody to a document either
            Assert.Equal("cids dans everyone open unknown", await Found(House.Ann, id, strategy)); // who brought them
        }

        // Leaving the group counts at once, and so does a change of the list.
        var document = await Document(id, "dans");
        await House.Do($"update iam.teams set deleted_at = now() where id = '{dan.Team}'");
        await House.Do($"update iam.teams set deleted_at = null, slug = 'renamed-{dan.Team}' where id = '{dan.Team}'");
        Assert.Equal("everyone open", await Found(dan, id, "hybrid"));
        await House.Json(await House.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/documents/{document}/access", new { access = "restricted", allowed = new[] { new { type = "group", name = dan.Team.ToString() } } }, Ct));
        Assert.Equal("dans everyone open", await Found(dan, id, "hybrid"));
        await House.Json(await House.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/documents/{document}/access", new { access = "collection" }, Ct));
        Assert.Equal("dans everyone open", await Found(House.Bob, id, "hybrid"));
        Assert.Equal(2L, await House.Database.Ask<long>($"select count(*) from ops.audit_logs where resource_id = '{document}' and action = 'document.access_changed'"));
    }

    [Fact]
    [Trait("row", "KNW-23")]
    [Trait("row", "RET-15")]
    public async Task The_best_k_are_filled_from_what_one_may_see_in_both_legs_and_with_and_without_an_index()
    {
        foreach (var others in new[] { 0, 150 })
        {
            // The hidden ones answer the question best: a filter after the search would leave nothing.
            var id = await House.Shelf(
            [
                .. Enumerable.Range(0, 40).Select(i => Item($"hidden-{i}", new { access = "restricted" }, "The harbour master's harbour report of the harbour.")),
                .. Enumerable.Range(0, 6).Select(i => Item($"open-{i}", null, $"A report that mentions the harbour once, on page {i}.")),
                .. Enumerable.Range(0, others).Select(i => Item($"garden-{i}", null, $"Gardens, walls and benches, number {i}.")),
            ]);
            if (others > 0)
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                while (await House.Database.Ask<long>($"select count(*) from knowledge.embedding_sets where collection_id = '{id}' and index_name is not null") == 0)
                {
                    limit.Token.ThrowIfCancellationRequested();
                    await Task.Yield();
                }
            }

            foreach (var strategy in Ways)
            {
                var answer = await House.Bob.Search(new { query = "harbour report", collections = new[] { id }, topK = 6, strategy });
                // mmr looks for difference and may take gardens.
                Assert.True(strategy == "mmr" || answer.Found().All(f => f.StartsWith("open", StringComparison.Ordinal)), $"{strategy} with {others} others found {string.Join(' ', answer.Found())}");
                Assert.Equal(6, answer.Hits().Count);
                Assert.DoesNotContain(answer.Found(), f => f.StartsWith("hidden", StringComparison.Ordinal));
                var candidates = await House.Database.Ask<string>($"select candidates::text from knowledge.retrieval_queries where id = '{answer.GetProperty("queryId").GetGuid()}'");
                var hidden = await House.Database.Names($"select k.id::text from knowledge.chunks k join knowledge.documents d on d.id = k.document_id where d.collection_id = '{id}' and d.external_id like 'hidden%'");
                Assert.DoesNotContain(hidden, h => candidates.Contains(h, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    [Trait("row", "KNW-23")]
    [Trait("row", "RET-15")]
    public async Task A_hidden_document_is_like_none_on_every_path()
    {
        var slug = "vault-" + Guid.NewGuid().ToString("N")[..12];
        var id = await House.Shelf(
            [Item("open", null), Item("secret", new { access = "restricted" }, "The secret word is plankton.")], collection: new { name = "Vault", slug, visibility = "company" });
        var document = await Document(id, "secret");
        var chunk = await House.Database.Ask<Guid>($"select id from knowledge.chunks where document_id = '{document}'");
        foreach (var stranger in new[] { House.Bob, await House.Colleague("Fay", "team_editor") })
        {
            var http = stranger.Http;
            foreach (var path in new[] { $"documents/{document}", $"documents/{document}/text", $"documents/{document}/chunks", $"documents/{document}/content", $"documents/{document}/access", $"chunks/{chunk}" })
            {
                Assert.Equal(404, (await http.GetAsync("/api/v1/knowledge/" + path, Ct).Said()).Status);
            }

            Assert.Equal(404, (await http.DeleteAsync($"/api/v1/knowledge/documents/{document}", Ct).Said()).Status);
            Assert.Equal(404, (await http.PostAsync($"/api/v1/knowledge/documents/{document}/retry", null, Ct).Said()).Status);
            Assert.Equal(404, (await http.PutAsJsonAsync($"/api/v1/knowledge/documents/{document}/access", new { access = "collection" }, Ct).Said()).Status);
            Assert.DoesNotContain("secret", await http.GetStringAsync($"/api/v1/knowledge/collections/{id}/documents", Ct), StringComparison.Ordinal);
            Assert.DoesNotContain("secret", await http.GetStringAsync($"/api/v1/knowledge/collections/{id}/documents?q=secret", Ct), StringComparison.Ordinal);
            var collection = await House.Json(await http.GetAsync($"/api/v1/knowledge/collections/{id}", Ct));
            Assert.Equal((1, 1), (collection.GetProperty("documentCount").GetInt32(), collection.GetProperty("chunkCount").GetInt32()));
            Assert.DoesNotContain("plankton", await Answer(http, $"kb:{slug}"), StringComparison.Ordinal);
            var taken = await House.Json(await http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/texts", new { items = new[] { new { externalId = "secret", title = "t", text = "The secret word is plankton." } } }, Ct));
            Assert.Equal("external_id_taken", taken.GetProperty("items")[0].GetProperty("problem").GetProperty("code").GetString());
        }

        var own = await House.Json(await House.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{id}", Ct));
        Assert.Equal(2, own.GetProperty("documentCount").GetInt32());
        Assert.Contains("plankton", await Answer(House.Ann.Http, $"kb:{slug}"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "KNW-23")]
    public async Task The_same_file_as_a_hidden_one_is_no_duplicate()
    {
        var id = await House.Shelf("Something else.");
        var bytes = Encoding.UTF8.GetBytes($"The minutes of the secret meeting, {Guid.NewGuid()}.");
        Assert.Equal("accepted", (await Upload(House.Ann, id, bytes, "?access=restricted&allow=email:somebody@example.com")).GetProperty("status").GetString());
        await House.Settled(id);
        Assert.Equal("accepted", (await Upload(House.Bob, id, bytes, "")).GetProperty("status").GetString());
        Assert.Equal("duplicate", (await Upload(House.Bob, id, bytes, "")).GetProperty("status").GetString());
        Assert.Equal((400, "invalid_document_access"), await House.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{id}/documents?allow=planet:mars", File(bytes), Ct).Said());
    }

    [Fact]
    [Trait("row", "KNW-23")]
    public async Task Nobody_locks_themselves_out_and_a_list_must_make_sense()
    {
        var id = await House.Shelf([Item("open", null)]);
        var document = await Document(id, "open");
        var path = $"/api/v1/knowledge/documents/{document}/access";
        Assert.Equal((400, "access_locks_you_out"), await House.Bob.Http.PutAsJsonAsync(path, new { access = "restricted" }, Ct).Said());
        Assert.Equal((400, "invalid_document_access"), await House.Bob.Http.PutAsJsonAsync(path, new { access = "restricted", allowed = new[] { new { type = "planet", name = "mars" } } }, Ct).Said());
        Assert.Equal((400, "invalid_document_access"), await House.Bob.Http.PutAsJsonAsync(path, new { access = "collection", allowed = new[] { new { type = "email", name = "x@y" } } }, Ct).Said());
        Assert.Equal((400, "invalid_request"), await House.Bob.Http.PutAsJsonAsync(path, new { access = "nobody" }, Ct).Said());
        Assert.Equal(404, (await House.Eve.Http.PutAsJsonAsync(path, new { access = "restricted" }, Ct).Said()).Status);
        Assert.Equal("collection", (await House.Json(await House.Bob.Http.GetAsync(path, Ct))).GetProperty("access").GetString());
    }

    private static object Item(string id, object? access, string? text = null) => access is null
        ? new { externalId = id, title = id, text = text ?? $"The report {id} about the harbour." }
        : new { externalId = id, title = id, text = text ?? $"The report {id} about the harbour.", access };

    private static async Task<string> Found(Lyceum.Rooms.Tests.Person person, Guid collection, string strategy) =>
        string.Join(' ', (await person.Search(new { query = "report about the harbour", collections = new[] { collection }, topK = 10, strategy })).Found().Order(StringComparer.Ordinal));

    private Task<Guid> Document(Guid collection, string externalId) => House.Database.Ask<Guid>($"select id from knowledge.documents where collection_id = '{collection}' and external_id = '{externalId}'");

    private static MultipartFormDataContent File(byte[] bytes)
    {
        var part = new ByteArrayContent(bytes);
        part.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        return new MultipartFormDataContent { { part, "file", "minutes.txt" } };
    }

    private static async Task<JsonElement> Upload(Lyceum.Rooms.Tests.Person person, Guid collection, byte[] bytes, string query) =>
        (await House.Json(await person.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents{query}", File(bytes), Ct))).GetProperty("items")[0];

    private static async Task<string> Answer(HttpClient http, string model) =>
        await (await http.PostAsJsonAsync("/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = "What is the secret word?" } } }, Ct)).Content.ReadAsStringAsync(Ct);
}
