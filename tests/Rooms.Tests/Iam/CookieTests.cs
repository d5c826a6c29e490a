using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>What a page of another site can do with somebody's cookie: nothing.</summary>
public sealed class CookieTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cookie_changes_nothing_without_the_header_that_no_form_can_send()
    {
        using var browser = await Lyceum.Rooms.Tests.Iam.Neighbours.AnnsBrowser(house);
        browser.DefaultRequestHeaders.Remove("X-Lyceum-Csrf");
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, "/api/v1/knowledge/collections") { Content = method == HttpMethod.Post ? JsonContent.Create(new { name = "From elsewhere" }) : null };
            Assert.Contains(await browser.SendAsync(request, Ct).Said(), (string[])["401 csrf_header_missing", "405 method_not_allowed"]);
        }

        Assert.Equal("401 csrf_header_missing", await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "From elsewhere" }, Ct).Said());
        Assert.Equal(0L, await house.Database.Ask<long>("select count(*) from knowledge.collections where name = 'From elsewhere'"));
        Assert.Equal(200, (int)(await browser.GetAsync("/api/v1/knowledge/collections", Ct)).StatusCode);
        browser.DefaultRequestHeaders.Add("X-Lyceum-Csrf", "1");
        Assert.Equal(201, (int)(await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "From here" }, Ct)).StatusCode);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_for_scripts_and_other_sites()
    {
        using var anonymous = house.NewBrowser();
        using var signedIn = await anonymous.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = "ann@example.com", password = "correct horse battery" }, Ct);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), c => c.Contains("httponly", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }
}
