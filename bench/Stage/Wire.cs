using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Lyceum.Bench.Stage;

/// <summary>The product and a model provider as processes of their own, and what a client says to them.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private Wire(Child provider, Child product, HttpClient http) => (Provider, Product, Http) = (provider, product, http);

    public Child Provider { get; }

    public Child Product { get; }

    /// <summary>A client of the product with the administrator's key.</summary>
    public HttpClient Http { get; }

    public static string Key()
    {
        using var profile = JsonDocument.Parse(File.ReadAllText(BenchDatabase.Settings()["LYCEUM_PROFILE_FILE"]!)); // Settings has it
        return profile.RootElement.GetProperty("apiKey").GetString()!; // the server wrote it
    }

    public static async Task<Wire> Open(CancellationToken ct)
    {
        await BenchDatabase.Make(ct);
        var provider = await Child.Floor(ct, "stub");
        var product = await Child.Product(BenchDatabase.Settings(), ct);
        return new Wire(provider, product, product.Client(Key()));
    }

    /// <summary>Registers a model that the provider's process answers for.</summary>
    public async Task<Guid> Model(string type, string name, CancellationToken ct)
    {
        var providers = await Json(await Http.GetAsync("/api/v1/models/providers", ct), ct);
        var kind = providers.GetProperty("data").EnumerateArray().First(p => p.GetProperty("kind").GetString() == "openai_compatible");
        object model = type == "llm"
            ? new { providerId = kind.GetProperty("id").GetGuid(), modelType = type, name, baseUrl = Provider.Address + "/v1", contextSize = 8192, maxCompletionTokens = 1024 }
            : new { providerId = kind.GetProperty("id").GetGuid(), modelType = type, name, baseUrl = Provider.Address + "/v1", dimension = 384 };
        return (await Json(await Http.PostAsJsonAsync("/api/v1/models/models", model, ct), ct)).GetProperty("id").GetGuid();
    }

    public static async Task<JsonElement> Json(HttpResponseMessage response, CancellationToken ct)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(ct);
            return response.IsSuccessStatusCode
                ? JsonDocument.Parse(body).RootElement
                : throw new InvalidOperationException($"{response.RequestMessage?.RequestUri?.AbsolutePath} answered {(int)response.StatusCode}: {body}");
        }
    }

    /// <summary>Asks for a streamed completion and reads it to its end. Milliseconds until the first word.</summary>
    public static async Task<double> FirstWord(HttpClient client, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{client.BaseAddress} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(ct)}");
        }

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        double first = 0;
        var words = 0;
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            if (line.Contains("\"content\":\"", StringComparison.Ordinal) && !line.Contains("\"content\":\"\"", StringComparison.Ordinal))
            {
                first = first == 0 ? watch.Elapsed.TotalMilliseconds : first;
                words++;
            }
        }

        return words == 8 ? first : throw new InvalidOperationException($"{client.BaseAddress} gave {words} of 8 pieces.");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Product.DisposeAsync();
        await Provider.DisposeAsync();
        await BenchDatabase.Drop(CancellationToken.None);
    }

    // About 2 KB of prompt.
    private static readonly string Body = JsonSerializer.Serialize(new
    {
        model = "bench-chat",
        stream = true,
        messages = new[] { new { role = "system", content = Material.Text(new Random(2), 2000) }, new { role = "user", content = "Say eight words." } },
    });
}
