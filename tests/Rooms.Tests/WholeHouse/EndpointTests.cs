using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>What holds for every route there is. A new route is in these tests the moment it is mapped.</summary>
public sealed partial class EndpointTests(House house) : IClassFixture<House>
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

    // R1, R2: another tenant's id and an id that never was are the same answer, on every route, for reads and writes.
    [Fact]
    [Trait("row", "TEN-28")]
    [Trait("row", "TEN-01")]
    public async Task An_id_of_another_tenant_and_a_missing_one_are_the_same_answer_and_change_nothing()
    {
        var ids = await Resources();
        var before = await Fingerprint();
        var tried = 0;
        foreach (var (method, path) in Calls(name => "{" + name + "}", _ => true).Where(c => c.Path.Contains('{', StringComparison.Ordinal)))
        {
            foreach (var foreign in ids)
            {
                var answers = new List<string>();
                var missing = Guid.CreateVersion7();
                foreach (var id in new[] { foreign, missing })
                {
                    using var request = Request(method, Hole().Replace(path, id.ToString()));
                    var response = await house.Eve.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
                    var body = response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "(stream)" : await response.Content.ReadAsStringAsync(Ct);
                    answers.Add($"{(int)response.StatusCode} {Neutral(body, id)}");
                }

                Assert.True(answers[0] == answers[1], $"{method} {path}\nforeign: {answers[0]}\nmissing: {answers[1]}");
                Assert.False(answers[0].StartsWith('2') && method != "POST" && !path.Contains("v1/models/", StringComparison.Ordinal), $"{method} {path} answered {answers[0]}");
                tried++;
            }
        }

        Assert.True(tried > 150, $"only {tried} tries");
        Assert.Equal(before, await Fingerprint());
    }

    [Fact]
    public async Task Foreign_ids_inside_bodies_and_queries_find_nothing()
    {
        var ids = await Resources();
        foreach (var id in ids)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await house.Eve.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "lamp", collections = new[] { id } }, Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await house.Eve.Http.GetAsync($"/api/v1/knowledge/events?collection={id}", Ct)).StatusCode);
            var conversation = await house.Eve.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { collectionIds = new[] { id } }, Ct);
            Assert.True(conversation.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{(int)conversation.StatusCode}");
        }

        var models = await house.Eve.Http.GetStringAsync("/v1/models", Ct);
        Assert.DoesNotContain("shelf", models, StringComparison.OrdinalIgnoreCase);
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

    private async Task<List<Guid>> Resources()
    {
        var collection = await house.Collection("The lamp of the shelf is green.");
        var key = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "k" }, Ct))).GetProperty("apiKey").GetProperty("id").GetGuid();
        var conversation = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { collectionIds = new[] { collection } }, Ct))).GetProperty("id").GetGuid();
        var sent = await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "Which colour has the lamp?" }, Ct));
        var run = sent.GetProperty("runId").GetGuid();
        await house.Read(run);
        var role = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/roles", new { name = $"Role {run}", scope = "team", permissions = Array.Empty<string>() }, Ct));
        var invited = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/invitations", new { email = $"{run}@example.com", roleIds = Array.Empty<Guid>() }, Ct));
        return
        [
            house.Ann.Team, house.Bob.UserId, role.GetProperty("id").GetGuid(), invited.GetProperty("invitation").GetProperty("id").GetGuid(),
            collection, key, conversation, run, sent.GetProperty("userMessage").GetProperty("id").GetGuid(), sent.GetProperty("assistantMessage").GetProperty("id").GetGuid(),
            await house.Model(),
            Guid.Parse((await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{collection}'"))[0]),
            Guid.Parse((await house.Database.Names($"select id::text from knowledge.chunks where collection_id = '{collection}'"))[0]),
        ];
    }

    private Task<string> Fingerprint() => house.Database.Ask<string>($"""
        select md5(string_agg(t, ',' order by t)) from (
          select id::text || name || coalesce(deleted_at::text, '') as t from knowledge.collections where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || status || title from knowledge.documents where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || name || coalesce(deleted_at::text, '') from iam.teams where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || status || role_id || coalesce(deleted_at::text, '') from iam.tenant_members where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || coalesce(deleted_at::text, '') from iam.team_members where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || name || coalesce(deleted_at::text, '') from iam.roles where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || status || selector from iam.invitations where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || status from iam.api_keys where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || coalesce(title, '') || coalesce(deleted_at::text, '') from chat.conversations where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || role || case role when 'user' then content else '' end from chat.messages where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || status from agents.runs where tenant_id = '{house.Ann.Tenant}'
          union all select id::text || name || coalesce(deleted_at::text, '') from models.models where tenant_id = '{house.Ann.Tenant}') x
        """);

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
            : method is "POST" or "PUT" or "PATCH" ? JsonContent.Create(BodyOf(path, method)) : null,
    };

    // Enough of a body that the id is what decides.
    private static object BodyOf(string path, string method) => path switch
    {
        _ when path.EndsWith("/messages", StringComparison.Ordinal) => new { content = "hello" },
        _ when path.EndsWith("/feedback", StringComparison.Ordinal) => new { isPositive = true },
        _ when path.EndsWith("/texts", StringComparison.Ordinal) => new { items = new[] { new { externalId = "x", title = "x", text = "x" } } },
        _ when path.Contains("/defaults/", StringComparison.Ordinal) => new { modelId = Guid.CreateVersion7() },
        _ when path.Contains("/conversations/", StringComparison.Ordinal) => new { title = "mine now" },
        _ when path.Contains("/collections/", StringComparison.Ordinal) && method == "PATCH" => new { name = "mine now" },
        _ when path.Contains("/members/", StringComparison.Ordinal) && path.EndsWith("/permissions", StringComparison.Ordinal) => new { allow = Array.Empty<string>(), deny = Array.Empty<string>() },
        _ when path.Contains("/teams/", StringComparison.Ordinal) && path.Contains("/members/", StringComparison.Ordinal) => new { roleIds = new[] { new Guid("00000000-0000-7000-8000-000000000114") } },
        _ when path.Contains("/iam/members/", StringComparison.Ordinal) && method == "PATCH" => new { status = "suspended" },
        _ when (path.Contains("/teams/", StringComparison.Ordinal) || path.Contains("/roles/", StringComparison.Ordinal)) && method == "PATCH" => new { name = "mine now" },
        _ when path.Contains("/models/", StringComparison.Ordinal) && method == "PATCH" => new { displayName = "mine now" },
        _ => new { },
    };

    private static string Neutral(string body, Guid id) => TraceId().Replace(body.Replace(id.ToString(), "ID", StringComparison.OrdinalIgnoreCase), "TRACE");

    [GeneratedRegex("\\{[^}]+\\}")]
    private static partial Regex Hole();

    [GeneratedRegex("\"traceId\":\"[^\"]*\"")]
    private static partial Regex TraceId();
}
