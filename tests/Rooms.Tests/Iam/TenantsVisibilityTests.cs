using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>A private thing is like no thing to teammates, on every path there is; a share opens exactly what it says.</summary>
public sealed class TenantsVisibilityTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-27")]
    [Trait("row", "TEN-28")]
    public async Task A_private_collection_is_like_none_to_teammates_on_every_path()
    {
        var cid = await house.Colleague("Cid", "team_editor");
        var (collection, document, chunk, slug) = await Diary("private", "The secret word of the diary is plankton.");
        foreach (var stranger in new[] { house.Bob, cid, house.Eve })
        {
            var http = stranger.Http;
            Assert.DoesNotContain(collection.ToString(), await http.GetStringAsync("/api/v1/knowledge/collections?limit=200", Ct), StringComparison.Ordinal);
            foreach (var path in new[]
            {
                $"collections/{collection}", $"collections/{collection}/documents", $"documents/{document}", $"documents/{document}/text", $"documents/{document}/chunks",
                $"documents/{document}/content", $"chunks/{chunk}", $"events?collection={collection}",
            })
            {
                Assert.Equal(404, (await http.GetAsync("/api/v1/knowledge/" + path, Ct).Said()).Status);
            }

            Assert.Equal(404, (await http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{collection}", new { name = "mine" }, Ct).Said()).Status);
            Assert.Equal(404, (await http.DeleteAsync($"/api/v1/knowledge/collections/{collection}", Ct).Said()).Status);
            Assert.Equal(404, (await http.DeleteAsync($"/api/v1/knowledge/documents/{document}", Ct).Said()).Status);
            Assert.Equal(404, (await http.PostAsync($"/api/v1/knowledge/documents/{document}/retry", null, Ct).Said()).Status);
            Assert.Equal(404, (await http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", Text("a lie"), Ct).Said()).Status);
            Assert.Equal(404, (await http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "plankton", collections = new[] { collection } }, Ct).Said()).Status);
            Assert.Equal(404, (await http.PostAsJsonAsync("/api/v1/chat/conversations", new { collectionIds = new[] { collection } }, Ct).Said()).Status);
            Assert.Equal(404, (await http.GetAsync($"/api/v1/iam/shares?type=collection&id={collection}", Ct).Said()).Status);
            Assert.Equal(404, (await http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "user", granteeId = stranger.UserId, access = "view" }, Ct).Said()).Status);
            Assert.DoesNotContain(slug, await http.GetStringAsync("/v1/models", Ct), StringComparison.Ordinal);
            Assert.Equal(404, (await http.GetAsync($"/v1/models/kb:{slug}", Ct).Said()).Status);
            Assert.Equal(404, (await Ask(http, $"kb:{slug}")).Status);
            Assert.DoesNotContain("plankton", await Answer(http, "agent:assistant"), StringComparison.Ordinal);
        }

        Assert.Contains("plankton", await Answer(house.Ann.Http, $"kb:{slug}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("team")]
    [InlineData("tenant")]
    [Trait("row", "TEN-27")]
    public async Task A_share_opens_a_private_collection_on_every_path_and_its_end_closes_it(string grantee)
    {
        var dan = await house.Colleague("Dan", null);
        var (collection, document, chunk, slug) = await Diary("private", "The secret word of the diary is krill.");
        Guid? id = grantee switch { "user" => dan.UserId, "team" => dan.Team, _ => null };
        Assert.Equal(404, (await dan.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct).Said()).Status);

        var share = await House.Json(await house.Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = grantee, granteeId = id, access = "view" }, Ct));
        Assert.Contains(collection.ToString(), await dan.Http.GetStringAsync("/api/v1/knowledge/collections?limit=200", Ct), StringComparison.Ordinal);
        Assert.Equal("view", (await House.Json(await dan.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct))).GetProperty("myAccess").GetString());
        await House.Json(await dan.Http.GetAsync($"/api/v1/knowledge/chunks/{chunk}", Ct));
        await House.Json(await dan.Http.GetAsync($"/api/v1/knowledge/documents/{document}", Ct));
        Assert.Contains("krill", (await House.Json(await dan.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "krill", collections = new[] { collection } }, Ct))).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("krill", await Answer(dan.Http, $"kb:{slug}"), StringComparison.Ordinal);
        Assert.Contains("krill", await Answer(dan.Http, "agent:assistant", "What is the secret word krill of the diary?"), StringComparison.Ordinal);

        Assert.Equal((204, null), await house.Ann.Http.DeleteAsync($"/api/v1/iam/shares/{share.GetProperty("id").GetGuid()}", Ct).Said());
        Assert.Equal(404, (await dan.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct).Said()).Status);
        Assert.Equal(404, (await dan.Http.GetAsync($"/api/v1/knowledge/chunks/{chunk}", Ct).Said()).Status);
        Assert.Equal(404, (await Ask(dan.Http, $"kb:{slug}")).Status);
        Assert.DoesNotContain("krill", await Answer(dan.Http, "agent:assistant", "What is the secret word of the diary?"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "TEN-27")]
    public async Task Each_access_allows_what_it_says_and_refuses_the_next()
    {
        var dan = await house.Colleague("Dan", null);
        var (collection, document, _, _) = await Diary("private", "The tide comes at noon.");
        var path = $"/api/v1/knowledge/collections/{collection}";
        foreach (var access in new[] { "view", "use" })
        {
            await Share(collection, dan.UserId, access);
            Assert.Equal(200, (await dan.Http.GetAsync(path, Ct).Said()).Status);
            Assert.Equal((403, "access_too_low"), await dan.Http.PatchAsJsonAsync(path, new { name = "Theirs" }, Ct).Said());
            Assert.Equal((403, "access_too_low"), await dan.Http.PostAsJsonAsync(path + "/texts", Text("more"), Ct).Said());
            Assert.Equal((403, "access_too_low"), await dan.Http.PostAsync(path + "/documents", new MultipartFormDataContent { { new ByteArrayContent([65]), "file", "a.txt" } }, Ct).Said());
            Assert.Equal((403, "access_too_low"), await dan.Http.DeleteAsync($"/api/v1/knowledge/documents/{document}", Ct).Said());
            Assert.Equal((403, "access_too_low"), await dan.Http.PostAsync($"/api/v1/knowledge/documents/{document}/retry", null, Ct).Said());
            Assert.Equal((403, "access_too_low"), await dan.Http.DeleteAsync(path, Ct).Said());
        }

        await Share(collection, dan.UserId, "edit");
        Assert.Equal(200, (await dan.Http.PatchAsJsonAsync(path, new { description = "With Dan" }, Ct).Said()).Status);
        Assert.Equal(200, (await dan.Http.PostAsJsonAsync(path + "/texts", Text("more"), Ct).Said()).Status);
        Assert.Equal((403, "access_too_low"), await dan.Http.PatchAsJsonAsync(path, new { visibility = "company" }, Ct).Said());
        Assert.Equal((403, "access_too_low"), await dan.Http.GetAsync($"/api/v1/iam/shares?type=collection&id={collection}", Ct).Said());
        Assert.Equal((403, "access_too_low"), await dan.Http.DeleteAsync(path, Ct).Said());

        await Share(collection, dan.UserId, "manage");
        var eli = await house.Colleague("Eli", null);
        Assert.Equal(200, (await dan.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "user", granteeId = eli.UserId, access = "view" }, Ct).Said()).Status);
        Assert.Equal(200, (await eli.Http.GetAsync(path, Ct).Said()).Status);
        Assert.Equal(2, (await House.Json(await dan.Http.GetAsync($"/api/v1/iam/shares?type=collection&id={collection}", Ct))).GetProperty("data").GetArrayLength());
        Assert.Equal(204, (await dan.Http.DeleteAsync(path, Ct).Said()).Status);
        Assert.Equal(404, (await house.Ann.Http.GetAsync(path, Ct).Said()).Status);
    }

    [Fact]
    [Trait("row", "TEN-27")]
    public async Task A_collection_of_a_team_or_of_the_company_is_written_by_its_team_and_read_by_those_it_names()
    {
        var (viewer, editor, outsider) = (await house.Colleague("Vic", "team_viewer"), await house.Colleague("Eda", "team_editor"), await house.Colleague("Oda", null));
        var (teams, _, _, _) = await Diary("team", "Tea is at four.");
        var (companys, _, _, _) = await Diary("company", "Lunch is at noon.");
        foreach (var (person, team, company) in new[] { (viewer, "use", "use"), (editor, "manage", "manage"), (outsider, null, "use"), (house.Eve, null, (string?)null) })
        {
            Assert.Equal(team, await AccessOf(person, teams));
            Assert.Equal(company, await AccessOf(person, companys));
        }

        // What the role forbids, a share does not allow.
        await Share(teams, viewer.UserId, "edit");
        Assert.Equal((403, "permission_denied"), await viewer.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{teams}", new { name = "x" }, Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-28")]
    public async Task Nothing_of_another_tenant_can_be_shared_and_nothing_shared_with_it()
    {
        var (collection, _, _, _) = await Diary("private", "Nothing leaves.");
        Assert.Equal((404, "grantee_not_found"), await house.Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "user", granteeId = house.Eve.UserId, access = "view" }, Ct).Said());
        Assert.Equal((404, "grantee_not_found"), await house.Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "team", granteeId = house.Eve.Team, access = "view" }, Ct).Said());
        Assert.Equal((404, "grantee_not_found"), await house.Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "tenant", granteeId = house.Eve.Tenant.Value, access = "view" }, Ct).Said());
        Assert.Equal((404, "collection_not_found"), await house.Eve.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "tenant", access = "manage" }, Ct).Said());
        Assert.Equal((400, "unknown_resource_type"), await house.Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "teapot", resourceId = collection, granteeType = "tenant", access = "manage" }, Ct).Said());
        var share = await Share(collection, house.Bob.UserId, "view");
        Assert.Equal((404, "share_not_found"), await house.Eve.Http.DeleteAsync($"/api/v1/iam/shares/{share}", Ct).Said());
        Assert.Equal((404, "share_not_found"), await house.Bob.Http.DeleteAsync($"/api/v1/iam/shares/{share}", Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-27")]
    public async Task A_private_model_is_its_makers_until_it_is_shared()
    {
        var model = await house.Model();
        await house.Do($"update models.models set visibility = 'private', created_by = '{house.Ann.UserId}' where id = '{model}'");
        var name = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/models/models/{model}", Ct))).GetProperty("name").GetString();
        Assert.Equal(404, (await house.Bob.Http.GetAsync($"/api/v1/models/models/{model}", Ct).Said()).Status);
        Assert.Equal(404, (await Ask(house.Bob.Http, name!)).Status); // a model has a name
        Assert.DoesNotContain(name!, await house.Bob.Http.GetStringAsync("/v1/models", Ct), StringComparison.Ordinal);
        await Share(model, house.Bob.UserId, "use", "model");
        Assert.Equal(200, (await Ask(house.Bob.Http, name!)).Status);
        Assert.Equal((403, "access_too_low"), await house.Bob.Http.PatchAsJsonAsync($"/api/v1/models/models/{model}", new { displayName = "Bob's" }, Ct).Said());
        Assert.Equal((403, "access_too_low"), await house.Bob.Http.DeleteAsync($"/api/v1/models/models/{model}", Ct).Said());
        await Share(model, house.Bob.UserId, "edit", "model");
        Assert.Equal(200, (await house.Bob.Http.PatchAsJsonAsync($"/api/v1/models/models/{model}", new { displayName = "Both's" }, Ct).Said()).Status);
    }

    [Fact]
    [Trait("row", "TEN-27")]
    public async Task A_private_agent_is_its_makers_until_it_is_shared()
    {
        var (agent, version) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await house.Do($"""
            insert into agents.agents (tenant_id, id, name, slug, visibility, created_by) values ('{house.Ann.Tenant}', '{agent}', 'Oracle', 'oracle', 'private', '{house.Ann.UserId}');
            insert into agents.agent_versions (tenant_id, id, agent_id, version_number, status) values ('{house.Ann.Tenant}', '{version}', '{agent}', 1, 'published');
            update agents.agents set current_version_id = '{version}' where id = '{agent}'
            """);
        Assert.Contains("agent:oracle", await house.Ann.Http.GetStringAsync("/v1/models", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("oracle", await house.Bob.Http.GetStringAsync("/api/v1/chat/agents", Ct), StringComparison.Ordinal);
        Assert.Equal(404, (await Ask(house.Bob.Http, "agent:oracle")).Status);
        await Share(agent, house.Bob.UserId, "use", "agent");
        Assert.Equal(200, (await Ask(house.Bob.Http, "agent:oracle")).Status);
    }

    [Fact]
    [Trait("row", "TEN-27")]
    public async Task A_conversation_is_read_by_whom_it_is_shown_to_and_continued_by_its_owner_alone()
    {
        var (collection, _, _, _) = await Diary("private", "The harbour opens at six.");
        var id = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { collectionIds = new[] { collection } }, Ct))).GetProperty("id").GetGuid();
        var path = $"/api/v1/chat/conversations/{id}";
        await house.Read((await House.Json(await house.Ann.Http.PostAsJsonAsync(path + "/messages", new { content = "When does the harbour open?" }, Ct))).GetProperty("runId").GetGuid());
        Assert.Equal(404, (await house.Bob.Http.GetAsync(path, Ct).Said()).Status);
        Assert.Equal(404, (await house.Bob.Http.GetAsync(path + "/messages", Ct).Said()).Status);

        await Share(id, house.Bob.UserId, "view", "conversation");
        var messages = (await House.Json(await house.Bob.Http.GetAsync(path + "/messages", Ct))).GetProperty("data");
        Assert.Equal(2, messages.GetArrayLength());
        // The source is private: its marker stays explained, nothing of the document is shown.
        Assert.All(messages[1].GetProperty("citations").EnumerateArray(), c => Assert.True(c.GetProperty("removed").GetBoolean()));
        Assert.Contains(id.ToString(), await house.Bob.Http.GetStringAsync("/api/v1/chat/conversations?shared=true", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain(id.ToString(), await house.Bob.Http.GetStringAsync("/api/v1/chat/conversations", Ct), StringComparison.Ordinal);
        Assert.Equal((403, "access_too_low"), await house.Bob.Http.PostAsJsonAsync(path + "/messages", new { content = "And on Sundays?" }, Ct).Said());
        Assert.Equal((403, "access_too_low"), await house.Bob.Http.PatchAsJsonAsync(path, new { title = "Bob's" }, Ct).Said());
        Assert.Equal((403, "access_too_low"), await house.Bob.Http.DeleteAsync(path, Ct).Said());

        var cid = await house.Colleague("Cid", "team_viewer");
        Assert.Equal(404, (await cid.Http.GetAsync(path, Ct).Said()).Status);
        await house.Do($"update chat.conversations set team_id = '{house.Ann.Team}' where id = '{id}'");
        Assert.Equal(200, (await house.Ann.Http.PatchAsJsonAsync(path, new { visibility = "team" }, Ct).Said()).Status);
        Assert.Equal(200, (await cid.Http.GetAsync(path, Ct).Said()).Status);
        Assert.Equal(404, (await house.Eve.Http.GetAsync(path, Ct).Said()).Status);
    }

    private static object Text(string text) => new { items = new[] { new { externalId = Guid.NewGuid().ToString(), title = "t", text } } };

    private static Task<(int Status, string? Code)> Ask(HttpClient http, string model) =>
        http.PostAsJsonAsync("/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = "What is the secret word?" } } }, Ct).Said();

    private static async Task<string> Answer(HttpClient http, string model, string question = "What is the secret word of the diary?") =>
        (await House.Json(await http.PostAsJsonAsync("/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = question } } }, Ct))).GetRawText();

    private static async Task<string?> AccessOf(Person person, Guid collection)
    {
        var answer = await person.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct);
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("myAccess").GetString() : null;
    }

    private async Task<Guid> Share(Guid thing, Guid user, string access, string type = "collection") => (await House.Json(await house.Ann.Http.PutAsJsonAsync(
        "/api/v1/iam/shares", new { resourceType = type, resourceId = thing, granteeType = "user", granteeId = user, access }, Ct))).GetProperty("id").GetGuid();

    private async Task<(Guid Collection, Guid Document, Guid Chunk, string Slug)> Diary(string visibility, string text)
    {
        var slug = "diary-" + Guid.NewGuid().ToString("N")[..12];
        var id = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Diary", slug, visibility }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/texts", Text(text), Ct));
        await house.Settled(id);
        var document = Guid.Parse((await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{id}'"))[0]);
        return (id, document, Guid.Parse((await house.Database.Names($"select id::text from knowledge.chunks where document_id = '{document}'"))[0]), slug);
    }
}
