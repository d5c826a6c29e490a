using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;

namespace Lyceum.Bench.Scenarios;

/// <summary>G4: vector search in a collection of 200,000 chunks against one of 10,000, both with an index of their own.</summary>
internal sealed class OneGrows : Scenario
{
    private const int Small = 10_000, Large = 200_000, Dimension = 384, Top = 10, Queries = 100;
    private readonly Dictionary<string, (SearchableCollection Collection, Guid[][] Truth)> _shelves = [];
    private float[][] _vectors = [];
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "G4";

    public override string Title => "vector search (k 10, 100 queries) in 200,000 chunks of 384 numbers against 10,000";

    public override IReadOnlyList<string> Systems { get; } = ["small", "small-again", "large"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("p50 in 200,000 ÷ p50 in 10,000", v => v["large"] / v["small"], new Goal("≤ 3", AtMost: 3)),
        new("recall@10 in 200,000", v => v["large", "recall"], new Goal("≥ 0.99", AtLeast: 0.99)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["small-again"] / values["small"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _vectors = Material.Vectors(Queries, Dimension, 99);
        foreach (var (system, size) in new[] { ("small", Small), ("large", Large) })
        {
            var random = new Random(size);
            var id = await _house.Collection(ct);
            await _house.Fill(id, [.. Enumerable.Range(0, size).Select(_ => Material.Text(random, 60))], Material.Vectors(size, Dimension, size), 10, index: true, ct);
            var collection = (await SearchStore.Collections(_house.Db, _house.Reader, [id], ct)).Single();
            var truth = new Guid[Queries][];
            for (var q = 0; q < Queries; q++)
            {
                truth[q] = [.. (await SearchStore.Exactly(_house.Db, collection, _vectors[q], Top, null, ct)).Select(f => f.ChunkId)];
            }

            _shelves[system] = (collection, truth);
        }

        _shelves["small-again"] = _shelves["small"];
    }

    public override async Task Run(Round round, CancellationToken ct)
    {
        var times = Systems.ToDictionary(s => s, _ => new List<double>());
        var right = Systems.ToDictionary(s => s, _ => 0);
        for (var q = 0; q < Queries; q++)
        {
            foreach (var system in round.Order(Systems))
            {
                var (collection, truth) = _shelves[system];
                var watch = Stopwatch.StartNew();
                var hits = await SearchStore.Nearest(_house.Db, collection, _vectors[q], Top, null, ct);
                times[system].Add(watch.Elapsed.TotalMilliseconds);
                right[system] += hits.Count(h => truth[q].Contains(h.ChunkId));
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "p50 ms", Interval.Quantile(times[system], 0.5));
            round.Beside(system, "p99 ms", Interval.Quantile(times[system], 0.99));
            round.Beside(system, "recall", right[system] / (double)(Queries * Top));
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
