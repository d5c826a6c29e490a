using System.Diagnostics;
using System.Net.Http.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>A4: texts through the API until they are searchable, with an embedder that takes 2 ms a call: split, embed, publish. Tokens as the product counts them.</summary>
internal sealed class WholePipeline : Scenario
{
    private const int Texts = 1000, Characters = 1600;
    private readonly Random _random = new(4);
    private Wire _wire = null!; // set by Prepare, which comes first

    public override string Id => "A4";

    public override string Title => "1,000 texts of 1,600 characters from POST to searchable, embedder of 2 ms a batch of 64";

    public override IReadOnlyList<string> Systems { get; } = ["product", "product-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("tokens/s", v => v["product"], new Goal("≥ 200,000", AtLeast: 200_000)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["product-again"] / values["product"];

    public override async Task Prepare(CancellationToken ct)
    {
        _wire = await Wire.Open(ct);
        var model = await _wire.Model("embeddings", "bench-embed", ct);
        await Wire.Json(await _wire.Http.PutAsJsonAsync("/api/v1/models/defaults/embedding", new { modelId = model }, ct), ct);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        var made = await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Bench {Guid.NewGuid()}" }, ct), ct);
        var path = $"/api/v1/knowledge/collections/{made.GetProperty("id").GetGuid()}";

        // New ones each time: what was embedded before comes from the cache.
        object[] items = [.. Enumerable.Range(0, Texts).Select(n => new { externalId = $"text-{n}", title = $"Text {n}", text = Material.Text(_random, Characters) })];
        var watch = Stopwatch.StartNew();
        await Wire.Json(await _wire.Http.PostAsJsonAsync(path + "/texts", new { items }, ct), ct);
        var taken = watch.Elapsed.TotalSeconds;
        while (true)
        {
            var now = await Wire.Json(await _wire.Http.GetAsync(path, ct), ct);
            if (now.GetProperty("failedCount").GetInt32() > 0 || watch.Elapsed > TimeSpan.FromMinutes(3))
            {
                throw new InvalidOperationException($"The texts were not indexed: {now}");
            }

            if (now.GetProperty("documentCount").GetInt32() == Texts)
            {
                var seconds = watch.Elapsed.TotalSeconds;
                round.Sample(system, "tokens/s", now.GetProperty("tokenCount").GetInt64() / seconds);
                round.Beside(system, "seconds to accept", taken);
                round.Beside(system, "seconds in all", seconds);
                round.Beside(system, "chunks", now.GetProperty("chunkCount").GetInt32());
                break;
            }

            await Task.Delay(25, ct);
        }
    }
}
