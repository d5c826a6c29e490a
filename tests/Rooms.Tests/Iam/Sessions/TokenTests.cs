using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>Sessions of programs: a token pair that renews itself, and what happens to one that leaks.</summary>
public sealed class TokenTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HttpClient Nobody => new() { BaseAddress = house.Ann.Http.BaseAddress };

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task A_program_signs_in_once_and_renews_its_access_for_as_long_as_it_lasts()
    {
        var (access, refresh) = await SignIn();
        Assert.Equal("ann@example.com", await WhoIs(access));
        for (var i = 0; i < 3; i++)
        {
            var (nextAccess, nextRefresh) = await Pair(await Renew(refresh));
            Assert.NotEqual(access, nextAccess);
            Assert.NotEqual(refresh, nextRefresh);
            (access, refresh) = (nextAccess, nextRefresh);
            Assert.Equal("ann@example.com", await WhoIs(access));
        }
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task A_refresh_token_used_twice_ends_the_whole_family_at_once()
    {
        var (access, stolen) = await SignIn();
        var (nextAccess, nextRefresh) = await Pair(await Renew(stolen));
        var (otherAccess, _) = await SignIn();

        Assert.Equal("refresh_token_reused", await Code(await Renew(stolen), HttpStatusCode.Unauthorized));
        Assert.Equal("session_ended", await Code(await Renew(nextRefresh), HttpStatusCode.Unauthorized));
        Assert.Null(await WhoIs(access));
        Assert.Null(await WhoIs(nextAccess));
        Assert.Equal("ann@example.com", await WhoIs(otherAccess));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'session.refused' and status = 'denied' and error_message like 'This refresh token%'"));
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task Signing_out_makes_access_and_refresh_token_unusable_at_once()
    {
        var (access, refresh) = await SignIn();
        Assert.Equal("ann@example.com", await WhoIs(access));
        using var client = With(access);
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/api/v1/iam/sign-out", null, Ct)).StatusCode);
        Assert.Null(await WhoIs(access));
        Assert.Equal("session_ended", await Code(await Renew(refresh), HttpStatusCode.Unauthorized));
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task Signing_out_with_a_renewed_token_ends_what_was_renewed_from_as_well()
    {
        var (first, refresh) = await SignIn();
        var (second, _) = await Pair(await Renew(refresh));
        using var client = With(second);
        await client.PostAsync("/api/v1/iam/sign-out", null, Ct);
        Assert.Null(await WhoIs(first));
        Assert.Null(await WhoIs(second));
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task Renewals_that_overlap_give_one_pair_and_end_nothing()
    {
        var (_, refresh) = await SignIn();
        await using var connection = await house.Database.Superuser.OpenConnectionAsync(Ct);
        await using var held = await connection.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand("select 1 from iam.sessions where rotated_at is null for update", connection, held))
        {
            await hold.ExecuteNonQueryAsync(Ct);
        }

        var tries = Enumerable.Range(0, 4).Select(_ => Renew(refresh)).ToList();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await house.Database.Ask<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%refresh_session%'") < 4)
        {
            await Task.Delay(20, limit.Token);
        }

        await held.CommitAsync(Ct);
        var answers = await Task.WhenAll(tries);
        var winner = Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        foreach (var loser in answers.Except([winner]))
        {
            Assert.Equal("refresh_raced", await Code(loser, HttpStatusCode.Conflict));
        }

        var (access, next) = await Pair(winner);
        Assert.Equal("ann@example.com", await WhoIs(access));
        Assert.Equal(HttpStatusCode.OK, (await Renew(next)).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task No_token_does_the_work_of_another_kind()
    {
        var (access, refresh) = await SignIn();
        Assert.Null(await WhoIs(refresh));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Renew(access)).StatusCode);
        using var cookie = Nobody;
        cookie.DefaultRequestHeaders.Add("Cookie", $"lyceum_session={refresh}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await cookie.GetAsync("/api/v1/iam/me", Ct)).StatusCode);
        Assert.Null(await WhoIs("lya_"));
        Assert.Null(await WhoIs(access[..^1]));
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task Tokens_end_with_their_time_and_no_renewal_outlives_the_family()
    {
        var (access, refresh) = await SignIn();
        await house.Do("update iam.sessions set access_expires_at = now() - interval '1 second' where access_hash is not null");
        Assert.Null(await WhoIs(access));
        var (renewed, next) = await Pair(await Renew(refresh));
        Assert.Equal("ann@example.com", await WhoIs(renewed));
        await house.Do("update iam.sessions set ends_at = now() + interval '1 hour' where access_hash is not null");
        var (_, last) = await Pair(await Renew(next));
        Assert.True(await house.Database.Ask<bool>("select expires_at <= ends_at and ends_at < now() + interval '2 hours' from iam.sessions where access_hash is not null order by id desc limit 1"));
        await house.Do("update iam.sessions set ends_at = now() - interval '1 second' where access_hash is not null");
        Assert.Equal("session_ended", await Code(await Renew(last), HttpStatusCode.Unauthorized));
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task Only_hashes_of_tokens_are_kept_and_no_token_is_in_the_audit_log()
    {
        var (access, refresh) = await SignIn();
        var all = await house.Database.Ask<string>("select coalesce(string_agg(s::text, ''), '') || (select coalesce(string_agg(l::text, ''), '') from ops.audit_logs l) from iam.sessions s");
        Assert.DoesNotContain(access[4..], all, StringComparison.Ordinal);
        Assert.DoesNotContain(refresh[4..], all, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(refresh))), all, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task A_wrong_password_gives_no_tokens_and_a_deactivated_account_no_renewal()
    {
        using var nobody = Nobody;
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostAsJsonAsync("/api/v1/iam/token", new { email = "ann@example.com", password = "wrong" }, Ct)).StatusCode);
        var (_, refresh) = await SignIn();
        await house.Do("update iam.users set is_active = false where email = 'ann@example.com'");
        Assert.Equal("session_ended", await Code(await Renew(refresh), HttpStatusCode.Unauthorized));
        await house.Do("update iam.users set is_active = true where email = 'ann@example.com'");
    }

    private async Task<(string Access, string Refresh)> SignIn()
    {
        using var nobody = Nobody;
        return await Pair(await nobody.PostAsJsonAsync("/api/v1/iam/token", new { email = "ann@example.com", password = "correct horse battery" }, Ct));
    }

    private static async Task<(string Access, string Refresh)> Pair(HttpResponseMessage response)
    {
        var tokens = await House.Json(response);
        Assert.Equal(900, tokens.GetProperty("expiresIn").GetInt32());
        Assert.True(response.Headers.CacheControl?.NoStore);
        return (tokens.GetProperty("accessToken").GetString()!, tokens.GetProperty("refreshToken").GetString()!); // the answer has both
    }

    private async Task<HttpResponseMessage> Renew(string refresh)
    {
        using var nobody = Nobody;
        return await nobody.PostAsJsonAsync("/api/v1/iam/refresh", new { refreshToken = refresh }, Ct);
    }

    private async Task<string?> WhoIs(string access)
    {
        using var client = With(access);
        var response = await client.GetAsync("/api/v1/iam/me", Ct);
        return response.StatusCode == HttpStatusCode.Unauthorized ? null : (await House.Json(response)).GetProperty("user").GetProperty("email").GetString();
    }

    private HttpClient With(string token) => House.Client(house.App, token);

    private static async Task<string?> Code(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString();
    }
}
