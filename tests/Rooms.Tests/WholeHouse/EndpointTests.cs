using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>What holds for every route there is. A new route is in these tests the moment it is mapped. Ids of other tenants are tried in Isolation.</summary>
public sealed class EndpointTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private List<RouteEndpoint> Routes => [.. house.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        var naked = Routes.Where(e => e.Metadata.GetMetadata<NeedsPermission>() is null && e.Metadata.GetMetadata<NeedsSignIn>() is null && e.Metadata.GetMetadata<OpenToAll>() is null)
            .Select(e => e.RoutePattern.RawText);
        Assert.Empty(naked);
        Assert.True(Routes.Count > 40, "too few routes to mean anything");
    }

    [Fact]
    public async Task Every_permission_an_endpoint_needs_is_in_the_catalogue()
    {
        var known = (await house.Database.Names("select key from iam.permissions")).ToHashSet();
        Assert.All(Routes.Select(e => e.Metadata.GetMetadata<NeedsPermission>()?.Permission).OfType<string>(), permission => Assert.Contains(permission, known));
    }

    [Fact]
    public async Task Without_a_credential_every_endpoint_that_needs_one_answers_401()
    {
        using var nobody = new HttpClient { BaseAddress = house.Ann.Http.BaseAddress };
        foreach (var (method, path) in Calls(_ => Guid.CreateVersion7().ToString(), e => e.Metadata.GetMetadata<OpenToAll>() is null))
        {
            using var request = Request(method, path);
            var response = await nobody.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} answered {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task A_private_collection_is_invisible_to_a_colleague_on_every_path()
    {
        var made = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Diary", slug = "diary", visibility = "private" }, Ct));
        var id = made.GetProperty("id").GetGuid();
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/texts", new { items = new[] { new { externalId = "x", title = "x", text = "The secret word is plankton." } } }, Ct));
        await house.Settled(id);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Bob.Http.GetAsync($"/api/v1/knowledge/collections/{id}", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Bob.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "plankton", collections = new[] { id } }, Ct)).StatusCode);
        Assert.DoesNotContain("diary", await house.Bob.Http.GetStringAsync("/v1/models", Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Bob.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "kb:diary", messages = new[] { new { role = "user", content = "secret word?" } } }, Ct)).StatusCode);
        var answer = await (await house.Bob.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "agent:assistant", messages = new[] { new { role = "user", content = "What is the secret word?" } } }, Ct)).Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain("plankton", answer, StringComparison.Ordinal);
        Assert.Contains("plankton", (await House.Json(await house.Ann.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "kb:diary", messages = new[] { new { role = "user", content = "What is the secret word?" } } }, Ct))).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_committed_OpenAPI_document_is_the_one_that_is_served()
    {
        var served = await house.Ann.Http.GetStringAsync("/openapi.json", Ct);
        var path = Path.Combine(Files.Repository(), "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(path, served + "\n", Ct);
        }

        Assert.True(served == (await File.ReadAllTextAsync(path, Ct)).TrimEnd('\n'), "The API changed. Look at the change, then run the tests once with LYCEUM_ACCEPT_OPENAPI=1 and commit docs/openapi.json.");
        Assert.StartsWith("3.1", JsonDocument.Parse(served).RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
    }

    private IEnumerable<(string Method, string Path)> Calls(Func<string, string> hole, Func<RouteEndpoint, bool> which) =>
        from route in Routes
        where which(route)
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        let path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => parameter.Name == "purpose" ? "chat" : hole(parameter.Name),
            _ => "",
        }))))
        select (method, path);

    private static HttpRequestMessage Request(string method, string path) => new(new HttpMethod(method), path)
    {
        Content = method == "POST" && path.EndsWith("/documents", StringComparison.Ordinal) ? new MultipartFormDataContent { { new ByteArrayContent([65]), "file", "a.txt" } }
            : method is "POST" or "PUT" or "PATCH" ? JsonContent.Create(new { }) : null,
    };
}
