using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>More people for a house: colleagues of Ann with a role in a team, and what tests of this room often ask.</summary>
internal static class Neighbours
{
    /// <summary>A new member of Ann's tenant, as tenant_user, with a role in Ann's team, or in a team of their own when <paramref name="teamRole"/> is null.</summary>
    public static async Task<Person> Colleague(this House house, string name, string? teamRole)
    {
        var (user, tenant) = (Guid.CreateVersion7(), house.Ann.Tenant);
        var team = teamRole is null ? Guid.CreateVersion7() : house.Ann.Team;
        var tag = $"{name.ToLowerInvariant()}-{user.ToString()[^12..]}";
        await house.Do($"""
            insert into iam.users (id, email, display_name) values ('{user}', '{tag}@example.com', '{name}');
            insert into iam.teams (tenant_id, id, name, slug) select '{tenant}', '{team}', 'Others {tag}', 'others-{tag}' where not exists (select from iam.teams where id = '{team}');
            insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id)
              select '{tenant}', ops.uuid7(), '{user}', tenant_id, id from iam.roles where key = 'tenant_user';
            with member as (insert into iam.team_members (tenant_id, id, team_id, user_id) values ('{tenant}', ops.uuid7(), '{team}', '{user}') returning id)
            insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id)
              select '{tenant}', ops.uuid7(), member.id, r.tenant_id, r.id from member, iam.roles r where r.key = '{teamRole ?? "team_editor"}'
            """);
        var db = house.Get<Databases>().For(tenant, Actor.System("test") with { UserId = user });
        var key = await KeyIssuer.Issue(db, user, "test", CancellationToken.None);
        return new Person(user, tenant, team, key, db) { Http = House.Client(house.App, key) };
    }

    /// <summary>A browser: signed in with a cookie, and sending the header that other sites cannot.</summary>
    public static async Task<HttpClient> Browser(this House house, string email, string password, Microsoft.AspNetCore.Builder.WebApplication? on = null)
    {
        var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), UseCookies = true }) { BaseAddress = House.Client(on ?? house.App, "x").BaseAddress };
        client.DefaultRequestHeaders.Add("X-Lyceum-Csrf", "1");
        await House.Json(await client.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password }, CancellationToken.None));
        return client;
    }

    public static Task<HttpClient> AnnsBrowser(this House house) => house.Browser("ann@example.com", "correct horse battery");

    public static HttpClient With(this House house, string key) => new()
    {
        BaseAddress = house.Ann.Http.BaseAddress,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    /// <summary>Status and problem code of an answer.</summary>
    public static async Task<(int Status, string? Code)> Said(this Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        if (answer.IsSuccessStatusCode || body.Length == 0)
        {
            return ((int)answer.StatusCode, null);
        }

        var json = JsonDocument.Parse(body).RootElement;
        return ((int)answer.StatusCode, json.TryGetProperty("code", out var code) ? code.GetString() : json.GetProperty("error").GetProperty("code").GetString());
    }

    /// <summary>Asks until the answer is as expected: what nodes remember for a second may still be old.</summary>
    public static async Task<(int Status, string? Code)> Until(Func<Task<HttpResponseMessage>> ask, int status)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (int Status, string? Code) said;
        do
        {
            said = await ask().Said();
        }
        while (said.Status != status && watch.Elapsed < TimeSpan.FromSeconds(20));
        Assert.Equal(status, said.Status);
        return said;
    }
}
