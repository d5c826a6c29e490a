using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Validation;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

#pragma warning disable ASP0029 // the attribute that marks a validated type outside of a source-generated endpoint is still called experimental
[ValidatableType]
#pragma warning restore ASP0029
public sealed record ProblemTestItem([property: Required, MaxLength(5)] string Name, int Count = 1);

public sealed record ProblemTestBody(string Title, Guid? Id = null, bool Flag = false, List<ProblemTestItem>? Items = null, DateTimeOffset? At = null);

public sealed class ProblemTests : IAsyncLifetime
{
    private readonly TemporaryHome _home = new();
    private WebHouse _house = null!; // set by InitializeAsync, which xunit calls first

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _house = await WebHouse.Open(null, _home, app =>
    {
        foreach (var prefix in new[] { "/api/v1", "/v1" })
        {
            var group = app.MapGroup(prefix);
            group.MapPost("/body", (ProblemTestBody body) => TypedResults.Ok(body));
            group.MapPost("/small", (ProblemTestBody body) => TypedResults.Ok(body)).LimitBody(1000);
            group.MapPost("/item", (ProblemTestItem item) => TypedResults.Ok(item));
            group.MapGet("/by/{id:guid}", (Guid id, int limit) => TypedResults.Ok(limit));
            group.MapGet("/bug", () => { throw new InvalidOperationException("the secret is hunter2"); });
            group.MapGet("/refused/{status:int}", (int status) => { throw new ProblemException(new Problem(status, "test_code", "No.", "Try yes.") { RetryAfter = 7 }); });
            group.MapGet("/returned", ProblemHttpResult () => (Problem.Conflict("test_conflict", "Taken.") with { RetryAfter = 3 }).ToResult());
            group.MapGet("/missing", NotFound () => TypedResults.NotFound());
            group.MapGet("/half", async (HttpContext http) =>
            {
                await http.Response.WriteAsync("half of");
                await http.Response.Body.FlushAsync();
                throw new InvalidOperationException("broke in the middle");
            });
            group.MapGet("/slow", async (HttpContext http) => await Task.Delay(Timeout.Infinite, http.RequestAborted));
        }
    }, services => services.AddValidation());

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    [Theory]
    [InlineData("{", "malformed_request", null, "not valid JSON")]
    [InlineData("", "malformed_request", null, "")]
    [InlineData("[]", "malformed_request", null, "The body is not of the right type")]
    [InlineData("null", "malformed_request", null, "")]
    [InlineData("{\"title\":1}", "malformed_request", "title", "a text")]
    [InlineData("{\"title\":\"t\",\"titel\":\"t\"}", "unknown_field", "titel", "There is no field 'titel'")]
    [InlineData("{\"title\":\"t\",\"id\":\"7\"}", "malformed_request", "id", "an id")]
    [InlineData("{\"title\":\"t\",\"flag\":\"yes\"}", "malformed_request", "flag", "true or false")]
    [InlineData("{\"title\":\"t\",\"at\":\"yesterday\"}", "malformed_request", "at", "a time")]
    [InlineData("{\"title\":\"t\",\"items\":[{\"name\":\"a\",\"count\":1.5}]}", "malformed_request", "items[0].count", "a whole number")]
    [InlineData("{\"title\":\"t\",\"items\":[{\"name\":\"a\"},{\"name\":\"b\",\"colour\":1}]}", "unknown_field", "items[1].colour", "items[1].colour")]
    [InlineData("{\"title\":\"t\",\"items\":{}}", "malformed_request", "items", "a list")]
    [InlineData("{\"title\":\"t\",\"title\":\"u\"}", "malformed_request", null, "twice")]
    public async Task A_body_that_cannot_be_read_is_explained_with_the_path_of_its_field(string json, string code, string? field, string words)
    {
        using var answer = await _house.Client.PostAsync("/api/v1/body", new StringContent(json, Encoding.UTF8, "application/json"), Ct);
        var (status, body) = await WebHouse.Read(answer);
        Assert.Equal(400, status);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, body.GetProperty("code").GetString());
        Assert.Contains(words, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(field, body.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Single().Name : null);
        Assert.Equal("/api/v1/body", body.GetProperty("instance").GetString());
        Assert.DoesNotContain("System.", body.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Lyceum.", body.ToString(), StringComparison.Ordinal);

        using var open = await _house.Client.PostAsync("/v1/body", new StringContent(json, Encoding.UTF8, "application/json"), Ct);
        var error = (await WebHouse.Read(open)).Body.GetProperty("error");
        Assert.Equal(("invalid_request_error", code, field), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.Equal("application/json", open.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_field_that_breaks_a_rule_is_named_as_JSON_names_it()
    {
        using var answer = await _house.Client.PostAsJsonAsync("/api/v1/item", new { name = "far too long" }, Ct);
        var (status, body) = await WebHouse.Read(answer);
        Assert.Equal((400, "invalid_request"), (status, body.GetProperty("code").GetString()));
        Assert.NotEmpty(body.GetProperty("errors").GetProperty("name")[0].GetString()!);
        using var open = await _house.Client.PostAsJsonAsync("/v1/item", new { name = "far too long" }, Ct);
        Assert.Equal("name", (await WebHouse.Read(open)).Body.GetProperty("error").GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/v1/nowhere", 404, "route_not_found")]
    [InlineData("GET", "/api/v1/missing", 404, "not_found")]
    [InlineData("DELETE", "/api/v1/body", 405, "method_not_allowed")]
    [InlineData("GET", "/api/v1/by/0190e0e0-0000-7000-8000-000000000000?limit=many", 400, "malformed_request")]
    [InlineData("GET", "/api/v1/by/0190e0e0-0000-7000-8000-000000000000", 400, "malformed_request")]
    [InlineData("GET", "/api/v1/bug", 500, "unexpected")]
    [InlineData("GET", "/api/v1/returned", 409, "test_conflict")]
    [InlineData("GET", "/v1/nowhere", 404, "route_not_found")]
    [InlineData("GET", "/v1/returned", 409, "test_conflict")]
    [InlineData("GET", "/v1/bug", 500, "unexpected")]
    public async Task Every_refusal_has_a_status_a_code_and_a_sentence(string method, string path, int expected, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await _house.Client.SendAsync(request, Ct);
        var (status, body) = await WebHouse.Read(answer);
        Assert.Equal(expected, status);
        if (path.StartsWith("/v1", StringComparison.Ordinal))
        {
            var error = body.GetProperty("error");
            Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(m => m.Name));
            Assert.Equal(code, error.GetProperty("code").GetString());
            return;
        }

        Assert.Equal(code, body.GetProperty("code").GetString());
        Assert.EndsWith(".", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(expected, body.GetProperty("status").GetInt32());
        Assert.Equal(answer.Headers.GetValues("x-request-id").Single(), body.GetProperty("traceId").GetString());
    }

    [Theory]
    [InlineData(401, "authentication_error")]
    [InlineData(403, "permission_error")]
    [InlineData(404, "not_found_error")]
    [InlineData(409, "invalid_request_error")]
    [InlineData(413, "invalid_request_error")]
    [InlineData(422, "invalid_request_error")]
    [InlineData(429, "rate_limit_error")]
    [InlineData(503, "server_error")]
    public async Task The_envelopes_type_follows_the_status(int status, string type)
    {
        using var answer = await _house.Client.GetAsync($"/v1/refused/{status}", Ct);
        var (got, body) = await WebHouse.Read(answer);
        var error = body.GetProperty("error");
        Assert.Equal((status, type, "test_code", "No. Try yes."), (got, error.GetProperty("type").GetString(), error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.Equal(JsonValueKind.Null, error.GetProperty("param").ValueKind);
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_bug_says_nothing_of_its_inside_and_is_logged_with_the_callers_id()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/bug") { Headers = { { "X-Request-Id", "callers-own.id_1" } } };
        using var answer = await _house.Client.SendAsync(request, Ct);
        Assert.DoesNotContain("hunter2", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal("callers-own.id_1", answer.Headers.GetValues("x-request-id").Single());
        Assert.Contains(_house.Logs.Lines, line => line.Contains("hunter2", StringComparison.Ordinal) && line.Contains("correlation:callers-own.id_1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ok-1.2_3", true)]
    [InlineData("with space", false)]
    [InlineData("<script>", false)]
    [InlineData("ünïcode", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public async Task Only_a_sane_correlation_id_is_taken_from_the_caller(string id, bool taken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/nowhere");
        request.Headers.TryAddWithoutValidation("X-Client-Request-Id", Uri.EscapeDataString(id) == id || !taken && id.All(char.IsAscii) ? id : "not%sane");
        using var answer = await _house.Client.SendAsync(request, Ct);
        Assert.Equal(taken, answer.Headers.GetValues("x-request-id").Single() == id);
    }

    [Fact]
    public async Task A_body_over_the_routes_limit_is_refused_while_it_arrives()
    {
        var large = JsonSerializer.Serialize(new { title = new string('x', 5000) });
        using var known = await _house.Client.PostAsync("/api/v1/small", new StringContent(large, Encoding.UTF8, "application/json"), Ct);
        Assert.Equal((413, "request_too_large"), (await WebHouse.Read(known)) is var (s, b) ? (s, b.GetProperty("code").GetString()) : default);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/api/v1/small") { Content = new StringContent(large, Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        using var answer = await _house.Client.SendAsync(chunked, Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused_with_the_type_to_use()
    {
        using var answer = await _house.Client.PostAsync("/api/v1/body", new StringContent("title=t", Encoding.UTF8, "application/x-www-form-urlencoded"), Ct);
        var (status, body) = await WebHouse.Read(answer);
        Assert.Equal((415, "unsupported_media_type"), (status, body.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task An_answer_that_breaks_in_the_middle_is_cut_and_not_completed()
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _house.Client.GetStringAsync("/api/v1/half", Ct));
        Assert.Contains(_house.Logs.Lines, line => line.Contains("broke in the middle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_sends_too_much_and_only_then_listens_reads_why_it_was_refused()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_house.Client.BaseAddress!.Host, _house.Client.BaseAddress.Port, Ct);
        var wire = socket.GetStream();
        var part = new byte[64 << 10];
        await wire.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/small HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {part.Length * 32}\r\n\r\n"), Ct);
        for (var i = 0; i < 32; i++)
        {
            await wire.WriteAsync(part, Ct);
            await Task.Delay(10, Ct); // long enough for the refusal to be written before the rest is sent
        }

        using var reader = new StreamReader(wire);
        var answer = await reader.ReadToEndAsync(Ct);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("request_too_large", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_no_error()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _house.Client.GetAsync("/api/v1/slow", stop.Token));
        using var socket = new TcpClient();
        await socket.ConnectAsync(_house.Client.BaseAddress!.Host, _house.Client.BaseAddress.Port, Ct);
        await socket.GetStream().WriteAsync("POST /api/v1/body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ti"u8.ToArray(), Ct);
        socket.Client.Close(0);
        using var after = await _house.Client.GetAsync("/api/v1/nowhere", Ct);
        await _house.DisposeAsync();
        Assert.DoesNotContain(_house.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
        await InitializeAsync();
    }
}
