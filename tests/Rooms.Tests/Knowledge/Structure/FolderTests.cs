using System.Net.Http.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>The folder tree of a collection: paths stay true, search follows, nothing goes that was not counted before.</summary>
public sealed class FolderTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    [Theory]
    [InlineData("Über uns & Größe", "uber-uns-gro-e-")]
    [InlineData("Cafe\u0301 crème ①", "cafe-creme-1-")]
    [InlineData("図書館", "collection")]
    public async Task The_short_name_of_a_collection_is_made_from_its_name(string name, string slug)
    {
        var made = await Ann.Post("/collections", new { name = slug == "collection" ? name : $"{name} {Guid.NewGuid():N}" });
        Assert.StartsWith(slug, made.GetProperty("slug").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "KNW-01")]
    public async Task A_collection_is_made_read_changed_and_deleted()
    {
        var made = await Ann.Post("/collections", new { name = "Größe & Maße", description = "First", visibility = "private", chunkSize = 100, chunkOverlap = 10 });
        var id = made.GetProperty("id").GetGuid();
        Assert.Equal(("private", 100, 10), (made.GetProperty("visibility").GetString(), made.GetProperty("chunkSize").GetInt32(), made.GetProperty("chunkOverlap").GetInt32()));
        Assert.Equal((404, "collection_not_found"), await house.Bob.Http.GetAsync($"{K}/collections/{id}", Ct).Said());
        var changed = await Ann.Patch($"/collections/{id}", new { name = "Sizes", visibility = "company" });
        Assert.Equal(("Sizes", "First"), (changed.GetProperty("name").GetString(), changed.GetProperty("description").GetString()));
        Assert.Equal("Sizes", (await house.Bob.Get($"/collections/{id}")).GetProperty("name").GetString());
        Assert.Equal((409, "collection_slug_taken"), await Ann.Http.PostAsJsonAsync($"{K}/collections", new { name = "Other", slug = made.GetProperty("slug").GetString() }, Ct).Said());
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/collections/{id}", Ct).Said());
        Assert.Equal((404, "collection_not_found"), await Ann.Http.GetAsync($"{K}/collections/{id}", Ct).Said());
        Assert.Equal((201, null), await Ann.Http.PostAsJsonAsync($"{K}/collections", new { name = "Again", slug = made.GetProperty("slug").GetString() }, Ct).Said());
    }

    [Fact]
    [Trait("row", "KNW-02")]
    public async Task Every_path_below_a_folder_that_moves_or_is_renamed_follows_it()
    {
        var id = await house.Empty();
        var (a, other) = (await Ann.Folder(id, "A"), await Ann.Folder(id, "A-other"));
        var b = await Ann.Folder(id, "B", a);
        var c = await Ann.Folder(id, "Ünder 𝄞", b);
        Assert.Equal("/A /A-other /A/B /A/B/Ünder 𝄞", await Ann.Paths(id));
        await Ann.Patch($"/folders/{a}", new { name = "𝄞 Renamed" });
        Assert.Equal("/A-other /𝄞 Renamed /𝄞 Renamed/B /𝄞 Renamed/B/Ünder 𝄞", await Ann.Paths(id));
        await Ann.Patch($"/folders/{b}", new { parentId = other });
        Assert.Equal("/A-other /A-other/B /A-other/B/Ünder 𝄞 /𝄞 Renamed", await Ann.Paths(id));
        var moved = await Ann.Patch($"/folders/{b}", new { parentId = (Guid?)null, name = "Top" });
        Assert.Equal(("/Top", 1), (moved.GetProperty("path").GetString(), moved.GetProperty("depth").GetInt32()));
        Assert.Equal(2, (await Ann.Get($"/folders/{c}")).GetProperty("depth").GetInt32());
        Assert.Equal("/A-other /Top /Top/Ünder 𝄞 /𝄞 Renamed", await Ann.Paths(id));
    }

    [Fact]
    [Trait("row", "KNW-02")]
    public async Task A_folder_cannot_move_into_itself_take_a_name_that_is_there_or_be_called_like_a_path()
    {
        var id = await house.Empty();
        var a = await Ann.Folder(id, "A");
        var b = await Ann.Folder(id, "B", a);
        var elsewhere = await Ann.Folder(await house.Empty(), "Elsewhere");
        await Ann.Folder(id, "B");
        Task<(int, string?)> Change(Guid folder, object body) => Ann.Http.PatchAsJsonAsync($"{K}/folders/{folder}", body, Ct).Said();
        Assert.Equal((409, "folder_into_itself"), await Change(a, new { parentId = b }));
        Assert.Equal((409, "folder_into_itself"), await Change(a, new { parentId = a }));
        Assert.Equal((409, "folder_name_taken"), await Change(b, new { parentId = (Guid?)null }));
        Assert.Equal((404, "folder_not_found"), await Change(b, new { parentId = elsewhere }));
        foreach (var name in new[] { "a/b", "..", ".", " ", "a\nb" })
        {
            Assert.Equal((400, "invalid_folder_name"), await Change(a, new { name }));
        }

        // Written in two ways, it is one name.
        await Ann.Folder(id, "Caf\u00e9");
        Assert.Equal((409, "folder_name_taken"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/folders", new { name = "Cafe\u0301" }, Ct).Said());
        Assert.Equal("/A /A/B /B /Café", await Ann.Paths(id));
    }

    [Fact]
    [Trait("row", "KNW-02")]
    public async Task Two_folders_that_move_into_each_other_at_once_make_no_circle()
    {
        for (var round = 0; round < 5; round++)
        {
            var id = await house.Empty();
            var (a, b) = (await Ann.Folder(id, "A"), await Ann.Folder(id, "B"));
            var said = await Task.WhenAll(
                Ann.Http.PatchAsJsonAsync($"{K}/folders/{a}", new { parentId = b }, Ct).Said(), house.Bob.Http.PatchAsJsonAsync($"{K}/folders/{b}", new { parentId = a }, Ct).Said());
            Assert.Equal([(200, null), (409, "folder_into_itself")], said.Order());
            Assert.Contains(await Ann.Paths(id), new[] { "/A /A/B", "/B /B/A" });
        }
    }

    [Fact]
    [Trait("row", "KNW-02")]
    public async Task Folders_stand_at_most_thirty_two_deep_also_after_a_move()
    {
        var id = await house.Empty();
        Guid? deep = null;
        for (var i = 1; i <= 32; i++)
        {
            deep = await Ann.Folder(id, "d", deep);
        }

        Assert.Equal((409, "folder_too_deep"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/folders", new { name = "d", parentId = deep }, Ct).Said());
        var top = await Ann.Folder(id, "top");
        await Ann.Folder(id, "below", top);
        var middle = (await Ann.List($"/collections/{id}/folders")).Single(f => f.GetProperty("depth").GetInt32() == 31).GetProperty("id").GetGuid();
        Assert.Equal((409, "folder_too_deep"), await Ann.Http.PatchAsJsonAsync($"{K}/folders/{top}", new { parentId = middle }, Ct).Said());
    }

    [Fact]
    [Trait("row", "ING-01")]
    [Trait("row", "KNW-03")]
    public async Task A_whole_folder_is_uploaded_with_its_folders_and_search_looks_through_a_subtree_wherever_it_moves()
    {
        var id = await house.Empty();
        var report = await Ann.Files(
            id, "?paths=true", ("Handbook/2025/lamp.txt", "The lamp of the harbour is green."), ("Handbook/2024/old.txt", "The lamp of the harbour was red."), ("Handbook/top.txt", "The lamp of the office is white."),
            ("../../outside.txt", "The lamp of the ship is blue."), ("Handbook/empty.txt", ""));
        Assert.Equal(["accepted", "accepted", "accepted", "accepted", "refused"], report.Select(i => i.GetProperty("status").GetString()));
        await house.Settled(id);
        Assert.Equal("/Handbook /Handbook/2024 /Handbook/2025", await Ann.Paths(id));
        var folders = (await Ann.List($"/collections/{id}/folders")).ToDictionary(f => f.GetProperty("path").GetString()!, f => f.GetProperty("id").GetGuid()); // each has one
        var (handbook, newest) = (folders["/Handbook"], folders["/Handbook/2025"]);
        Assert.Equal("lamp.txt old.txt outside.txt top.txt", await Ann.Finds(id, "lamp"));
        Assert.Equal("lamp.txt old.txt top.txt", await Ann.Finds(id, "lamp", handbook));
        Assert.Equal("lamp.txt", await Ann.Finds(id, "lamp", newest));
        Assert.Equal("top.txt", await Ann.Titles(id, $"?folder={handbook}"));
        Assert.Equal("lamp.txt old.txt top.txt", await Ann.Titles(id, $"?folder={handbook}&below=true"));
        Assert.Equal("outside.txt", await Ann.Titles(id, "?top=true"));

        // The filter follows a move at once, in every leg.
        await Ann.Patch($"/folders/{newest}", new { parentId = (Guid?)null, name = "Now" });
        Assert.Equal("old.txt top.txt", await Ann.Finds(id, "lamp", handbook));
        Assert.Equal("lamp.txt", await Ann.Finds(id, "lamp", newest));
        foreach (var strategy in new[] { "vector", "lexical" })
        {
            var hits = (await Ann.Post("/search", new { query = "lamp harbour", collections = new[] { id }, strategy, folders = new[] { newest } })).GetProperty("hits").EnumerateArray().ToList();
            Assert.Equal("/Now", Assert.Single(hits).GetProperty("folderPath").GetString());
        }

        // One more file into a folder that is there makes none anew; a document can be moved by itself.
        Assert.Equal("accepted", Assert.Single(await Ann.Files(id, $"?paths=true&folder={newest}", ("Extra/more.txt", "The lamp of the tower is yellow."))).GetProperty("status").GetString());
        await Ann.Files(id, "?paths=true", ("Now/Extra/most.txt", "The lamp of the gate is violet."));
        await house.Settled(id);
        Assert.Equal("/Handbook /Handbook/2024 /Now /Now/Extra", await Ann.Paths(id));
        Assert.Equal("lamp.txt more.txt most.txt", await Ann.Finds(id, "lamp", newest));
        var top = (await Ann.List($"/collections/{id}/documents?top=true"))[0].GetProperty("id").GetGuid();
        Assert.Equal(1, (await Ann.Post($"/collections/{id}/documents/move", new { documents = new[] { top }, folderId = handbook })).GetProperty("moved").GetInt32());
        Assert.Equal("old.txt outside.txt top.txt", await Ann.Finds(id, "lamp", handbook));
        Assert.Equal((404, "document_not_found"), await Ann.Http.PostAsJsonAsync($"{K}/collections/{id}/documents/move", new { documents = new[] { top, Guid.NewGuid() } }, Ct).Said());
    }

    [Fact]
    [Trait("row", "KNW-02")]
    public async Task A_folder_goes_with_all_that_lies_in_it_only_when_the_number_of_documents_is_confirmed()
    {
        var id = await house.Empty();
        await Ann.Files(id, "?paths=true", ("Gone/a.txt", "The lamp is green."), ("Gone/Deep/b.txt", "The lamp is red."), ("Gone/Deep/hidden.txt", "The lamp is secret."), ("Kept/c.txt", "The lamp is white."));
        await house.Settled(id);
        var gone = (await Ann.List($"/collections/{id}/folders")).Single(f => f.GetProperty("path").GetString() == "/Gone").GetProperty("id").GetGuid();
        var hidden = (await Ann.List($"/collections/{id}/documents?q=hidden"))[0].GetProperty("id").GetGuid();
        await Ann.Put($"/documents/{hidden}/access", new { access = "restricted" });

        // Bob sees two of the three; what he does not see is neither counted nor deleted.
        async Task<(int, int, int)> Counts(HttpResponseMessage answer)
        {
            var said = await House.Json(answer);
            return (said.GetProperty("folders").GetInt32(), said.GetProperty("documents").GetInt32(), said.GetProperty("chunks").GetInt32());
        }

        Assert.Equal((2, 2, 2), await Counts(await house.Bob.Http.DeleteAsync($"{K}/folders/{gone}?dryRun=true", Ct)));
        Assert.Equal((409, "confirm_count"), await house.Bob.Http.DeleteAsync($"{K}/folders/{gone}", Ct).Said());
        Assert.Equal((409, "confirm_count"), await house.Bob.Http.DeleteAsync($"{K}/folders/{gone}?confirm=3", Ct).Said());
        Assert.Equal("a.txt b.txt c.txt", await house.Bob.Finds(id, "lamp"));
        Assert.Equal((2, 2, 2), await Counts(await house.Bob.Http.DeleteAsync($"{K}/folders/{gone}?confirm=2", Ct)));
        Assert.Equal("c.txt", await house.Bob.Finds(id, "lamp"));
        Assert.Equal("/Kept", await Ann.Paths(id));
        Assert.Equal("c.txt hidden.txt", await Ann.Finds(id, "lamp"));
        Assert.Equal("hidden.txt", await Ann.Titles(id, "?top=true"));
        Assert.True(await house.CountersAreTrue(id));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings e where not exists (select from knowledge.chunks k where k.id = e.chunk_id)"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'folder.deleted' and resource_id = '{gone}' and metadata ->> 'documents' = '2'"));
    }

    [Fact]
    [Trait("row", "KNW-02")]
    public async Task A_tree_has_a_name_of_its_own_and_its_removal_leaves_the_documents()
    {
        var id = await house.Empty();
        var tree = await Ann.Post("/repositories", new { collectionId = id, name = "Archive" });
        var repository = tree.GetProperty("id").GetGuid();
        Assert.Equal((409, "repository_exists"), await Ann.Http.PostAsJsonAsync($"{K}/repositories", new { collectionId = id, name = "Second" }, Ct).Said());
        await Ann.Files(id, "?paths=true", ("In/a.txt", "The lamp is green."));
        await house.Settled(id);
        Assert.Equal(("Papers", 1), ((await Ann.Patch($"/repositories/{repository}", new { name = "Papers" })).GetProperty("name").GetString(), (await Ann.Get($"/repositories/{repository}")).GetProperty("folderCount").GetInt32()));
        Assert.Contains(await Ann.List("/repositories"), r => r.GetProperty("id").GetGuid() == repository);
        Assert.Equal((204, null), await Ann.Http.DeleteAsync($"{K}/repositories/{repository}", Ct).Said());
        Assert.Equal("", await Ann.Paths(id));
        Assert.Equal("a.txt", await Ann.Titles(id, "?top=true"));
        Assert.Equal("a.txt", await Ann.Finds(id, "lamp"));
    }

    [Fact]
    [Trait("row", "KNW-22")]
    public async Task Who_may_only_use_a_shared_collection_searches_it_and_arranges_nothing()
    {
        var id = await house.Empty(new { name = $"Shared {Guid.NewGuid()}", visibility = "private" });
        var folder = await Ann.Folder(id, "A");
        await Ann.Files(id, $"?folder={folder}", ("a.txt", "The lamp is green."));
        await house.Settled(id);
        var dan = await house.Colleague("Dan", "team_editor");
        Assert.Equal((404, "folder_not_found"), await dan.Http.GetAsync($"{K}/folders/{folder}", Ct).Said());
        await House.Json(await Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = id, granteeType = "team", granteeId = dan.Team, access = "use" }, Ct));
        Assert.Equal("a.txt", await dan.Finds(id, "lamp", folder));
        Assert.Equal("/A", await dan.Paths(id));
        var document = (await dan.List($"/collections/{id}/documents"))[0].GetProperty("id").GetGuid();
        foreach (var asked in new[]
        {
            dan.Http.PostAsJsonAsync($"{K}/collections/{id}/folders", new { name = "B" }, Ct), dan.Http.PatchAsJsonAsync($"{K}/folders/{folder}", new { name = "B" }, Ct), dan.Http.DeleteAsync($"{K}/folders/{folder}?confirm=1", Ct),
            dan.Http.PostAsJsonAsync($"{K}/collections/{id}/documents/move", new { documents = new[] { document } }, Ct), dan.Http.DeleteAsync($"{K}/documents/{document}", Ct),
            dan.Http.PostAsJsonAsync($"{K}/collections/{id}/texts", new { items = new[] { new { externalId = "x", text = "x" } } }, Ct), dan.Http.PostAsync($"{K}/documents/{document}/retry", null, Ct),
        })
        {
            Assert.Equal((403, "access_too_low"), await asked.Said());
        }
    }
}
