using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

public sealed class IdempotencyTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly Guid Somebody = Guid.CreateVersion7();
    private readonly TemporaryHome _home = new();
    private readonly ConcurrentDictionary<string, int> _effects = new();
    private readonly SemaphoreSlim _gate = new(0);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebHouse _house = null!; // set by InitializeAsync, which xunit calls first

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _house = await WebHouse.Open(database, _home, app =>
    {
        var group = app.MapGroup("/api/v1");
        group.MapPost("/effect/{name}", async (string name, HttpContext http) =>
        {
            var text = await new StreamReader(http.Request.Body).ReadToEndAsync();
            var count = Effect(name);
            http.Response.Headers.Location = $"/made/{name}";
            return TypedResults.Json(new { name, count, random = Guid.NewGuid(), text.Length, odd = "ü\u0000😀" }, statusCode: 201);
        });
        group.MapPost("/wait/{name}", async (string name) =>
        {
            Effect(name);
            _arrived.TrySetResult();
            await _gate.WaitAsync(TimeSpan.FromSeconds(20));
            return TypedResults.Text("done");
        });
        group.MapPost("/status/{name}/{status:int}", (string name, int status) =>
        {
            Effect(name);
            return TypedResults.Json(new { status, random = Guid.NewGuid() }, statusCode: status);
        });
        group.MapPost("/thrown/{name}/{status:int}", (string name, int status) =>
        {
            Effect(name);
            throw new ProblemException(new Problem(status, "test_refusal", "No."));
        });
        group.MapPost("/bug/{name}", (string name) =>
        {
            Effect(name);
            throw new InvalidOperationException("bug");
        });
        group.MapPost("/large/{name}", (string name) => TypedResults.Text(new string('x', 1_100_000) + Effect(name)));
        group.MapPost("/nothing/{name}", (string name) =>
        {
            Effect(name);
            return TypedResults.NoContent();
        });
        group.MapPost("/stream/{name}", async (string name, HttpContext http) =>
        {
            Effect(name);
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("data: first\n\n");
            await http.Response.Body.FlushAsync();
            await _gate.WaitAsync(TimeSpan.FromSeconds(20));
            await http.Response.WriteAsync("data: last\n\n");
        });
    });

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task A_storm_of_repetitions_has_one_effect_each_and_identical_bytes()
    {
        var storm = Enumerable.Range(0, 50).SelectMany(key => Enumerable.Repeat(key, 5)).OrderBy(_ => Random.Shared.Next());
        var answers = new ConcurrentBag<(int Key, string Body, string? Location)>();
        await Parallel.ForEachAsync(storm, new ParallelOptions { MaxDegreeOfParallelism = 40, CancellationToken = Ct }, async (key, ct) =>
        {
            while (true)
            {
                using var answer = await Post($"/api/v1/effect/storm{key}", $"storm-{key}", "{}");
                if (answer.StatusCode == HttpStatusCode.Conflict)
                {
                    // What a client does that is told to try again.
                    Assert.NotNull(answer.Headers.RetryAfter);
                    await Task.Delay(20, ct);
                    continue;
                }

                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                answers.Add((key, Convert.ToHexString(await answer.Content.ReadAsByteArrayAsync(ct)) + answer.Content.Headers.ContentType, answer.Headers.Location?.ToString()));
                return;
            }
        });
        Assert.Equal(250, answers.Count);
        Assert.All(Enumerable.Range(0, 50), key => Assert.Equal(1, _effects[$"storm{key}"]));
        Assert.All(answers.GroupBy(a => a.Key), group => Assert.Single(group.Select(a => (a.Body, a.Location)).Distinct()));
    }

    [Fact]
    public async Task A_repetition_says_that_it_is_one()
    {
        using var first = await Post("/api/v1/effect/said", "said", "{}");
        using var second = await Post("/api/v1/effect/said", "said", "{}");
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.NotEqual(first.Headers.GetValues("x-request-id").Single(), second.Headers.GetValues("x-request-id").Single());
    }

    [Fact]
    public async Task An_answer_without_a_body_is_repeated_too()
    {
        using var first = await Post("/api/v1/nothing/n", "n", "{}");
        using var second = await Post("/api/v1/nothing/n", "n", "{}");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent, 1), (first.StatusCode, second.StatusCode, _effects["n"]));
    }

    [Fact]
    public async Task The_same_key_with_another_body_or_query_is_refused()
    {
        using var first = await Post("/api/v1/effect/body", "body", "{\"a\":1}");
        using var other = await Post("/api/v1/effect/body", "body", "{\"a\":2}");
        using var query = await Post("/api/v1/effect/body?x=1", "body", "{\"a\":1}");
        Assert.Equal((422, "idempotency_key_reused"), await Code(other));
        Assert.Equal((422, "idempotency_key_reused"), await Code(query));
        Assert.Equal(1, _effects["body"]);
    }

    [Fact]
    public async Task The_same_key_of_another_caller_or_path_is_another_key()
    {
        using var first = await Post("/api/v1/effect/mine", "shared", "{}");
        using var path = await Post("/api/v1/effect/elsewhere", "shared", "{}");
        using var caller = await Post("/api/v1/effect/mine", "shared", "{}", Guid.CreateVersion7());
        Assert.Equal((2, 1), (_effects["mine"], _effects["elsewhere"]));
    }

    [Fact]
    public async Task While_a_request_runs_its_repetition_is_told_to_wait_and_then_gets_its_answer()
    {
        var running = Post("/api/v1/wait/w", "w", "{}");
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        using (var early = await Post("/api/v1/wait/w", "w", "{}"))
        {
            Assert.Equal((409, "idempotency_in_flight"), await Code(early));
            Assert.Equal(TimeSpan.FromSeconds(1), early.Headers.RetryAfter?.Delta);
        }

        _gate.Release();
        using var first = await running;
        using var late = await Post("/api/v1/wait/w", "w", "{}");
        Assert.Equal("done", await late.Content.ReadAsStringAsync(Ct));
        Assert.Equal(1, _effects["w"]);
    }

    [Fact]
    public async Task A_client_that_goes_away_finds_the_answer_when_it_comes_back()
    {
        using var stop = new CancellationTokenSource();
        var gone = Send("/api/v1/wait/gone", "gone", "{}", Somebody, stop.Token);
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _gate.Release();
        using var back = await PostUntilAnswered("/api/v1/wait/gone", "gone");
        Assert.Equal(("done", 1), (await back.Content.ReadAsStringAsync(Ct), _effects["gone"]));
    }

    [Theory]
    [InlineData("/api/v1/status/{0}/422", 1)]
    [InlineData("/api/v1/thrown/{0}/422", 1)]
    [InlineData("/api/v1/status/{0}/429", 2)]
    [InlineData("/api/v1/status/{0}/409", 2)]
    [InlineData("/api/v1/thrown/{0}/409", 2)]
    [InlineData("/api/v1/status/{0}/500", 2)]
    [InlineData("/api/v1/status/{0}/503", 2)]
    [InlineData("/api/v1/bug/{0}", 2)]
    public async Task Faults_and_passing_refusals_are_not_kept(string path, int effects)
    {
        var name = Guid.NewGuid().ToString("N");
        var address = path.Replace("{0}", name, StringComparison.Ordinal);
        using var first = await Post(address, name, "{}");
        using var second = await Post(address, name, "{}");
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(effects, _effects[name]);
        Assert.Equal(effects == 1 ? 1L : 0L, await database.Ask<long>($"select count(*) from ops.idempotency_keys where key = '{name}'"));
    }

    [Fact]
    public async Task An_answer_over_a_megabyte_arrives_whole_and_is_not_kept()
    {
        using var first = await Post("/api/v1/large/l", "l", "{}");
        using var second = await Post("/api/v1/large/l", "l", "{}");
        Assert.Equal(1_100_001, (await first.Content.ReadAsByteArrayAsync(Ct)).Length);
        Assert.EndsWith("2", await second.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_events_is_passed_on_as_it_comes_and_not_kept()
    {
        using var request = Request("/api/v1/stream/s", "s", "{}", Somebody);
        using var answer = await _house.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.Equal("data: first", await reader.ReadLineAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Ct));
        _gate.Release();
        Assert.Contains("data: last", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
        _gate.Release();
        using var again = await PostUntilAnswered("/api/v1/stream/s", "s");
        Assert.Equal(2, _effects["s"]);
    }

    [Fact]
    public async Task An_attempt_whose_process_died_is_taken_over_after_two_minutes_and_can_no_longer_answer()
    {
        var db = database.Databases.For(TestDatabase.Ours, new Actor(Somebody, null, "test", "api"));
        var hash = new byte[32];
        var dead = (await IdempotencyStore.Begin(db, "dead", "/p", hash, Ct)).Attempt;
        Assert.NotNull(dead);
        Assert.Null((await IdempotencyStore.Begin(db, "dead", "/p", hash, Ct)).Attempt);
        await database.Execute("alter table ops.idempotency_keys disable trigger touch; update ops.idempotency_keys set updated_at = now() - interval '121 seconds' where key = 'dead'; alter table ops.idempotency_keys enable trigger touch");
        var next = (await IdempotencyStore.Begin(db, "dead", "/p", hash, Ct)).Attempt;
        Assert.NotNull(next);
        var answer = new KeptAnswer("text/plain", null, null, [1]);
        Assert.Equal(0, await IdempotencyStore.Keep(db, dead.Value, 200, answer, Ct));
        Assert.Equal(1, await IdempotencyStore.Keep(db, next.Value, 200, answer, Ct));
        Assert.Equal([1], (await IdempotencyStore.Begin(db, "dead", "/p", hash, Ct)).Answer?.Body);
    }

    [Fact]
    public async Task Kept_answers_go_after_a_day()
    {
        using var first = await Post("/api/v1/effect/day", "day", "{}");
        await database.Execute("update ops.idempotency_keys set expires_at = now() - interval '1 second' where key = 'day'");
        using var second = await Post("/api/v1/effect/day", "day", "{}");
        Assert.Equal(2, _effects["day"]);
        await database.Execute("update ops.idempotency_keys set expires_at = now() - interval '1 second' where key = 'day'");
        Assert.True(await IdempotencyStore.Sweep(database.Databases, Ct) >= 1);
        Assert.Equal(0L, await database.Ask<long>("select count(*) from ops.idempotency_keys where key = 'day'"));
    }

    [Fact]
    public async Task Large_bodies_are_compared_up_to_25_megabytes_and_refused_above()
    {
        var body = new string('x', 3_000_000);
        using var first = await Post("/api/v1/effect/bulk", "bulk", body);
        using var second = await Post("/api/v1/effect/bulk", "bulk", body);
        using var other = await Post("/api/v1/effect/bulk", "bulk", body[..^1] + "y");
        Assert.Equal((HttpStatusCode.Created, "true", HttpStatusCode.UnprocessableEntity),
            (first.StatusCode, second.Headers.GetValues("Idempotent-Replayed").Single(), other.StatusCode));
        Assert.Contains("3000000", await first.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var large = await Post("/api/v1/effect/bulk2", "bulk2", new string('x', 26 * 1024 * 1024 + 1));
        Assert.Equal((413, "idempotency_body_too_large"), await Code(large));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_home.Path, "tmp")));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData(null)]
    public async Task A_key_that_cannot_be_used_is_refused(string? key)
    {
        using var answer = await Post("/api/v1/effect/odd", key ?? new string('k', 256), "{}");
        Assert.Equal((400, "invalid_idempotency_key"), await Code(answer));
    }

    private int Effect(string name) => _effects.AddOrUpdate(name, 1, (_, count) => count + 1);

    private Task<HttpResponseMessage> Post(string path, string key, string body, Guid? user = null) => Send(path, key, body, user ?? Somebody, Ct);

    private async Task<HttpResponseMessage> Send(string path, string key, string body, Guid user, CancellationToken ct)
    {
        using var request = Request(path, key, body, user);
        return await _house.Client.SendAsync(request, ct);
    }

    private async Task<HttpResponseMessage> PostUntilAnswered(string path, string key)
    {
        while (true)
        {
            var answer = await Post(path, key, "{}");
            if (answer.StatusCode != HttpStatusCode.Conflict)
            {
                return answer;
            }

            answer.Dispose();
            await Task.Delay(20, Ct);
        }
    }

    private static HttpRequestMessage Request(string path, string key, string body, Guid user)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        request.Headers.Add("X-Test-User", user.ToString());
        return request;
    }

    private static async Task<(int, string?)> Code(HttpResponseMessage answer)
    {
        var (status, body) = await WebHouse.Read(answer);
        return (status, body.GetProperty("code").GetString());
    }
}
