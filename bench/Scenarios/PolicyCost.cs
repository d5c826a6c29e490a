using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Bench.Scenarios;

/// <summary>B3: the product's vector search under row level security against the same statements as a superuser, in both tiers: exact and own index.</summary>
internal sealed class PolicyCost : Scenario
{
    private const int Queries = 200, Dimension = 384, Top = 10;
    private static readonly int[] Sizes = [4_000, 20_000];
    private readonly Dictionary<int, (SearchableCollection Collection, Guid[][] Truth)> _sets = [];
    private float[][] _queries = [];
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "B3";

    public override string Title => "vector search (k 10, 200 queries) with the policy in force against the same query as superuser";

    public override IReadOnlyList<string> Systems { get; } =
        [.. Sizes.SelectMany(size => new[] { $"policy {size}", $"superuser {size}", $"superuser-again {size}" })];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("exact tier (4,000 chunks): p50 with policy ÷ without", v => v["policy 4000"] / v["superuser 4000"], new Goal("≤ 1.10", AtMost: 1.10)),
        new("own HNSW index (20,000 chunks): p50 with policy ÷ without", v => v["policy 20000"] / v["superuser 20000"], new Goal("≤ 1.10", AtMost: 1.10)),
        new("own HNSW index: recall@10 against exact", v => v["policy 20000", "recall"], new Goal("≥ 0.99", AtLeast: 0.99)),
    ];

    public override int Rounds => 11;

    // Both tiers must be quiet.
    public override double Control(Values values) =>
        Sizes.Select(size => values[$"superuser-again {size}"] / values[$"superuser {size}"]).MaxBy(r => Math.Abs(Math.Log(r)));

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _queries = Material.Vectors(Queries, Dimension, 99);
        foreach (var size in Sizes)
        {
            var random = new Random(size);
            var collection = await _house.Collection(ct);
            await _house.Fill(collection, [.. Enumerable.Range(0, size).Select(_ => Material.Text(random, 60))], Material.Vectors(size, Dimension, size), 10, index: size > 5_000, ct);
            var found = (await SearchStore.Collections(_house.Db, _house.Reader, [collection], ct)).Single();
            var truth = new Guid[Queries][];
            for (var q = 0; q < Queries; q++)
            {
                truth[q] = [.. (await SearchStore.Nearest(_house.Db, found with { IndexName = null }, _queries[q], Top, null, ct)).Select(f => f.ChunkId)];
            }

            _sets[size] = (found, truth);
        }
    }

    // Query by query, every system in a new order: a slow moment of the machine hits all of them.
    public override async Task Run(Round round, CancellationToken ct)
    {
        var times = Systems.ToDictionary(s => s, _ => new List<double>());
        var right = Systems.ToDictionary(s => s, _ => 0);
        var (with, without) = (_house.Db, _house.DbWithoutPolicies);
        for (var q = 0; q < Queries; q++)
        {
            foreach (var system in round.Order(Systems))
            {
                var (collection, truth) = _sets[int.Parse(system.Split(' ')[1])];
                Db db = system.StartsWith("policy", StringComparison.Ordinal) ? with : without;
                var watch = Stopwatch.StartNew();
                var hits = await SearchStore.Nearest(db, collection, _queries[q], Top, null, ct);
                times[system].Add(watch.Elapsed.TotalMilliseconds);
                right[system] += hits.Count(h => truth[q].Contains(h.ChunkId));
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "p50 ms", Interval.Quantile(times[system], 0.5));
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
