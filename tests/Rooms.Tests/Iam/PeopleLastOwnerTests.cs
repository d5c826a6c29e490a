using System.Net;
using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>What must never be left without somebody responsible, and what happens when two try at the same moment.</summary>
public sealed class PeopleLastOwnerTests(House house) : IClassFixture<House>
{
    private const string Members = "/api/v1/iam/members", Teams = "/api/v1/iam/teams";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("row", "TEN-25")]
    public async Task The_last_administrator_cannot_be_demoted_deactivated_denied_or_removed()
    {
        // Eve is the only one of her organisation.
        var user = await house.RoleId("tenant_user");
        Assert.Equal("409 last_owner", await house.Eve.Http.PatchAsJsonAsync($"{Members}/{house.Eve.UserId}", new { roleId = user }, Ct).Said());
        Assert.Equal("409 last_owner", await house.Eve.Http.PatchAsJsonAsync($"{Members}/{house.Eve.UserId}", new { status = "inactive" }, Ct).Said());
        Assert.Equal("409 last_owner", await house.Eve.Http.DeleteAsync($"{Members}/{house.Eve.UserId}", Ct).Said());
        Assert.Equal("409 last_owner", await house.Eve.Http.PutAsJsonAsync($"{Members}/{house.Eve.UserId}/permissions", new { allow = Array.Empty<string>(), deny = new[] { "iam.members.manage" } }, Ct).Said());
        Assert.Equal("tenant_admin", (await house.Eve.Http.Get($"{Members}/{house.Eve.UserId}")).GetProperty("role").GetProperty("key").GetString());

        // An administrator who cannot get in is none.
        var idle = await house.Member("tenant_admin", tenant: house.Eve.Tenant);
        await house.Do($"update iam.tenant_members set status = 'inactive' where user_id = '{idle.Id}'");
        Assert.Equal("409 last_owner", await house.Eve.Http.DeleteAsync($"{Members}/{house.Eve.UserId}", Ct).Said());
        await house.Do($"update iam.tenant_members set status = 'active' where user_id = '{idle.Id}'; update iam.users set is_active = false where id = '{idle.Id}'");
        Assert.Equal("409 last_owner", await house.Eve.Http.DeleteAsync($"{Members}/{house.Eve.UserId}", Ct).Said());
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task A_role_that_makes_administrators_cannot_be_narrowed_under_the_last_one()
    {
        using var http = await house.Key((await House.Json(await house.Eve.Http.GetAsync("/api/v1/iam/me", Ct))).GetProperty("user").GetProperty("id").GetGuid(), house.Eve.Tenant);
        var all = (await http.Get("/api/v1/iam/permissions")).GetProperty("data").EnumerateArray().Select(p => p.GetProperty("key").GetString()!).ToArray();
        var made = await House.Json(await http.PostAsJsonAsync("/api/v1/iam/roles", new { name = "Everything", scope = "tenant", permissions = all }, Ct));
        var (id, admin) = (made.GetProperty("id").GetGuid(), await house.RoleId("tenant_admin"));
        Assert.Equal("200", await http.PatchAsJsonAsync($"{Members}/{house.Eve.UserId}", new { roleId = id }, Ct).Said());
        Assert.Equal("409 last_owner", await http.PatchAsJsonAsync($"/api/v1/iam/roles/{id}", new { permissions = all.Except(["iam.members.manage"]) }, Ct).Said());
        Assert.Equal("409 role_in_use", await http.DeleteAsync($"/api/v1/iam/roles/{id}", Ct).Said());
        Assert.Equal("200", await http.PatchAsJsonAsync($"{Members}/{house.Eve.UserId}", new { roleId = admin }, Ct).Said());
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task Of_two_administrators_who_demote_each_other_at_the_same_moment_one_stays()
    {
        var user = await house.RoleId("tenant_user");
        for (var round = 0; round < 12; round++)
        {
            var (tenant, team) = (Guid.CreateVersion7(), Guid.CreateVersion7());
            await house.Do($"insert into iam.tenants (id, slug, name) values ('{tenant}', 't-{tenant}', 'Two'); insert into iam.teams (tenant_id, id, name, slug) values ('{tenant}', '{team}', 'All', 'all')");
            var (one, two) = (await house.Member("tenant_admin", tenant: new(tenant)), await house.Member("tenant_admin", tenant: new(tenant)));
            using var ones = await house.Key(one.Id, new(tenant));
            using var twos = await house.Key(two.Id, new(tenant));
            var said = (round % 3) switch
            {
                0 => await Task.WhenAll(
                    ones.PatchAsJsonAsync($"{Members}/{two.Id}", new { roleId = user }, Ct).Said(), twos.PatchAsJsonAsync($"{Members}/{one.Id}", new { roleId = user }, Ct).Said()),
                1 => await Task.WhenAll(ones.DeleteAsync($"{Members}/{one.Id}", Ct).Said(), twos.DeleteAsync($"{Members}/{two.Id}", Ct).Said()),
                _ => await Task.WhenAll(ones.PatchAsJsonAsync($"{Members}/{two.Id}", new { status = "inactive" }, Ct).Said(), twos.DeleteAsync($"{Members}/{one.Id}", Ct).Said()),
            };
            Assert.True(said.Count(s => s[0] == '2') == 1, string.Join(" and ", said));
            Assert.Equal(1L, await house.Database.Ask<long>($"""
                select count(*) from iam.tenant_members m join iam.roles r on r.tenant_id = m.role_tenant_id and r.id = m.role_id
                where m.tenant_id = '{tenant}' and m.status = 'active' and m.deleted_at is null and r.key = 'tenant_admin'
                """));
        }
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task The_only_owner_of_a_team_cannot_leave_be_demoted_or_be_taken_out_of_the_organisation_before_somebody_else_owns_it()
    {
        var (olga, piet) = (await house.Member(name: "Olga"), await house.Member(name: "Piet"));
        var team = await house.Team((olga, "team_owner"), (piet, "team_viewer"));
        var (owner, editor) = (await house.RoleId("team_owner"), await house.RoleId("team_editor"));
        using var olgas = await house.Browser(olga);
        Assert.Equal("409 last_owner", await olgas.PostAsync($"{Teams}/{team}/leave", null, Ct).Said());
        Assert.Equal("409 last_owner", await olgas.PutAsJsonAsync($"{Teams}/{team}/members/{olga.Id}", new { roleIds = new[] { editor } }, Ct).Said());
        Assert.Equal("409 last_owner", await olgas.DeleteAsync($"{Teams}/{team}/members/{olga.Id}", Ct).Said());
        Assert.Equal("409 last_owner", await house.Ann.Http.DeleteAsync($"{Members}/{olga.Id}", Ct).Said());
        Assert.Equal("200", await olgas.GetAsync("/api/v1/iam/me", Ct).Said());

        await House.Json(await olgas.PutAsJsonAsync($"{Teams}/{team}/members/{piet.Id}", new { roleIds = new[] { owner } }, Ct));
        Assert.Equal("204", await olgas.PostAsync($"{Teams}/{team}/leave", null, Ct).Said());
        Assert.Equal(piet.Id, (await house.Ann.Http.Get($"{Teams}/{team}")).GetProperty("ownerUserId").GetGuid());
        using var piets = await house.Browser(piet);
        Assert.Equal("409 last_owner", await piets.PostAsync($"{Teams}/{team}/leave", null, Ct).Said());
        Assert.Equal("204", await house.Ann.Http.DeleteAsync($"{Members}/{piet.Id}", Ct).Said());
        Assert.Equal(["team_member.updated success", "team_member.left success"], (await house.Audited(piet.Id)).Where(a => a.StartsWith("team_member.updated", StringComparison.Ordinal)).Concat((await house.Audited(olga.Id)).Where(a => a.StartsWith("team", StringComparison.Ordinal))));
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task Of_two_owners_who_leave_at_the_same_moment_one_stays()
    {
        for (var round = 0; round < 10; round++)
        {
            var (one, two, three) = (await house.Member(), await house.Member(), await house.Member());
            var team = await house.Team((one, "team_owner"), (two, "team_owner"), (three, "team_viewer"));
            using var ones = await house.Key(one.Id);
            using var twos = await house.Key(two.Id);
            var said = await Task.WhenAll(ones.PostAsync($"{Teams}/{team}/leave", null, Ct).Said(), twos.PostAsync($"{Teams}/{team}/leave", null, Ct).Said());
            Assert.Equal(["204", "409 last_owner"], said.Order());
        }
    }

    [Fact, Trait("row", "TEN-25")]
    public async Task The_database_itself_refuses_whoever_comes_past_the_API()
    {
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => house.Do($"update iam.tenant_members set status = 'suspended' where tenant_id = '{house.Eve.Tenant}'"));
        Assert.Equal("LY001", refused.SqlState);
        // A suspended or deleted organisation may be emptied.
        var (tenant, somebody) = (Guid.CreateVersion7(), await house.Account());
        await house.Do($"insert into iam.tenants (id, slug, name) values ('{tenant}', 't-{tenant}', 'Gone')");
        await house.Join(somebody, "tenant_admin", new(tenant));
        await house.Do($"update iam.tenants set status = 'deleted' where id = '{tenant}'; delete from iam.tenant_members where tenant_id = '{tenant}'");
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from iam.tenant_members where tenant_id = '{tenant}'"));
    }

    [Fact]
    public async Task A_change_inside_an_act_that_is_not_written_down_does_not_commit()
    {
        var team = await house.Team();
        var lost = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => house.Ann.Db.Atomically(async unit =>
        {
            await unit.Run($"select set_config('app.audit_act', ops.uuid7()::text, true)", Ct);
            await unit.Run($"update iam.teams set name = {"Unseen"} where id = {team}", Ct);
        }, Ct));
        Assert.Contains("not in the audit log", lost.MessageText, StringComparison.Ordinal);
        Assert.NotEqual("Unseen", (await house.Ann.Http.Get($"{Teams}/{team}")).GetProperty("name").GetString());
        await house.Ann.Db.Run($"update iam.teams set name = {"Seen"} where id = {team}", Ct);
        Assert.Equal("team.updated success", (await house.Audited(team))[^1]);
    }
}
