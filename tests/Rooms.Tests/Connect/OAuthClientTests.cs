using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Connect;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Connections;

/// <summary>Applications that an organisation registered at outside services.</summary>
public sealed class OAuthClientTests(House house) : IClassFixture<House>
{
    private const string At = "/api/v1/connect/oauth-clients";
    private const string Secret = "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ce";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-36")]
    public async Task A_registration_is_made_changed_and_removed_and_its_secret_never_leaves()
    {
        var made = await Create("one");
        var id = made.GetProperty("id").GetGuid();
        Assert.Equal((true, "vice"), (made.GetProperty("hasSecret").GetBoolean(), made.GetProperty("secretLastFour").GetString()));
        var changed = await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{At}/{id}", new { provider = "Renamed", defaultScopes = new[] { "drive.readonly" } }, Ct));
        Assert.Equal("Renamed", changed.GetProperty("provider").GetString());
        Assert.True(changed.GetProperty("hasSecret").GetBoolean());
        var seen = made.GetRawText() + changed.GetRawText() + await house.Ann.Http.GetStringAsync(At, Ct) + await house.Ann.Http.GetStringAsync($"{At}/{id}", Ct)
            + await house.Database.Ask<string>("select string_agg(l::text, '') || (select string_agg(s::text, '') from ops.secrets s) || (select string_agg(c::text, '') from connect.oauth_clients c) from ops.audit_logs l");
        Assert.DoesNotContain(Secret, seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[..20], seen, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await house.Ann.Http.DeleteAsync($"{At}/{id}", Ct)).StatusCode);
        Assert.Equal("oauth_client_not_found", await Code(await house.Ann.Http.GetAsync($"{At}/{id}", Ct), HttpStatusCode.NotFound));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from ops.secrets where kind = 'oauth_client_secret' and id not in (select secret_id from connect.oauth_clients where secret_id is not null)"));
    }

    [Fact]
    [Trait("row", "TEN-36")]
    public async Task An_organisation_is_registered_once_at_a_service_and_others_are_not_asked()
    {
        var made = await Create("two");
        Assert.Equal("oauth_client_exists", await Code(await house.Ann.Http.PostAsJsonAsync(At, Body("TWO") with { AuthorizationUrl = "https://ACCOUNTS.example.com/two/auth/" }, Ct), HttpStatusCode.Conflict));
        var theirs = await House.Json(await house.Eve.Http.PostAsJsonAsync(At, Body("two"), Ct));
        Assert.NotEqual(made.GetProperty("id").GetGuid(), theirs.GetProperty("id").GetGuid());
        Assert.Equal("oauth_client_not_found", await Code(await house.Eve.Http.PatchAsJsonAsync($"{At}/{made.GetProperty("id").GetGuid()}", new { provider = "mine" }, Ct), HttpStatusCode.NotFound));
        Assert.Equal("oauth_client_not_found", await Code(await house.Eve.Http.DeleteAsync($"{At}/{made.GetProperty("id").GetGuid()}", Ct), HttpStatusCode.NotFound));
    }

    [Fact]
    [Trait("row", "TEN-36")]
    public async Task Matching_connections_use_the_organisations_own_registration_before_the_platforms()
    {
        await Create("three");
        var clients = house.Get<OAuthClients>();
        var own = await clients.Matching(house.Ann.Db, "https://accounts.EXAMPLE.com/three/auth/?prompt=consent", Ct);
        Assert.Equal(("client-three", Secret), (own!.ClientId, own.Secret));
        Assert.DoesNotContain(Secret, own.ToString(), StringComparison.Ordinal);
        Assert.Null(await clients.Matching(house.Eve.Db, "https://accounts.example.com/three/auth", Ct));
        Assert.Null(await clients.Matching(house.Ann.Db, "https://accounts.example.com/else/auth", Ct));
        await house.Do($"""
            insert into connect.oauth_clients (tenant_id, id, provider, client_id, authorization_url, token_url)
            values (ops.platform_tenant(), ops.uuid7(), 'Platform', 'the-platforms', 'https://accounts.example.com/three/auth', 'https://accounts.example.com/three/token')
            """);
        Assert.Equal("the-platforms", (await clients.Matching(house.Eve.Db, "https://accounts.example.com/three/auth", Ct))!.ClientId);
        Assert.Equal("client-three", (await clients.Matching(house.Ann.Db, "https://accounts.example.com/three/auth", Ct))!.ClientId);
        Assert.DoesNotContain("the-platforms", await house.Eve.Http.GetStringAsync(At, Ct), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "TEN-36")]
    public async Task A_stored_secret_is_not_sent_to_a_new_address_by_itself_and_addresses_are_encrypted()
    {
        var id = (await Create("four")).GetProperty("id").GetGuid();
        Assert.Equal("client_secret_needed_again", await Code(await house.Ann.Http.PatchAsJsonAsync($"{At}/{id}", new { tokenUrl = "https://evil.example/token" }, Ct), HttpStatusCode.BadRequest));
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{At}/{id}", new { tokenUrl = "https://new.example/token", clientSecret = "another secret, sixteen" }, Ct));
        Assert.Equal("another secret, sixteen", (await house.Get<OAuthClients>().Matching(house.Ann.Db, "https://accounts.example.com/four/auth", Ct))!.Secret);
        foreach (var address in new[] { "http://accounts.example.com/token", "ftp://x", "token", "https://u:p@x.example/token" })
        {
            Assert.Equal("invalid_request", await Code(await house.Ann.Http.PatchAsJsonAsync($"{At}/{id}", new { tokenUrl = address, clientSecret = "x" }, Ct), HttpStatusCode.BadRequest));
        }
    }

    private static CreateOAuthClient Body(string name) => new(
        "Service", $"client-{name}", $"https://accounts.example.com/{name.ToLowerInvariant()}/auth", $"https://accounts.example.com/{name}/token", Secret, DefaultScopes: ["email"]);

    private async Task<JsonElement> Create(string name) => await House.Json(await house.Ann.Http.PostAsJsonAsync(At, Body(name), Ct));

    private static async Task<string?> Code(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement.GetProperty("code").GetString();
    }
}
