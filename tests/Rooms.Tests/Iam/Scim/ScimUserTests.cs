using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>People kept over SCIM, in the words of the directories that do it.</summary>
public sealed class ScimUserTests(House house) : IClassFixture<House>
{
    private const string PatchOp = "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entras_life_of_a_user_from_the_first_look_to_disabling_and_back()
    {
        var directory = await ScimDirectory.Of(house, house.Ann);
        var none = await directory.Ask("GET", "/Users?filter=" + Uri.EscapeDataString("userName eq \"adele@contoso.example\""));
        Assert.Equal((0, 1, 0), (none.GetProperty("totalResults").GetInt32(), none.GetProperty("startIndex").GetInt32(), none.GetProperty("Resources").GetArrayLength()));

        var created = await directory.Ask("POST", "/Users", """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"adele","userName":"adele@contoso.example","active":true,
             "displayName":"Adele Vance","emails":[{"primary":true,"type":"work","value":"adele@contoso.example"}],"meta":{"resourceType":"User"},
             "name":{"formatted":"Adele Vance","familyName":"Vance","givenName":"Adele"},"title":"Manager","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"}}
            """, HttpStatusCode.Created);
        var id = created.GetProperty("id").GetString()!;
        Assert.Equal($"/scim/v2/Users/{id}", new Uri(created.GetProperty("meta").GetProperty("location").GetString()!).AbsolutePath);
        Assert.Equal("Manager", created.GetProperty("title").GetString());
        Assert.Equal("Adele Vance", await house.Database.Ask<string>("select display_name from iam.users where email = 'adele@contoso.example'"));

        // PascalCase operations, booleans as text, an extension's attribute and one address by filter.
        var changed = await directory.Ask("PATCH", $"/Users/{id}", $$"""
            { {{PatchOp}},"Operations":[
              {"op":"Replace","path":"displayName","value":"Adele V."},
              {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Marketing"},
              {"op":"Replace","path":"emails[type eq \"work\"].value","value":"adele.v@contoso.example"},
              {"op":"Replace","path":"name.givenName","value":"Adele Maria"},
              {"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Seattle"},
              {"op":"Replace","path":"active","value":"False"}]}
            """);
        Assert.False(changed.GetProperty("active").GetBoolean());
        Assert.Equal("Marketing", changed.GetProperty("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User").GetProperty("department").GetString());
        Assert.Equal("Seattle", changed.GetProperty("addresses")[0].GetProperty("locality").GetString());
        Assert.Equal("adele.v@contoso.example|Adele V.|Adele Maria", await house.Database.Ask<string>($"select email || '|' || display_name || '|' || first_name from iam.users where id = '{id}'"));

        // A disabled user is still found by filter, and comes back.
        var found = await directory.Only("externalId eq \"adele\"");
        Assert.Equal((id, false), (found.GetProperty("id").GetString(), found.GetProperty("active").GetBoolean()));
        var back = await directory.Ask("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"Replace","value":{"active":"True","title":"Director"} }]}""");
        Assert.Equal((true, "Director"), (back.GetProperty("active").GetBoolean(), back.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Oktas_life_of_a_user_with_patches_without_a_path_and_whole_replacements()
    {
        var directory = await ScimDirectory.Of(house, house.Ann);
        var id = await directory.User("okta", ""","externalId":"00u1","name":{"givenName":"Ok","familyName":"Ta"}""");
        var off = await directory.Ask("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","value":{"active":false} }]}""");
        Assert.False(off.GetProperty("active").GetBoolean());
        var dotted = await directory.Ask("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","value":{"name.givenName":"Okay","active":true} }]}""");
        Assert.Equal(("Okay", "Ta"), (dotted.GetProperty("name").GetProperty("givenName").GetString(), dotted.GetProperty("name").GetProperty("familyName").GetString()));
        var replaced = await directory.Ask("PUT", $"/Users/{id}", """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"okta@dir.example","active":true,"name":{"givenName":"New","familyName":"Name"},"emails":[{"value":"okta@dir.example","primary":true}]}""");
        Assert.False(replaced.TryGetProperty("externalId", out _));
        Assert.Equal("New", replaced.GetProperty("name").GetProperty("givenName").GetString());
    }

    [Fact]
    [Trait("row", "TEN-20")]
    public async Task Deleting_a_user_deactivates_them_ends_their_sessions_and_stops_their_keys()
    {
        var directory = await ScimDirectory.Of(house, house.Ann);
        var id = await directory.User("leaving");
        var key = await Lyceum.Iam.KeyIssuer.Issue(house.Get<Lyceum.Platform.Databases>().For(house.Ann.Tenant, Lyceum.Platform.Actor.System()), Guid.Parse(id), "theirs", Ct);
        var cookie = Lyceum.Iam.SessionToken.NewCookie();
        await house.Get<Lyceum.Iam.AccountStore>().OpenSession(Guid.Parse(id), house.Ann.Tenant.Value, Lyceum.Iam.SessionToken.Hash(cookie), TimeSpan.FromHours(1), null, "", Ct);
        using var theirs = House.Client(house.App, key);
        using var browser = new Browser(house.Ann.Http.BaseAddress!);
        browser.Put(new Cookie("lyceum_session", cookie, "/", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.OK, (await theirs.GetAsync("/api/v1/iam/me", Ct)).StatusCode);
        Assert.NotNull(await browser.Me());

        await directory.Ask("DELETE", $"/Users/{id}", null, HttpStatusCode.NoContent);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await theirs.GetAsync("/api/v1/iam/me", limit.Token)).StatusCode != HttpStatusCode.Unauthorized || await browser.Me() is not null)
        {
            await Task.Delay(50, limit.Token);
        }

        Assert.False((await directory.Ask("GET", $"/Users/{id}")).GetProperty("active").GetBoolean());
        Assert.False((await directory.Only("userName eq \"leaving@dir.example\"")).GetProperty("active").GetBoolean());
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where resource_type = 'scim_user' and resource_id = '{id}' and action = 'scim_user.updated'"));
    }

    [Fact]
    public async Task A_userName_is_unique_in_an_organisation_and_says_nothing_about_others()
    {
        var (ours, theirs) = (await ScimDirectory.Of(house, house.Ann), await ScimDirectory.Of(house, house.Eve));
        await ours.User("same");
        Assert.Equal("uniqueness", await ours.Refused("POST", "/Users", """{"userName":"SAME@dir.example"}""", HttpStatusCode.Conflict));
        Assert.Equal("uniqueness", await ours.Refused("POST", "/Users", """{"userName":"bob@example.com"}""", HttpStatusCode.Conflict));

        // Elsewhere the same address is asked first; taken in, it is one account with a place in each.
        Assert.Equal("uniqueness", await theirs.Refused("POST", "/Users", """{"userName":"same@dir.example"}""", HttpStatusCode.Conflict));
        var id = await house.Database.Ask<Guid>("select id from iam.users where email = 'same@dir.example'");
        await house.Do($"insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id) select '{house.Eve.Tenant}', ops.uuid7(), '{id}', tenant_id, id from iam.roles where key = 'tenant_user'");
        Assert.Equal(2L, await house.Database.Ask<long>($"select count(*) from iam.tenant_members where user_id = '{id}'"));
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from iam.users where email = 'same@dir.example'"));

        // And what one directory says of the account does not change it for the other.
        await theirs.Ask("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"displayName","value":"Renamed by them"},{"op":"replace","path":"emails[type eq \"work\"].value","value":"taken-over@evil.example"}]}""");
        await ours.Ask("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"displayName","value":"Renamed by us"}]}""");
        Assert.Equal("same@dir.example|same", await house.Database.Ask<string>($"select email || '|' || display_name from iam.users where id = '{id}'"));
    }

    [Fact]
    public async Task A_directory_cannot_change_the_account_of_somebody_it_did_not_make()
    {
        var directory = await ScimDirectory.Of(house, house.Ann);
        var ann = await directory.Only("userName eq \"ann@example.com\"");
        Assert.Equal(house.Ann.UserId.ToString(), ann.GetProperty("id").GetString());
        await directory.Ask("PATCH", $"/Users/{house.Ann.UserId}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"attacker@evil.example"},{"op":"replace","path":"userName","value":"attacker@evil.example"}]}""");
        Assert.Equal("ann@example.com", await house.Database.Ask<string>($"select email::text from iam.users where id = '{house.Ann.UserId}'"));
    }

    [Fact]
    public async Task One_organisations_directory_sees_and_changes_nothing_of_anothers()
    {
        var (ours, theirs) = (await ScimDirectory.Of(house, house.Ann), await ScimDirectory.Of(house, house.Eve));
        var id = await ours.User("hidden", ""","externalId":"hidden-1" """);
        var group = (await ours.Ask("POST", "/Groups", """{"displayName":"Hidden"}""", HttpStatusCode.Created)).GetProperty("id").GetString();
        foreach (var (method, path, body) in new[]
        {
            ("GET", $"/Users/{id}", null), ("PUT", $"/Users/{id}", """{"userName":"x@y.example"}"""), ("DELETE", $"/Users/{id}", null),
            ("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"active","value":false}]}"""),
            ("GET", $"/Groups/{group}", null), ("PUT", $"/Groups/{group}", """{"displayName":"x"}"""), ("DELETE", $"/Groups/{group}", null),
            ("PATCH", $"/Groups/{group}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"displayName","value":"x"}]}"""),
        })
        {
            var foreign = await theirs.Raw(method, path, body);
            var missing = await theirs.Raw(method, path.Replace(id, Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace(group!, Guid.NewGuid().ToString(), StringComparison.Ordinal), body);
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
            Assert.Equal(await missing.Content.ReadAsStringAsync(Ct), await foreign.Content.ReadAsStringAsync(Ct));
        }

        foreach (var filter in new[] { "externalId eq \"hidden-1\"", "userName sw \"hidden\"", $"id eq \"{id}\"" })
        {
            Assert.Equal(0, (await theirs.Ask("GET", "/Users?filter=" + Uri.EscapeDataString(filter))).GetProperty("totalResults").GetInt32());
        }

        var made = await theirs.Ask("POST", "/Groups", """{"displayName":"Theirs"}""", HttpStatusCode.Created);
        Assert.Equal("invalidValue", await theirs.Refused("PATCH", $"/Groups/{made.GetProperty("id").GetString()}", $$"""{ {{PatchOp}},"Operations":[{"op":"add","path":"members","value":[{"value":"{{id}}"}]}]}""", HttpStatusCode.BadRequest));
        Assert.True((await ours.Ask("GET", $"/Users/{id}")).GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task Only_a_service_key_with_the_scope_opens_the_door_and_every_refusal_is_scims_own()
    {
        foreach (var (kind, scope) in new[] { ("api", "iam.scim.use"), ("service", "iam.members.read") })
        {
            var key = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = kind, kind, scopes = new[] { scope } }, Ct));
            await new ScimDirectory(House.Client(house.App, key.GetProperty("key").GetString()!)).Refused("GET", "/Users", null, HttpStatusCode.Forbidden); // the answer has it
        }

        await new ScimDirectory(house.Ann.Http).Refused("GET", "/Users", null, HttpStatusCode.Forbidden);
        await new ScimDirectory(new HttpClient { BaseAddress = house.Ann.Http.BaseAddress }).Refused("GET", "/Users", null, HttpStatusCode.Unauthorized);
        var directory = await ScimDirectory.Of(house, house.Ann);
        await directory.Refused("GET", "/Nothing", null, HttpStatusCode.NotFound);
        await directory.Refused("GET", "/Users/" + "not-an-id", null, HttpStatusCode.NotFound);
        Assert.Equal("invalidSyntax", await directory.Refused("POST", "/Users", "{", HttpStatusCode.BadRequest));
        Assert.Equal("invalidSyntax", await directory.Refused("POST", "/Users", """{"userName":"a@b.c","userName":"d@e.f"}""", HttpStatusCode.BadRequest));
        Assert.Equal("invalidSyntax", await directory.Refused("POST", "/Users", "[]", HttpStatusCode.BadRequest));
        Assert.Equal("invalidValue", await directory.Refused("POST", "/Users", """{"displayName":"nobody"}""", HttpStatusCode.BadRequest));
        Assert.Equal("invalidValue", await directory.Refused("POST", "/Users", """{"userName":"no-address"}""", HttpStatusCode.BadRequest));
        Assert.Equal("invalidValue", await directory.Refused("POST", "/Users", """{"userName":"a@b.example","active":"maybe"}""", HttpStatusCode.BadRequest));
        Assert.Equal("invalidFilter", await directory.Refused("GET", "/Users?filter=userName", null, HttpStatusCode.BadRequest));
        Assert.Equal("invalidFilter", await directory.Refused("GET", "/Users?filter=" + Uri.EscapeDataString("password eq \"x\""), null, HttpStatusCode.BadRequest));
        Assert.Equal("invalidFilter", await directory.Refused("GET", "/Users?filter=" + Uri.EscapeDataString("userName eq \"x\" or"), null, HttpStatusCode.BadRequest));
        var id = await directory.User("patched");
        Assert.Equal("invalidPath", await directory.Refused("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"add","path":"][","value":1}]}""", HttpStatusCode.BadRequest));
        Assert.Equal("noTarget", await directory.Refused("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"remove"}]}""", HttpStatusCode.BadRequest));
        Assert.Equal("invalidSyntax", await directory.Refused("PATCH", $"/Users/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"move","path":"title"}]}""", HttpStatusCode.BadRequest));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await directory.Raw("POST", "/Users", "<user/>", "application/xml")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await directory.Raw("POST", "/Users", """{"userName":"plain@dir.example"}""", "application/json; charset=utf-8")).StatusCode);
    }

    [Fact]
    public async Task Lists_count_from_one_and_filters_are_understood()
    {
        var directory = await ScimDirectory.Of(house, house.Ann);
        foreach (var name in new[] { "page-a", "page-b", "page-c" })
        {
            await directory.User(name, $$""","externalId":"ext-{{name}}","name":{"familyName":"Pager"}""");
        }

        async Task<(int Total, int Start, string[] Names)> List(string query)
        {
            var list = await directory.Ask("GET", "/Users?" + query);
            Assert.Equal(list.GetProperty("Resources").GetArrayLength(), list.GetProperty("itemsPerPage").GetInt32());
            return (list.GetProperty("totalResults").GetInt32(), list.GetProperty("startIndex").GetInt32(), [.. list.GetProperty("Resources").EnumerateArray().Select(u => u.GetProperty("userName").GetString()![..6])]);
        }

        static string F(string filter) => "filter=" + Uri.EscapeDataString(filter);
        Same(3, 1, ["page-a", "page-b"], await List(F("userName sw \"PAGE-\"") + "&count=2"));
        Same(3, 3, ["page-c"], await List(F("userName sw \"page-\"") + "&count=2&startIndex=3"));
        Same(3, 1, ["page-a"], await List(F("userName sw \"page-\"") + "&count=1&startIndex=0"));
        Same(3, 1, [], await List(F("userName sw \"page-\"") + "&count=0"));
        Same(1, 1, ["page-b"], await List(F("externalId eq \"ext-page-b\"")));
        Same(0, 1, [], await List(F("externalId eq \"EXT-PAGE-B\"")));
        Same(1, 1, ["page-c"], await List(F("name.familyName eq \"pager\" and (userName co \"-c\" or displayName eq \"nobody\")")));
        Same(1, 1, ["page-a"], await List(F("emails[type eq \"work\"].value eq \"page-a@dir.example\"")));
        Same(1, 1, ["page-a"], await List(F("emails[type eq \"work\" and value eq \"page-a@dir.example\"]")));
        Same(3, 1, ["page-a", "page-b", "page-c"], await List(F("active eq true and userName sw \"page-\" and not (userName eq \"x\")")));
        var slim = (await directory.Ask("GET", "/Users?attributes=userName&" + F("userName eq \"page-a@dir.example\""))).GetProperty("Resources")[0];
        Assert.Equal(["id", "schemas", "userName"], slim.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("row", "TEN-25")]
    public async Task The_last_administrator_cannot_be_deactivated_by_a_directory()
    {
        var directory = await ScimDirectory.Of(house, house.Eve);
        Assert.Equal("mutability", await directory.Refused("DELETE", $"/Users/{house.Eve.UserId}", null, HttpStatusCode.Conflict));
        Assert.True((await directory.Ask("GET", $"/Users/{house.Eve.UserId}")).GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task The_server_says_what_it_speaks()
    {
        var directory = await ScimDirectory.Of(house, house.Ann);
        var config = await directory.Ask("GET", "/ServiceProviderConfig");
        Assert.True(config.GetProperty("patch").GetProperty("supported").GetBoolean());
        Assert.Equal(["User", "Group"], (await directory.Ask("GET", "/ResourceTypes")).GetProperty("Resources").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
        foreach (var schema in (await directory.Ask("GET", "/Schemas")).GetProperty("Resources").EnumerateArray())
        {
            var again = await directory.Ask("GET", "/Schemas/" + schema.GetProperty("id").GetString());
            Assert.NotEmpty(again.GetProperty("attributes").EnumerateArray());
        }

        Assert.Equal("/Users", (await directory.Ask("GET", "/ResourceTypes/User")).GetProperty("endpoint").GetString());
    }

    private static void Same(int total, int start, string[] names, (int Total, int Start, string[] Names) found)
    {
        Assert.Equal((total, start), (found.Total, found.Start));
        Assert.Equal(names, found.Names);
    }
}
