using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Pipelines;

/// <summary>A program brings documents through a pipeline: where they stand, who sees them and what they carry is the pipeline's to say.</summary>
public sealed class PipelineTests(House house) : IClassFixture<House>
{
    private static readonly string[] Bob = ["bob@example.com"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    private async Task<(Guid Id, HttpClient Http)> Pipeline(Guid collection, object settings)
    {
        var made = await Ann.Post($"/collections/{collection}/pipelines", settings);
        return (made.GetProperty("id").GetGuid(), house.With(made.GetProperty("key").GetString()!)); // it was just made
    }

    private static MultipartFormDataContent File(string name, string text) => new() { { new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(text)), "file", name } };

    private static object Texts(string externalId, object? metadata = null, object? access = null) =>
        new { items = new[] { new { externalId, title = externalId, text = $"The {externalId} of the lamp.", metadata, access } } };

    [Fact]
    [Trait("row", "ING-02")]
    public async Task What_a_pipeline_brings_stands_where_it_says_seen_by_whom_it_says_with_its_metadata()
    {
        var id = await house.Empty();
        await Ann.Patch($"/collections/{id}", new { fixedMetadata = true, metadataFields = new object[] { new { name = "source", type = "text", required = true }, new { name = "year", type = "integer", required = true } } });
        var folder = await Ann.Folder(id, "Inbox");
        var (pipeline, http) = await Pipeline(id, new
        {
            name = " Nightly ", folderId = folder, metadata = new { source = "scanner" }, access = new { access = "restricted", allowed = Bob.Select(name => new { type = "email", name }) },
        });
        var reader = await house.Colleague("Vic", "team_viewer");

        // By file, by text and in parts: the same comes of it.
        var files = await House.Json(await http.PostAsync($"{K}/collections/{id}/documents?metadata=%7B%22year%22%3A1%7D&paths=true", File("2026/scan.txt", "A scan of the lamp."), Ct));
        Assert.Equal("accepted", files.GetProperty("items")[0].GetProperty("status").GetString());
        var texts = await House.Json(await http.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("letter", new { year = 2, source = "post" }), Ct));
        Assert.Equal(1, texts.GetProperty("accepted").GetInt32());
        var upload = await House.Json(await http.PostAsJsonAsync($"{K}/collections/{id}/uploads", new { fileName = "parts.txt", sizeBytes = 16, metadata = new { year = 3 } }, Ct));
        await House.Json(await http.PutAsync($"{K}/uploads/{upload.GetProperty("id").GetGuid()}/parts/1", new ByteArrayContent("A lamp in parts."u8.ToArray()), Ct));
        Assert.Equal("accepted", (await House.Json(await http.PostAsync($"{K}/uploads/{upload.GetProperty("id").GetGuid()}/complete", null, Ct))).GetProperty("status").GetString());
        await house.Settled(id);
        var documents = (await Ann.List($"/collections/{id}/documents")).OrderBy(d => d.GetProperty("title").GetString(), StringComparer.Ordinal).ToList();
        Assert.Equal(
            ["letter /Inbox post 2", "parts.txt /Inbox scanner 3", "scan.txt /Inbox/2026 scanner 1"],
            documents.Select(d => $"{d.GetProperty("title")} {d.GetProperty("folderPath")} {d.GetProperty("metadata").GetProperty("source")} {d.GetProperty("metadata").GetProperty("year")}"));
        Assert.Equal("letter parts.txt scan.txt", await house.Bob.Titles(id));
        Assert.Equal("", await reader.Titles(id));
        Assert.Equal("letter parts.txt scan.txt", await house.Bob.Finds(id, "lamp", folder));

        // What it decides its sender does not; what is wrong is told for the one that is wrong.
        Assert.Equal((400, "pipeline_decides"), await http.PostAsync($"{K}/collections/{id}/documents?folder={folder}", File("a.txt", "a"), Ct).Said());
        Assert.Equal((400, "pipeline_decides"), await http.PostAsync($"{K}/collections/{id}/documents?access=collection", File("a.txt", "a"), Ct).Said());
        Assert.Equal((400, "pipeline_decides"), await http.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("a", null, new { access = "collection" }), Ct).Said());
        Assert.Equal((400, "pipeline_decides"), await http.PostAsJsonAsync($"{K}/collections/{id}/uploads", new { fileName = "a.txt", sizeBytes = 1, folderId = folder }, Ct).Said());
        Assert.Equal((400, "invalid_metadata"), await http.PostAsync($"{K}/collections/{id}/documents", File("a.txt", "a"), Ct).Said()); // no year

        // A list that somebody changed since, and metadata that they did, stay.
        var letter = documents[0].GetProperty("id").GetGuid();
        Assert.InRange((await Ann.Http.PutAsJsonAsync($"{K}/documents/{letter}/access", new { access = "collection" }, Ct).Said()).Status, 200, 204);
        await House.Json(await http.PostAsJsonAsync($"{K}/collections/{id}/texts", new { items = new[] { new { externalId = "letter", title = "letter", text = "Another text of the lamp.", metadata = new { year = 4 } } } }, Ct));
        await house.Settled(id);
        Assert.Equal("letter", await reader.Titles(id));

        var shown = await Ann.Get($"/pipelines/{pipeline}");
        Assert.Equal(("Nightly", 3, "active", "Ann", "/Inbox"), (
            shown.GetProperty("name").GetString(), shown.GetProperty("documentCount").GetInt32(), shown.GetProperty("key").GetProperty("status").GetString(), shown.GetProperty("key").GetProperty("ownerName").GetString(),
            shown.GetProperty("folderPath").GetString()));
        Assert.NotEqual(JsonValueKind.Null, shown.GetProperty("lastDocumentAt").ValueKind);
        Assert.Equal((403, "key_kind_refused"), await http.PostAsJsonAsync($"{K}/search", new { query = "lamp", collections = new[] { id } }, Ct).Said());
        http.Dispose();
    }

    [Fact]
    [Trait("row", "ING-02")]
    public async Task A_paused_pipeline_takes_nothing_in_by_any_door_until_it_goes_on()
    {
        var id = await house.Empty();
        var (pipeline, http) = await Pipeline(id, new { name = "Pausing" });
        var upload = (await House.Json(await http.PostAsJsonAsync($"{K}/collections/{id}/uploads", new { fileName = "parts.txt", sizeBytes = 4 }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await http.PutAsync($"{K}/uploads/{upload}/parts/1", new ByteArrayContent("lamp"u8.ToArray()), Ct));
        await Ann.Put($"/pipelines/{pipeline}", new { name = "Pausing", isPaused = true });
        Assert.Equal((409, "pipeline_paused"), await http.PostAsync($"{K}/collections/{id}/documents", File("a.txt", "a"), Ct).Said());
        Assert.Equal((409, "pipeline_paused"), await http.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("a"), Ct).Said());
        Assert.Equal((409, "pipeline_paused"), await http.PostAsJsonAsync($"{K}/collections/{id}/uploads", new { fileName = "b.txt", sizeBytes = 4 }, Ct).Said());
        Assert.Equal((409, "pipeline_paused"), await http.PostAsync($"{K}/uploads/{upload}/complete", null, Ct).Said());
        Assert.Equal("", await Ann.Titles(id));
        await Ann.Put($"/pipelines/{pipeline}", new { name = "Pausing" });
        Assert.Equal(200, (await http.PostAsync($"{K}/uploads/{upload}/complete", null, Ct).Said()).Status);
        Assert.Equal("parts.txt", await Ann.Titles(id));
        http.Dispose();
    }

    [Fact]
    [Trait("row", "ING-02")]
    public async Task A_rotated_key_and_that_of_a_deleted_pipeline_open_nothing_from_the_next_request_on()
    {
        var id = await house.Empty();
        var (pipeline, http) = await Pipeline(id, new { name = "Turning" });
        Assert.Equal(200, (await http.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("first"), Ct).Said()).Status);
        var rotated = await Ann.Post($"/pipelines/{pipeline}/rotate", new { });
        using var next = house.With(rotated.GetProperty("key").GetString()!); // it was just made
        Assert.Equal(401, (await http.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("late"), Ct).Said()).Status);
        Assert.Equal(200, (await next.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("second"), Ct).Said()).Status);
        Assert.Equal(2, (await Ann.Get($"/pipelines/{pipeline}")).GetProperty("documentCount").GetInt32());

        // A key that was revoked among the keys is replaced the same way, by whoever looks after the collection now.
        var key = await house.Database.Ask<Guid>($"select api_key_id from knowledge.ingestion_pipelines where id = '{pipeline}'");
        await House.Json(await Ann.Http.PostAsJsonAsync($"/api/v1/iam/api-keys/{key}/revoke", new { }, Ct));
        Assert.Equal("revoked", (await Ann.Get($"/pipelines/{pipeline}")).GetProperty("key").GetProperty("status").GetString());
        using var third = house.With((await house.Bob.Post($"/pipelines/{pipeline}/rotate", new { })).GetProperty("key").GetString()!); // it was just made
        Assert.Equal(200, (await third.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("third"), Ct).Said()).Status);

        Assert.Equal(204, (await Ann.Http.DeleteAsync($"{K}/pipelines/{pipeline}", Ct).Said()).Status);
        Assert.Equal(401, (await third.PostAsJsonAsync($"{K}/collections/{id}/texts", Texts("fourth"), Ct).Said()).Status);
        Assert.Equal((404, "pipeline_not_found"), await Ann.Http.GetAsync($"{K}/pipelines/{pipeline}", Ct).Said());
        Assert.Equal("first second third", await Ann.Titles(id));
        Assert.Empty(await Ann.List($"/collections/{id}/pipelines"));
        Assert.Equal(3L, await house.Database.Ask<long>($"select count(*) from knowledge.documents where pipeline_id = '{pipeline}'"));
        http.Dispose();
    }

    [Fact]
    [Trait("row", "ING-02")]
    public async Task Who_may_not_edit_the_collection_sees_none_of_its_pipelines_and_what_they_say_must_be_right()
    {
        var id = await house.Empty();
        var (pipeline, http) = await Pipeline(id, new { name = "Hidden" });
        http.Dispose();
        var reader = await house.Colleague("Vera", "team_viewer");
        foreach (var (person, status) in new[] { (house.Eve, 404), (reader, 403) })
        {
            Assert.Equal(status, (await person.Http.GetAsync($"{K}/collections/{id}/pipelines", Ct).Said()).Status);
            Assert.Equal(status, (await person.Http.PostAsJsonAsync($"{K}/collections/{id}/pipelines", new { name = "Mine" }, Ct).Said()).Status);
            Assert.Contains((await person.Http.PutAsJsonAsync($"{K}/pipelines/{pipeline}", new { name = "Mine" }, Ct).Said()).Status, new[] { 403, 404 });
            Assert.Contains((await person.Http.PostAsJsonAsync($"{K}/pipelines/{pipeline}/rotate", new { }, Ct).Said()).Status, new[] { 403, 404 });
            Assert.Contains((await person.Http.DeleteAsync($"{K}/pipelines/{pipeline}", Ct).Said()).Status, new[] { 403, 404 });
        }

        var elsewhere = await Ann.Folder(await house.Empty(), "Elsewhere");
        await Ann.Patch($"/collections/{id}", new { metadataFields = new object[] { new { name = "year", type = "integer" } } });
        async Task<(int, string?)> Refused(object settings) => await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/pipelines", settings, Ct).Said();
        Assert.Equal((404, "folder_not_found"), await Refused(new { name = "x", folderId = elsewhere }));
        Assert.Equal((400, "invalid_metadata"), await Refused(new { name = "x", metadata = new { year = "soon" } }));
        Assert.Equal((400, "invalid_document_access"), await Refused(new { name = "x", access = new { access = "collection", allowed = new[] { new { type = "email", name = "a@example.com" } } } }));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from knowledge.ingestion_pipelines where collection_id = '{id}'"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.api_keys where collection_id = '{id}'"));

        // A folder that goes leaves the pipeline with the top.
        var folder = await Ann.Folder(id, "Going");
        await Ann.Put($"/pipelines/{pipeline}", new { name = "Hidden", folderId = folder });
        Assert.Equal(200, (await Ann.Http.DeleteAsync($"{K}/folders/{folder}", Ct).Said()).Status);
        Assert.Equal(JsonValueKind.Null, (await Ann.Get($"/pipelines/{pipeline}")).GetProperty("folderId").ValueKind);
    }
}
