using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>The house with this machine's own addresses allowed as identity providers.</summary>
public sealed class FederationHouse(TestServer server) : IAsyncLifetime
{
    private static CancellationToken Ct => CancellationToken.None;

    public House House { get; } = new(server) { Settings = { ["LYCEUM_EGRESS_ALLOW"] = "127.0.0.1" } };

    public Uri Url => House.Ann.Http.BaseAddress!; // a client of the house has one

    public ValueTask InitializeAsync() => House.InitializeAsync();

    public ValueTask DisposeAsync() => House.DisposeAsync();

    /// <summary>Adds a provider to Ann's organisation, or to another person's.</summary>
    public async Task<JsonElement> Add(string issuer, string clientId, string? secret, object? more = null, Person? person = null)
    {
        var settings = new Dictionary<string, object?> { ["name"] = "Directory", ["slug"] = "d-" + Guid.NewGuid().ToString("N")[..12], ["issuer"] = issuer, ["clientId"] = clientId, ["clientSecret"] = secret };
        foreach (var (name, value) in JsonSerializer.SerializeToElement(more ?? new { }).EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            settings[name] = value;
        }

        return await House.Json(await (person ?? House.Ann).Http.PostAsJsonAsync("/api/v1/iam/identity-providers", settings, Ct));
    }

    public async Task Change(Guid id, object change) => await House.Json(await House.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/identity-providers/{id}", change, Ct));

    public async Task<Guid> RoleId(string key) => await House.Database.Ask<Guid>($"select id from iam.roles where key = '{key}' and tenant_id = ops.platform_tenant()");

    /// <summary>What a sign-in may write; nothing of it changes when one is refused.</summary>
    public Task<string> Written() => House.Database.Ask<string>("""
        select concat_ws('/', (select count(*) from iam.users), (select count(*) from iam.user_identities), (select count(*) from iam.sessions), (select count(*) from iam.tenant_members),
          (select count(*) from iam.teams), (select count(*) from iam.team_members), (select count(*) from iam.user_idp_groups), (select count(*) from iam.provider_members), (select count(*) from ops.secrets))
        """);
}

/// <summary>A browser: keeps cookies, shows every answer, follows nothing by itself.</summary>
public sealed class Browser(Uri home) : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private HttpClient? _http;

    private static CancellationToken Ct => CancellationToken.None;

    public HttpClient Http => _http ??= new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies }) { BaseAddress = home };

    public bool HasSession => _cookies.GetAllCookies().Any(c => c.Name == "lyceum_session" && c.Value.Length > 0);

    public Cookie? Cookie(string name) => _cookies.GetAllCookies().FirstOrDefault(c => c.Name == name);

    public void Put(Cookie cookie) => _cookies.Add(cookie);

    public Task<HttpResponseMessage> Get(string path) => Http.GetAsync(path, Ct);

    public async Task<HttpResponseMessage> Post(string path, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body), Headers = { { "X-Lyceum-Csrf", "1" } } };
        return await Http.SendAsync(request, Ct);
    }

    public async Task<HttpResponseMessage> Patch(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = JsonContent.Create(body), Headers = { { "X-Lyceum-Csrf", "1" } } };
        return await Http.SendAsync(request, Ct);
    }

    public async Task<JsonElement?> Me()
    {
        var response = await Get("/api/v1/iam/me");
        return response.StatusCode == HttpStatusCode.Unauthorized ? null : await House.Json(response);
    }

    public void Dispose() => _http?.Dispose();
}
