using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>Somebody who can sign in with <see cref="Crowd.Password"/>.</summary>
public sealed record Somebody(Guid Id, string Email, string Name);

/// <summary>Makes people in Ann's organisation, and signs them in as a browser does.</summary>
public static class Crowd
{
    public const string Password = "a long enough password";
    private static readonly string Hash = PasswordHash.Of(Password);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An account without any organisation.</summary>
    public static async Task<Somebody> Account(this House house, string name = "Person")
    {
        var id = Guid.CreateVersion7();
        var somebody = new Somebody(id, $"{name.ToLowerInvariant()}-{id.ToString()[^12..]}@example.com", name);
        await house.Do($"""
            insert into iam.users (id, email, display_name) values ('{id}', '{somebody.Email}', '{name}');
            insert into iam.user_credentials (id, user_id, password_hash) values (ops.uuid7(), '{id}', '{Hash}')
            """);
        return somebody;
    }

    /// <summary>A member of Ann's organisation (or another), with a shipped role.</summary>
    public static async Task<Somebody> Member(this House house, string role = "tenant_user", string name = "Person", TenantId? tenant = null)
    {
        var somebody = await house.Account(name);
        await house.Join(somebody, role, tenant);
        return somebody;
    }

    public static Task Join(this House house, Somebody somebody, string role = "tenant_user", TenantId? tenant = null) => house.Do($"""
        insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id)
        select '{tenant ?? house.Ann.Tenant}', ops.uuid7(), '{somebody.Id}', r.tenant_id, r.id from iam.roles r where r.key = '{role}' and r.is_system
        """);

    /// <summary>A new team of Ann's organisation, empty.</summary>
    public static async Task<Guid> Team(this House house, params (Somebody Who, string Role)[] members)
    {
        var id = Guid.CreateVersion7();
        await house.Do($"insert into iam.teams (tenant_id, id, name, slug) values ('{house.Ann.Tenant}', '{id}', 'Team {id.ToString()[^4..]}', 'team-{id}')");
        foreach (var (who, role) in members)
        {
            await house.Place(id, who.Id, role);
        }

        return id;
    }

    public static Task Place(this House house, Guid team, Guid user, string role) => house.Do($"""
        with m as (insert into iam.team_members (tenant_id, id, team_id, user_id) values ('{house.Ann.Tenant}', ops.uuid7(), '{team}', '{user}') returning tenant_id, id)
        insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id)
        select m.tenant_id, ops.uuid7(), m.id, r.tenant_id, r.id from m, iam.roles r where r.key = '{role}' and r.is_system
        """);

    public static async Task<Guid> RoleId(this House house, string key) => await house.Database.Ask<Guid>($"select id from iam.roles where key = '{key}' and is_system");

    /// <summary>A browser that is signed in.</summary>
    public static async Task<HttpClient> Browser(this House house, Somebody somebody, string? tenant = null, string password = Password, WebApplication? on = null)
    {
        var browser = house.NewBrowser(on);
        await House.Json(await browser.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = somebody.Email, password, tenant }, Ct));
        return browser;
    }

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<HttpClient, CookieContainer> Jars = [];

    /// <summary>A browser that keeps cookies and is nobody yet, or has the cookies of another.</summary>
    public static HttpClient NewBrowser(this House house, WebApplication? on = null, HttpClient? like = null)
    {
        var jar = like is not null && Jars.TryGetValue(like, out var other) ? other : new CookieContainer();
#pragma warning disable CA2000, CA5399, CA5400 // the client owns its handler and lives as long as the test; http on loopback
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = jar })
        {
            BaseAddress = new Uri((on ?? house.App).Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), // it was started
            DefaultRequestHeaders = { { "X-Lyceum-Csrf", "1" } },
        };
#pragma warning restore CA2000, CA5399, CA5400
        Jars.Add(browser, jar);
        return browser;
    }

    /// <summary>An API key of somebody, bound to no team.</summary>
    public static async Task<HttpClient> Key(this House house, Guid user, TenantId? tenant = null) => House.Client(
        house.App, await KeyIssuer.Issue(house.Get<Databases>().For(tenant ?? house.Ann.Tenant, Actor.System("test") with { UserId = user }), user, "test", Ct));

    /// <summary>Status and problem code of an answer, such as "409 last_owner"; the code is left out where there is none.</summary>
    public static async Task<string> Said(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return $"{status} {JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString()}";
    }

    public static async Task<JsonElement> Get(this HttpClient http, string path) => await House.Json(await http.GetAsync(path, Ct));

    /// <summary>Rows of the audit log of Ann's organisation about a thing, oldest first: action and status. What was tried in vain is left out.</summary>
    public static Task<List<string>> Audited(this House house, Guid resource) => house.Database.Names(
        $"select action || ' ' || status from ops.audit_logs where tenant_id = '{house.Ann.Tenant}' and resource_id = '{resource}' and action <> 'request.failed' order by chain_position");

    public static Task<long> AuditRows(this House house) => house.Database.Ask<long>($"select count(*) from ops.audit_logs where tenant_id = '{house.Ann.Tenant}'");
}
