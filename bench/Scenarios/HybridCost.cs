using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Models;

namespace Lyceum.Bench.Scenarios;

/// <summary>B4: a whole hybrid search (embedding the question, both legs, fusion, permission, log) against the slower of its two strategies alone.</summary>
internal sealed class HybridCost : Scenario
{
    private const int Size = 10_000, Queries = 200;
    private readonly string[] _questions = [.. Enumerable.Range(0, Queries).Select(n => Material.Question(new Random(n), 4 + (n % 5)))];
    private Guid _collection;
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "B4";

    public override string Title => "hybrid search over 10,000 chunks (built-in embedder, own HNSW index, 200 questions of 4 to 8 Zipf words) against its slower leg";

    public override IReadOnlyList<string> Systems { get; } = ["hybrid", "vector", "lexical", "hybrid-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("p50 hybrid ÷ slower leg alone", v => v["hybrid"] / Math.Max(v["vector"], v["lexical"]), new Goal("≤ 1.20", AtMost: 1.20)),
    ];

    public override double Control(Values values) => values["hybrid-again"] / values["hybrid"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _collection = await _house.Collection(ct);
        var random = new Random(4);
        string[] texts = [.. Enumerable.Range(0, Size).Select(_ => Material.Text(random, 400))];
        var model = await _house.Get<ModelDirectory>().Default(_house.Db, "embedding", ct);
        var vectors = new List<float[]>();
        foreach (var part in texts.Chunk(512))
        {
            vectors.AddRange(await _house.Get<ModelCalls>().Embed(_house.Db, model, part, asQuery: false, new CallContext("system", $"bench:{vectors.Count}"), ct));
        }

        await _house.Fill(_collection, texts, vectors, 10, index: true, ct);
    }

    public override async Task Run(Round round, CancellationToken ct)
    {
        var times = Systems.ToDictionary(s => s, _ => new List<double>());
        var hits = Systems.ToDictionary(s => s, _ => 0);
        var search = _house.Get<KnowledgeSearch>();
        foreach (var question in _questions)
        {
            foreach (var system in round.Order(Systems))
            {
                var request = new SearchRequest(question, [_collection], 10, system.Replace("-again", "", StringComparison.Ordinal));
                var watch = Stopwatch.StartNew();
                var answer = await search.Search(_house.Db, _house.Reader, request, new SearchOrigin("api"), ct);
                times[system].Add(watch.Elapsed.TotalMilliseconds);
                hits[system] += answer.Hits.Count;
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "p50 ms", Interval.Quantile(times[system], 0.5));
            round.Beside(system, "p99 ms", Interval.Quantile(times[system], 0.99));
            round.Beside(system, "hits per question", hits[system] / (double)Queries);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }
}
