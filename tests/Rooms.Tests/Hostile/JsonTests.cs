using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Isolation;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>R26: every route that reads JSON is sent what is none. It says so with 400 and its sentence; it never falls over, and takes none of it.</summary>
[Trait("proof", "R26")]
public sealed class JsonTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task Some_bad_documents_are_refused_by_every_route() => Sent(each: 5);

    [Fact]
    [Trait("pace", "slow")]
    public async Task Every_bad_document_is_refused_by_every_route()
    {
        var watch = Stopwatch.StartNew();
        var (routes, documents, requests, read) = await Sent(each: int.MaxValue);
        Assert.True(documents >= 300, $"{documents} documents");
        await Proofs.Held("R26", "bytes that are no JSON, and odd ones that are, to every route that reads a body: 400 and a sentence, never 500, nothing taken", watch.Elapsed,
            ("routes", routes), ("documents", documents), ("requests", requests), ("requests whose body was looked at", read));
    }

    [Fact]
    public async Task A_name_that_is_there_twice_is_refused_wherever_it_stands()
    {
        foreach (var (path, twice) in new[]
        {
            ("collections", "{\"name\":\"a\",\"name\":\"b\"}"), ("collections", "{\"name\":\"a\",\"Name\":\"b\"}"), ("search", "{\"query\":\"a\",\"collections\":[],\"filters\":{\"year\":1,\"year\":2}}"),
        })
        {
            using var answer = await Post($"/api/v1/knowledge/{path}", Encoding.UTF8.GetBytes(twice));
            Assert.Equal((400, "malformed_request"), ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString()));
        }

        // Also inside what is kept as it comes.
        var collection = await house.Collection("A text.");
        using var metadata = await Post($"/api/v1/knowledge/collections/{collection}/texts", "{\"items\":[{\"externalId\":\"a\",\"text\":\"b\",\"metadata\":{\"x\":1,\"x\":2}}]}"u8.ToArray());
        Assert.Equal(400, (int)metadata.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_read_to_its_end()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/knowledge/search") { Content = new ByteArrayContent([.. "{\"query\":\""u8, .. new byte[31 << 20]]), Headers = { ExpectContinue = true } };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        // A client that does not wait for leave to send waits for the answer at least: refused is refused before the body is there.
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(60) }) { BaseAddress = house.Ann.Http.BaseAddress };
        patient.DefaultRequestHeaders.Authorization = house.Ann.Http.DefaultRequestHeaders.Authorization;
        using var answer = await patient.SendAsync(request, Ct);
        Assert.Equal(413, (int)answer.StatusCode);
    }

    private async Task<(int Routes, int Documents, int Requests, int Read)> Sent(int each)
    {
        using var browser = await house.AnnsBrowser();
        var surface = new Surface(house.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>(), await house.Ann.Http.GetStringAsync("/openapi.json", Ct));
        var calls = surface.Calls.Where(call => call.Body is not null && call.Method is "POST" or "PUT" or "PATCH").Where(call => call.Body is not null).ToList();
        Assert.True(calls.Count > 60, $"{calls.Count} routes");
        var (bad, odd) = (BadJson.All(), BadJson.Odd());
        var letters = calls.SelectMany((call, at) => Chosen(bad, each, at).Select(one => (call, one.Name, one.Bytes, IsBad: true))
            .Concat(Chosen(odd, Math.Min(each, 3), at).Select(one => (call, one.Name, one.Bytes, IsBad: false)))).ToList();
        var faults = new ConcurrentBag<string>();
        var read = 0;
        var reached = new ConcurrentDictionary<string, bool>();
        await Parallel.ForEachAsync(letters, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (letter, ct) =>
        {
            var key = letter.call.IsScim ? null : house.Ann.Http;
            var (status, body) = await Send(key ?? browser, letter.call, letter.Bytes, ct);
            if (status is 401 or 403 or 404 && key is not null)
            {
                (status, body) = await Send(browser, letter.call, letter.Bytes, ct); // what only a person may do
            }

            if (status is 400 or 413 or 422)
            {
                Interlocked.Increment(ref read);
                reached[letter.call.Name] = true;
            }

            var isRefused = status is 400 or 401 or 403 or 404 or 409 or 413 or 415 or 422 or 429;
            if (status >= 500 || (letter.IsBad && !isRefused) || (status == 400 && !body.Contains('.', StringComparison.Ordinal)))
            {
                faults.Add($"{letter.call} answered {status} to {letter.Name[..Math.Min(60, letter.Name.Length)]}: {body[..Math.Min(160, body.Length)]}");
            }
        });
        Assert.True(faults.IsEmpty, $"{faults.Count} of {letters.Count}\n" + string.Join('\n', faults.Order(StringComparer.Ordinal).Take(40)));
        Assert.True(reached.Count >= calls.Count * 0.8, $"only {reached.Count} of {calls.Count} routes looked at what was sent; not {string.Join(", ", calls.Select(c => c.Name).Except(reached.Keys))}");
        return (calls.Count, bad.Count + odd.Count, letters.Count, read);
    }

    // Another choice for each route, so that together they are nearly all.
    private static IEnumerable<(string Name, byte[] Bytes)> Chosen(IReadOnlyList<(string, byte[])> all, int each, int at) =>
        each >= all.Count ? all : Enumerable.Range(0, each).Select(i => all[((at * 31) + (i * 97)) % all.Count]);

    private static async Task<(int, string)> Send(HttpClient http, Call call, byte[] bytes, CancellationToken ct)
    {
        var path = System.Text.RegularExpressions.Regex.Replace(call.Template, @"\{[^}]+\}", Guid.NewGuid().ToString());
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), path) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.IsScim ? "application/scim+json" : "application/json");
        using var answer = await http.SendAsync(request, ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(ct));
    }

    private async Task<HttpResponseMessage> Post(string path, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await house.Ann.Http.PostAsync(path, content, Ct);
    }
}
