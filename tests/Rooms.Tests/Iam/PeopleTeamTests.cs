using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

public sealed class PeopleTeamTests(House house) : IClassFixture<House>
{
    private const string Teams = "/api/v1/iam/teams", Me = "/api/v1/iam/me", Collections = "/api/v1/knowledge/collections";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("row", "TEN-02")]
    public async Task Whoever_makes_a_team_owns_it_and_that_is_one_row_in_the_log()
    {
        var anna = await house.Member(name: "Anna");
        using var browser = await house.Browser(anna);
        var before = await house.AuditRows();
        var made = await House.Json(await browser.PostAsJsonAsync(Teams, new { name = $"Größe & Maß {anna.Id.ToString()[^4..]}", description = "x" }, Ct));
        Assert.Equal(before + 1, await house.AuditRows());
        Assert.StartsWith("größe-maß-", made.GetProperty("slug").GetString(), StringComparison.Ordinal);
        Assert.Equal(anna.Id, made.GetProperty("ownerUserId").GetGuid());
        Assert.Equal("team_owner", Assert.Single(made.GetProperty("myRoles").EnumerateArray()).GetString());
        var me = await browser.Get(Me);
        Assert.Equal(made.GetProperty("id").GetGuid(), me.GetProperty("team").GetProperty("id").GetGuid());
        Assert.Equal("workspace", Assert.Single(me.GetProperty("teams").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Contains("iam.teams.own", me.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal("409 team_slug_taken", await browser.PostAsJsonAsync(Teams, new { name = "Another", slug = "everyone" }, Ct).Said());
        Assert.Equal("400 invalid_request", await browser.PostAsJsonAsync(Teams, new { name = "Another", slug = "Not a slug" }, Ct).Said());
        var guest = await house.Member("tenant_viewer");
        using var guests = await house.Browser(guest);
        Assert.Equal("403 permission_denied", await guests.PostAsJsonAsync(Teams, new { name = "Mine" }, Ct).Said());
    }

    [Fact]
    public async Task A_team_is_seen_by_its_members_and_by_administrators_of_the_organisation_alone()
    {
        var (ben, cora) = (await house.Member(name: "Ben"), await house.Member(name: "Cora"));
        var team = await house.Team((ben, "team_owner"));
        using var bens = await house.Browser(ben);
        using var coras = await house.Browser(cora);
        await house.Team((cora, "team_owner"));
        Assert.Equal("200", await bens.GetAsync($"{Teams}/{team}", Ct).Said());
        Assert.Equal("200", await house.Ann.Http.GetAsync($"{Teams}/{team}", Ct).Said());
        foreach (var (method, path) in new[] { ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/members"), ("PUT", $"/members/{cora.Id}"), ("DELETE", $"/members/{ben.Id}"), ("POST", "/leave"), ("POST", "/restore") })
        {
            foreach (var http in new[] { coras, house.Eve.Http })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"{Teams}/{team}{path}") { Content = method is "GET" or "DELETE" or "POST" ? null : JsonContent.Create(method == "PUT" ? new { roleIds = new[] { Guid.NewGuid() } } : (object)new { name = "Mine" }) };
                Assert.Equal($"{method} {path} 404 team_not_found", $"{method} {path} {await http.SendAsync(request, Ct).Said()}");
            }
        }

        Assert.DoesNotContain(team, (await coras.Get(Teams)).GetProperty("data").EnumerateArray().Select(t => t.GetProperty("id").GetGuid()));
        Assert.Contains(team, (await house.Ann.Http.Get($"{Teams}?limit=200")).GetProperty("data").EnumerateArray().Select(t => t.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task What_a_team_switches_off_is_off_for_those_who_work_in_it()
    {
        var fay = await house.Member(name: "Fay");
        var team = await house.Team((fay, "team_owner"));
        using var browser = await house.Browser(fay);
        using var key = await house.Key(fay.Id);
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/models", Ct)).StatusCode);
        await House.Json(await browser.PatchAsJsonAsync($"{Teams}/{team}", new { openaiApiEnabled = false, maxFileSizeMb = 1 }, Ct));
        var refused = await key.GetAsync("/v1/models", Ct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("openai_api_off", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await house.Ann.Http.GetAsync("/v1/models", Ct)).StatusCode);

        Assert.Equal(1 << 20, (await browser.Get("/api/v1/knowledge/limits")).GetProperty("maxFileBytes").GetInt64());
        var shelf = (await House.Json(await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Small {team}" }, Ct))).GetProperty("id").GetGuid();
        using var file = new MultipartFormDataContent { { new ByteArrayContent([.. Enumerable.Repeat((byte)'a', (1 << 20) + 1)]), "file", "big.txt" } };
        Assert.Equal("413 file_too_large", await browser.PostAsync($"/api/v1/knowledge/collections/{shelf}/documents", file, Ct).Said());
    }

    [Fact]
    public async Task Settings_of_a_team_change_by_its_managers_and_not_over_somebody_elses_change()
    {
        var (dan, ed) = (await house.Member(name: "Dan"), await house.Member(name: "Ed"));
        var team = await house.Team((dan, "team_admin"), (ed, "team_editor"), (await house.Member(), "team_owner"));
        using var dans = await house.Browser(dan);
        using var eds = await house.Browser(ed);
        Assert.Equal("403 permission_denied", await eds.PatchAsJsonAsync($"{Teams}/{team}", new { name = "Ours" }, Ct).Said());
        var tag = (await dans.GetAsync($"{Teams}/{team}", Ct)).Headers.ETag!;
        var changed = await House.Json(await dans.PatchAsJsonAsync($"{Teams}/{team}", new { name = "Ours", description = "Plants", maxFileSizeMb = 20, allowedOrigins = new[] { "https://www.example.com" }, openaiApiEnabled = false }, Ct));
        Assert.Equal("Ours 20 False https://www.example.com", $"{changed.GetProperty("name")} {changed.GetProperty("maxFileSizeMb")} {changed.GetProperty("openaiApiEnabled")} {changed.GetProperty("allowedOrigins")[0]}");
        using var late = new HttpRequestMessage(HttpMethod.Patch, $"{Teams}/{team}") { Content = JsonContent.Create(new { name = "Late" }), Headers = { IfMatch = { tag } } };
        Assert.Equal("412 changed_meanwhile", await dans.SendAsync(late, Ct).Said());
        var cleared = await House.Json(await dans.PatchAsJsonAsync($"{Teams}/{team}", new { description = (string?)null, maxFileSizeMb = (int?)null }, Ct));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, "Ours"), (cleared.GetProperty("description").ValueKind, cleared.GetProperty("maxFileSizeMb").ValueKind, cleared.GetProperty("name").GetString()));
        foreach (var origin in new[] { "www.example.com", "https://www.example.com/", "https://WWW.example.com", "https://www.example.com:443", "https://a@b.example", "ftp://x.example", "null" })
        {
            Assert.Equal("400 invalid_origin", await dans.PatchAsJsonAsync($"{Teams}/{team}", new { allowedOrigins = new[] { origin } }, Ct).Said());
        }

        Assert.Equal("400 invalid_origin", await dans.PatchAsJsonAsync($"{Teams}/{team}", new { allowedOrigins = new[] { "*", "https://x.example" } }, Ct).Said());
    }

    [Fact, Trait("row", "TEN-39")]
    public async Task The_leader_of_a_team_has_a_managers_rights_in_it_while_they_lead()
    {
        var (fay, gil) = (await house.Member(name: "Fay"), await house.Member(name: "Gil"));
        var team = await house.Team((fay, "team_owner"), (gil, "team_viewer"));
        using var fays = await house.Browser(fay);
        using var gils = await house.Browser(gil);
        Assert.Equal("403 permission_denied", await gils.PatchAsJsonAsync($"{Teams}/{team}", new { description = "Led" }, Ct).Said());
        Assert.Equal("400 leader_not_member", await fays.PatchAsJsonAsync($"{Teams}/{team}", new { leaderUserId = house.Ann.UserId }, Ct).Said());
        Assert.Equal("400 leader_not_member", await fays.PatchAsJsonAsync($"{Teams}/{team}", new { leaderUserId = house.Eve.UserId }, Ct).Said());
        await House.Json(await fays.PatchAsJsonAsync($"{Teams}/{team}", new { leaderUserId = gil.Id }, Ct));
        Assert.Equal("200", await gils.PatchAsJsonAsync($"{Teams}/{team}", new { description = "Led" }, Ct).Said());
        Assert.Equal("403 beyond_your_rights", await gils.DeleteAsync($"{Teams}/{team}/members/{fay.Id}", Ct).Said());
        await House.Json(await fays.PatchAsJsonAsync($"{Teams}/{team}", new { leaderUserId = (Guid?)null }, Ct));
        Assert.Equal("403 permission_denied", await gils.PatchAsJsonAsync($"{Teams}/{team}", new { description = "Not led" }, Ct).Said());

        await House.Json(await fays.PatchAsJsonAsync($"{Teams}/{team}", new { leaderUserId = gil.Id }, Ct));
        await house.Do($"delete from iam.users where id = '{gil.Id}'");
        Assert.Equal(JsonValueKind.Null, (await fays.Get($"{Teams}/{team}")).GetProperty("leaderUserId").ValueKind);
    }

    [Fact, Trait("row", "TEN-15"), Trait("row", "TEN-25")]
    public async Task A_role_counts_in_its_team_and_nowhere_else_and_changes_with_the_next_request()
    {
        var (hana, ivo) = (await house.Member(name: "Hana"), await house.Member(name: "Ivo"));
        var (first, second) = (await house.Team((ivo, "team_owner"), (hana, "team_viewer")), await house.Team((hana, "team_owner"), (ivo, "team_viewer")));
        using var hanas = await house.Browser(hana);
        using var ivos = await house.Browser(ivo);
        Assert.Equal("403 permission_denied", await hanas.PostAsJsonAsync(Collections, new { name = "No" }, Ct).Said());
        Assert.Equal("403 permission_denied", await hanas.PatchAsJsonAsync($"{Teams}/{second}", new { name = "Not from here" }, Ct).Said());
        await House.Json(await hanas.PutAsJsonAsync($"{Me}/team", new { teamId = second }, Ct));
        Assert.Equal("200", await hanas.PatchAsJsonAsync($"{Teams}/{second}", new { name = "From here" }, Ct).Said());
        // Owner here, viewer there: the team that the request names decides, not the one worked in.
        Assert.Equal("403 permission_denied", await hanas.PatchAsJsonAsync($"{Teams}/{first}", new { name = "Not mine" }, Ct).Said());

        await House.Json(await hanas.PutAsJsonAsync($"{Me}/team", new { teamId = first }, Ct));
        await House.Json(await ivos.PutAsJsonAsync($"{Teams}/{first}/members/{hana.Id}", new { roleIds = new[] { await house.RoleId("team_editor") } }, Ct));
        Assert.Equal("201", await hanas.PostAsJsonAsync(Collections, new { name = $"Yes {hana.Id}" }, Ct).Said());
        await House.Json(await ivos.PutAsJsonAsync($"{Teams}/{first}/members/{hana.Id}", new { roleIds = new[] { await house.RoleId("team_viewer") } }, Ct));
        Assert.Equal("403 permission_denied", await hanas.PostAsJsonAsync(Collections, new { name = $"No {hana.Id}" }, Ct).Said());

        // A key that is bound to no team may do what its owner may do in all of them.
        using var key = await house.Key(hana.Id);
        Assert.Equal("403 permission_denied", await key.PostAsJsonAsync(Collections, new { name = "By key" }, Ct).Said());
        Assert.Equal("200", await key.GetAsync(Collections, Ct).Said());
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task Nobody_gives_or_takes_more_than_they_have()
    {
        var (owner, admin, other) = (await house.Member(name: "Owner"), await house.Member(name: "Admin"), await house.Member(name: "Other"));
        var team = await house.Team((owner, "team_owner"), (admin, "team_admin"));
        using var admins = await house.Browser(admin);
        Assert.Equal("403 beyond_your_rights", await admins.PutAsJsonAsync($"{Teams}/{team}/members/{admin.Id}", new { roleIds = new[] { await house.RoleId("team_owner") } }, Ct).Said());
        Assert.Equal("403 beyond_your_rights", await admins.PutAsJsonAsync($"{Teams}/{team}/members/{owner.Id}", new { roleIds = new[] { await house.RoleId("team_viewer") } }, Ct).Said());
        Assert.Equal("403 beyond_your_rights", await admins.DeleteAsync($"{Teams}/{team}/members/{owner.Id}", Ct).Said());
        Assert.Equal("400 wrong_role_scope", await admins.PutAsJsonAsync($"{Teams}/{team}/members/{other.Id}", new { roleIds = new[] { await house.RoleId("tenant_admin") } }, Ct).Said());
        Assert.Equal("404 member_not_found", await admins.PutAsJsonAsync($"{Teams}/{team}/members/{house.Eve.UserId}", new { roleIds = new[] { await house.RoleId("team_viewer") } }, Ct).Said());
        var before = await house.AuditRows();
        var added = await House.Json(await admins.PutAsJsonAsync($"{Teams}/{team}/members/{other.Id}", new { roleIds = new[] { await house.RoleId("team_editor"), await house.RoleId("team_collaborator") } }, Ct));
        Assert.Equal(["team_editor", "team_collaborator"], added.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("key").GetString()));
        Assert.Equal(before + 1, await house.AuditRows());
        Assert.Equal("204", await admins.DeleteAsync($"{Teams}/{team}/members/{other.Id}", Ct).Said());
        Assert.Equal("404 team_member_not_found", await admins.DeleteAsync($"{Teams}/{team}/members/{other.Id}", Ct).Said());
        Assert.Equal(2, (await admins.Get($"{Teams}/{team}/members")).GetProperty("data").GetArrayLength());
    }

    [Fact, Trait("row", "TEN-26")]
    public async Task Changing_the_team_changes_every_list_on_every_node_and_nothing_of_the_other_team_stays()
    {
        var jo = await house.Member(name: "Jo");
        var (first, second) = (await house.Team((jo, "team_owner")), await house.Team((jo, "team_owner")));
        using var browser = await house.Browser(jo);
        var hers = (await House.Json(await browser.PostAsJsonAsync(Collections, new { name = $"First {jo.Id}", visibility = "team" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await browser.PutAsJsonAsync($"{Me}/team", new { teamId = second }, Ct));
        var theirs = (await House.Json(await browser.PostAsJsonAsync(Collections, new { name = $"Second {jo.Id}", visibility = "team" }, Ct))).GetProperty("id").GetGuid();
        await house.Do($"update knowledge.collections set created_by = '{house.Ann.UserId}' where id in ('{hers}', '{theirs}')");
        var elsewhere = await house.StartServer();
        // The team is in the session, not in the browser: another server that gets the same cookie is in the same team.
        using var there = house.NewBrowser(elsewhere, like: browser);
        foreach (var (team, seen, hidden) in new[] { (second, theirs, hers), (first, hers, theirs), (second, theirs, hers) })
        {
            var me = await House.Json(await browser.PutAsJsonAsync($"{Me}/team", new { teamId = team }, Ct));
            Assert.Equal(team, me.GetProperty("team").GetProperty("id").GetGuid());
            Assert.Equal(2, me.GetProperty("teams").GetArrayLength());
            Assert.Equal([seen], await Seen(browser));
            Assert.Equal("404 collection_not_found", await browser.GetAsync($"{Collections}/{hidden}", Ct).Said());
            await Platform.JobHouse.Until(async () => (await Seen(there)).SequenceEqual([seen]), "the other node to see the change", 10);
        }

        Assert.Equal("404 team_not_found", await browser.PutAsJsonAsync($"{Me}/team", new { teamId = await house.Team() }, Ct).Said());
        using var key = await house.Key(jo.Id);
        Assert.Equal("403 not_for_keys", await key.PutAsJsonAsync($"{Me}/team", new { teamId = first }, Ct).Said());

        // Whoever is put out of the team they work in works in another.
        await house.Place(second, house.Ann.UserId, "team_owner");
        Assert.Equal("204", await house.Ann.Http.DeleteAsync($"{Teams}/{second}/members/{jo.Id}", Ct).Said());
        Assert.Equal([hers], await Seen(browser));

        async Task<Guid[]> Seen(HttpClient http) => [.. (await http.Get(Collections)).GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid()).Where(id => id == hers || id == theirs)];
    }

    [Fact, Trait("row", "TEN-02")]
    public async Task A_deleted_team_is_gone_with_what_it_holds_and_comes_back_with_it()
    {
        var (kim, lea) = (await house.Member(name: "Kim"), await house.Member(name: "Lea"));
        var team = await house.Team((kim, "team_owner"), (lea, "team_viewer"));
        using var kims = await house.Browser(kim);
        using var leas = await house.Browser(lea);
        var collection = (await House.Json(await kims.PostAsJsonAsync(Collections, new { name = $"Held {team}", visibility = "team" }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal("200", await leas.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.Equal("403 permission_denied", await leas.DeleteAsync($"{Teams}/{team}", Ct).Said());
        Assert.Equal("204", await kims.DeleteAsync($"{Teams}/{team}", Ct).Said());
        Assert.Equal("404 team_not_found", await kims.GetAsync($"{Teams}/{team}", Ct).Said());
        Assert.NotEqual("200", await leas.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.Equal(JsonValueKind.Null, (await leas.Get(Me)).GetProperty("team").ValueKind);

        Assert.Equal("404 team_not_found", await leas.PostAsync($"{Teams}/{team}/restore", null, Ct).Said());
        Assert.Contains(team, (await kims.Get($"{Teams}?deleted=true")).GetProperty("data").EnumerateArray().Select(t => t.GetProperty("id").GetGuid()));
        Assert.Equal("200", await kims.PostAsync($"{Teams}/{team}/restore", null, Ct).Said());
        Assert.Equal("200", await leas.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.Equal(["team.created success", "team.deleted success", "team.restored success"], await house.Audited(team));
    }

    [Fact, Trait("row", "TEN-02"), Trait("row", "TEN-26")]
    public async Task What_a_team_holds_goes_over_to_another_when_it_is_deleted_so_and_lists_follow_the_team()
    {
        var mo = await house.Member(name: "Mo");
        var (from, to, foreign) = (await house.Team((mo, "team_owner")), await house.Team((mo, "team_admin"), (await house.Member(), "team_owner")), await house.Team((await house.Member(), "team_owner")));
        using var browser = await house.Browser(mo);
        var collection = await Id(browser.PostAsJsonAsync(Collections, new { name = $"Private {from}", visibility = "private" }, Ct));
        var conversation = await Id(browser.PostAsJsonAsync("/api/v1/chat/conversations", new { title = "Here" }, Ct));
        Assert.Contains(conversation, await Ids("/api/v1/chat/conversations"));
        await House.Json(await browser.PutAsJsonAsync($"{Me}/team", new { teamId = to }, Ct));
        // One's own things too belong to a team and are there.
        Assert.Equal("404 collection_not_found", await browser.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.DoesNotContain(collection, await Ids(Collections));
        Assert.DoesNotContain(conversation, await Ids("/api/v1/chat/conversations"));

        Assert.Equal("404 team_not_found", await browser.DeleteAsync($"{Teams}/{from}?moveTo={foreign}", Ct).Said());
        Assert.Equal("404 team_not_found", await browser.DeleteAsync($"{Teams}/{from}?moveTo={from}", Ct).Said());
        Assert.Equal("404 team_not_found", await browser.DeleteAsync($"{Teams}/{from}?moveTo={house.Eve.Team}", Ct).Said());
        Assert.Equal("204", await browser.DeleteAsync($"{Teams}/{from}?moveTo={to}", Ct).Said());
        Assert.Equal("200", await browser.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.Contains(conversation, await Ids("/api/v1/chat/conversations"));
        Assert.Equal(0L, await house.Database.Ask<long>($"""
            select (select count(*) from knowledge.collections where team_id = '{from}') + (select count(*) from knowledge.documents where team_id = '{from}')
              + (select count(*) from chat.conversations where team_id = '{from}') + (select count(*) from models.models where team_id = '{from}') + (select count(*) from agents.agents where team_id = '{from}')
            """));

        async Task<List<Guid>> Ids(string path) => [.. (await browser.Get(path)).GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetGuid())];
    }

    [Fact, Trait("row", "TEN-02")]
    public async Task What_a_deleted_team_showed_to_the_whole_organisation_is_hidden_too()
    {
        var nat = await house.Member(name: "Nat");
        var team = await house.Team((nat, "team_owner"));
        using var browser = await house.Browser(nat);
        var collection = await Id(browser.PostAsJsonAsync(Collections, new { name = $"Company {team}", visibility = "company" }, Ct));
        Assert.Equal("200", await house.Ann.Http.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.Equal("204", await browser.DeleteAsync($"{Teams}/{team}", Ct).Said());
        Assert.Equal("404 collection_not_found", await house.Ann.Http.GetAsync($"{Collections}/{collection}", Ct).Said());
        Assert.Equal("404 collection_not_found", await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "x", collections = new[] { collection } }, Ct).Said());
        Assert.Equal("200", await browser.PostAsync($"{Teams}/{team}/restore", null, Ct).Said());
        Assert.Equal("200", await house.Ann.Http.GetAsync($"{Collections}/{collection}", Ct).Said());
    }

    private static async Task<Guid> Id(Task<HttpResponseMessage> made) => (await House.Json(await made)).GetProperty("id").GetGuid();
}
