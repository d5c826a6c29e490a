using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

public sealed class PeopleRoleTests(House house) : IClassFixture<House>
{
    private const string Roles = "/api/v1/iam/roles", Collections = "/api/v1/knowledge/collections";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("row", "TEN-16")]
    public async Task What_a_role_grants_counts_from_the_next_request_here_and_within_a_second_elsewhere()
    {
        var role = await House.Json(await house.Ann.Http.PostAsJsonAsync(Roles, new { name = "Archivist", scope = "team", permissions = new[] { "knowledge.collections.read" } }, Ct));
        var id = role.GetProperty("id").GetGuid();
        Assert.Equal("custom_archivist", role.GetProperty("key").GetString());
        var mia = await house.Member(name: "Mia");
        var team = await house.Team((mia, "team_viewer"), (await house.Member(), "team_owner"));
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/iam/teams/{team}/members/{mia.Id}", new { roleIds = new[] { id } }, Ct));
        using var browser = await house.Browser(mia);
        var elsewhere = await house.StartServer();
        using var there = house.NewBrowser(elsewhere, like: browser);
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal("403 permission_denied", await browser.PostAsJsonAsync(Collections, new { name = "no" }, Ct).Said());
            await Platform.JobHouse.Until(async () => await there.PostAsJsonAsync(Collections, new { name = "no" }, Ct).Said() == "403 permission_denied", "the other node to refuse", 10);
            var before = await house.AuditRows();
            await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Roles}/{id}", new { permissions = new[] { "knowledge.collections.read", "knowledge.collections.write" } }, Ct));
            Assert.Equal(before + 1, await house.AuditRows());
            Assert.Equal("201", await browser.PostAsJsonAsync(Collections, new { name = $"yes {round} {mia.Id}" }, Ct).Said());
            await Platform.JobHouse.Until(async () => await there.PostAsJsonAsync(Collections, new { name = $"yes there {round} {mia.Id}" }, Ct).Said() == "201", "the other node to allow", 10);
            await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Roles}/{id}", new { permissions = new[] { "knowledge.collections.read" } }, Ct));
        }
    }

    [Fact, Trait("row", "TEN-16")]
    public async Task Roles_are_made_of_known_permissions_that_their_maker_has()
    {
        Assert.Equal("400 unknown_permission", await house.Ann.Http.PostAsJsonAsync(Roles, new { name = "Odd", scope = "team", permissions = new[] { "knowledge.everything" } }, Ct).Said());
        Assert.Equal("400 invalid_request", await house.Ann.Http.PostAsJsonAsync(Roles, new { name = "Odd", scope = "platform", permissions = Array.Empty<string>() }, Ct).Said());
        var id = (await House.Json(await house.Ann.Http.PostAsJsonAsync(Roles, new { name = "Café", scope = "team", permissions = Array.Empty<string>() }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal("409 role_name_taken", await house.Ann.Http.PostAsJsonAsync(Roles, new { name = " CAFÉ! ", scope = "team", permissions = Array.Empty<string>() }, Ct).Said());
        Assert.Equal("400 unknown_permission", await house.Ann.Http.PatchAsJsonAsync($"{Roles}/{id}", new { permissions = new[] { "x.y" } }, Ct).Said());

        // Somebody who makes roles and has little else cannot make a mighty one, nor a little one mightier.
        var nia = await house.Member(name: "Nia");
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/iam/members/{nia.Id}/permissions", new { allow = new[] { "iam.roles.manage", "iam.members.read" }, deny = Array.Empty<string>() }, Ct));
        using var nias = await house.Browser(nia);
        Assert.Equal("403 beyond_your_rights", await nias.PostAsJsonAsync(Roles, new { name = "Mighty", scope = "tenant", permissions = new[] { "iam.members.manage" } }, Ct).Said());
        Assert.Equal("403 beyond_your_rights", await nias.PatchAsJsonAsync($"{Roles}/{id}", new { permissions = new[] { "ops.audit.read" } }, Ct).Said());
        Assert.Equal("200", await nias.PatchAsJsonAsync($"{Roles}/{id}", new { permissions = new[] { "iam.members.read" }, name = "Coffee" }, Ct).Said());
        Assert.Equal("404 role_not_found", await house.Eve.Http.GetAsync($"{Roles}/{id}", Ct).Said());
        Assert.Equal("404 role_not_found", await house.Eve.Http.PatchAsJsonAsync($"{Roles}/{id}", new { name = "Mine" }, Ct).Said());
        Assert.Equal("404 role_not_found", await house.Eve.Http.DeleteAsync($"{Roles}/{id}", Ct).Said());
        Assert.Equal("204", await nias.DeleteAsync($"{Roles}/{id}", Ct).Said());
        Assert.Equal("404 role_not_found", await nias.GetAsync($"{Roles}/{id}", Ct).Said());
    }

    [Fact]
    public async Task Shipped_roles_are_read_only_and_a_role_somebody_has_stays()
    {
        foreach (var key in new[] { "tenant_admin", "team_viewer" })
        {
            Assert.Equal("409 role_read_only", await house.Ann.Http.PatchAsJsonAsync($"{Roles}/{await house.RoleId(key)}", new { name = "Mine" }, Ct).Said());
            Assert.Equal("409 role_read_only", await house.Ann.Http.DeleteAsync($"{Roles}/{await house.RoleId(key)}", Ct).Said());
        }

        var id = (await House.Json(await house.Ann.Http.PostAsJsonAsync(Roles, new { name = "Held", scope = "tenant", permissions = Array.Empty<string>() }, Ct))).GetProperty("id").GetGuid();
        var (ola, invited) = (await house.Member(name: "Ola"), $"held-{Guid.NewGuid():N}@example.com");
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/members/{ola.Id}", new { roleId = id }, Ct));
        Assert.Equal(1, (await house.Ann.Http.Get($"{Roles}/{id}")).GetProperty("memberCount").GetInt32());
        Assert.Equal("409 role_in_use", await house.Ann.Http.DeleteAsync($"{Roles}/{id}", Ct).Said());
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/members/{ola.Id}", new { roleId = await house.RoleId("tenant_user") }, Ct));
        var invitation = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/invitations", new { email = invited, roleIds = new[] { id } }, Ct))).GetProperty("invitation").GetProperty("id").GetGuid();
        Assert.Equal("409 role_in_use", await house.Ann.Http.DeleteAsync($"{Roles}/{id}", Ct).Said());
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/invitations/{invitation}/revoke", null, Ct));
        Assert.Equal("204", await house.Ann.Http.DeleteAsync($"{Roles}/{id}", Ct).Said());
        Assert.Equal(["role.created success", "role.deleted success"], await house.Audited(id));
    }

    [Fact, Trait("row", "TEN-17")]
    public async Task A_higher_shipped_role_includes_every_lower_one_of_its_scope_and_the_administrator_all()
    {
        var roles = (await house.Ann.Http.Get(Roles)).GetProperty("data").EnumerateArray().Where(r => r.GetProperty("isSystem").GetBoolean())
            .Select(r => (Key: r.GetProperty("key").GetString()!, Scope: r.GetProperty("scope").GetString(), Rank: r.GetProperty("rank").GetInt32(),
                Permissions: r.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()!).ToHashSet())).ToList();
        Assert.Equal(
            ["team_admin", "team_collaborator", "team_editor", "team_manager", "team_owner", "team_viewer", "tenant_admin", "tenant_user", "tenant_viewer"],
            roles.Select(r => r.Key).Order(StringComparer.Ordinal));
        foreach (var (high, low) in from high in roles from low in roles where high.Scope == low.Scope && high.Rank > low.Rank select (high, low))
        {
            Assert.True(low.Permissions.IsSubsetOf(high.Permissions), $"{high.Key} lacks {string.Join(", ", low.Permissions.Except(high.Permissions))} of {low.Key}");
        }

        var all = (await house.Ann.Http.Get("/api/v1/iam/permissions")).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(all.Select(p => p.GetProperty("key").GetString()!).Order(), roles.Single(r => r.Key == "tenant_admin").Permissions.Order());
        Assert.Equal("team_admin", all.Single(p => p.GetProperty("key").GetString() == "iam.members.invite").GetProperty("lowestRole").GetString());
        Assert.All(all, p => Assert.False(string.IsNullOrEmpty(p.GetProperty("lowestRole").GetString())));
        Assert.Equal(roles.Select(r => r.Rank).Distinct().Count(), roles.Count);
    }

    [Fact, Trait("row", "TEN-17")]
    public async Task No_code_names_a_shipped_role()
    {
        var keys = await house.Database.Names("select key from iam.roles where is_system");
        var faults =
            from file in Directory.EnumerateFiles(Path.Combine(Files.Repository(), "src"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from key in keys
            where Regex.IsMatch(line, $"[\"']{key}[\"']")
            select $"{Path.GetFileName(file)}: {line.Trim()}. Ask for a permission: a role is data.";
        Assert.Empty(faults);
        Assert.NotEmpty(keys);
    }
}
