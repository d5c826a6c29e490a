using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Journeys.Tests.Cli;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Journeys.Tests.Survival;

/// <summary>An installation that runs, a model that answers slowly, and a client that is let in.</summary>
public sealed class RunningHouse : IAsyncLifetime
{
    public const int Words = 300;
    private StubServer _stub = null!; // set by InitializeAsync, which xunit calls first

    public Installation Installation { get; } = new();

    public HttpClient Http { get; private set; } = null!; // so is this

    public Guid Model { get; private set; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async Task Start()
    {
        var started = await Installation.Run("run", ["--detach"], Ct);
        Assert.True(started.Code == 0, started.ToString());
    }

    public async Task<JsonElement> Post(string path, object body) => await Json(await Http.PostAsJsonAsync(path, body, Ct));

    public async Task<JsonElement> Get(string path) => await Json(await Http.GetAsync(path, Ct));

    private static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public async ValueTask InitializeAsync()
    {
        _stub = await StubServer.Start();
        await Start();
        var profile = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Installation.Home, "profile.json"), Ct)).RootElement;
        Http = new HttpClient
        {
            BaseAddress = new Uri(Installation.Url, "/api/v1/"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", profile.GetProperty("apiKey").GetString()) },
        };
        _stub.Script.ForModel("slow", new StubBehaviour { Tokens = Words, TokenDelayMs = 15 });
        var provider = (await Get("models/providers")).GetProperty("data").EnumerateArray().First(p => p.GetProperty("kind").GetString() == "openai_compatible").GetProperty("id").GetGuid();
        Model = (await Post("models/models", new { providerId = provider, modelType = "llm", name = "slow", baseUrl = _stub.OpenAiUrl, contextSize = 8192, maxCompletionTokens = 2000 })).GetProperty("id").GetGuid();
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await Installation.DisposeAsync();
        await _stub.DisposeAsync();
    }
}
