using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>A collection as a file: everything of it but its vectors, and back into a new one.</summary>
public sealed class TransferTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    private static async Task<Dictionary<string, string>> Unpack(byte[] zip)
    {
        await using var archive = new ZipArchive(new MemoryStream(zip));
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Ct));
            files[entry.FullName] = await reader.ReadToEndAsync(Ct);
        }

        return files;
    }

    private static Task<HttpResponseMessage> Import(Person person, byte[] zip, string query = "") =>
        person.Http.PostAsync($"{K}/collections/import{query}", new ByteArrayContent(zip) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } }, Ct);

    [Fact]
    [Trait("row", "KNW-28")]
    public async Task An_export_has_everything_but_vectors_and_an_import_makes_it_searchable_again()
    {
        var id = await house.Empty(new { name = "Harbour", visibility = "company", chunkSize = 100, chunkOverlap = 10, description = "All of the harbour" });
        await Ann.Patch($"/collections/{id}", new { metadataFields = new[] { new { name = "year", type = "integer" } }, defaultTopK = 7 });
        await Ann.Files(id, "?paths=true&metadata=%7B%22year%22%3A2026%7D", ("Handbook/2026/lamp.txt", "The lamp of the harbour is green."), ("top.txt", "The lamp of the office is white."));
        await Ann.Post($"/collections/{id}/texts", new
        {
            items = new object[]
            {
                new { externalId = "mail", title = "Mail", text = "The lamp of the mail is red.", metadata = new { year = 2025 }, sourceUrl = "https://example.com/mail" },
                new { externalId = "reply", title = "Reply", text = "The lamp of the reply is blue.", parentExternalId = "mail" },
                new { externalId = "secret", title = "Secret", text = "The lamp of the vault is black.", access = new { access = "restricted" } },
            },
        });
        await house.Settled(id);
        await Ann.Folder(id, "Empty");
        var lamp = (await Ann.List($"/collections/{id}/documents?q=lamp"))[0].GetProperty("id").GetGuid();
        await Ann.Patch($"/documents/{lamp}", new { title = "The lamp of the harbour" });
        await house.Settled(id);

        var zip = await Ann.Http.GetByteArrayAsync($"{K}/collections/{id}/export", Ct);
        var files = await Unpack(zip);
        Assert.Equal(4, files.Count); // what it is, its documents, two originals
        Assert.Equal("The lamp of the harbour is green.", files[$"files/{lamp}"]);
        Assert.All(files.Values, text => Assert.DoesNotContain("embedding", text, StringComparison.OrdinalIgnoreCase));
        var lines = files["documents.jsonl"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(5, lines.Count);
        Assert.All(lines, l => Assert.NotEmpty(l.GetProperty("chunks").EnumerateArray()));
        var chunk = await house.Database.Ask<Guid>($"select id from knowledge.chunks where document_id = '{lamp}'");
        Assert.Contains(lines, l => l.GetProperty("chunks")[0].GetProperty("id").GetGuid() == chunk);
        var bobs = await Unpack(await house.Bob.Http.GetByteArrayAsync($"{K}/collections/{id}/export", Ct));
        Assert.DoesNotContain("vault", bobs["documents.jsonl"], StringComparison.Ordinal);
        Assert.Equal((404, "collection_not_found"), await house.Eve.Http.GetAsync($"{K}/collections/{id}/export", Ct).Said());

        // Into another organisation, which has nothing of it.
        var report = await House.Json(await Import(house.Eve, zip, "?name=Port"));
        Assert.Equal((5, 0), (report.GetProperty("accepted").GetInt32(), report.GetProperty("refused").GetArrayLength()));
        var made = report.GetProperty("collection");
        var copy = made.GetProperty("id").GetGuid();
        Assert.Equal(("Port", "private", 100, 7, "All of the harbour"), (made.GetProperty("name").GetString(), made.GetProperty("visibility").GetString(), made.GetProperty("chunkSize").GetInt32(), made.GetProperty("defaultTopK").GetInt32(), made.GetProperty("description").GetString()));
        Assert.Equal("year", made.GetProperty("metadataFields")[0].GetProperty("name").GetString());
        await house.Settled(copy, house.Eve);
        Assert.Equal("/Empty /Handbook /Handbook/2026", await house.Eve.Paths(copy));
        var documents = (await house.Eve.List($"/collections/{copy}/documents")).ToDictionary(d => d.GetProperty("title").GetString()!); // each has one
        Assert.Equal(["Mail", "Reply", "Secret", "The lamp of the harbour", "top.txt"], documents.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("/Handbook/2026", 2026, "lamp.txt"), (documents["The lamp of the harbour"].GetProperty("folderPath").GetString(), documents["The lamp of the harbour"].GetProperty("metadata").GetProperty("year").GetInt32(), documents["The lamp of the harbour"].GetProperty("fileName").GetString()));
        Assert.Equal("https://example.com/mail", documents["Mail"].GetProperty("sourceUrl").GetString());
        Assert.Equal(documents["Mail"].GetProperty("id").GetGuid(), documents["Reply"].GetProperty("parentId").GetGuid());
        Assert.Equal("restricted", (await house.Eve.Get($"/documents/{documents["Secret"].GetProperty("id").GetGuid()}/access")).GetProperty("access").GetString());
        Assert.Equal("Mail Reply Secret The lamp of the harbour top.txt", await house.Eve.Finds(copy, "lamp"));
        Assert.True(await house.CountersAreTrue(copy));
        Assert.Equal("Mail Reply Secret The lamp of the harbour top.txt", await Ann.Finds(id, "lamp"));

        // The same once more stands beside the first under another short name.
        Assert.Equal("port-2", (await House.Json(await Import(house.Eve, zip, "?name=Port"))).GetProperty("collection").GetProperty("slug").GetString());
    }

    [Fact]
    [Trait("row", "KNW-28")]
    public async Task A_file_that_is_no_export_is_refused_and_a_bad_document_leaves_the_others_alone()
    {
        Assert.Equal((400, "invalid_import"), await Import(Ann, "no archive"u8.ToArray()).Said());
        Assert.Equal((400, "invalid_import"), await Import(Ann, Pack(("other.txt", "x"))).Said());
        Assert.Equal((400, "invalid_import"), await Import(Ann, Pack(("collection.json", """{"format":"other","version":1}"""))).Said());
        Assert.Equal((415, "zip_expected"), await Ann.Http.PostAsync($"{K}/collections/import", new StringContent("{}", Encoding.UTF8, "application/json"), Ct).Said());
        const string about = """{"format":"lyceum.collection","version":1,"exportedAt":"2026-01-01T00:00:00Z","name":"Mixed","chunkingStrategy":"recursive","chunkSize":1,"chunkOverlap":99999,"defaultTopK":0,"fixedMetadata":false}""";
        string Line(string rest) => $$"""{"id":"{{Guid.NewGuid()}}","metadata":{},"hasFile":false,{{rest}}}""";
        var report = await House.Json(await Import(Ann, Pack(("collection.json", about), ("documents.jsonl", string.Join('\n',
            Line("""  "externalId":"a","title":"a","text":"The lamp is green.","folderPath":"/../../In/./x" """), Line("""  "externalId":"b","title":"b","text":" " """),
            Line("""  "externalId":"c","title":"c","text":"x","sourceUrl":"javascript:alert(1)" """), Line("""  "title":"lost.txt","hasFile":true """).Replace("\"hasFile\":false,", "", StringComparison.Ordinal))))));
        Assert.Equal((1, 3), (report.GetProperty("accepted").GetInt32(), report.GetProperty("refused").GetArrayLength()));
        Assert.All(report.GetProperty("refused").EnumerateArray(), r => Assert.NotEqual("", r.GetProperty("problem").GetProperty("detail").GetString()));
        var id = report.GetProperty("collection").GetProperty("id").GetGuid();
        await house.Settled(id);
        Assert.Equal("/In /In/x", await Ann.Paths(id));
        Assert.Equal("a", await Ann.Finds(id, "lamp"));
    }

    private static byte[] Pack(params (string Name, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in files)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write(text);
            }
        }

        return memory.ToArray();
    }
}
