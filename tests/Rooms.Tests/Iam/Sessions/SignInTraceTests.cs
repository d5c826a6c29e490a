using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.People;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>What signing in leaves behind and gives away: one row each way, a session with an end, and no word on which addresses have accounts.</summary>
public sealed class SignInTraceTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-11")]
    public async Task An_address_without_an_account_waits_like_one_with_an_account_and_says_the_same()
    {
        var known = (await house.Member(name: "Guessed")).Email;
        var unknown = $"nobody-{Guid.NewGuid():N}@example.com";
        var heard = new Dictionary<string, List<string>>();
        foreach (var address in new[] { known, unknown })
        {
            heard[address] = [];
            for (var attempt = 1; attempt <= 5; attempt++)
            {
                heard[address].Add(await Try(address));
            }

            // Long enough that the next attempt comes within it, however busy this machine is.
            var wait = await Seconds(address, known);
            Assert.InRange(wait, 1.5, 2.5);
            await Stretch(address, known);
            heard[address].Add(await Try(address.ToUpperInvariant()));
            heard[address].Add(await Try(address));
            await Forgive(address, known);
            heard[address].Add(await Try(address));
            Assert.InRange(await Seconds(address, known), 3.5, 4.5);
        }

        Assert.Equal(heard[known], heard[unknown]);
        Assert.Equal([.. Enumerable.Repeat("401 invalid_credentials", 5), "429 too_many_attempts", "429 too_many_attempts", "401 invalid_credentials"], heard[unknown].Select(h => h[..h.IndexOf(';', StringComparison.Ordinal)]));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from iam.sign_in_attempts a where a::text like '%nobody-%'")); // the address itself is not kept
    }

    [Fact]
    public async Task Wrong_passwords_are_forgotten_after_a_day_whether_there_is_an_account_or_not()
    {
        var known = (await house.Member(name: "Forgetful")).Email;
        var unknown = $"nobody-{Guid.NewGuid():N}@example.com";
        foreach (var address in new[] { known, unknown })
        {
            // Few, since one address of the network has twenty a minute for all tests here.
            await Try(address);
            await Try(address);
            Assert.Equal(2, await Failures(address, known));
            await house.Do($"update {Place(address, known)} set last_failed_at = now() - interval '25 hours' where {Where(address, known)}");
            await Try(address);
            Assert.Equal(1, await Failures(address, known));
        }
    }

    [Fact]
    public async Task Signing_in_and_out_writes_one_row_each_and_an_expired_session_opens_nothing()
    {
        var somebody = await house.Member(name: "Traced");
        using var http = await house.Browser(somebody);
        Task<List<string>> Rows() => house.Database.Names($"select action from ops.audit_logs where user_id = '{somebody.Id}' and action like 'session.%' order by chain_position");
        Assert.Equal(["session.created"], await Rows());
        Assert.Equal(204, (await http.PostAsync("/api/v1/iam/sign-out", null, Ct).Said()).Status);
        Assert.Equal(["session.created", "session.ended"], await Rows());
        await Neighbours.Until(() => http.GetAsync("/api/v1/iam/me", Ct), 401);

        using var again = await house.Browser(somebody);
        Assert.Equal(200, (await again.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        Assert.True(await house.Database.Ask<bool>($"select bool_and(expires_at between now() + interval '1 hour' and now() + interval '90 days') from iam.sessions where user_id = '{somebody.Id}' and revoked_at is null"));
        await house.Do($"update iam.sessions set expires_at = now() - interval '1 second' where user_id = '{somebody.Id}'");
        await Neighbours.Until(() => again.GetAsync("/api/v1/iam/me", Ct), 401);
    }

    private async Task<string> Try(string email)
    {
        using var http = new HttpClient { BaseAddress = house.Ann.Http.BaseAddress };
        using var answer = await http.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password = "not the password" }, Ct);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        var detail = System.Text.RegularExpressions.Regex.Replace(said.GetProperty("detail").GetString()!, "[0-9]+", "N"); // a problem has one
        return $"{(int)answer.StatusCode} {said.GetProperty("code").GetString()}; {detail} {string.Join(',', said.EnumerateObject().Select(p => p.Name))} {answer.Headers.RetryAfter is not null}";
    }

    private static string Place(string address, string known) => address == known ? "iam.user_credentials" : "iam.sign_in_attempts";

    private static string Where(string address, string known) => address == known
        ? $"user_id = (select id from iam.users where email = '{address}')"
        : $"address_hash = '\\x{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)))}'";

    private async Task<double> Seconds(string address, string known) =>
        double.Parse(await house.Database.Ask<string>($"select extract(epoch from locked_until - last_failed_at)::text from {Place(address, known)} where {Where(address, known)}"), CultureInfo.InvariantCulture);

    private Task<int> Failures(string address, string known) => house.Database.Ask<int>($"select failed_attempts from {Place(address, known)} where {Where(address, known)}");

    private Task Stretch(string address, string known) => house.Do($"update {Place(address, known)} set locked_until = now() + interval '5 minutes' where {Where(address, known)}");

    private Task Forgive(string address, string known) => house.Do($"update {Place(address, known)} set locked_until = null where {Where(address, known)}");
}
