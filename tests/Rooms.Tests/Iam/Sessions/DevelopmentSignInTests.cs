using System.Net;
using Lyceum.Iam;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>Signing in without a password: for development, and nowhere else.</summary>
public sealed class DevelopmentSignInTests(TestServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-10")]
    public async Task In_development_and_where_it_is_switched_on_anybody_known_gets_in_by_their_address()
    {
        await using var house = new House(server) { Settings = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["LYCEUM_DEVELOPMENT_SIGN_IN"] = "true" } };
        await house.InitializeAsync();
        using var browser = new Browser(house.Ann.Http.BaseAddress!);
        Assert.True((await House.Json(await browser.Get("/api/v1/iam/sign-in/options"))).GetProperty("developmentSignIn").GetBoolean());
        var me = await House.Json(await browser.Post("/api/v1/iam/sign-in/development", new { email = "bob@example.com" }));
        Assert.Equal("bob@example.com", me.GetProperty("user").GetProperty("email").GetString());
        Assert.Equal("bob@example.com", (await browser.Me())!.Value.GetProperty("user").GetProperty("email").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Post("/api/v1/iam/sign-in/development", new { email = "nobody@example.com" })).StatusCode);
    }

    [Fact]
    [Trait("row", "TEN-10")]
    public async Task Where_it_is_not_switched_on_there_is_no_such_route()
    {
        await using var house = new House(server) { Settings = { ["ASPNETCORE_ENVIRONMENT"] = "Development" } };
        await house.InitializeAsync();
        using var browser = new Browser(house.Ann.Http.BaseAddress!);
        Assert.False((await House.Json(await browser.Get("/api/v1/iam/sign-in/options"))).GetProperty("developmentSignIn").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Post("/api/v1/iam/sign-in/development", new { email = "bob@example.com" })).StatusCode);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    [InlineData("development ")]
    [InlineData(null)]
    [Trait("row", "TEN-10")]
    public void The_server_refuses_to_start_with_it_anywhere_else(string? environment)
    {
        var settings = new Dictionary<string, string?>
        {
            ["LYCEUM_DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none", ["LYCEUM_PORT"] = "0", ["LYCEUM_DEVELOPMENT_SIGN_IN"] = "true", ["ASPNETCORE_ENVIRONMENT"] = environment,
        };
        var refused = Assert.Throws<SettingException>(() => Host.Server.Build([], name => settings.GetValueOrDefault(name)));
        Assert.Equal("LYCEUM_DEVELOPMENT_SIGN_IN", refused.Setting);
        Assert.Throws<SettingException>(() => FederationOptions.From(name => name == "LYCEUM_PUBLIC_URL" ? "lyceum.example.com" : null));
        Assert.Throws<SettingException>(() => FederationOptions.From(name => name == "LYCEUM_DEVELOPMENT_SIGN_IN" ? "maybe" : null));
    }
}
