using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

public sealed class PeopleMemberTests(House house) : IClassFixture<House>
{
    private const string Members = "/api/v1/iam/members";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_are_listed_page_by_page_and_found_by_name_address_and_status()
    {
        var people = new[] { await house.Member(name: "Zelda"), await house.Member(name: "Zelda"), await house.Member(name: "Zelda") };
        var seen = new List<Guid>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await house.Ann.Http.Get($"{Members}?q=zelda&limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("userId").GetGuid()));
            cursor = page.GetProperty("next_cursor").GetString();
        }

        Assert.Equal(people.Select(p => p.Id).Reverse(), seen);
        Assert.Equal(people[1].Id, Assert.Single((await house.Ann.Http.Get($"{Members}?q={people[1].Email[6..18]}")).GetProperty("data").EnumerateArray()).GetProperty("userId").GetGuid());
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Members}/{people[0].Id}", new { status = "suspended" }, Ct));
        Assert.Equal(people[0].Id, Assert.Single((await house.Ann.Http.Get($"{Members}?q=zelda&status=suspended")).GetProperty("data").EnumerateArray()).GetProperty("userId").GetGuid());
        Assert.Empty((await house.Ann.Http.Get($"{Members}?q=z%25lda")).GetProperty("data").EnumerateArray());
        Assert.Equal("400 invalid_status", await house.Ann.Http.GetAsync($"{Members}?status=gone", Ct).Said());
    }

    [Fact]
    public async Task A_member_shows_who_they_are_their_role_and_their_teams()
    {
        var dora = await house.Member(name: "Dora");
        var team = await house.Team((dora, "team_editor"));
        using var browser = await house.Browser(dora);
        var shown = await browser.Get($"{Members}/{dora.Id}");
        Assert.Equal(dora.Email, shown.GetProperty("email").GetString());
        Assert.Equal("tenant_user", shown.GetProperty("role").GetProperty("key").GetString());
        Assert.Equal(team, Assert.Single(shown.GetProperty("teams").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.True(shown.GetProperty("isSelf").GetBoolean());
        Assert.False((await house.Ann.Http.Get($"{Members}/{dora.Id}")).GetProperty("isSelf").GetBoolean());
        Assert.Equal("404 member_not_found", await house.Eve.Http.GetAsync($"{Members}/{dora.Id}", Ct).Said());
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task A_role_can_be_changed_only_within_ones_own_rights_and_is_told_once()
    {
        var carl = await house.Member(name: "Carl");
        var before = await house.AuditRows();
        var changed = await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Members}/{carl.Id}", new { roleId = await house.RoleId("tenant_admin") }, Ct));
        Assert.Equal("tenant_admin", changed.GetProperty("role").GetProperty("key").GetString());
        Assert.Equal(before + 1, await house.AuditRows());
        Assert.Equal(["tenant_member.updated success"], await house.Audited(carl.Id));
        Assert.Equal("""{"role": "tenant_user", "status": "active"} {"role": "tenant_admin", "status": "active"}""", await house.Database.Ask<string>($"select old_values::text || ' ' || new_values::text from ops.audit_logs where resource_id = '{carl.Id}'"));
        Assert.Equal("200", await house.Ann.Http.PatchAsJsonAsync($"{Members}/{carl.Id}", new { status = "active" }, Ct).Said());
        Assert.Equal(before + 1, await house.AuditRows());

        // Personnel manages members and has nothing else, so it can neither make administrators nor touch one.
        var role = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/roles", new { name = "Personnel", scope = "tenant", permissions = new[] { "iam.members.read", "iam.members.manage", "iam.teams.create" } }, Ct));
        var dina = await house.Member(name: "Dina");
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Members}/{dina.Id}", new { roleId = role.GetProperty("id").GetGuid() }, Ct));
        using var personnel = await house.Browser(dina);
        Assert.Equal("403 beyond_your_rights", await personnel.PatchAsJsonAsync($"{Members}/{dina.Id}", new { roleId = await house.RoleId("tenant_admin") }, Ct).Said());
        Assert.Equal("403 beyond_your_rights", await personnel.PatchAsJsonAsync($"{Members}/{carl.Id}", new { status = "suspended" }, Ct).Said());
        Assert.Equal("403 beyond_your_rights", await personnel.DeleteAsync($"{Members}/{carl.Id}", Ct).Said());
        Assert.Equal(3L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where user_id = '{dina.Id}' and action = 'access.refused' and status = 'denied' and error_message like 'beyond_your_rights: %'"));
        Assert.Equal("403 beyond_your_rights", await personnel.PutAsJsonAsync($"{Members}/{dina.Id}/permissions", new { allow = new[] { "ops.audit.read" }, deny = Array.Empty<string>() }, Ct).Said());
        var erik = await house.Member(name: "Erik");
        Assert.Equal("200", await personnel.PatchAsJsonAsync($"{Members}/{erik.Id}", new { status = "suspended" }, Ct).Said());
        Assert.Equal("400 wrong_role_scope", await personnel.PatchAsJsonAsync($"{Members}/{erik.Id}", new { roleId = await house.RoleId("team_viewer") }, Ct).Said());
        Assert.Equal("404 role_not_found", await personnel.PatchAsJsonAsync($"{Members}/{erik.Id}", new { roleId = Guid.CreateVersion7() }, Ct).Said());
    }

    [Fact, Trait("row", "TEN-20")]
    public async Task Whoever_is_deactivated_is_out_at_once_with_sessions_and_keys_and_back_without_the_sessions()
    {
        var fred = await house.Member(name: "Fred");
        await house.Team((fred, "team_viewer"));
        using var browser = await house.Browser(fred);
        using var key = await house.Key(fred.Id);
        Assert.Equal("200", await browser.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Equal("200", await key.GetAsync("/api/v1/iam/me", Ct).Said());

        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Members}/{fred.Id}", new { status = "inactive" }, Ct));
        Assert.Equal("401 session_ended", await browser.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Equal("401 invalid_api_key", await key.GetAsync("/api/v1/iam/me", Ct).Said());
        using var nobody = house.NewBrowser();
        Assert.Equal("403 no_membership", await nobody.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = fred.Email, password = Crowd.Password }, Ct).Said());

        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Members}/{fred.Id}", new { status = "active" }, Ct));
        Assert.Equal("401 session_ended", await browser.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Equal("200", await key.GetAsync("/api/v1/iam/me", Ct).Said());
    }

    [Fact, Trait("row", "TEN-25"), Trait("row", "TEN-20")]
    public async Task Whoever_is_removed_leaves_teams_keys_and_sessions_behind_and_one_row_in_the_log()
    {
        var (gina, hugo) = (await house.Member(name: "Gina"), await house.Member(name: "Hugo"));
        var team = await house.Team((hugo, "team_owner"), (gina, "team_editor"));
        await house.Do($"update iam.teams set leader_user_id = '{gina.Id}' where id = '{team}'");
        using var browser = await house.Browser(gina);
        using var key = await house.Key(gina.Id);
        var before = await house.AuditRows();
        Assert.Equal("204", await house.Ann.Http.DeleteAsync($"{Members}/{gina.Id}", Ct).Said());
        Assert.Equal(before + 1, await house.AuditRows());
        Assert.Equal(["tenant_member.removed success"], (await house.Audited(gina.Id))[^1..]);
        Assert.Equal("401 session_ended", await browser.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Equal("401 invalid_api_key", await key.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Equal("404 member_not_found", await house.Ann.Http.GetAsync($"{Members}/{gina.Id}", Ct).Said());
        Assert.Equal(1, (await house.Ann.Http.Get($"/api/v1/iam/teams/{team}")).GetProperty("memberCount").GetInt32());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await house.Ann.Http.Get($"/api/v1/iam/teams/{team}")).GetProperty("leaderUserId").ValueKind);

        // Nothing of what was comes back with a new membership.
        await house.Join(gina);
        Assert.Equal("401 session_ended", await browser.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Equal("401 revoked_api_key", await key.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Empty((await house.Ann.Http.Get($"{Members}/{gina.Id}")).GetProperty("teams").EnumerateArray());
    }

    [Fact, Trait("row", "TEN-16")]
    public async Task One_member_can_be_allowed_more_and_denied_what_their_roles_give()
    {
        var ines = await house.Member(name: "Ines");
        await house.Team((ines, "team_editor"));
        using var browser = await house.Browser(ines);
        Assert.Equal("403 permission_denied", await browser.PostAsJsonAsync("/api/v1/iam/roles", new { name = "No", scope = "team", permissions = Array.Empty<string>() }, Ct).Said());
        var set = await House.Json(await house.Ann.Http.PutAsJsonAsync(
            $"{Members}/{ines.Id}/permissions", new { allow = new[] { "iam.roles.manage" }, deny = new[] { "knowledge.collections.write" } }, Ct));
        Assert.Contains("iam.roles.manage", set.GetProperty("effective").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal("201", await browser.PostAsJsonAsync("/api/v1/iam/roles", new { name = "By Ines", scope = "team", permissions = Array.Empty<string>() }, Ct).Said());
        Assert.Equal("403 permission_denied", await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "no" }, Ct).Said());
        Assert.Equal("400 unknown_permission", await house.Ann.Http.PutAsJsonAsync($"{Members}/{ines.Id}/permissions", new { allow = new[] { "iam.everything" }, deny = Array.Empty<string>() }, Ct).Said());
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"{Members}/{ines.Id}/permissions", new { allow = Array.Empty<string>(), deny = Array.Empty<string>() }, Ct));
        Assert.Equal("403 permission_denied", await browser.PostAsJsonAsync("/api/v1/iam/roles", new { name = "Again", scope = "team", permissions = Array.Empty<string>() }, Ct).Said());
        Assert.Equal("201", await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Yes {ines.Id}" }, Ct).Said());
    }
}
