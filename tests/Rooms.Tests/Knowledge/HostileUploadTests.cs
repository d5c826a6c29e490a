using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>Files that cannot be read, sent as people send them: each ends with its own sentence, and what came beside them is searchable.</summary>
public sealed class HostileUploadTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_locked_file_a_bomb_a_table_too_wide_and_a_scan_each_say_why_and_stop_nothing_else()
    {
        var collection = await New();
        var locked = await File.ReadAllBytesAsync(Path.Combine(Files.Repository(), "tests", "Rooms.Tests", "Files", "locked.pdf"), Ct);
        var bomb = ZipMaker.Make(CompressionLevel.Optimal, new DocxMaker().Paragraph("Hello").Parts().Select(p => (p.Name, Encoding.UTF8.GetBytes(p.Content))).Append(("word/media/a.bmp", new byte[300 << 20])));
        var wide = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"c{i}")) + "\n" + string.Join(',', Enumerable.Repeat("1", 10_000)));
        var report = await Upload(
            collection, ("before.txt", "The brass key opens the archive."u8.ToArray()), ("locked.pdf", locked), ("bomb.docx", bomb), ("wide.csv", wide),
            ("scan.pdf", new PdfMaker("x").Scan().Scan().Make()), ("after.txt", "The silver key opens the cellar."u8.ToArray()));
        Assert.Equal(6, report.Count);
        var state = await house.Settled(collection);
        Assert.Equal((2, 0), (state.GetProperty("documentCount").GetInt32(), state.GetProperty("pendingCount").GetInt32()));
        var ends = report.Where(i => i.GetProperty("status").GetString() == "refused")
            .Select(i => (Name: i.GetProperty("name").GetString()!, Code: i.GetProperty("problem").GetProperty("code").GetString(), Sentence: i.GetProperty("problem").GetProperty("detail").GetString()!))
            .Concat((await Failed(collection)).Select(d => (Name: d.GetProperty("fileName").GetString()!, Code: d.GetProperty("errorCode").GetString(), Sentence: d.GetProperty("errorMessage").GetString()!)))
            .OrderBy(e => e.Name, StringComparer.Ordinal).ToList(); // each has all three
        Assert.Equal([("bomb.docx", "zip_bomb"), ("locked.pdf", "password_protected"), ("scan.pdf", "no_text"), ("wide.csv", "too_many_columns")], ends.Select(e => (e.Name, e.Code)));
        Assert.All(ends, e => Assert.EndsWith(".", e.Sentence, StringComparison.Ordinal));
        Assert.All(ends, e => Assert.DoesNotContain("Exception", e.Sentence, StringComparison.Ordinal));
        Assert.Equal(2, (await Search(collection, "key opens")).Count);
    }

    [Fact]
    public async Task More_than_two_hundred_files_at_once_are_told_so_and_the_first_two_hundred_are_kept()
    {
        var collection = await New();
        var report = await Upload(collection, [.. Enumerable.Range(0, 203).Select(i => ($"n-{i}.txt", Encoding.UTF8.GetBytes($"Note {i} of many.")))]);
        Assert.Equal(200, report.Count(i => i.GetProperty("status").GetString() == "accepted"));
        var refused = report.Single(i => i.GetProperty("status").GetString() == "refused");
        Assert.Equal(("n-200.txt", "too_many_files"), (refused.GetProperty("name").GetString(), refused.GetProperty("problem").GetProperty("code").GetString()));
        Assert.Equal(200, (await house.Settled(collection)).GetProperty("documentCount").GetInt32());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task No_texts_and_more_than_a_thousand_are_refused_by_their_number(int count)
    {
        var collection = await New();
        var answer = await house.Ann.Http.PostAsJsonAsync(
            $"/api/v1/knowledge/collections/{collection}/texts", new { items = Enumerable.Range(0, count).Select(i => new { externalId = $"e{i}", title = "T", text = "Text." }) }, Ct);
        Assert.Equal((400, "invalid_item_count"), ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString()));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.documents where collection_id = '{collection}'"));
    }

    [Fact]
    public async Task A_change_with_an_old_etag_is_refused_and_changes_nothing()
    {
        var collection = await New();
        var read = await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct);
        var tag = read.Headers.ETag!; // collections have one
        Assert.Equal(200, await Rename("First", tag));
        Assert.Equal(412, await Rename("Second", tag));
        Assert.Equal("First", (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct))).GetProperty("name").GetString());

        async Task<int> Rename(string name, System.Net.Http.Headers.EntityTagHeaderValue match)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/knowledge/collections/{collection}") { Content = JsonContent.Create(new { name }) };
            request.Headers.IfMatch.Add(match);
            using var answer = await house.Ann.Http.SendAsync(request, Ct);
            return (int)answer.StatusCode;
        }
    }

    private async Task<Guid> New() =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();

    private async Task<List<JsonElement>> Upload(Guid collection, params (string Name, byte[] Bytes)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, bytes) in files)
        {
            form.Add(new ByteArrayContent(bytes), "file", name);
        }

        return [.. (await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct))).GetProperty("items").EnumerateArray()];
    }

    private async Task<List<JsonElement>> Failed(Guid collection) =>
        [.. (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{collection}/documents?status=failed", Ct))).GetProperty("data").EnumerateArray()];

    private async Task<List<JsonElement>> Search(Guid collection, string query) =>
        [.. (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query, collections = new[] { collection }, topK = 5 }, Ct))).GetProperty("hits").EnumerateArray()];
}
