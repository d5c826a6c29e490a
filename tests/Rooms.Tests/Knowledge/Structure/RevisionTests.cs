using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>What a document is made of: its earlier revisions, what belongs to it, what is said of it.</summary>
public sealed class RevisionTests(House house) : IClassFixture<House>
{
    private static readonly string German = string.Join(' ', Enumerable.Repeat("Die Lampe des Hafens ist grün und sie leuchtet für die Schiffe, die in der Nacht nicht ohne Licht sind.", 4));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    private async Task<Guid> Document(Guid collection, string title) =>
        (await Ann.List($"/collections/{collection}/documents?q={Uri.EscapeDataString(title)}")).Single(d => d.GetProperty("title").GetString() == title).GetProperty("id").GetGuid();

    private Task<(int, string?)> Refused(string path, object body) => Ann.Http.PostAsJsonAsync($"{K}{path}", body, Ct).Said();

    private async Task<string> Numbers(Guid document) => string.Join(' ', (await Ann.List($"/documents/{document}/revisions")).Select(r => $"{r.GetProperty("number").GetInt32()}{(r.GetProperty("isLive").GetBoolean() ? "*" : "")}"));

    [Fact]
    [Trait("row", "KNW-27")]
    [Trait("row", "KNW-09")]
    public async Task The_same_external_id_again_is_a_new_revision_one_can_go_back_from_and_old_citations_still_open()
    {
        var id = await house.Empty();
        foreach (var (text, status) in new[] { ("The lamp of the harbour is green.", "accepted"), ("The lamp of the harbour is green.", "unchanged"), ("The lamp of the harbour is red now, and older.", "accepted") })
        {
            var item = Assert.Single(await Ann.Files(id, "?externalId=lamp&sourceUrl=https%3A%2F%2Fexample.com%2Flamp", ("lamp.txt", text)));
            Assert.Equal(status, item.GetProperty("status").GetString());
            await house.Settled(id);
        }

        var document = Assert.Single(await Ann.List($"/collections/{id}/documents"));
        var lamp = document.GetProperty("id").GetGuid();
        Assert.Equal(("lamp", "https://example.com/lamp"), (document.GetProperty("externalId").GetString(), document.GetProperty("sourceUrl").GetString()));
        Assert.Equal("2* 1", await Numbers(lamp));
        Assert.Equal((400, "invalid_source_url"), await Ann.Http.PostAsync($"{K}/collections/{id}/documents?sourceUrl=javascript%3Aalert(1)", new MultipartFormDataContent { { new ByteArrayContent("x"u8.ToArray()), "file", "x.txt" } }, Ct).Said());

        // A citation of the first revision: its passage and its page still say what they said.
        var first = await house.Database.Ask<Guid>($"select id from knowledge.document_revisions where document_id = '{lamp}' and revision_number = 1");
        var cited = await house.Database.Ask<Guid>($"select id from knowledge.retired_chunks where revision_id = '{first}'");
        var passage = await Ann.Get($"/chunks/{cited}");
        Assert.Equal(("The lamp of the harbour is green.", first, false, false), (passage.GetProperty("text").GetString(), passage.GetProperty("revisionId").GetGuid(), passage.GetProperty("isCurrent").GetBoolean(), passage.GetProperty("removed").GetBoolean()));
        Assert.Contains("green", (await Ann.Get($"/documents/{lamp}/text?revision={first}")).GetProperty("pages")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("The lamp of the harbour is green.", await Ann.Http.GetStringAsync($"{K}/documents/{lamp}/content?revision={first}", Ct));
        Assert.Contains("red now", await Ann.Http.GetStringAsync($"{K}/documents/{lamp}/content", Ct), StringComparison.Ordinal);
        Assert.Equal((404, "chunk_not_found"), await house.Eve.Http.GetAsync($"{K}/chunks/{cited}", Ct).Said());

        // Back to the first, as a third one; what was searched meanwhile is the second or the third, never both or none.
        Assert.Equal((409, "revision_not_possible"), await Refused($"/documents/{lamp}/rollback", new { revisionId = document.GetProperty("liveRevisionId").GetGuid() }));
        Assert.Equal((404, "revision_not_found"), await Refused($"/documents/{lamp}/rollback", new { revisionId = Guid.NewGuid() }));
        Assert.Equal((202, null), await Refused($"/documents/{lamp}/rollback", new { revisionId = first }));
        JsonElement hit;
        do
        {
            hit = Assert.Single((await Ann.Post("/search", new { query = "lamp harbour", collections = new[] { id } })).GetProperty("hits").EnumerateArray());
        }
        while (!hit.GetProperty("text").GetString()!.Contains("green", StringComparison.Ordinal)); // every hit has a text
        await house.Settled(id);
        Assert.Equal("3* 2 1", await Numbers(lamp));
        Assert.Equal("back to 1", (await Ann.List($"/documents/{lamp}/revisions"))[0].GetProperty("note").GetString());
        Assert.Equal("The lamp of the harbour is green.", await Ann.Http.GetStringAsync($"{K}/documents/{lamp}/content", Ct));
        Assert.True(await house.CountersAreTrue(id));
    }

    [Fact]
    [Trait("row", "KNW-27")]
    public async Task A_new_file_replaces_a_document_and_one_that_is_there_elsewhere_does_not()
    {
        var id = await house.Empty();
        await Ann.Files(id, "", ("a.txt", "The lamp is green."), ("b.txt", "The lamp is red."));
        await house.Settled(id);
        var a = await Document(id, "a.txt");
        Assert.Equal("duplicate", Assert.Single(await Ann.Files(id, $"?replaces={a}", ("c.txt", "The lamp is red."))).GetProperty("status").GetString());
        Assert.Equal("accepted", Assert.Single(await Ann.Files(id, $"?replaces={a}", ("c.txt", "The lamp is white."))).GetProperty("status").GetString());
        await house.Settled(id);
        Assert.Equal("2* 1", await Numbers(a));
        Assert.Equal("a.txt b.txt", await Ann.Titles(id));
        Assert.True(await house.CountersAreTrue(id));

        // Another document takes the first content meanwhile: going back to it would make two of one.
        Assert.Equal("accepted", Assert.Single(await Ann.Files(id, "", ("again.txt", "The lamp is green."))).GetProperty("status").GetString());
        var first = await house.Database.Ask<Guid>($"select id from knowledge.document_revisions where document_id = '{a}' and revision_number = 1");
        Assert.Equal((409, "revision_not_possible"), await Refused($"/documents/{a}/rollback", new { revisionId = first }));
    }

    [Fact]
    [Trait("row", "KNW-08")]
    public async Task What_belongs_to_a_document_is_listed_under_it_and_goes_with_it_or_stays_as_one_says()
    {
        var id = await house.Empty();
        object Item(string name, string? parent) => new { externalId = name, title = name, text = $"The lamp of {name} is green.", parentExternalId = parent };
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { Item("mail", null), Item("reply", "mail"), Item("answer", "reply"), Item("note", "mail"), Item("circle", "circle"), Item("mail", null) }.Take(5) });
        await house.Settled(id);
        var (mail, reply, answer) = (await Document(id, "mail"), await Document(id, "reply"), await Document(id, "answer"));
        async Task<string> Children(Guid document) => string.Join(' ', (await Ann.List($"/documents/{document}/children")).Select(d => d.GetProperty("title").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal("note reply", await Children(mail));
        Assert.Equal("answer", await Children(reply));
        Assert.Equal("", await Children(await Document(id, "circle")));
        Assert.Equal((409, "document_into_itself"), await Ann.Http.PatchAsJsonAsync($"{K}/documents/{mail}", new { parentId = answer }, Ct).Said());
        Assert.Equal((404, "document_not_found"), await Ann.Http.PatchAsJsonAsync($"{K}/documents/{mail}", new { parentId = Guid.NewGuid() }, Ct).Said());
        await Ann.Patch($"/documents/{await Document(id, "note")}", new { parentId = reply });
        Assert.Equal("answer note", await Children(reply));

        // Deleted alone, its children stand by themselves; deleted with them, all that lies below goes.
        Assert.Equal((400, "invalid_children"), await Ann.Http.DeleteAsync($"{K}/documents/{mail}?children=perhaps", Ct).Said());
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/documents/{mail}", Ct).Said());
        Assert.Equal(JsonValueKind.Null, (await Ann.Get($"/documents/{reply}")).GetProperty("parentId").ValueKind);
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/documents/{reply}?children=delete", Ct).Said());
        Assert.Equal("circle", await Ann.Titles(id));
        Assert.Equal("circle", await Ann.Finds(id, "lamp"));
        Assert.True(await house.CountersAreTrue(id));
    }

    [Fact]
    [Trait("row", "KNW-07")]
    public async Task Metadata_is_held_to_the_fields_of_its_collection_and_compared_by_their_types()
    {
        var id = await house.Empty();
        await Ann.Patch($"/collections/{id}", new
        {
            fixedMetadata = true,
            metadataFields = new object[]
            {
                new { name = "year", type = "integer", required = true }, new { name = "due", type = "date" }, new { name = "kind", type = "text", allowed = new[] { "memo", "plan" } }, new { name = "tags", type = "text", many = true },
            },
        });
        Assert.Equal((400, "invalid_metadata_fields"), await Ann.Http.PatchAsJsonAsync($"{K}/collections/{id}", new { metadataFields = new[] { new { name = "a", type = "text" }, new { name = "a", type = "number" } } }, Ct).Said());
        object Item(string name, object? metadata) => new { externalId = name, title = name, text = $"The lamp of {name}.", metadata };
        var report = await Ann.Post($"/collections/{id}/texts", new
        {
            items = new[]
            {
                Item("good", new { year = 9, due = "2026-01-31", kind = "memo", tags = new[] { "a" } }), Item("later", new { year = 10, due = "2026-11-01" }), Item("unknown", new { year = 1, colour = "red" }),
                Item("missing", null), Item("typed", new { year = "2020" }), Item("half", new { year = 1.5 }), Item("undated", new { year = 1, due = "soon" }), Item("kindless", new { year = 1, kind = "other" }), Item("single", new { year = 1, tags = "a" }),
            },
        });
        Assert.Equal(
            ["", "", "metadata_unknown_key", "metadata_missing_key", "metadata_wrong_type", "metadata_wrong_type", "metadata_wrong_type", "metadata_wrong_type", "metadata_wrong_type"],
            report.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("problem").ValueKind == JsonValueKind.Null ? "" : i.GetProperty("problem").GetProperty("code").GetString()));
        await house.Settled(id);
        async Task<string> Where(object filters) => string.Join(' ', (await Ann.Post("/search", new { query = "lamp", collections = new[] { id }, filters })).GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal("later", await Where(new { year = new { gt = 9 } })); // as words, 10 comes before 9
        Assert.Equal("later", await Where(new { due = new { gte = "2026-02-01" } }));
        var good = await Document(id, "good");
        Assert.Equal((400, "invalid_metadata"), await Ann.Http.PatchAsJsonAsync($"{K}/documents/{good}", new { metadata = new { year = 9, colour = "red" } }, Ct).Said());
        await Ann.Patch($"/documents/{good}", new { metadata = new { year = 11 } });
        Assert.Equal("good later", await Where(new { year = new { gt = 9 } }));
        Assert.Equal((400, "invalid_metadata"), await Ann.Http.PostAsync($"{K}/collections/{id}/documents?metadata=%7B%22colour%22%3A1%7D", new MultipartFormDataContent { { new ByteArrayContent("x"u8.ToArray()), "file", "x.txt" } }, Ct).Said());
        Assert.Equal("accepted", Assert.Single(await Ann.Files(id, "?metadata=%7B%22year%22%3A12%7D", ("twelve.txt", "The lamp of twelve."))).GetProperty("status").GetString());
        await house.Settled(id);
        Assert.Equal("good later twelve.txt", await Where(new { year = new { gt = 9 } }));
    }

    [Fact]
    [Trait("row", "KNW-07")]
    public async Task Of_two_who_change_what_a_document_says_of_itself_the_second_is_told_and_indexing_disturbs_neither()
    {
        var id = await house.Shelf("The lamp is green.");
        var document = await Document(id, "Text 0");
        async Task<string> Mark() => (await Ann.Http.GetAsync($"{K}/documents/{document}", Ct)).Headers.ETag!.Tag; // each answer has one
        async Task<HttpResponseMessage> Change(object body, string? mark)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"{K}/documents/{document}") { Content = JsonContent.Create(body) };
            Assert.True(mark is null || request.Headers.TryAddWithoutValidation("If-Match", mark));
            return await Ann.Http.SendAsync(request, Ct);
        }

        var read = await Mark();
        using var first = await Change(new { title = "Barometer", metadata = new { year = 1 } }, read);
        Assert.Equal((200, true), ((int)first.StatusCode, first.Headers.ETag is { } now && now.Tag != read));
        Assert.Equal((412, "changed_meanwhile"), await Change(new { title = "Thermometer" }, read).Said());
        Assert.Equal((412, "changed_meanwhile"), await Change(new { title = "Thermometer" }, "\"nonsense\"").Said());

        // The new title is indexed meanwhile, which changes the row and not the mark.
        await house.Settled(id);
        Assert.Equal(first.Headers.ETag!.Tag, await Mark());
        using var second = await Change(new { language = "nl" }, first.Headers.ETag.Tag);
        Assert.Equal(200, (int)second.StatusCode);
        using var unasked = await Change(new { sourceUrl = "https://example.com/lamp" }, null);
        Assert.Equal(200, (int)unasked.StatusCode);
        var after = await Ann.Get($"/documents/{document}");
        Assert.Equal("Barometer nl https://example.com/lamp 1", $"{after.GetProperty("title")} {after.GetProperty("language")} {after.GetProperty("sourceUrl")} {after.GetProperty("metadata").GetProperty("year")}");
    }

    [Fact]
    [Trait("row", "KNW-30")]
    public async Task A_documents_language_is_found_out_kept_and_searched_by_and_a_person_knows_better()
    {
        var id = await house.Empty();
        await Ann.Files(id, "", ("hafen.txt", German), ("harbour.txt", string.Join(' ', Enumerable.Repeat("The lamp of the harbour is green and it is there for the ships that have no light in the night.", 4))));
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { new { externalId = "text", title = "text", text = German + " Noch ein Satz." } } });
        await house.Settled(id);
        var languages = (await Ann.List($"/collections/{id}/documents")).ToDictionary(d => d.GetProperty("title").GetString()!, d => d.GetProperty("language").GetString()); // each has a title
        Assert.Equal(("de", "en", "de"), (languages["hafen.txt"], languages["harbour.txt"], languages["text"]));
        async Task<string> In(string language) => string.Join(' ', (await Ann.Post("/search", new { query = "lamp Lampe", collections = new[] { id }, languages = new[] { language } })).GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("name").GetString()).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("hafen.txt text", await In("de"));
        Assert.Equal("harbour.txt", await In("en"));
        await Ann.Patch($"/documents/{await Document(id, "text")}", new { language = "nl" });
        await house.Settled(id);
        Assert.Equal(("hafen.txt", "text"), (await In("de"), await In("nl")));
    }

    [Fact]
    [Trait("row", "KNW-27")]
    public async Task A_new_title_is_searched_and_the_revision_says_why_it_is_there()
    {
        var id = await house.Shelf("The lamp is green.");
        var document = await Document(id, "Text 0");
        await Ann.Patch($"/documents/{document}", new { title = "Barometer" });
        await house.Settled(id);
        Assert.Equal("Barometer", await Ann.Finds(id, "barometer"));
        Assert.Equal("renamed", (await Ann.List($"/documents/{document}/revisions"))[0].GetProperty("note").GetString());
        Assert.True(await house.CountersAreTrue(id));
    }
}
