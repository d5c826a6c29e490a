using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>What people really upload, through the whole intake: each bad file ends with a reason, and nothing else stops.</summary>
public sealed class UploadTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Cut in the middle: it begins like a PDF, so it is taken, and only reading finds out.
    private static byte[] Half(byte[] file) => file[..(file.Length / 2)];

    private static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Files.Repository(), "samples", name));

    [Fact]
    [Trait("row", "ING-01")]
    [Trait("row", "STO-05")]
    public async Task Real_files_of_every_format_become_searchable_and_bad_ones_beside_them_say_why()
    {
        var collection = await New();
        var report = await Upload(
            collection,
            ("travel-policy.pdf", Sample("travel-policy.pdf")), ("security-handbook.docx", Sample("security-handbook.docx")), ("onboarding.pptx", Sample("onboarding.pptx")),
            ("quarterly-figures-2025.xlsx", Sample("quarterly-figures-2025.xlsx")), ("instrument-inventory.csv", Sample("instrument-inventory.csv")),
            ("aurora.html", Sample("aurora-s2-spectrograph.html")), ("incident.md", Sample("incident-2025-03-dome.md")),
            ("note.txt", "The spare key of the dome is kept in the green safe."u8.ToArray()), ("facts.json", """{"telescope":{"name":"Borealis","mirror":"2.4 m"}}"""u8.ToArray()),
            ("empty.txt", []), ("program.pdf", [0x7f, 0x45, 0x4c, 0x46, .. new byte[200]]), ("picture.docx", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, .. new byte[100]]),
            ("truncated.docx", Sample("security-handbook.docx")[..3000]), ("policy.docx", Half(Sample("travel-policy.pdf"))));
        Assert.Equal(14, report.Count);
        Assert.Equal("refused empty_file", Said(report, "empty.txt"));
        Assert.Equal("refused unsupported_type", Said(report, "program.pdf"));
        Assert.Equal("refused damaged_file", Said(report, "truncated.docx"));

        var settled = await house.Settled(collection);
        Assert.Equal(0, settled.GetProperty("pendingCount").GetInt32());
        Assert.Equal(9, settled.GetProperty("documentCount").GetInt32());
        var failed = await Documents(collection, "failed");
        Assert.Equal(["picture.docx", "policy.docx"], failed.Select(d => d.GetProperty("fileName").GetString()).Order(StringComparer.Ordinal));
        foreach (var document in failed)
        {
            var reason = document.GetProperty("errorMessage").GetString()!; // a failed document has one
            Assert.EndsWith(".", reason, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", reason, StringComparison.Ordinal);
        }

        var hit = (await Search(collection, "hotel per night in Germany"))[0];
        Assert.Equal((2, "Travel and Expense Policy"), (hit.GetProperty("page").GetInt32(), hit.GetProperty("name").GetString()));
        Assert.Contains("green safe", (await Search(collection, "spare key dome"))[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "STO-03")]
    public async Task The_same_file_twice_is_one_document_also_when_both_come_at_once()
    {
        var collection = await New();
        var both = await Task.WhenAll(Upload(collection, ("a.txt", "Twice sent, once kept."u8.ToArray())), Upload(collection, ("b.txt", "Twice sent, once kept."u8.ToArray())));
        Assert.Equal(["accepted", "duplicate"], both.SelectMany(r => r).Select(i => i.GetProperty("status").GetString()).Order());
        var state = await house.Settled(collection);
        Assert.Equal(1, state.GetProperty("documentCount").GetInt32());
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects o where status = 'pending' and tenant_id = '{house.Ann.Tenant}'"));
    }

    [Fact]
    public async Task Two_hundred_files_at_once_are_all_taken()
    {
        var collection = await New();
        var files = Enumerable.Range(0, 200).Select(i => ($"note-{i}.txt", Encoding.UTF8.GetBytes($"Note number {i}: the observatory keeps instrument {i} in room {i * 7}."))).ToArray();
        var report = await Upload(collection, files);
        Assert.All(report, item => Assert.Equal("accepted", item.GetProperty("status").GetString()));
        var state = await house.Settled(collection);
        Assert.Equal((200, 0), (state.GetProperty("documentCount").GetInt32(), state.GetProperty("failedCount").GetInt32()));
        Assert.Equal(
            await house.Database.Ask<long>($"select count(*) from knowledge.chunks where collection_id = '{collection}'"),
            (long)state.GetProperty("chunkCount").GetInt32());
    }

    [Fact]
    public async Task An_upload_cut_halfway_leaves_nothing_behind()
    {
        var collection = await New();
        var address = house.Ann.Http.BaseAddress!; // the house gave it one
        using (var socket = new TcpClient(address.Host, address.Port))
        {
            var head = $"POST /api/v1/knowledge/collections/{collection}/documents HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {house.Ann.Key}\r\n"
                + "Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: 100000\r\n\r\n--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"half.txt\"\r\n\r\nonly the beginning";
            await socket.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head), Ct);
            await Until(1); // the server has begun to take it
        }

        await Until(0);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(house.Get<Lyceum.Platform.PlatformOptions>().Home, "objects"), "*.incoming", SearchOption.AllDirectories));
        Assert.Equal(0L, await house.Database.Ask<long>("select count(*) from storage.objects where status = 'pending'"));
        await Upload(collection, ("whole.txt", "This one came whole."u8.ToArray()));
        var state = await house.Settled(collection);
        Assert.Equal((1, 0), (state.GetProperty("documentCount").GetInt32(), state.GetProperty("failedCount").GetInt32()));
    }

    private async Task Until(long objects)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<long>("select count(*) from storage.objects where file_name = 'half.txt'") != objects)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task A_failed_document_can_be_retried_and_a_deleted_one_is_gone_from_search_at_once()
    {
        var collection = await New();
        await Upload(collection, ("broken.pdf", Half(Sample("travel-policy.pdf"))), ("fine.txt", "A sextant is in the cupboard."u8.ToArray()));
        await house.Settled(collection);
        var failed = Assert.Single(await Documents(collection, "failed"));
        var id = failed.GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.Accepted, (await house.Ann.Http.PostAsync($"/api/v1/knowledge/documents/{id}/retry", null, Ct)).StatusCode);
        Assert.Equal(1, (await house.Settled(collection)).GetProperty("failedCount").GetInt32());

        var fine = (await Documents(collection, "indexed"))[0].GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.Conflict, (await house.Ann.Http.PostAsync($"/api/v1/knowledge/documents/{fine}/retry", null, Ct)).StatusCode);
        Assert.NotEmpty(await Search(collection, "sextant cupboard"));
        Assert.Equal(HttpStatusCode.NoContent, (await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/documents/{fine}", Ct)).StatusCode);
        Assert.Empty(await Search(collection, "sextant cupboard"));
        Assert.Equal(0L, await house.Database.Ask<long>($"select (select count(*) from knowledge.chunks where document_id = '{fine}') + (select count(*) from knowledge.chunk_embeddings e left join knowledge.chunks c on c.id = e.chunk_id where c.id is null)"));
        Assert.Equal(0, (await house.Settled(collection)).GetProperty("chunkCount").GetInt32());
    }

    [Fact]
    [Trait("row", "STO-09")]
    public async Task Deleting_a_document_takes_its_files_away_in_the_same_act_and_their_bytes_soon_after()
    {
        var collection = await New();
        var gone = (await Upload(collection, ("gone.txt", "This file will be deleted."u8.ToArray()), ("stays.txt", "This file stays."u8.ToArray())))[0].GetProperty("document").GetProperty("id").GetGuid();
        await house.Settled(collection);
        var kept = await house.Database.Ask<string[]>($"select array_agg(o::text order by o) from knowledge.document_revisions r, unnest(array[r.object_id, r.extracted_text_object_id]) o where r.document_id = '{gone}' and o is not null");
        Assert.Equal(2, kept.Length); // the file and its text
        var files = kept.Select(id => Assert.Single(Directory.EnumerateFiles(Path.Combine(house.Get<Lyceum.Platform.PlatformOptions>().Home, "objects"), id, SearchOption.AllDirectories))).ToList();
        var list = string.Join("','", kept);

        Assert.Equal(HttpStatusCode.NoContent, (await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/documents/{gone}", Ct)).StatusCode);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects where id in ('{list}') and status <> 'deleted'"));
        Assert.Equal(HttpStatusCode.NotFound, (await house.Ann.Http.GetAsync($"/api/v1/knowledge/documents/{gone}/content", Ct)).StatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<long>($"select count(*) from storage.objects where id in ('{list}')") > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        Assert.All(files, file => Assert.False(File.Exists(file)));
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from storage.objects where file_name = 'stays.txt' and status = 'available'"));
    }

    [Fact]
    public async Task Texts_are_taken_by_external_id_changed_ones_replaced_and_bad_ones_reported()
    {
        var collection = await New();
        var first = await Texts(collection, new { externalId = "a", title = "A", text = "The red lamp means stop." }, new { externalId = "b", title = "B", text = "The blue lamp means wait." },
            new { externalId = "", title = "C", text = "no id" }, new { externalId = "a", title = "again", text = "same id" }, new { externalId = "d", title = "D", text = "  " });
        Assert.Equal((2, 3), (first.GetProperty("accepted").GetInt32(), first.GetProperty("failed").GetInt32()));
        await house.Settled(collection);
        var second = await Texts(collection, new { externalId = "a", title = "A", text = "The red lamp means stop." }, new { externalId = "b", title = "B", text = "The blue lamp means go home." });
        Assert.Equal(["unchanged", "accepted"], second.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("status").GetString()));
        var state = await house.Settled(collection);
        Assert.Equal((2, 2), (state.GetProperty("documentCount").GetInt32(), state.GetProperty("chunkCount").GetInt32()));
        var hits = await Search(collection, "blue lamp");
        Assert.Contains("go home", hits[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(hits, h => h.GetProperty("text").GetString()!.Contains("wait", StringComparison.Ordinal)); // every hit has a text
    }

    [Theory]
    [InlineData("{\"items\":[{", 400)]
    [InlineData("{\"items\":[],\"extra\":1}", 400)]
    [InlineData("{\"items\":\"no\"}", 400)]
    [InlineData("[]", 400)]
    [InlineData("{\"items\":[]}", 400)]
    public async Task A_body_that_cannot_be_read_is_refused_with_a_sentence(string body, int status)
    {
        var collection = await New();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var response = await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/texts", content, Ct);
        Assert.Equal(status, (int)response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()));
        Assert.DoesNotContain("   at ", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_drops_its_connections_during_intake_loses_nothing()
    {
        var collection = await New();
        var files = Enumerable.Range(0, 30).Select(i => ($"s-{i}.txt", Encoding.UTF8.GetBytes($"Survivor {i} has a number of its own, {i * 31}."))).ToArray();
        await Upload(collection, files);
        for (var i = 0; i < 3; i++)
        {
            var (done, all) = (await house.Database.Ask<long>($"select count(*) from knowledge.documents where collection_id = '{collection}' and status = 'indexed'"), files.Length);
            Assert.True(i > 0 || done < all, "intake had ended before the connections were cut");
            await house.Do($"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        }

        var state = await Eventually(() => house.Settled(collection));
        Assert.Equal((30, 0), (state.GetProperty("documentCount").GetInt32(), state.GetProperty("failedCount").GetInt32()));
        Assert.Equal(30L, await house.Database.Ask<long>($"select count(*) from knowledge.chunks where collection_id = '{collection}'"));
        Assert.Equal(0L, await house.Database.Ask<long>("select count(*) from knowledge.pending_chunks"));
    }

    // The watcher's own connection may be the one that is cut; a person reloads the page.
    private static async Task<JsonElement> Eventually(Func<Task<JsonElement>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (Exception fault) when (attempt < 20 && fault is HttpRequestException or Xunit.Sdk.XunitException or IOException)
            {
                await Task.Yield();
            }
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

    private static string Said(List<JsonElement> report, string name)
    {
        var item = report.Single(i => i.GetProperty("name").GetString() == name);
        return $"{item.GetProperty("status").GetString()} {item.GetProperty("problem").GetProperty("code").GetString()}";
    }

    private async Task<List<JsonElement>> Documents(Guid collection, string status) =>
        [.. (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{collection}/documents?status={status}", Ct))).GetProperty("data").EnumerateArray()];

    private async Task<JsonElement> Texts(Guid collection, params object[] items) =>
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items }, Ct));

    private async Task<List<JsonElement>> Search(Guid collection, string query) =>
        [.. (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query, collections = new[] { collection }, topK = 5 }, Ct))).GetProperty("hits").EnumerateArray()];
}
