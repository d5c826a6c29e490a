using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>A directory that keeps an organisation's people over SCIM: speaks raw requests, as Entra and Okta write them.</summary>
public sealed class ScimDirectory(HttpClient http)
{
    private static CancellationToken Ct => CancellationToken.None;

    public HttpClient Http => http;

    /// <summary>A directory with a key of its own for the organisation of this person.</summary>
    public static async Task<ScimDirectory> Of(House house, Person person)
    {
        var made = await House.Json(await person.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "scim", kind = "service", scopes = new[] { "iam.scim.use" } }, Ct));
        return new ScimDirectory(House.Client(house.App, made.GetProperty("key").GetString()!)); // the answer has it
    }

    public Task<HttpResponseMessage> Raw(string method, string path, string? body = null, string type = "application/scim+json") => http.SendAsync(
        new HttpRequestMessage(new HttpMethod(method), "/scim/v2" + path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)) }, Ct);

    /// <summary>Sends and expects this status; the answer is SCIM's own type.</summary>
    public async Task<JsonElement> Ask(string method, string path, string? body = null, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = await Raw(method, path, body);
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} {text}");
        if (text.Length == 0)
        {
            return default;
        }

        Assert.Equal("application/scim+json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<string> User(string name, string more = "") => (await Ask(
        "POST", "/Users",
        $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{name}}@dir.example","displayName":"{{name}}","emails":[{"value":"{{name}}@dir.example","type":"work","primary":true}]{{more}}}""",
        HttpStatusCode.Created)).GetProperty("id").GetString()!; // a created user has one

    public async Task<JsonElement> Only(string filter)
    {
        var list = await Ask("GET", "/Users?filter=" + Uri.EscapeDataString(filter));
        Assert.Equal(1, list.GetProperty("totalResults").GetInt32());
        return list.GetProperty("Resources")[0];
    }

    /// <summary>The scimType of a refusal.</summary>
    public async Task<string?> Refused(string method, string path, string? body, HttpStatusCode status)
    {
        var error = await Ask(method, path, body, status);
        Assert.Equal("urn:ietf:params:scim:api:messages:2.0:Error", error.GetProperty("schemas")[0].GetString());
        Assert.Equal(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), error.GetProperty("status").GetString());
        Assert.NotEmpty(error.GetProperty("detail").GetString()!);
        return error.TryGetProperty("scimType", out var type) ? type.GetString() : null;
    }
}
