using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>Pages of other sites, and what every answer tells a browser.</summary>
public sealed class TenantsCorsTests(House house) : IClassFixture<House>
{
    private const string Site = "https://shop.example";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-38")]
    public async Task A_site_that_no_team_lists_gets_no_word_that_a_browser_would_let_through()
    {
        await Allow("{https://other.example}");
        using var preflight = await Send(HttpMethod.Options, house.Ann.Key, "https://evil.example", preflight: true);
        Assert.Empty(Cors(preflight));
        using var call = await Send(HttpMethod.Get, house.Ann.Key, "https://evil.example");
        Assert.Equal(403, (int)call.StatusCode);
        Assert.Empty(Cors(call));
        using var noKey = await Send(HttpMethod.Get, null, "https://evil.example");
        Assert.Equal(401, (int)noKey.StatusCode);
        Assert.Empty(Cors(noKey));
        await Allow("{}"); // an empty list is nobody, not everybody
        using var nobody = await Send(HttpMethod.Get, house.Ann.Key, Site);
        Assert.Equal(403, (int)nobody.StatusCode);
        Assert.Empty(Cors(nobody));
    }

    [Fact]
    [Trait("row", "TEN-38")]
    public async Task A_listed_site_is_let_through_with_a_key_of_its_team_and_with_no_other()
    {
        await Allow($"{{{Site}}}");
        using var preflight = await Send(HttpMethod.Options, null, Site, preflight: true);
        Assert.Equal((204, Site), ((int)preflight.StatusCode, Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Origin"))));
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        using var call = await Send(HttpMethod.Get, house.Ann.Key, Site);
        Assert.Equal((200, Site), ((int)call.StatusCode, Assert.Single(call.Headers.GetValues("Access-Control-Allow-Origin"))));
        Assert.Contains("Origin", call.Headers.Vary);
        using var eves = await Send(HttpMethod.Get, house.Eve.Key, Site);
        Assert.Equal(403, (int)eves.StatusCode);
        Assert.Empty(Cors(eves));

        // A cookie is never good for another site, listed or not.
        using var browser = await house.AnnsBrowser();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/iam/me") { Headers = { { "Origin", Site } } };
        using var withCookie = await browser.SendAsync(request, Ct);
        Assert.Equal(403, (int)withCookie.StatusCode);
        Assert.Empty(Cors(withCookie));
        await Allow("{*}"); // on purpose: any site, still only with the team's keys
        using var any = await Send(HttpMethod.Get, house.Ann.Key, "https://whoever.example");
        Assert.Equal(200, (int)any.StatusCode);
        using var other = await Send(HttpMethod.Get, house.Eve.Key, "https://whoever.example");
        Assert.Equal(403, (int)other.StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-38")]
    public async Task Our_own_pages_and_programs_without_an_origin_are_not_asked()
    {
        using var browser = await house.AnnsBrowser();
        using var own = new HttpRequestMessage(HttpMethod.Get, "/api/v1/iam/me") { Headers = { { "Origin", browser.BaseAddress!.GetLeftPart(UriPartial.Authority) } } };
        using var answer = await browser.SendAsync(own, Ct);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(200, (await house.Ann.Http.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
    }

    [Theory]
    [InlineData("/api/v1/iam/me")]
    [InlineData("/api/v1/nothing-here")]
    [InlineData("/v1/models")]
    [InlineData("/healthz/live")]
    [InlineData("/openapi.json")]
    public async Task Every_answer_carries_the_headers_that_keep_a_browser_safe(string path)
    {
        using var answer = await house.Ann.Http.GetAsync(path, Ct);
        string Header(string name) => Assert.Single(answer.Headers.GetValues(name));
        var policy = Header("Content-Security-Policy");
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("object-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal); // so that default-src holds for scripts
        Assert.Equal(("nosniff", "DENY", "same-origin"), (Header("X-Content-Type-Options"), Header("X-Frame-Options"), Header("Cross-Origin-Opener-Policy")));
        Assert.Contains("camera=()", Header("Permissions-Policy"), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_it_is_read()
    {
        using var large = new StringContent("{\"name\":\"" + new string('x', 31 * 1024 * 1024) + "\"}", System.Text.Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/knowledge/collections") { Content = large, Headers = { ExpectContinue = true } };
        Assert.Equal((413, "request_too_large"), await house.Ann.Http.SendAsync(request, Ct).Said());
    }

    [Fact]
    [Trait("row", "AUD-03")]
    public async Task What_a_proxy_says_of_the_client_counts_only_where_the_proxy_is_trusted()
    {
        var settings = new Dictionary<string, string?>
        {
            ["LYCEUM_DATABASE_URL"] = TestServer.DatabaseAddress(house.Database.Name).Owner,
            ["LYCEUM_APP_DATABASE_URL"] = TestServer.DatabaseAddress(house.Database.Name).App,
            ["LYCEUM_HOME"] = house.Get<Lyceum.Platform.PlatformOptions>().Home,
            ["LYCEUM_PORT"] = "0",
            ["LYCEUM_TRUSTED_PROXIES"] = "127.0.0.0/8, ::1",
        };
        var behind = Lyceum.Host.Server.Build(["--Logging:LogLevel:Default=Warning"], name => settings.GetValueOrDefault(name));
        await behind.StartAsync(Ct);
        try
        {
            foreach (var (http, expected) in new[] { (House.Client(behind, house.Ann.Key), "203.0.113.9"), (house.With(house.Ann.Key), "127.0.0.1") })
            {
                http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
                var id = (await House.Json(await http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Behind " + Guid.NewGuid() }, Ct))).GetProperty("id").GetGuid();
                Assert.Equal(expected, await house.Database.Ask<string>($"select host(ip_address) from ops.audit_logs where resource_id = '{id}'"));
            }
        }
        finally
        {
            await behind.StopAsync(Ct);
            await behind.DisposeAsync();
        }
    }

    private static IEnumerable<string> Cors(HttpResponseMessage answer) =>
        answer.Headers.Where(h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)).Select(h => h.Key);

    private Task Allow(string origins) => house.Do($"update iam.teams set allowed_origins = '{origins}' where id = '{house.Ann.Team}'");

    private Task<HttpResponseMessage> Send(HttpMethod method, string? key, string origin, bool preflight = false)
    {
        var request = new HttpRequestMessage(method, "/v1/models") { Headers = { { "Origin", origin } } };
        if (key is not null && !preflight)
        {
            request.Headers.Add("Authorization", "Bearer " + key);
        }

        if (preflight)
        {
            request.Headers.Add("Access-Control-Request-Method", "GET");
            request.Headers.Add("Access-Control-Request-Headers", "authorization");
        }

        var client = new HttpClient { BaseAddress = house.Ann.Http.BaseAddress };
        return client.SendAsync(request, Ct);
    }
}
