using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>Filters: typed, the same in both legs and with and without an index, and an error where they are not understood.</summary>
public sealed class FilterTests(FilterTests.Shelf shelf) : IClassFixture<FilterTests.Shelf>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases => new()
    {
        { """{"year":{"eq":2021}}""", "b" },
        { """{"year":2021}""", "b" },
        { """{"year":{"ne":2021}}""", "a c d" },
        { """{"year":{"gt":2020}}""", "b c" },
        { """{"year":{"gte":2020}}""", "a b c" },
        { """{"year":{"lt":2021}}""", "a" },
        { """{"year":{"lte":2021}}""", "a b" },
        { """{"year":{"in":[2020,2100]}}""", "a c" },
        { """{"year":[2020]}""", "a" },
        { """{"year":{"exists":true}}""", "a b c" },
        { """{"year":{"exists":false}}""", "d" },
        { """{"year":{"gt":2020,"lt":2100}}""", "b" },
        { """{"year":{"eq":"2021"}}""", "" },
        { """{"kind":"memo","year":{"gte":2020}}""", "a c" },
        { """{"kind":{"ne":"memo"}}""", "b d" },
        { """{"due":{"gte":"2026-02-01"}}""", "b c" },
        { """{"due":{"lt":"2026-02-01T00:00:00Z"}}""", "a" },
        { """{"due":{"eq":"2026-03-01T12:00:00+01:00"}}""", "c" },
        { """{"done":true}""", "a" },
        { """{"tags":"red"}""", "a b" },
        { """{"kind":{"eq":"memo' or 1=1 --"}}""", "" },
        { """{"a\"b]) || true":{"exists":true}}""", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("row", "RET-04")]
    public async Task A_filter_finds_the_same_in_both_legs_and_on_every_store(string filter, string expected)
    {
        var filters = System.Text.Json.Nodes.JsonNode.Parse(filter)!; // all are objects
        filters["set"] = "four";
        foreach (var collection in new[] { shelf.Small, shelf.Indexed })
        {
            foreach (var strategy in new[] { "vector", "lexical", "hybrid" })
            {
                var found = await shelf.House.Ann.Search(new { query = "harbour report", collections = new[] { collection }, topK = 10, strategy, filters });
                Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), found.Found().Order());
            }
        }
    }

    [Theory]
    [InlineData("""{"year":{"near":2020}}""", "unknown_filter_operator")]
    [InlineData("""{"year":{"gt":"soon"}}""", "invalid_filter")]
    [InlineData("""{"year":{"lte":true}}""", "invalid_filter")]
    [InlineData("""{"year":{"in":2020}}""", "invalid_filter")]
    [InlineData("""{"year":{"exists":"yes"}}""", "invalid_filter")]
    [InlineData("""{"year":{"eq":{"x":1}}}""", "invalid_filter")]
    [InlineData("""["year"]""", "invalid_filter")]
    [Trait("row", "RET-04")]
    public async Task A_filter_that_is_not_understood_is_an_error_and_never_ignored(string filter, string code)
    {
        using var filters = JsonDocument.Parse(filter);
        Assert.Equal((400, code), await shelf.House.Ann.Http.PostAsJsonAsync(
            "/api/v1/knowledge/search", new { query = "harbour", collections = new[] { shelf.Small }, filters = filters.RootElement }, Ct).Said());
    }

    [Fact]
    [Trait("row", "RET-05")]
    public async Task Folders_sources_dates_and_languages_narrow_together()
    {
        var source = Guid.NewGuid();
        var folders = new Dictionary<Guid, Guid> { [shelf.Small] = await Folder(shelf.Small), [shelf.Indexed] = await Folder(shelf.Indexed) };
        await shelf.House.Do($"""
            update knowledge.documents set folder_id = case collection_id when '{shelf.Small}' then '{folders[shelf.Small]}'::uuid else '{folders[shelf.Indexed]}' end
              where external_id in ('a', 'b') and collection_id in ('{shelf.Small}', '{shelf.Indexed}');
            update knowledge.documents set connector_id = '{source}' where external_id in ('b', 'c') and collection_id in ('{shelf.Small}', '{shelf.Indexed}');
            update knowledge.documents set uploaded_at = '2020-01-01' where external_id = 'c' and collection_id in ('{shelf.Small}', '{shelf.Indexed}');
            update knowledge.chunks k set language = case d.external_id when 'd' then 'de' else 'en' end from knowledge.documents d
              where d.id = k.document_id and d.collection_id in ('{shelf.Small}', '{shelf.Indexed}');
            """);
        foreach (var (request, expected) in new (Func<Guid, string, object> Request, string Expected)[]
        {
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, folders = new[] { folders[c] } }, "a b"),
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, sources = new[] { source } }, "b c"),
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, folders = new[] { folders[c] }, sources = new[] { source } }, "b"),
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, languages = new[] { "DE" } }, "d"),
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, to = "2021-01-01T00:00:00Z" }, "c"),
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, from = "2021-01-01T00:00:00Z", languages = new[] { "en" }, filters = new { kind = "memo" } }, "a"),
            ((c, s) => new { query = "harbour report", collections = new[] { c }, strategy = s, folders = new[] { Guid.NewGuid() } }, ""),
        })
        {
            foreach (var strategy in new[] { "vector", "lexical" })
            {
                Assert.Equal(expected, string.Join(' ', (await shelf.House.Ann.Search(request(shelf.Small, strategy))).Found().Order()));
                Assert.Equal(expected, string.Join(' ', (await shelf.House.Ann.Search(request(shelf.Indexed, strategy))).Found().Order(StringComparer.Ordinal)));
            }
        }
    }

    private async Task<Guid> Folder(Guid collection) =>
        (await House.Json(await shelf.House.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/folders", new { name = "Reports" }, Ct))).GetProperty("id").GetGuid();

    /// <summary>The same four documents in a set that is searched exactly and in one with an index of its own among many others.</summary>
    public sealed class Shelf(TestServer server) : IAsyncLifetime
    {
        public House House { get; } = new(server) { Settings = { ["LYCEUM_EXACT_SEARCH_CHUNKS"] = "100" } };

        public Guid Small { get; private set; }

        public Guid Indexed { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await House.InitializeAsync();
            object[] four =
            [
                Item("a", new { set = "four", year = 2020, kind = "memo", due = "2026-01-15", done = true, tags = new[] { "red", "old" } }),
                Item("b", new { set = "four", year = 2021, kind = "note", due = "2026-02-01", done = false, tags = new[] { "red" } }),
                Item("c", new { set = "four", year = 2100, kind = "memo", due = "2026-03-01T11:00:00Z" }),
                Item("d", new { set = "four" }),
            ];
            Small = await House.Shelf(four);
            Indexed = await House.Shelf([.. four, .. Enumerable.Range(0, 160).Select(i => (object)new
            {
                externalId = $"x{i}", title = "Other", text = $"Something else, number {i}, about gardens and their {i % 17} walls.", metadata = new { year = 1900, due = "1900-01-01", kind = "other", done = 0, tags = "none" },
            })]);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (await House.Database.Ask<long>($"select count(*) from knowledge.embedding_sets where collection_id = '{Indexed}' and index_name is not null") == 0)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        public ValueTask DisposeAsync() => House.DisposeAsync();

        private static object Item(string id, object metadata) => new { externalId = id, title = "Report", text = $"The report {id} about the harbour of the town.", metadata };
    }
}
