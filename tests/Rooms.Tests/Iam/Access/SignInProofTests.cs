using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.People;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>R40: what a password costs, what a wrong one tells, how often one may try, and what a cookie alone can do.</summary>
[Collection(Alone.Name)]
[Trait("proof", "R40")]
[Trait("row", "TEN-11")]
public sealed class SignInProofTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_password_costs_what_owasp_asks_for_and_has_a_salt_of_its_own()
    {
        var parts = PasswordHash.Of("correct horse battery").Split('$');
        Assert.Equal("pbkdf2-sha512", parts[0]);
        Assert.True(int.Parse(parts[1], CultureInfo.InvariantCulture) >= 210_000, "OWASP Password Storage Cheat Sheet: 210,000 rounds of PBKDF2-HMAC-SHA512 at least");
        Assert.True(Convert.FromBase64String(parts[2]).Length >= 16 && Convert.FromBase64String(parts[3]).Length >= 32);
        Assert.NotEqual(parts[2], PasswordHash.Of("correct horse battery").Split('$')[2]);
    }

    [Fact]
    public async Task An_unknown_address_costs_and_says_the_same_as_a_wrong_password_or_an_account_switched_off()
    {
        var (known, off) = (await house.Member(name: "Known"), await house.Member(name: "Off"));
        await house.Do($"update iam.users set is_active = false where id = '{off.Id}'");
        var said = new List<(string What, int Hashes, string Answer)>();
        foreach (var (what, email, password) in new[] { ("wrong", known.Email, "not the password"), ("unknown", "nobody@example.com", "not the password"), ("off", off.Email, Crowd.Password), ("no password", "eve@example.com", "not the password") })
        {
            using var hashes = new Hashes();
            using var http = Nobody();
            using var answer = await http.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password }, Ct);
            var text = await answer.Content.ReadFromJsonAsync<Dictionary<string, object>>(Ct) ?? [];
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            said.Add((what, hashes.Count, $"{(int)answer.StatusCode} {text["code"]} {text["detail"]} {string.Join(',', text.Keys.Order(StringComparer.Ordinal))} {string.Join(',', answer.Headers.Select(h => h.Key).Order(StringComparer.Ordinal))}"));
        }

        // The hash is nearly all of the time an attempt takes: as many are computed, so it takes as long.
        Assert.All(said, s => Assert.Equal((s.What, 1, said[0].Answer), s));
    }

    [Fact]
    public async Task An_account_waits_from_the_fifth_wrong_password_on_and_longer_each_time()
    {
        var victim = await house.Member(name: "Victim");
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            Assert.Equal((401, "invalid_credentials"), await Try(victim.Email, "wrong"));
        }

        Assert.Equal((429, "too_many_attempts"), await Try(victim.Email, Crowd.Password)); // not even the right one
        var waits = new List<double>();
        for (var more = 0; more < 4; more++)
        {
            await house.Do($"update iam.user_credentials set locked_until = null where user_id = '{victim.Id}'");
            Assert.Equal(401, (await Try(victim.Email, "wrong")).Status);
            waits.Add(await house.Database.Ask<double>($"select extract(epoch from locked_until - now())::float8 from iam.user_credentials where user_id = '{victim.Id}'"));
        }

        Assert.Equal(waits.Order(), waits);
        Assert.True(waits[^1] > 2 * waits[0], string.Join(' ', waits));
        await house.Do($"update iam.user_credentials set locked_until = now() - interval '1 second' where user_id = '{victim.Id}'");
        Assert.Equal(200, (await Try(victim.Email, Crowd.Password)).Status);
        Assert.Equal(0, await house.Database.Ask<int>($"select failed_attempts from iam.user_credentials where user_id = '{victim.Id}'"));
    }

    [Fact]
    public async Task Wrong_passwords_at_the_same_moment_are_all_counted()
    {
        var victim = await house.Member(name: "Rushed");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Try(victim.Email, "wrong")));
        Assert.Equal(4, await house.Database.Ask<int>($"select failed_attempts from iam.user_credentials where user_id = '{victim.Id}'"));
    }

    [Fact]
    public void One_address_of_the_network_fails_exactly_twenty_times_a_minute()
    {
        var clock = new Stopped(new DateTimeOffset(2026, 11, 22, 12, 0, 15, TimeSpan.Zero));
        var throttle = new SignInThrottle(clock);
        var (one, other) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        var let = 0;
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if (throttle.SecondsToWait(one) == 0)
            {
                let++;
                throttle.NoteFailure(one);
            }
        }

        Assert.Equal((20, 45, 0), (let, throttle.SecondsToWait(one), throttle.SecondsToWait(other)));
        clock.Now += TimeSpan.FromSeconds(45);
        Assert.Equal(0, throttle.SecondsToWait(one));
    }

    [Fact]
    public async Task A_session_is_new_with_each_sign_in_is_kept_as_a_hash_and_ends_with_signing_out()
    {
        using var http = Nobody();
        var first = await Cookie(http);
        var second = await Cookie(http, first.Value);
        Assert.NotEqual(first.Value, second.Value); // nobody can be given a session to sign in to
        Assert.Contains("httponly", first.Attributes, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", first.Attributes, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", first.Attributes, StringComparison.OrdinalIgnoreCase);
        Assert.True(first.Value.Length >= 40, "too short to be beyond guessing");
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from iam.sessions where encode(refresh_hash, 'escape') = '{first.Value}'"));

        async Task<int> Me(string cookie)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/iam/me") { Headers = { { "Cookie", $"lyceum_session={cookie}" } } };
            return (int)(await http.SendAsync(request, Ct)).StatusCode;
        }

        Assert.Equal((200, 200), (await Me(first.Value), await Me(second.Value)));
        using var leave = new HttpRequestMessage(HttpMethod.Post, "/api/v1/iam/sign-out") { Headers = { { "Cookie", $"lyceum_session={first.Value}" }, { "X-Lyceum-Csrf", "1" } } };
        Assert.Equal(HttpStatusCode.NoContent, (await http.SendAsync(leave, Ct)).StatusCode);
        await Neighbours.Until(async () => new HttpResponseMessage((HttpStatusCode)await Me(first.Value)), 401);
        Assert.Equal(200, await Me(second.Value));
        Assert.Equal(401, await Me(second.Value[..^1] + (second.Value[^1] == 'a' ? 'b' : 'a')));
    }

    [Fact]
    public async Task A_cookie_alone_changes_nothing_on_any_route()
    {
        using var http = Nobody();
        var cookie = await Cookie(http);
        var rows = await house.Database.Ask<long>("select sum(chain_position)::bigint from ops.audit_heads");
        var tried = 0;
        foreach (var route in house.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(r => r.Metadata.GetMetadata<NeedsSignIn>() is not null || r.Metadata.GetMetadata<NeedsPermission>() is not null))
        {
            foreach (var method in (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(m => m is not ("GET" or "HEAD" or "OPTIONS")))
            {
                var path = System.Text.RegularExpressions.Regex.Replace(route.RoutePattern.RawText!, @"\{[^}]*\}", Guid.Empty.ToString()); // routes have a text
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Cookie", $"lyceum_session={cookie.Value}" }, { "Origin", "https://evil.example" } }, Content = JsonContent.Create(new { }) };
                using var answer = await http.SendAsync(request, Ct);
                // Where files are expected, JSON does not even reach the door.
                Assert.True((int)answer.StatusCode == 415 || ((int)answer.StatusCode == 401 && (await answer.Content.ReadAsStringAsync(Ct)).Contains("csrf", StringComparison.OrdinalIgnoreCase)), $"{method} {path}: {(int)answer.StatusCode}");
                Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"), path);
                tried++;
            }
        }

        Assert.True(tried > 80, $"only {tried} routes were tried");
        Assert.Equal(rows, await house.Database.Ask<long>("select sum(chain_position)::bigint from ops.audit_heads"));
    }

    private HttpClient Nobody() => new(new HttpClientHandler { UseCookies = false }) { BaseAddress = house.Ann.Http.BaseAddress };

    private async Task<(int Status, string? Code)> Try(string email, string password)
    {
        using var http = Nobody();
        return await http.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password }, Ct).Said();
    }

    private static async Task<(string Value, string Attributes)> Cookie(HttpClient http, string? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/iam/sign-in") { Content = JsonContent.Create(new { email = "ann@example.com", password = "correct horse battery" }) };
        if (with is not null)
        {
            request.Headers.Add("Cookie", $"lyceum_session={with}");
            request.Headers.Add("X-Lyceum-Csrf", "1");
        }

        using var answer = await http.SendAsync(request, Ct);
        var set = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        return (set.Split('=', 2)[1].Split(';')[0], set);
    }

    private sealed class Stopped(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    // Counts in this test's own flow: other tests compute hashes meanwhile.
    private sealed class Hashes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentBag<long> _seen = [];

        public Hashes()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "lyceum.iam.password_hashes")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => _seen.Add(count));
            _listener.Start();
        }

        public int Count => (int)_seen.Sum();

        public void Dispose() => _listener.Dispose();
    }
}
