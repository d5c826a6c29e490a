using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>The life of an invitation where no mail is set up, so that the link comes with the answer.</summary>
public sealed class PeopleInvitationTests(House house) : IClassFixture<House>
{
    private const string Invitations = "/api/v1/iam/invitations";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("row", "TEN-22"), Trait("row", "TEN-24")]
    public async Task Somebody_unknown_opens_the_link_chooses_a_password_and_is_in_the_team_with_the_promised_roles()
    {
        var team = await house.Team((await house.Member(), "team_owner"));
        var (email, token, id) = await Invite(team, "team_editor");
        using var browser = house.NewBrowser();
        var open = await browser.Get($"{Invitations}/open?token={token}");
        Assert.Equal(("Ours", email, "Ann", false), (open.GetProperty("tenant").GetProperty("name").GetString(), open.GetProperty("email").GetString(), open.GetProperty("invitedBy").GetString(), open.GetProperty("hasAccount").GetBoolean()));
        Assert.Equal("400 weak_password", await Accept(browser, token, "short"));
        Assert.Equal("400 weak_password", await Accept(browser, token, email));
        Assert.Equal("400 weak_password", await browser.PostAsJsonAsync($"{Invitations}/accept", new { token }, Ct).Said());

        var before = await house.AuditRows();
        var me = await House.Json(await browser.PostAsJsonAsync($"{Invitations}/accept", new { token, displayName = "Nova", password = Crowd.Password }, Ct));
        Assert.Equal(before + 2, await house.AuditRows());
        Assert.Equal((email, "Nova", team), (me.GetProperty("user").GetProperty("email").GetString(), me.GetProperty("user").GetProperty("displayName").GetString(), me.GetProperty("team").GetProperty("id").GetGuid()));
        Assert.Equal(["team_editor", "tenant_user"], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        // Nobody mailed the link, so holding it does not prove the address.
        Assert.False(me.GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Equal("201", await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"By Nova {id}" }, Ct).Said());
        Assert.Equal(["invitation.created success", "invitation.accepted success"], await house.Audited(id));
        using var later = house.NewBrowser();
        await House.Json(await later.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password = Crowd.Password }, Ct));
    }

    [Fact, Trait("row", "TEN-22"), Trait("row", "TEN-23")]
    public async Task An_invitation_is_answered_once()
    {
        var (email, token, id) = await Invite(null, null);
        using var browser = house.NewBrowser();
        Assert.Equal("200", await Accept(browser, token, Crowd.Password));
        using var again = house.NewBrowser();
        Assert.Equal("409 invitation_answered", await again.GetAsync($"{Invitations}/open?token={token}", Ct).Said());
        Assert.Equal("409 invitation_answered", await Accept(again, token, Crowd.Password));
        Assert.Equal("409 invitation_answered", await Accept(browser, token, Crowd.Password));
        Assert.Equal("409 invitation_answered", await again.PostAsJsonAsync($"{Invitations}/decline", new { token }, Ct).Said());
        Assert.Equal("409 invitation_answered", await house.Ann.Http.PostAsync($"{Invitations}/{id}/revoke", null, Ct).Said());
        Assert.Equal("409 invitation_answered", await house.Ann.Http.PostAsync($"{Invitations}/{id}/resend", null, Ct).Said());
        Assert.Equal(["invitation.created success", "invitation.accepted success"], await house.Audited(id));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.tenant_members m join iam.users u on u.id = m.user_id where u.email = '{email}'"));

        var (_, second, other) = await Invite(null, null);
        Assert.Equal("204", await again.PostAsJsonAsync($"{Invitations}/decline", new { token = second }, Ct).Said());
        Assert.Equal("409 invitation_answered", await Accept(again, second, Crowd.Password));
        Assert.Equal("declined", Assert.Single((await house.Ann.Http.Get($"{Invitations}?status=declined")).GetProperty("data").EnumerateArray(), i => i.GetProperty("id").GetGuid() == other).GetProperty("status").GetString());
    }

    [Fact, Trait("row", "TEN-23")]
    public async Task Of_many_who_accept_at_the_same_moment_one_does()
    {
        for (var round = 0; round < 4; round++)
        {
            var (email, token, id) = await Invite(null, null);
            var browsers = Enumerable.Range(0, 4).Select(_ => house.NewBrowser()).ToArray();
            var said = await Task.WhenAll(browsers.Select(b => Accept(b, token, Crowd.Password)));
            Assert.True(said.Count(s => s == "200") == 1 && said.Count(s => s.StartsWith("409 ", StringComparison.Ordinal) || s.StartsWith("401 ", StringComparison.Ordinal)) == 3, string.Join(", ", said));
            Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.users where email = '{email}'"));
            Assert.Equal(["invitation.created success", "invitation.accepted success"], await house.Audited(id));
            Array.ForEach(browsers, b => b.Dispose());
        }
    }

    [Fact, Trait("row", "TEN-22")]
    public async Task Only_the_account_with_the_address_can_accept()
    {
        var (paul, rita) = (await house.Account("Paul"), await house.Member(name: "Rita"));
        var (_, token, _) = await Invite(null, null, paul.Email);
        using var ritas = await house.Browser(rita);
        Assert.Equal("403 wrong_account", await Accept(ritas, token, null));
        Assert.Equal("403 wrong_account", await Accept(ritas, token, Crowd.Password));
        using var nobody = house.NewBrowser();
        Assert.True((await nobody.Get($"{Invitations}/open?token={token}")).GetProperty("hasAccount").GetBoolean());
        Assert.Equal("401 sign_in_first", await Accept(nobody, token, null));
        Assert.Equal("401 invalid_credentials", await Accept(nobody, token, "not the password"));
        // Paul belongs to no organisation, so he cannot sign in anywhere first; his password is the proof.
        Assert.Equal("200", await Accept(nobody, token, Crowd.Password));
        Assert.Equal("Ours", (await nobody.Get("/api/v1/iam/me")).GetProperty("tenant").GetProperty("name").GetString());

        // Somebody who is signed in as that account needs no password; a cookie without the header that other sites lack does not count.
        var team = await house.Team((await house.Member(), "team_owner"));
        var (_, second, _) = await Invite(team, "team_viewer", rita.Email);
        using var forged = house.NewBrowser(like: ritas);
        forged.DefaultRequestHeaders.Remove("X-Lyceum-Csrf");
        Assert.Equal("401 sign_in_first", await Accept(forged, second, null));
        Assert.Equal("200", await Accept(ritas, second, null));
        Assert.Contains(team, (await ritas.Get("/api/v1/iam/teams")).GetProperty("data").EnumerateArray().Select(t => t.GetProperty("id").GetGuid()));
    }

    [Fact, Trait("row", "TEN-22")]
    public async Task A_link_ends_with_its_time_with_a_newer_link_and_when_it_is_taken_back()
    {
        using var browser = house.NewBrowser();
        var (email, old, id) = await Invite(null, null);
        await house.Do($"update iam.invitations set expires_at = now() - interval '1 second' where id = '{id}'");
        Assert.Equal("410 invitation_expired", await browser.GetAsync($"{Invitations}/open?token={old}", Ct).Said());
        Assert.Equal("410 invitation_expired", await Accept(browser, old, Crowd.Password));
        Assert.Equal("expired", (await One(id)).GetProperty("status").GetString());

        var fresh = MailHouse.TokenOf((await House.Json(await house.Ann.Http.PostAsync($"{Invitations}/{id}/resend", null, Ct))).GetProperty("link").GetString()!);
        Assert.Equal("404 invitation_not_found", await Accept(browser, old, Crowd.Password));
        Assert.Equal("200", await browser.GetAsync($"{Invitations}/open?token={fresh}", Ct).Said());
        Assert.Equal("pending", (await One(id)).GetProperty("status").GetString());
        Assert.Equal("409 invitation_pending", await house.Ann.Http.PostAsJsonAsync(Invitations, new { email = email.ToUpperInvariant(), roleIds = Array.Empty<Guid>() }, Ct).Said());
        await House.Json(await house.Ann.Http.PostAsync($"{Invitations}/{id}/revoke", null, Ct));
        Assert.Equal("410 invitation_expired", await Accept(browser, fresh, Crowd.Password));
        Assert.Equal("revoked", (await One(id)).GetProperty("status").GetString());
        // An expired one does not stand in the way of a new one.
        var (_, _, next) = await Invite(null, null, email);
        await house.Do($"update iam.invitations set expires_at = now() - interval '1 second' where id = '{next}'");
        await Invite(null, null, email);
    }

    [Fact, Trait("row", "TEN-22")]
    public async Task Only_a_hash_of_the_link_is_kept_and_guessing_is_slowed_down()
    {
        var (_, token, id) = await Invite(null, null);
        var verifier = token[17..];
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from iam.invitations i where i.id = '{id}' and i::text like '%{verifier}%'"));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs l where l::text like '%{verifier}%'"));
        using var browser = house.NewBrowser();
        foreach (var wrong in new[] { "x", token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), token[..17], token + "A", "." + token, new string('A', 150) })
        {
            Assert.Equal("404 invitation_not_found", await browser.GetAsync($"{Invitations}/open?token={wrong}", Ct).Said());
        }
    }

    [Fact]
    public async Task Nobody_invites_to_more_than_they_have_or_to_a_team_they_do_not_manage()
    {
        var (sam, team) = (await house.Member(name: "Sam"), await house.Team());
        await house.Place(team, (await house.Member()).Id, "team_owner");
        await house.Place(team, sam.Id, "team_admin");
        using var sams = await house.Browser(sam);
        var (viewer, owner, admin) = (await house.RoleId("team_viewer"), await house.RoleId("team_owner"), await house.RoleId("tenant_admin"));
        Assert.Equal("403 beyond_your_rights", await Post(new { email = "a@example.com", teamId = team, roleIds = new[] { owner } }));
        Assert.Equal("403 beyond_your_rights", await Post(new { email = "a@example.com", teamId = team, roleIds = new[] { viewer, admin } }));
        Assert.Equal("403 permission_denied", await Post(new { email = "a@example.com", roleIds = Array.Empty<Guid>() }));
        Assert.Equal("404 team_not_found", await Post(new { email = "a@example.com", teamId = await house.Team(), roleIds = new[] { viewer } }));
        Assert.Equal("404 team_not_found", await Post(new { email = "a@example.com", teamId = house.Eve.Team, roleIds = new[] { viewer } }));
        Assert.Equal("400 wrong_role_scope", await Post(new { email = "a@example.com", teamId = team, roleIds = Array.Empty<Guid>() }));
        Assert.Equal("404 role_not_found", await Post(new { email = "a@example.com", teamId = team, roleIds = new[] { Guid.CreateVersion7() } }));
        Assert.Equal("400 invalid_email", await Post(new { email = "a@example.com\r\nRCPT TO:<b@example.com>", teamId = team, roleIds = new[] { viewer } }));
        Assert.Equal("409 already_member", await Post(new { email = sam.Email, teamId = team, roleIds = new[] { viewer } }));
        Assert.Equal("201", await Post(new { email = $"ok-{team}@example.com", teamId = team, roleIds = new[] { viewer } }));

        // Sam sees what belongs to his team, and nothing of others.
        var (_, _, foreign) = await Invite(null, null);
        Assert.Equal($"ok-{team}@example.com", Assert.Single((await sams.Get(Invitations)).GetProperty("data").EnumerateArray()).GetProperty("email").GetString());
        Assert.Equal("404 invitation_not_found", await sams.PostAsync($"{Invitations}/{foreign}/revoke", null, Ct).Said());
        Assert.Equal("404 invitation_not_found", await house.Eve.Http.PostAsync($"{Invitations}/{foreign}/resend", null, Ct).Said());

        Task<string> Post(object body) => sams.PostAsJsonAsync(Invitations, body, Ct).Said();
    }

    [Fact, Trait("row", "TEN-05"), Trait("row", "TEN-21")]
    public async Task One_account_can_be_in_several_organisations_and_a_suspended_one_takes_nobody_in()
    {
        var tina = await house.Member(name: "Tina");
        var made = await House.Json(await house.Eve.Http.PostAsJsonAsync(Invitations, new { email = tina.Email, roleIds = Array.Empty<Guid>() }, Ct));
        var token = MailHouse.TokenOf(made.GetProperty("link").GetString()!);
        using var browser = await house.Browser(tina);
        await house.Do($"update iam.tenants set status = 'suspended' where id = '{house.Eve.Tenant}'");
        Assert.Equal("403 tenant_suspended", await Accept(browser, token, null));
        await house.Do($"update iam.tenants set status = 'active' where id = '{house.Eve.Tenant}'");
        // What one organisation's own provider says of a person is no proof to another.
        await house.Do($"update iam.sessions set is_confined = true where user_id = '{tina.Id}'");
        Assert.Equal("401 sign_in_first", await Accept(browser, token, null));
        await house.Do($"update iam.sessions set is_confined = false where user_id = '{tina.Id}'");
        Assert.Equal("200", await Accept(browser, token, null));
        Assert.Equal("Theirs", (await browser.Get("/api/v1/iam/me")).GetProperty("tenant").GetProperty("name").GetString());

        // Signing in asks which, and the address is in the installation once.
        using var nobody = house.NewBrowser();
        var response = await nobody.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = tina.Email, password = Crowd.Password }, Ct);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).RootElement;
        Assert.Equal("choose_tenant", problem.GetProperty("code").GetString());
        Assert.Equal(["ours", "theirs"], problem.GetProperty("tenants").EnumerateArray().Select(t => t.GetProperty("slug").GetString()).Order());
        Assert.Equal("200", await nobody.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = tina.Email, password = Crowd.Password, tenant = "theirs" }, Ct).Said());
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.users where email = '{tina.Email}'"));
    }

    private static Task<string> Accept(HttpClient browser, string token, string? password) =>
        browser.PostAsJsonAsync($"{Invitations}/accept", new { token, password }, Ct).Said();

    private async Task<JsonElement> One(Guid id) =>
        (await house.Ann.Http.Get($"{Invitations}?limit=200")).GetProperty("data").EnumerateArray().Single(i => i.GetProperty("id").GetGuid() == id);

    private async Task<(string Email, string Token, Guid Id)> Invite(Guid? team, string? role, string? email = null)
    {
        email ??= $"new-{Guid.NewGuid():N}@example.com";
        var roleIds = role is null ? [] : new[] { await house.RoleId(role) };
        var made = await House.Json(await house.Ann.Http.PostAsJsonAsync(Invitations, new { email, teamId = team, roleIds, firstName = "New" }, Ct));
        return (email, MailHouse.TokenOf(made.GetProperty("link").GetString()!), made.GetProperty("invitation").GetProperty("id").GetGuid());
    }
}
