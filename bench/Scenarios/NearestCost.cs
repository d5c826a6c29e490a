using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;

namespace Lyceum.Bench.Scenarios;

/// <summary>The same questions to several collections in one run: how long the nearest take, and how many of them are found.</summary>
internal abstract class NearestCost : Scenario
{
    protected const int Dimension = 384, Top = 10;
    private const int Queries = 100;
    private readonly Dictionary<string, (SearchableCollection Collection, Guid[][] Truth)> _shelves = [];
    private float[][] _vectors = [];

    public override int Rounds => 7;

    protected House House { get; private set; } = null!; // set by Prepare, which comes first

    public override async Task Prepare(CancellationToken ct)
    {
        House = await House.Open(ct);
        _vectors = Material.Vectors(Queries, Dimension, 99);
        foreach (var (system, collection) in await Fill(ct))
        {
            var found = (await SearchStore.Collections(House.Db, House.Reader, [collection], ct)).Single();
            var truth = new Guid[Queries][];
            for (var q = 0; q < Queries; q++)
            {
                truth[q] = [.. (await SearchStore.Exactly(House.Db, found, _vectors[q], Top, null, ct)).Select(f => f.ChunkId)];
            }

            _shelves[system] = (found, truth);
        }
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
                var hits = await SearchStore.Nearest(House.Db, collection, _vectors[q], Top, null, ct);
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
        if (House is not null)
        {
            await House.DisposeAsync();
        }
    }

    /// <summary>Makes the collections; each system is measured in the one it names.</summary>
    protected abstract Task<IReadOnlyList<(string System, Guid Collection)>> Fill(CancellationToken ct);

    /// <summary>A collection with these vectors under short texts, ten a document, and an index of its own.</summary>
    protected async Task<Guid> Filled(float[][] vectors, CancellationToken ct)
    {
        var id = await House.Collection(ct);
        await House.Fill(id, Texts(vectors.Length), vectors, 10, index: true, ct);
        return id;
    }

    protected static string[] Texts(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => Material.Text(random, 60))];
    }
}
