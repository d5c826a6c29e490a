using System.Net;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>Groups and roles that a directory tells, the roles they give here, and how they are taken away.</summary>
public sealed class GroupTests(FederationHouse place, RealProvider directory) : IClassFixture<FederationHouse>, IClassFixture<RealProvider>
{
    private static readonly string[] WithGroups = ["openid", "profile", "email", "groups"];
    private static readonly string[] AskedAgain = ["openid", "profile", "email", "groups", "offline_access"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private House House => place.House;

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task A_group_gives_its_role_at_the_next_token_and_takes_it_away_at_the_next_token()
    {
        var provider = await Provider(WithGroups, new { group = "admins", roleId = await place.RoleId("tenant_admin") });
        await Person("gina", "admins", "staff");
        using var first = await SignIn(provider, "gina");
        Assert.Equal(HttpStatusCode.OK, (await first.Get("/api/v1/iam/identity-providers")).StatusCode);
        Assert.Equal("admins,staff", await Groups("gina"));

        await Person("gina", "staff");
        using var second = await SignIn(provider, "gina");
        Assert.Equal(HttpStatusCode.Forbidden, (await second.Get("/api/v1/iam/identity-providers")).StatusCode);
        Assert.Equal("staff", await Groups("gina"));
        await Until(first, "/api/v1/iam/identity-providers", HttpStatusCode.Forbidden);
        Assert.Contains("tenant_user", (await second.Me())!.Value.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task A_session_that_goes_on_loses_the_role_without_a_new_sign_in()
    {
        var provider = await Provider(AskedAgain, new { group = "admins", roleId = await place.RoleId("tenant_admin") });
        await Person("oscar", "admins");
        using var browser = await SignIn(provider, "oscar");
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/api/v1/iam/identity-providers")).StatusCode);
        await Person("oscar");
        await Until(browser, "/api/v1/iam/identity-providers", HttpStatusCode.Forbidden, Due("oscar"));
        Assert.NotNull(await browser.Me());
        Assert.Equal(1L, await House.Database.Ask<long>($"select count(*) from ops.secrets where kind = 'oidc_refresh_token' and id = (select refresh_secret_id from iam.provider_members where subject = 'oscar' and provider_id = '{provider}')"));
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task Somebody_the_provider_no_longer_knows_is_signed_out_without_a_new_sign_in()
    {
        var provider = await Provider(AskedAgain, new { group = "admins", roleId = await place.RoleId("tenant_admin") });
        await Person("quentin", "admins");
        using var browser = await SignIn(provider, "quentin");
        await directory.Forget("quentin");
        await Until(browser, "/api/v1/iam/me", HttpStatusCode.Unauthorized, Due("quentin"));
        Assert.Equal(0L, await House.Database.Ask<long>("select count(*) from iam.user_idp_groups g join iam.users u on u.id = g.user_id where u.email = 'quentin@new.example'"));
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task A_group_gives_a_place_in_a_team_and_takes_only_that_place_away()
    {
        var team = Guid.CreateVersion7();
        await House.Do($"insert into iam.teams (tenant_id, id, name, slug) values ('{House.Ann.Tenant}', '{team}', 'Engineering', 'engineering')");
        var provider = await Provider(WithGroups, new { group = "engineers", roleId = await place.RoleId("team_editor"), teamId = team });
        await Person("tess", "engineers");
        using (await SignIn(provider, "tess"))
        {
            Assert.Equal("team_editor", await Roles("tess", team));
        }

        Assert.Equal("Engineering,Tess", await Teams("tess"));
        await Person("tess");
        using (await SignIn(provider, "tess"))
        {
            Assert.Equal("Tess", await Teams("tess"));
        }

        // Somebody put into the team by hand stays, and keeps the role given by hand.
        await House.Do($"""
            with m as (insert into iam.team_members (tenant_id, id, team_id, user_id) select '{House.Ann.Tenant}', ops.uuid7(), '{team}', id from iam.users where email = 'tess@new.example' returning tenant_id, id)
            insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id) select m.tenant_id, ops.uuid7(), m.id, r.tenant_id, r.id from m, iam.roles r where r.key = 'team_viewer'
            """);
        await Person("tess", "engineers");
        using (await SignIn(provider, "tess"))
        {
            Assert.Equal("team_editor,team_viewer", await Roles("tess", team));
        }

        await Person("tess");
        using (await SignIn(provider, "tess"))
        {
            Assert.Equal("team_viewer", await Roles("tess", team));
        }
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task A_change_of_the_mapping_counts_at_once_and_a_removed_provider_takes_back_what_it_gave()
    {
        var provider = await Provider(WithGroups);
        await Person("mona", "chiefs");
        using var browser = await SignIn(provider, "mona");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get("/api/v1/iam/identity-providers")).StatusCode);
        await place.Change(provider, new { groupRoles = new[] { new { group = "chiefs", roleId = await place.RoleId("tenant_admin") } } });
        await Until(browser, "/api/v1/iam/identity-providers", HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await House.Ann.Http.DeleteAsync($"/api/v1/iam/identity-providers/{provider}", Ct)).StatusCode);
        await Until(browser, "/api/v1/iam/me", HttpStatusCode.Unauthorized);
        Assert.Equal("tenant_user", await House.Database.Ask<string>("select r.key from iam.tenant_members m join iam.roles r on r.id = m.role_id join iam.users u on u.id = m.user_id where u.email = 'mona@new.example'"));
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task Roles_from_a_claim_of_another_name_count_as_groups_do()
    {
        var provider = await Provider(WithGroups, [new { group = "boss", roleId = await place.RoleId("tenant_admin") }]);
        await directory.Person("rolf", new { email = "rolf@new.example", email_verified = true, name = "Rolf", roles = new[] { "boss" } });
        using var browser = await SignIn(provider, "rolf");
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/api/v1/iam/identity-providers")).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task The_last_administrator_keeps_the_role_that_a_group_takes_away()
    {
        var provider = await Provider(WithGroups, new { group = "admins", roleId = await place.RoleId("tenant_admin") });
        await Person("lars", "admins");
        using var browser = await SignIn(provider, "lars");
        await House.Do($"update iam.tenant_members set status = 'inactive' where tenant_id = '{House.Ann.Tenant}' and user_id in ('{House.Ann.UserId}', '{House.Bob.UserId}')");
        try
        {
            await House.Do($"update iam.tenant_members m set status = 'inactive' from iam.users u where u.id = m.user_id and m.tenant_id = '{House.Ann.Tenant}' and u.email <> 'lars@new.example'");
            await Person("lars");
            using var again = await SignIn(provider, "lars");
            Assert.Equal(HttpStatusCode.OK, (await again.Get("/api/v1/iam/identity-providers")).StatusCode);
        }
        finally
        {
            await House.Do($"update iam.tenant_members set status = 'active' where tenant_id = '{House.Ann.Tenant}'");
        }
    }

    [Fact]
    [Trait("row", "TEN-18")]
    public async Task Nobody_lets_a_group_give_what_they_do_not_have_or_what_is_not_theirs()
    {
        var id = (await place.Add(directory.Issuer, "x", null)).GetProperty("id").GetGuid();
        async Task<string?> Try(object role) => await OidcSignInTests.Code(await House.Ann.Http.PatchAsync($"/api/v1/iam/identity-providers/{id}", System.Net.Http.Json.JsonContent.Create(new { groupRoles = new[] { role } }), Ct));
        Assert.Equal("role_not_found", await Try(new { group = "g", roleId = Guid.CreateVersion7() }));
        Assert.Equal("team_not_found", await Try(new { group = "g", roleId = await place.RoleId("team_viewer"), teamId = House.Eve.Team }));
        Assert.Equal("role_scope_mismatch", await Try(new { group = "g", roleId = await place.RoleId("team_viewer") }));
        Assert.Equal("role_scope_mismatch", await Try(new { group = "g", roleId = await place.RoleId("tenant_admin"), teamId = House.Ann.Team }));
        var key = await House.Json(await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(House.Ann.Http, "/api/v1/iam/api-keys", new { name = "narrow", scopes = new[] { "iam.identity_providers.manage" } }, Ct));
        using var narrow = House.Client(House.App, key.GetProperty("key").GetString()!); // the answer has it
        var answer = await narrow.PatchAsync($"/api/v1/iam/identity-providers/{id}", System.Net.Http.Json.JsonContent.Create(new { groupRoles = new[] { new { group = "g", roleId = await place.RoleId("tenant_admin") } } }), Ct);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("beyond_your_rights", await OidcSignInTests.Code(answer));
    }

    private async Task<Guid> Provider(string[] scopes, params object[] roles)
    {
        var (id, secret) = await directory.Register(place.Url);
        return (await place.Add(directory.Issuer, id, secret, new { createProvision = true, scopes, groupRoles = roles })).GetProperty("id").GetGuid();
    }

    private Task Person(string subject, params string[] groups) => directory.Person(
        subject, new { email = $"{subject}@new.example", email_verified = true, name = char.ToUpperInvariant(subject[0]) + subject[1..], groups });

    private async Task<Browser> SignIn(Guid provider, string subject)
    {
        var browser = new Browser(place.Url);
        var answer = await directory.SignIn(browser, provider, subject);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync(Ct));
        return browser;
    }

    private string Due(string subject) => $"update iam.provider_members set check_at = now() - interval '1 second' where subject = '{subject}' and check_at > now() + interval '9 minutes'";

    // What a person may do is remembered for a second, and another look at the provider is a job.
    private async Task Until(Browser browser, string path, HttpStatusCode status, string? first = null)
    {
        if (first is not null)
        {
            await House.Do(first);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await browser.Get(path)).StatusCode != status)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private Task<string> Groups(string subject) => House.Database.Ask<string>(
        $"select string_agg(g.group_name, ',' order by 1) from iam.user_idp_groups g join iam.users u on u.id = g.user_id where u.email = '{subject}@new.example'");

    private Task<string> Teams(string subject) => House.Database.Ask<string>(
        $"select string_agg(t.name, ',' order by t.name) from iam.team_members m join iam.teams t on t.id = m.team_id join iam.users u on u.id = m.user_id where u.email = '{subject}@new.example' and m.deleted_at is null");

    private Task<string> Roles(string subject, Guid team) => House.Database.Ask<string>(
        $"select string_agg(r.key, ',' order by r.key) from iam.team_members m join iam.team_member_roles x on x.team_member_id = m.id join iam.roles r on r.id = x.role_id join iam.users u on u.id = m.user_id where u.email = '{subject}@new.example' and m.team_id = '{team}' and m.deleted_at is null");
}
