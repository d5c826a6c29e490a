using System.Diagnostics;
using System.Net.Http.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>A5: texts that were sent before are sent again with one in a hundred changed, against sending them all for the first time.</summary>
internal sealed class Reingest : Scenario
{
    private const int Texts = 2000, Characters = 800, OneIn = 100;
    private readonly Random _random = new(5);
    private Wire _wire = null!; // set by Prepare, which comes first

    public override string Id => "A5";

    public override string Title => "2,000 texts sent again with 1 % of them changed, until searchable, against the first time";

    public override IReadOnlyList<string> Systems { get; } = ["first", "again", "again-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("seconds again ÷ seconds the first time", v => v["again"] / v["first"], new Goal("≤ 0.03", AtMost: 0.03)),
        new("texts embedded again that had not changed", v => v["again", "embedded"] - (Texts / OneIn), new Goal("0", AtMost: 0)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["again-again"] / values["again"];

    public override async Task Prepare(CancellationToken ct)
    {
        _wire = await Wire.Open(ct);
        var model = await _wire.Model("embeddings", "bench-embed", ct);
        await Wire.Json(await _wire.Http.PutAsJsonAsync("/api/v1/models/defaults/embedding", new { modelId = model }, ct), ct);
    }

    // In this order: the same texts, twice changed a little.
    public override async Task Run(Round round, CancellationToken ct)
    {
        var made = await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Bench {Guid.NewGuid()}" }, ct), ct);
        var collection = made.GetProperty("id").GetGuid();
        string[] texts = [.. Enumerable.Range(0, Texts).Select(_ => Material.Text(_random, Characters))];
        foreach (var system in Systems)
        {
            for (var n = 0; n < Texts && system != "first"; n += OneIn)
            {
                texts[n] = Material.Text(_random, Characters);
            }

            var before = await Revisions();
            var watch = Stopwatch.StartNew();
            foreach (var batch in texts.Select((text, n) => new { externalId = $"text-{n}", title = $"Text {n}", text }).Chunk(1000))
            {
                await Wire.Json(await _wire.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items = batch }, ct), ct);
            }

            while (await Wire.Json(await _wire.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", ct), ct) is var now
                && (now.GetProperty("pendingCount").GetInt32() > 0 || now.GetProperty("documentCount").GetInt32() < Texts))
            {
                if (now.GetProperty("failedCount").GetInt32() > 0 || watch.Elapsed > TimeSpan.FromMinutes(3))
                {
                    throw new InvalidOperationException($"The texts were not indexed: {now}");
                }

                await Task.Delay(10, ct);
            }

            round.Sample(system, "seconds", watch.Elapsed.TotalSeconds);
            round.Beside(system, "embedded", await Revisions() - before);
        }

        // Each text that is embedded gets a revision first.
        Task<long> Revisions() => BenchDatabase.Ask<long>($"select count(*) from knowledge.document_revisions r join knowledge.documents d on d.id = r.document_id where d.collection_id = '{collection}'", ct);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }
}
