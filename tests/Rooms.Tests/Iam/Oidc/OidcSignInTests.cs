using System.Net;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>Signing in at a real OpenID provider, from the button to the session and what the person may do afterwards.</summary>
public sealed class OidcSignInTests(FederationHouse place, RealProvider directory) : IClassFixture<FederationHouse>, IClassFixture<RealProvider>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private House House => place.House;

    [Fact]
    [Trait("row", "TEN-09")]
    [Trait("row", "TEN-03")]
    public async Task Somebody_new_signs_in_and_has_one_team_named_after_them_that_they_own()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("nora", new { email = "nora@new.example", email_verified = true, name = "Nora Neu", given_name = "Nora", family_name = "Neu" });
        using var browser = new Browser(place.Url);
        var answer = await directory.SignIn(browser, provider, "nora", "?returnTo=/chat%3Fa=1");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/chat?a=1", answer.Headers.Location!.ToString());

        var me = (await browser.Me())!.Value;
        Assert.Equal("nora@new.example", me.GetProperty("user").GetProperty("email").GetString());
        Assert.Equal("Nora Neu", me.GetProperty("user").GetProperty("displayName").GetString());
        Assert.Equal("ours", me.GetProperty("tenant").GetProperty("slug").GetString());
        Assert.Equal(["team_owner", "tenant_user"], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()!));
        Assert.Contains("knowledge.documents.write", me.GetProperty("permissions").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal("Nora Neu/personal/1", await House.Database.Ask<string>("""
            select string_agg(t.name || '/' || t.kind, ',') || '/' || count(*) from iam.team_members m join iam.teams t on t.id = m.team_id
            where m.user_id = (select id from iam.users where email = 'nora@new.example') and t.owner_user_id = m.user_id
            """));
        Assert.Equal(1L, await House.Database.Ask<long>("select count(*) from ops.audit_logs where action = 'session.created' and actor_label = 'Nora Neu'"));

        using var again = new Browser(place.Url);
        await directory.SignIn(again, provider, "nora");
        Assert.Equal("1/1/1", await House.Database.Ask<string>("""
            select (select count(*) from iam.users where email = 'nora@new.example') || '/' || (select count(*) from iam.user_identities where subject = 'nora') || '/'
              || (select count(*) from iam.team_members where user_id = (select id from iam.users where email = 'nora@new.example'))
            """));
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task Two_first_sign_ins_of_one_person_at_a_time_make_one_account()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("twin", new { email = "twin@new.example", email_verified = true, name = "Twin" });
        var browsers = Enumerable.Range(0, 4).Select(_ => new Browser(place.Url)).ToList();
        var answers = await Task.WhenAll(browsers.Select(b => directory.SignIn(b, provider, "twin")));
        Assert.All(answers, a => Assert.Equal("/", a.Headers.Location?.ToString()));
        foreach (var browser in browsers)
        {
            Assert.Equal("twin@new.example", (await browser.Me())!.Value.GetProperty("user").GetProperty("email").GetString());
        }

        Assert.Equal(1L, await House.Database.Ask<long>("select count(*) from iam.users where email = 'twin@new.example'"));
        Assert.Equal(1L, await House.Database.Ask<long>("select count(*) from iam.teams where owner_user_id = (select id from iam.users where email = 'twin@new.example')"));
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_stranger_gets_no_account_where_none_are_made_and_none_of_another_domain()
    {
        await directory.Person("stranger", new { email = "stranger@else.example", email_verified = true, name = "Stranger" });
        await Refused(await Provider(new { createProvision = false }), "stranger", "no_account");
        await Refused(await Provider(new { createProvision = true, emailDomains = new[] { "ours.example" } }), "stranger", "email_domain_not_allowed");
        await directory.Person("nomail", new { name = "No Mail" });
        await Refused(await Provider(new { createProvision = true }), "nomail", "email_missing");
        await directory.Person("unproved", new { email = "unproved@else.example", email_verified = false });
        await Refused(await Provider(new { createProvision = true }), "unproved", "email_not_verified");
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Somebody_new_is_told_when_the_organisation_is_full_and_comes_in_when_it_is_not()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("late", new { email = "late@new.example", email_verified = true, name = "Late" });
        await House.Do($"insert into metering.tenant_quotas (tenant_id, id, quota_code, limit_value) values ('{House.Ann.Tenant}', ops.uuid7(), 'max_members', 1)");
        try
        {
            await Refused(provider, "late", "quota_exceeded");
        }
        finally
        {
            await House.Do($"delete from metering.tenant_quotas where tenant_id = '{House.Ann.Tenant}'");
        }

        using var browser = new Browser(place.Url);
        await directory.SignIn(browser, provider, "late");
        Assert.Equal("late@new.example", (await browser.Me())!.Value.GetProperty("user").GetProperty("email").GetString());
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_members_account_is_found_by_its_address_only_when_the_provider_verified_it()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("bob-there", new { email = "bob@example.com", email_verified = false, name = "Not Bob" });
        await Refused(provider, "bob-there", "email_not_verified");
        await directory.Person("bob-there", new { email = "BOB@example.com", email_verified = true, name = "Bob" });
        using var browser = new Browser(place.Url);
        Assert.Equal("/", (await directory.SignIn(browser, provider, "bob-there")).Headers.Location!.ToString());
        Assert.Equal(House.Bob.UserId, (await browser.Me())!.Value.GetProperty("user").GetProperty("id").GetGuid());

        // From now on the person is known by what the provider calls them, whatever address it tells.
        await directory.Person("bob-there", new { email = "new-address@else.example", email_verified = true, name = "Bob" });
        using var later = new Browser(place.Url);
        await directory.SignIn(later, provider, "bob-there");
        Assert.Equal(House.Bob.UserId, (await later.Me())!.Value.GetProperty("user").GetProperty("id").GetGuid());

        // And somebody else who is given the address does not become them.
        await directory.Person("bob-two", new { email = "bob@example.com", email_verified = true, name = "Second" });
        await Refused(provider, "bob-two", "identity_conflict");
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task An_organisations_own_provider_cannot_bring_in_other_peoples_accounts_or_platform_rights()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("as-eve", new { email = "eve@example.com", email_verified = true, name = "Eve" });
        await Refused(provider, "as-eve", "invitation_needed");

        // Ann is a member and the platform's administrator: through this provider she is a member, no more.
        await directory.Person("as-ann", new { email = "ann@example.com", email_verified = true, name = "Ann" });
        using var browser = new Browser(place.Url);
        await directory.SignIn(browser, provider, "as-ann");
        var db = House.Get<AccountStore>();
        var caller = await db.BySession(SessionToken.Hash(browser.Cookie("lyceum_session")!.Value), Ct);
        Assert.Equal(("user", true), (caller!.PlatformRole, caller.IsConfined));

        // Nor does it see or end what Ann does in another organisation.
        await db.OpenSession(House.Ann.UserId, House.Eve.Tenant.Value, SessionToken.Hash(SessionToken.NewCookie()), TimeSpan.FromHours(1), null, "elsewhere", Ct);
        var other = await House.Database.Ask<Guid>("select id from iam.sessions where user_agent = 'elsewhere'");
        Assert.DoesNotContain("elsewhere", await (await browser.Get("/api/v1/iam/me/sessions")).Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var end = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/iam/me/sessions/{other}") { Headers = { { "X-Lyceum-Csrf", "1" } } };
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Http.SendAsync(end, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Patch($"/api/v1/iam/identity-providers/{provider}", new { isTrusted = true })).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    [Trait("row", "TEN-21")]
    public async Task A_provider_the_platform_trusts_leads_to_every_organisation_of_the_account_and_asks_which()
    {
        using var administrator = new Browser(place.Url);
        await House.Json(await administrator.Post("/api/v1/iam/sign-in", new { email = "ann@example.com", password = "correct horse battery" }));
        var provider = await Provider(new { createProvision = false });
        Assert.Equal(HttpStatusCode.Forbidden, (await House.Ann.Http.PatchAsync($"/api/v1/iam/identity-providers/{provider}", System.Net.Http.Json.JsonContent.Create(new { isTrusted = true }), Ct)).StatusCode);
        await House.Json(await administrator.Patch($"/api/v1/iam/identity-providers/{provider}", new { isTrusted = true }));

        var both = Guid.CreateVersion7();
        await House.Do($"""
            insert into iam.users (id, email, display_name) values ('{both}', 'both@example.com', 'Both');
            insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id)
              select t, ops.uuid7(), '{both}', r.tenant_id, r.id from (values ('{House.Ann.Tenant}'::uuid), ('{House.Eve.Tenant}')) m(t), iam.roles r where r.key = 'tenant_user';
            """);
        await directory.Person("both", new { email = "both@example.com", email_verified = true, name = "Both" });
        using var browser = new Browser(place.Url);
        Assert.StartsWith("/sign-in?choose=1", (await directory.SignIn(browser, provider, "both")).Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Null(await browser.Me());
        var choices = await House.Json(await browser.Get("/api/v1/iam/sign-in/tenants"));
        Assert.Equal(["ours", "theirs"], choices.GetProperty("data").EnumerateArray().Select(t => t.GetProperty("slug").GetString()!));
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Post("/api/v1/iam/sign-in/tenant", new { tenant = "nobodys" })).StatusCode);
        var me = await House.Json(await browser.Post("/api/v1/iam/sign-in/tenant", new { tenant = "theirs" }));
        Assert.Equal("theirs", me.GetProperty("tenant").GetProperty("slug").GetString());
        Assert.Equal("theirs", (await browser.Me())!.Value.GetProperty("tenant").GetProperty("slug").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Post("/api/v1/iam/sign-in/tenant", new { tenant = "ours" })).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_deactivated_account_and_an_inactive_place_stay_outside()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("leaver", new { email = "leaver@new.example", email_verified = true, name = "Leaver" });
        using var browser = new Browser(place.Url);
        await directory.SignIn(browser, provider, "leaver");
        Assert.NotNull(await browser.Me());
        await House.Do("update iam.tenant_members set status = 'inactive' where user_id = (select id from iam.users where email = 'leaver@new.example')");
        await Refused(provider, "leaver", "membership_inactive");
        await House.Do("update iam.users set is_active = false where email = 'leaver@new.example'");
        await Refused(provider, "leaver", "account_deactivated");
        await House.Do("update iam.users set is_active = true where email = 'leaver@new.example'; update iam.tenant_members set status = 'active', deleted_at = now() where user_id = (select id from iam.users where email = 'leaver@new.example')");
        await Refused(provider, "leaver", "invitation_needed");
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_sign_in_finishes_once_and_only_in_the_browser_that_began_it()
    {
        var provider = await Provider(new { createProvision = true });
        await directory.Person("once", new { email = "once@new.example", email_verified = true, name = "Once" });
        using var browser = new Browser(place.Url);
        var answer = await directory.SignIn(browser, provider, "once");
        var used = answer.RequestMessage!.RequestUri!.PathAndQuery;
        Assert.Equal("sign_in_not_begun", await Code(await browser.Get(used)));

        using var began = new Browser(place.Url);
        var sent = await began.Get($"/api/v1/iam/oidc/{provider}/start");
        var state = System.Web.HttpUtility.ParseQueryString(sent.Headers.Location!.Query)["state"];
        using var other = new Browser(place.Url);
        var written = await place.Written();
        Assert.Equal("sign_in_not_begun", await Code(await other.Get($"/api/v1/iam/oidc/callback?code=stolen&state={state}")));
        Assert.Equal("sign_in_not_begun", await Code(await began.Get($"/api/v1/iam/oidc/callback?code=stolen&state={state}")));
        Assert.Equal(written, await place.Written());

        var late = await began.Get($"/api/v1/iam/oidc/{provider}/start");
        await House.Do("update iam.sign_in_states set expires_at = now() - interval '1 second'");
        Assert.Equal("sign_in_not_begun", await Code(await began.Get($"/api/v1/iam/oidc/callback?code=x&state={System.Web.HttpUtility.ParseQueryString(late.Headers.Location!.Query)["state"]}")));
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task The_way_to_the_provider_carries_PKCE_state_and_nonce_and_nothing_of_them_is_in_the_database()
    {
        var provider = await Provider(new { });
        using var browser = new Browser(place.Url);
        var sent = await browser.Get($"/api/v1/iam/oidc/{provider}/start?email=nora%40new.example");
        var query = System.Web.HttpUtility.ParseQueryString(sent.Headers.Location!.Query);
        Assert.Equal(("code", "S256", "nora@new.example"), (query["response_type"], query["code_challenge_method"], query["login_hint"]));
        Assert.Equal(new Uri(place.Url, "/api/v1/iam/oidc/callback").AbsoluteUri, query["redirect_uri"]);
        var kept = await House.Database.Ask<string>("select string_agg(s::text, '') from iam.sign_in_states s");
        Assert.All(new[] { query["state"]!, query["nonce"]!, query["code_challenge"]! }, part => Assert.DoesNotContain(part, kept, StringComparison.Ordinal));
        var cookie = Assert.Single(sent.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/api/v1/iam/oidc", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/%09/evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/api/v1/iam/sign-out")]
    [InlineData("chat")]
    [Trait("row", "TEN-09")]
    public async Task Nobody_is_sent_elsewhere_after_signing_in(string target)
    {
        var provider = await Provider(new { });
        using var browser = new Browser(place.Url);
        var answer = await browser.Get($"/api/v1/iam/oidc/{provider}/start?returnTo={(target.Contains('%', StringComparison.Ordinal) ? target : Uri.EscapeDataString(target))}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task The_sign_in_page_is_told_the_providers_of_an_address_or_an_organisation_and_of_nobody_else()
    {
        var routed = await Provider(new { emailDomains = new[] { "Routed.Example" } });
        var off = await Provider(new { emailDomains = new[] { "routed.example" }, isEnabled = false });
        using var browser = new Browser(place.Url);
        async Task<List<Guid>> Ids(string query) =>
            [.. (await House.Json(await browser.Get("/api/v1/iam/sign-in/options" + query))).GetProperty("providers").EnumerateArray().Select(p => p.GetProperty("id").GetGuid())];
        Assert.Equal([routed], await Ids("?email=Somebody%40ROUTED.example"));
        Assert.Empty(await Ids("?email=somebody%40other.example"));
        Assert.Empty(await Ids("?email=nonsense"));
        Assert.Contains(routed, await Ids("?tenant=ours"));
        Assert.DoesNotContain(off, await Ids("?tenant=ours"));
        Assert.Empty(await Ids("?tenant=theirs"));
        Assert.Empty(await Ids("")); // there are two organisations
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Get($"/api/v1/iam/oidc/{off}/start")).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_person_in_a_browser_sees_a_page_and_not_a_problem_document()
    {
        using var browser = new Browser(place.Url);
        browser.Http.DefaultRequestHeaders.Add("Accept", "text/html,application/xhtml+xml");
        var answer = await browser.Get("/api/v1/iam/oidc/callback?state=aaaaaaaaaaaaaaaaaaaaaaaaaaaa&code=x");
        Assert.Equal("/sign-in?problem=sign_in_not_begun", answer.Headers.Location?.ToString());
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task Signing_out_at_the_provider_ends_the_session_here()
    {
        var provider = (await place.Add(directory.Issuer, "later", null, new { createProvision = true, scopes = new[] { "openid", "profile", "email" } })).GetProperty("id").GetGuid();
        var (id, secret) = await directory.Register(place.Url, logoutUri: new Uri(place.Url, $"/api/v1/iam/oidc/{provider}/backchannel-logout").AbsoluteUri);
        await place.Change(provider, new { clientId = id, clientSecret = secret });
        await directory.Person("lena", new { email = "lena@new.example", email_verified = true, name = "Lena" });
        using var browser = new Browser(place.Url);
        await directory.SignIn(browser, provider, "lena");
        using var elsewhere = new Browser(place.Url);
        await directory.SignIn(elsewhere, provider, "lena");
        Assert.NotNull(await browser.Me());
        await directory.SignOut(browser);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await browser.Me() is not null)
        {
            await Task.Delay(50, limit.Token);
        }

        Assert.NotNull(await elsewhere.Me()); // another session of the same person, which was not named
    }

    private async Task<Guid> Provider(object settings)
    {
        var (id, secret) = await directory.Register(place.Url);
        return (await place.Add(directory.Issuer, id, secret, Merge(new { scopes = new[] { "openid", "profile", "email", "groups" } }, settings))).GetProperty("id").GetGuid();
    }

    private async Task Refused(Guid provider, string subject, string code)
    {
        var written = await place.Written();
        using var browser = new Browser(place.Url);
        var answer = await directory.SignIn(browser, provider, subject);
        Assert.Equal(code, await Code(answer));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(browser.HasSession);
        Assert.Equal(written, await place.Written());
    }

    internal static Dictionary<string, JsonElement> Merge(params object[] all) => all
        .SelectMany(part => JsonSerializer.SerializeToElement(part).EnumerateObject())
        .GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Last().Value);

    internal static async Task<string?> Code(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString();
}
