using System.Net;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>Groups kept over SCIM, and the roles they give.</summary>
public sealed class ScimGroupTests(FederationHouse place) : IClassFixture<FederationHouse>
{
    private const string PatchOp = "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]";

    private House House => place.House;

    [Fact]
    public async Task Members_come_and_go_in_every_way_directories_say_it()
    {
        var directory = await ScimDirectory.Of(House, House.Ann);
        var (a, b, c) = (await directory.User("ga"), await directory.User("gb"), await directory.User("gc"));
        var group = await directory.Ask("POST", "/Groups", $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Writers","externalId":"w-1","members":[{"value":"{{a}}"}]}""", HttpStatusCode.Created);
        var id = group.GetProperty("id").GetString()!;
        async Task<string> After(string operations, string query = "")
        {
            await directory.Ask("PATCH", $"/Groups/{id}{query}", $$"""{ {{PatchOp}},"Operations":[{{operations}}]}""", HttpStatusCode.NoContent);
            return await Members(id);
        }

        Assert.Equal("ga", await Members(id));
        Assert.Equal("ga,gb", await After($$"""{"op":"Add","path":"members","value":[{"value":"{{b}}"}]}"""));
        Assert.Equal("ga,gb", await After($$"""{"op":"add","path":"members","value":[{"value":"{{b}}"},{"value":"{{a}}"}]}"""));
        Assert.Equal("ga,gb,gc", await After($$"""{"op":"add","value":{"members":[{"value":"{{c}}"}]} }"""));
        Assert.Equal("ga,gc", await After($$"""{"op":"remove","path":"members[value eq \"{{b}}\"]"}"""));
        Assert.Equal("gc", await After($$"""{"op":"Remove","path":"members","value":[{"value":"{{a}}"}]}"""));
        Assert.Equal("ga,gb", await After($$"""{"op":"replace","path":"members","value":[{"value":"{{a}}"},{"value":"{{b}}"}]}"""));
        Assert.Equal("", await After("""{"op":"remove","path":"members"}"""));
        Assert.Equal("gc", await After($$"""{"op":"add","path":"members","value":{"value":"{{c}}"} }"""));
        await After($$"""{"op":"replace","value":{"id":"{{id}}","displayName":"Authors"} }""");
        var renamed = await directory.Ask("GET", $"/Groups/{id}?excludedAttributes=members");
        Assert.Equal("Authors", renamed.GetProperty("displayName").GetString());
        Assert.False(renamed.TryGetProperty("members", out _));
        Assert.Equal(id, (await directory.Ask("GET", "/Groups?filter=" + Uri.EscapeDataString("displayName eq \"authors\""))).GetProperty("Resources")[0].GetProperty("id").GetString());
        Assert.Equal(id, (await directory.Ask("GET", "/Groups?filter=" + Uri.EscapeDataString($"members[value eq \"{c}\"]"))).GetProperty("Resources")[0].GetProperty("id").GetString());
        Assert.Equal("Authors", (await directory.Ask("GET", $"/Users/{c}")).GetProperty("groups")[0].GetProperty("display").GetString());
        Assert.Equal("uniqueness", await directory.Refused("POST", "/Groups", """{"displayName":"AUTHORS"}""", HttpStatusCode.Conflict));
        Assert.Equal("invalidValue", await directory.Refused("PATCH", $"/Groups/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"add","path":"members","value":[{"value":"{{Guid.NewGuid()}}"}]}]}""", HttpStatusCode.BadRequest));
        await directory.Ask("PUT", $"/Groups/{id}", $$"""{"displayName":"Authors","members":[{"value":"{{a}}"}]}""");
        Assert.Equal("ga", await Members(id));
        await directory.Ask("DELETE", $"/Groups/{id}", null, HttpStatusCode.NoContent);
        await directory.Refused("GET", $"/Groups/{id}", null, HttpStatusCode.NotFound);
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task Entering_a_group_gives_its_role_at_once_and_leaving_it_takes_the_role_away()
    {
        var directory = await ScimDirectory.Of(House, House.Ann);
        await place.Add("https://login.example.com", "us", null, new { groupRoles = new[] { new { group = "Administrators", roleId = await place.RoleId("tenant_admin") } } });
        var user = await directory.User("promoted");
        var id = (await directory.Ask("POST", "/Groups", """{"displayName":"administrators"}""", HttpStatusCode.Created)).GetProperty("id").GetString();
        Assert.Equal("tenant_user", await Role(user));
        await directory.Ask("PATCH", $"/Groups/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"add","path":"members","value":[{"value":"{{user}}"}]}]}""", HttpStatusCode.NoContent);
        Assert.Equal("tenant_admin", await Role(user));
        await directory.Ask("PATCH", $"/Groups/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"remove","path":"members[value eq \"{{user}}\"]"}]}""", HttpStatusCode.NoContent);
        Assert.Equal("tenant_user", await Role(user));
        await directory.Ask("PATCH", $"/Groups/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"add","path":"members","value":[{"value":"{{user}}"}]}]}""", HttpStatusCode.NoContent);
        await directory.Ask("PATCH", $"/Groups/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"displayName","value":"Former administrators"}]}""", HttpStatusCode.NoContent);
        Assert.Equal("tenant_user", await Role(user));
        await directory.Ask("PATCH", $"/Groups/{id}", $$"""{ {{PatchOp}},"Operations":[{"op":"replace","path":"displayName","value":"Administrators"}]}""", HttpStatusCode.NoContent);
        Assert.Equal("tenant_admin", await Role(user));
        await directory.Ask("DELETE", $"/Groups/{id}", null, HttpStatusCode.NoContent);
        Assert.Equal("tenant_user", await Role(user));
        Assert.Equal(5L, await House.Database.Ask<long>($"select count(*) from ops.audit_logs where resource_id = '{id}' and action = 'directory_group.updated'"));
    }

    private async Task<string> Members(string group) => string.Join(',', await House.Database.Names(
        $"select u.display_name from iam.directory_group_members m join iam.users u on u.id = m.user_id where m.group_id = '{group}' order by 1"));

    private Task<string> Role(string user) => House.Database.Ask<string>(
        $"select r.key from iam.tenant_members m join iam.roles r on r.tenant_id = m.role_tenant_id and r.id = m.role_id where m.user_id = '{user}'");
}
