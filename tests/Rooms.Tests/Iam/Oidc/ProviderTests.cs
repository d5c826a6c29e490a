using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Lyceum.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>Providers as administrators set them up, what is read from them, and what they may ask for later.</summary>
public sealed class ProviderTests(FederationHouse place, Forger forger) : IClassFixture<FederationHouse>, IClassFixture<Forger>
{
    private const string At = "/api/v1/iam/identity-providers";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HttpClient Ann => place.House.Ann.Http;

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_provider_is_set_up_changed_and_removed_and_its_secret_is_never_shown()
    {
        const string Secret = "a-client-secret-that-nobody-may-read";
        var made = await place.Add("https://login.example.com/realms/one", "lyceum", Secret, new { name = "Main directory", slug = "main", emailDomains = new[] { " @Example.COM " }, scopes = new[] { "email", "openid" } });
        var id = made.GetProperty("id").GetGuid();
        Assert.True(made.GetProperty("hasSecret").GetBoolean());
        Assert.Equal(["openid", "email"], made.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal(["example.com"], made.GetProperty("emailDomains").EnumerateArray().Select(s => s.GetString()!));
        Assert.EndsWith("/api/v1/iam/oidc/callback", made.GetProperty("redirectUri").GetString(), StringComparison.Ordinal);
        Assert.EndsWith($"/oidc/{id}/backchannel-logout", made.GetProperty("backchannelLogoutUri").GetString(), StringComparison.Ordinal);
        Assert.Equal("identity_provider_slug_taken", await Code(await Ann.PostAsJsonAsync(At, new { name = "x", slug = "main", issuer = "https://a.example.com", clientId = "x" }, Ct), HttpStatusCode.Conflict));

        var changed = await House.Json(await Ann.PatchAsJsonAsync($"{At}/{id}", new { name = "Renamed", clientSecret = Secret + "2", createProvision = true }, Ct));
        Assert.Equal(("Renamed", true, "main"), (changed.GetProperty("name").GetString(), changed.GetProperty("createProvision").GetBoolean(), changed.GetProperty("slug").GetString()));
        Assert.Equal("issuer_is_fixed", await Code(await Ann.PatchAsJsonAsync($"{At}/{id}", new { issuer = "https://other.example.com" }, Ct), HttpStatusCode.Conflict));
        var all = await Ann.GetStringAsync(At, Ct) + await Ann.GetStringAsync($"{At}/{id}", Ct) + await place.House.Database.Ask<string>("select string_agg(l::text, '') || (select string_agg(s::text, '') from ops.secrets s) from ops.audit_logs l");
        Assert.DoesNotContain(Secret, all, StringComparison.Ordinal);
        Assert.False((await House.Json(await Ann.PatchAsJsonAsync($"{At}/{id}", new { clientSecret = "" }, Ct))).GetProperty("hasSecret").GetBoolean());
        Assert.Equal(0L, await place.House.Database.Ask<long>("select count(*) from ops.secrets where kind = 'oidc_client_secret' and id not in (select secret_id from iam.identity_providers where secret_id is not null)"));

        Assert.Equal(HttpStatusCode.NoContent, (await Ann.DeleteAsync($"{At}/{id}", Ct)).StatusCode);
        Assert.Equal("identity_provider_not_found", await Code(await Ann.GetAsync($"{At}/{id}", Ct), HttpStatusCode.NotFound));
        Assert.Equal("identity_provider_not_found", await Code(await Ann.DeleteAsync($"{At}/{id}", Ct), HttpStatusCode.NotFound));
    }

    [Theory]
    [InlineData("http://login.example.com")]
    [InlineData("https://login.example.com?x=1")]
    [InlineData("https://user:secret@login.example.com")]
    [InlineData("login.example.com")]
    [InlineData("file:///etc/passwd")]
    [Trait("row", "TEN-09")]
    public async Task An_issuer_is_an_encrypted_address(string issuer) =>
        Assert.Equal("invalid_request", await Code(await Ann.PostAsJsonAsync(At, new { name = "x", issuer, clientId = "x" }, Ct), HttpStatusCode.BadRequest));

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task Another_organisations_providers_are_not_there_and_need_their_permission()
    {
        var id = (await place.Add("https://login.example.com", "x", null)).GetProperty("id").GetGuid();
        var eve = place.House.Eve.Http;
        Assert.DoesNotContain(id.ToString(), await eve.GetStringAsync(At, Ct), StringComparison.Ordinal);
        Assert.Equal("identity_provider_not_found", await Code(await eve.GetAsync($"{At}/{id}", Ct), HttpStatusCode.NotFound));
        Assert.Equal("identity_provider_not_found", await Code(await eve.PatchAsJsonAsync($"{At}/{id}", new { name = "mine" }, Ct), HttpStatusCode.NotFound));
        Assert.Equal("identity_provider_not_found", await Code(await eve.PostAsync($"{At}/{id}/test", null, Ct), HttpStatusCode.NotFound));
        Assert.Equal("identity_provider_not_found", await Code(await eve.DeleteAsync($"{At}/{id}", Ct), HttpStatusCode.NotFound));
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task The_test_of_a_provider_says_in_a_sentence_what_is_wrong_with_it()
    {
        var provider = await place.Add(forger.Issuer, "us", null);
        async Task<(bool Ok, string Message)> Test()
        {
            var answer = await House.Json(await Ann.PostAsync($"{At}/{provider.GetProperty("id").GetGuid()}/test", null, Ct));
            return (answer.GetProperty("ok").GetBoolean(), answer.GetProperty("message").GetString()!);
        }

        Assert.True((await Test()).Ok);
        foreach (var (member, value, word) in new (string, object?, string)[]
        {
            ("issuer", "https://else.example", "else.example"), ("jwks_uri", "http://else.example/keys", "jwks_uri"), ("token_endpoint", null, "token_endpoint"),
            ("authorization_endpoint", "javascript:alert(1)", "authorization_endpoint"), ("jwks_uri", forger.Issuer + "/nothing", "404"), ("jwks_uri", "https://10.0.0.1/keys", "10.0.0.1"),
        })
        {
            forger.Discovery[member] = value;
            var (ok, message) = await Test();
            Assert.False(ok);
            Assert.Contains(word, message, StringComparison.Ordinal);
            forger.Discovery.Clear();
        }

        forger.Keys.RemoveAll(_ => true);
        using var small = RSA.Create(1024);
        forger.Keys.AddRange([new { kty = "oct", k = "AAAA", kid = "s" }, Forger.Public(small, "short")]);
        Assert.Contains("key", (await Test()).Message, StringComparison.Ordinal);
        forger.Publish();

        var inside = await place.Add("https://169.254.169.254", "us", null);
        var refused = await House.Json(await Ann.PostAsync($"{At}/{inside.GetProperty("id").GetGuid()}/test", null, Ct));
        Assert.Contains("169.254.169.254", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_key_that_was_exchanged_is_found_and_a_made_up_key_does_not_make_us_look_all_the_time()
    {
        var clock = new LaterTime(TimeSpan.Zero);
        using var guard = new Lyceum.Platform.EgressGuard(new Lyceum.Platform.PlatformOptions { EgressAllow = "127.0.0.1" });
        var discovery = new Discovery(guard, clock);
        var facts = await discovery.Of(forger.Issuer, Ct);
        Assert.Equal(["k1", "k2", "e1"], facts.Keys.Select(k => k.KeyId));
        var looks = forger.KeyLooks;
        using var next = RSA.Create(2048);
        try
        {
            forger.Keys.RemoveAll(_ => true);
            forger.Keys.Add(Forger.Public(next, "k9"));
            var token = forger.Sign(forger.Claims("n"), new { alg = "RS256", kid = "k9" }, next);
            var expected = new ExpectedToken(forger.Issuer, "us", "n");
            Assert.True((await IdTokenRules.ReadIdToken(token, facts.Keys, expected, clock.GetUtcNow())).UnknownKey);
            for (var i = 0; i < 20; i++)
            {
                facts = await discovery.Again(facts, Ct);
            }

            Assert.Equal(looks, forger.KeyLooks);
            clock.By = TimeSpan.FromSeconds(31);
            facts = await discovery.Again(facts, Ct);
            Assert.Equal(looks + 1, forger.KeyLooks);
            Assert.Null((await IdTokenRules.ReadIdToken(token, facts.Keys, expected, clock.GetUtcNow())).Fault);
            var old = forger.Sign(forger.Claims("n"));
            Assert.NotNull((await IdTokenRules.ReadIdToken(old, facts.Keys, expected, clock.GetUtcNow())).Fault);
            clock.By = TimeSpan.FromHours(2);
            await discovery.Of(forger.Issuer, Ct);
            Assert.Equal(looks + 2, forger.KeyLooks);
        }
        finally
        {
            forger.Publish();
        }
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_back_channel_logout_ends_the_session_it_names_and_counts_once()
    {
        var provider = (await place.Add(forger.Issuer, "us", null, new { createProvision = true })).GetProperty("id").GetGuid();
        using var one = await Enter(provider, "lou", "session-1");
        using var two = await Enter(provider, "lou", "session-2");
        var token = LogoutToken("lou", "session-1");
        Assert.Equal(HttpStatusCode.OK, (await Logout(provider, token)).StatusCode);
        await Gone(one);
        Assert.NotNull(await two.Me());
        Assert.Equal("invalid_logout_token", await Code(await Logout(provider, token), HttpStatusCode.BadRequest));
        Assert.Equal(HttpStatusCode.OK, (await Logout(provider, LogoutToken("lou", null))).StatusCode);
        await Gone(two);
        Assert.Equal(HttpStatusCode.OK, (await Logout(provider, LogoutToken("nobody-here", null))).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_logout_token_that_is_not_one_ends_nothing()
    {
        var provider = (await place.Add(forger.Issuer, "us", null, new { createProvision = true })).GetProperty("id").GetGuid();
        using var browser = await Enter(provider, "max", "session-9");
        Dictionary<string, object?> With(params object?[] changes)
        {
            var claims = LogoutClaims("max", "session-9");
            for (var i = 0; i < changes.Length; i += 2)
            {
                if (changes[i + 1] is null)
                {
                    claims.Remove((string)changes[i]!);
                }
                else
                {
                    claims[(string)changes[i]!] = changes[i + 1];
                }
            }

            return claims;
        }

        var events = "http://schemas.openid.net/event/backchannel-logout";
        string[] bad =
        [
            "", "hello", forger.Sign(forger.Claims("n", "max")), forger.Sign(With("nonce", "n")), forger.Sign(With("events", null)), forger.Sign(With("events", new { other = new { } })),
            forger.Sign(With("events", new Dictionary<string, object> { [events] = "yes" })), forger.Sign(With("jti", null)), forger.Sign(With("iat", Forger.Now(-900))),
            forger.Sign(With("iat", Forger.Now(900))), forger.Sign(With("iat", null)), forger.Sign(With("aud", "them")), forger.Sign(With("iss", "https://else.example")),
            forger.Sign(With("sub", null, "sid", null)), forger.Sign(With("exp", Forger.Now(-600))), forger.Sign(With(), key: forger.NotPublished),
            Forger.Join("""{"alg":"none"}""", JsonSerializer.Serialize(With()), _ => []), forger.Sign(With(), new { alg = "RS256", kid = "k1", typ = "at+jwt" }),
            Forger.Join("""{"alg":"HS256","kid":"k1"}""", JsonSerializer.Serialize(With()), text => HMACSHA256.HashData(forger.Key.ExportSubjectPublicKeyInfo(), text)),
        ];
        foreach (var token in bad)
        {
            Assert.Equal("invalid_logout_token", await Code(await Logout(provider, token), HttpStatusCode.BadRequest));
        }

        Assert.NotNull(await browser.Me());
        Assert.Equal(HttpStatusCode.NotFound, (await Logout(Guid.NewGuid(), LogoutToken("max", null))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Logout(provider, forger.Sign(With(), new { alg = "RS256", kid = "k1", typ = "logout+jwt" }))).StatusCode);
        await Gone(browser);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task Somebody_the_directory_made_is_recognised_by_its_own_key_and_needs_no_verified_address()
    {
        var scim = await ScimDirectory.Of(place.House, place.House.Ann);
        var id = Guid.Parse(await scim.User("entra", ""","externalId":"0b1c-object-id" """));
        var provider = (await place.Add(forger.Issuer, "us", null)).GetProperty("id").GetGuid();
        async Task<HttpResponseMessage> Come(Browser browser, string oid)
        {
            var query = System.Web.HttpUtility.ParseQueryString((await browser.Get($"/api/v1/iam/oidc/{provider}/start")).Headers.Location!.Query);
            var claims = forger.Claims(query["nonce"], "pairwise-subject");
            (claims["oid"], claims["email"]) = (oid, "entra@dir.example");
            claims.Remove("email_verified");
            forger.Answer = () => new { id_token = forger.Sign(claims) };
            return await browser.Get($"/api/v1/iam/oidc/callback?code=code&state={query["state"]}");
        }

        using var stranger = new Browser(place.Url);
        Assert.Equal("email_not_verified", await Code(await Come(stranger, "another-object"), HttpStatusCode.Forbidden));
        using var browser = new Browser(place.Url);
        Assert.Equal(HttpStatusCode.Redirect, (await Come(browser, "0b1c-object-id")).StatusCode);
        var me = (await browser.Me())!.Value;
        Assert.Equal(id, me.GetProperty("user").GetProperty("id").GetGuid());
        Assert.Equal(1L, await place.House.Database.Ask<long>($"select count(*) from iam.teams where owner_user_id = '{id}' and kind = 'personal'"));

        // A directory that switches them off shuts the door, whatever the provider says.
        await scim.Ask("DELETE", $"/Users/{id}", null, HttpStatusCode.NoContent);
        await Gone(browser);
        Assert.Equal("membership_inactive", await Code(await Come(browser, "0b1c-object-id"), HttpStatusCode.Forbidden));
    }

    private async Task<Browser> Enter(Guid provider, string subject, string session)
    {
        var browser = new Browser(place.Url);
        var query = System.Web.HttpUtility.ParseQueryString((await browser.Get($"/api/v1/iam/oidc/{provider}/start")).Headers.Location!.Query);
        var claims = forger.Claims(query["nonce"], subject);
        claims["sid"] = session;
        forger.Answer = () => new { id_token = forger.Sign(claims) };
        await browser.Get($"/api/v1/iam/oidc/callback?code=code&state={query["state"]}");
        Assert.NotNull(await browser.Me());
        return browser;
    }

    private static async Task Gone(Browser browser)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await browser.Me() is not null)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private Dictionary<string, object?> LogoutClaims(string subject, string? session) => new()
    {
        ["iss"] = forger.Issuer, ["aud"] = "us", ["sub"] = subject, ["sid"] = session, ["iat"] = Forger.Now(), ["exp"] = Forger.Now(120), ["jti"] = Guid.NewGuid().ToString(),
        ["events"] = new Dictionary<string, object> { ["http://schemas.openid.net/event/backchannel-logout"] = new { } },
    };

    private string LogoutToken(string subject, string? session)
    {
        var claims = LogoutClaims(subject, session);
        if (session is null)
        {
            claims.Remove("sid");
        }

        return forger.Sign(claims);
    }

    private async Task<HttpResponseMessage> Logout(Guid provider, string token)
    {
        using var nobody = new HttpClient { BaseAddress = place.Url };
        return await nobody.PostAsync($"/api/v1/iam/oidc/{provider}/backchannel-logout", new FormUrlEncodedContent([new("logout_token", token)]), Ct);
    }

    private static async Task<string?> Code(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement.GetProperty("code").GetString();
    }
}
