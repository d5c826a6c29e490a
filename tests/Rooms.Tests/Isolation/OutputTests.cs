using System.Net.Http.Headers;
using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>R7: while the victim works, everything the system puts out is read for the victim's word: streams, exports, repeated requests, logs, spans, metrics, calls, rows of others.</summary>
public sealed class OutputTests(TwoTenants tenants, ITestOutputHelper output) : IClassFixture<TwoTenants>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-01")]
    [Trait("row", "TEN-27")]
    public async Task Nothing_that_is_put_out_while_the_victim_works_tells_of_it()
    {
        var (house, own, victim, intruder) = (tenants.House, tenants.Own, tenants.Victim, tenants.Intruder);
        var counts = tenants.Outputs.Counts.ToDictionary(c => c.Key, c => c.Value);
        var told = new List<(string Where, string Text)>();

        // Streams that are open while the victim works.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var streams = new[] { $"/api/v1/knowledge/events?collection={own.Of("collection")[0]}", "/api/v1/knowledge/events" }
            .Select(path => (path, reading: Read(path, limit.Token))).ToList();
        await Work(victim);
        await Work(own); // so that the streams have something to say
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        foreach (var (path, reading) in streams)
        {
            told.Add((path, await reading));
        }

        // What is written out as a whole, and every list and reading there is.
        var me = own.Person.UserId;
        foreach (var path in new[] { "/api/v1/audit/logs/export?format=jsonl", "/api/v1/audit/logs/export?format=csv", $"/api/v1/iam/members/{me}/export", "/v1/models", "/api/v1/metering/usage", $"/api/v1/chat/runs/{own.Of("run")[0]}/events" })
        {
            var reply = await intruder.Send(intruder.Session, new HttpRequestMessage(HttpMethod.Get, path));
            Assert.True(reply.Ok, $"{path}: {reply.Status} {reply.Body}");
            told.Add((path, reply.Raw));
        }

        foreach (var call in tenants.Surface.Calls.Where(c => c.Method == "GET"))
        {
            var request = new Letter(tenants.Surface, call, own, "r7").Write(new Dictionary<Position, string[]>());
            told.Add((call.ToString(), (await intruder.Send(intruder.Strongest(call), request)).Raw));
        }

        // The same words, the same key of repetition, the same version: what is remembered for the victim is remembered for the victim alone.
        foreach (var (path, body, mine) in new (string, object, object)[]
        {
            ("/api/v1/knowledge/collections", new { name = $"Same {Canary.Word}" }, new { name = "Mine" }), ("/api/v1/iam/roles", new { name = $"Same {Canary.Word}", scope = "team", permissions = Array.Empty<string>() }, new { name = "Mine", scope = "team", permissions = Array.Empty<string>() }),
        })
        {
            var key = Guid.NewGuid().ToString();
            await House.Json(await Keyed(house.Ann.Http, path, body, key));
            var again = await Keyed(house.Eve.Http, path, mine, key);
            told.Add(($"{path} with the victim's Idempotency-Key", await again.Content.ReadAsStringAsync(Ct)));
            Assert.True(again.IsSuccessStatusCode && !again.Headers.Contains("Idempotency-Replayed"), $"{(int)again.StatusCode}");
        }

        const string question = "Which colour has the lamp?";
        var asked = await house.Eve.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = question, collections = new[] { own.Of("collection")[0] } }, Ct);
        told.Add(("the same search", await asked.Content.ReadAsStringAsync(Ct)));
        var version = (await house.Ann.Http.GetAsync($"/api/v1/models/models/{victim.Of("model")[0]}", Ct)).Headers.ETag?.Tag ?? "\"0\"";
        using var conditional = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/models/models/{victim.Of("model")[0]}") { Headers = { IfNoneMatch = { new EntityTagHeaderValue(version) } } };
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await house.Eve.Http.SendAsync(conditional, Ct)).StatusCode);

        Assert.All(told, t => Assert.False(Canary.In(t.Text), $"{t.Where}: {t.Text}"));
        Assert.Empty(tenants.Outputs.Leaks);
        Assert.Empty(await Rows.Strays(house, house.Ann.Tenant.Value));

        // It was listened to at all, and the word was to be found where it belongs.
        Assert.All(new[] { "log lines", "spans", "measurements", "wake-up calls" }, kind => Assert.True(tenants.Outputs.Counts.GetValueOrDefault(kind) > counts.GetValueOrDefault(kind), $"no {kind} were heard"));
        Assert.Contains(Canary.Word, await house.Ann.Http.GetStringAsync("/api/v1/audit/logs/export?format=jsonl", Ct), StringComparison.Ordinal);
        Assert.Contains(told, t => t.Where.Contains("/knowledge/events", StringComparison.Ordinal) && t.Text.Contains("data:", StringComparison.Ordinal));
        output.WriteLine($"{told.Count} answers, {string.Join(", ", tenants.Outputs.Counts.Select(c => $"{c.Value} {c.Key}"))}");
    }

    private async Task Work(World world)
    {
        var http = world.Http;
        var mark = world == tenants.Victim ? Canary.Word : "plain";
        await House.Json(await http.PostAsJsonAsync($"/api/v1/knowledge/collections/{world.Of("collection")[0]}/texts", new { items = new[] { new { externalId = $"work-{mark}", title = $"Work {mark}", text = $"The lamp is blue. {mark}" } } }, Ct));
        await tenants.House.Settled(Guid.Parse(world.Of("collection")[0]), world.Person);
        var completion = await http.PostAsJsonAsync("/v1/chat/completions", new { model = world.Of("openai_model")[^1], messages = new[] { new { role = "user", content = $"Which colour has the lamp? {mark}" } } }, Ct);
        await completion.Content.ReadAsStringAsync(Ct);
        await http.GetAsync($"/api/v1/iam/members?q={mark}", Ct);
        await http.GetAsync($"/api/v1/chat/conversations?q={mark}", Ct);
    }

    private async Task<string> Read(string path, CancellationToken ct)
    {
        var text = new System.Text.StringBuilder();
        try
        {
            using var response = await tenants.House.Eve.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
            while (await lines.ReadLineAsync(ct) is { } line)
            {
                text.AppendLine(line);
            }
        }
        catch (OperationCanceledException)
        {
            // the end of the reading
        }

        return text.ToString();
    }

    private static Task<HttpResponseMessage> Keyed(HttpClient http, string path, object body, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return http.SendAsync(request, Ct);
    }
}
