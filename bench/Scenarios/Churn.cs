using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// B9: a collection of which half was replaced while its index stood, and which was vacuumed since, against one with an index that was built anew; both hold vectors of the
/// same kind. And B8: what is asked for in the moment a deletion is acknowledged has nothing of it.
/// </summary>
internal sealed class Churn : Scenario
{
    private const int Size = 20_000, Dimension = 384, Top = 10, Queries = 100, PerDocument = 10;
    private readonly Dictionary<string, (SearchableCollection Collection, Guid[][] Truth)> _shelves = [];
    private float[][] _vectors = [];
    private double _stale;
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "B9";

    public override string Title => "vector search in 20,000 chunks after half of them were replaced and vacuumed, against an index built anew; B8: found after its deletion was acknowledged";

    public override IReadOnlyList<string> Systems { get; } = ["fresh", "fresh-again", "churned"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("B9: recall@10 lost by churn", v => v["fresh", "recall"] - v["churned", "recall"], new Goal("≤ 0.005", AtMost: 0.005)),
        new("B9: p50 churned ÷ fresh", v => v["churned"] / v["fresh"], new Goal("≤ 1.3", AtMost: 1.3)),
        new("B8: chunks found after their deletion was acknowledged, of 2,000 searches", v => v["churned", "stale"], new Goal("0", AtMost: 0)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["fresh-again"] / values["fresh"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _vectors = Material.Vectors(Queries, Dimension, 99);
        var first = Material.Vectors(Size, Dimension, 1);
        var second = Material.Vectors(Size / 2, Dimension, 2);
        var churned = await Filled(first);
        var collection = (await SearchStore.Collections(_house.Db, _house.Reader, [churned], ct)).Single();
        var documents = await _house.Db.Many($"select id from knowledge.documents where collection_id = {churned} order by substr(external_id, 5)::int desc", row => row.Get<Guid>(), ct);
        var replaced = documents.Take(documents.Count / 2).ToList();
        for (var n = 0; n < replaced.Count; n++)
        {
            await _house.Db.Atomically(unit => RemovalStore.Remove(unit, churned, [replaced[n]], ct), ct);
            for (var look = 0; look < 2; look++)
            {
                var found = await SearchStore.Nearest(_house.Db, collection, first[Size - 1 - (n * PerDocument) - look], Top, null, ct);
                _stale += await _house.Db.One($"select count(*)::int from knowledge.chunks where id = any ({found.Select(f => f.ChunkId).ToArray()})", row => row.Get<int>(), ct) < found.Count ? 1 : 0;
            }
        }

        await Add(churned, second, Size / 2);
        await _house.Do("vacuum analyze", ct);
        var fresh = await Filled([.. first.Take(Size / 2), .. second]);
        foreach (var (system, id) in new[] { ("fresh", fresh), ("fresh-again", fresh), ("churned", churned) })
        {
            var shelf = (await SearchStore.Collections(_house.Db, _house.Reader, [id], ct)).Single();
            var truth = new Guid[Queries][];
            for (var q = 0; q < Queries; q++)
            {
                truth[q] = [.. (await SearchStore.Exactly(_house.Db, shelf, _vectors[q], Top, null, ct)).Select(f => f.ChunkId)];
            }

            _shelves[system] = (shelf, truth);
        }

        async Task<Guid> Filled(float[][] vectors)
        {
            var id = await _house.Collection(ct);
            await _house.Fill(id, Texts(vectors.Length), vectors, PerDocument, index: true, ct);
            return id;
        }

        async Task Add(Guid id, float[][] vectors, int from)
        {
            var texts = Texts(vectors.Length);
            foreach (var part in Enumerable.Range(0, vectors.Length).Chunk(2000))
            {
                await _house.Db.Atomically(async unit =>
                {
                    var taken = await _house.Take(unit, id, [.. part.Chunk(PerDocument).Select(c => $"new-{from + c[0]}")], ct);
                    await Publication.Stage(unit, part.Select((n, i) => House.Chunk(taken[i / PerDocument], i % PerDocument, texts[n], vectors[n])), ct);
                    await Publication.Publish(unit, id, "cosine", ct);
                }, ct);
            }
        }

        static string[] Texts(int count)
        {
            var random = new Random(count);
            return [.. Enumerable.Range(0, count).Select(_ => Material.Text(random, 60))];
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
                var hits = await SearchStore.Nearest(_house.Db, collection, _vectors[q], Top, null, ct);
                times[system].Add(watch.Elapsed.TotalMilliseconds);
                right[system] += hits.Count(h => truth[q].Contains(h.ChunkId));
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "p50 ms", Interval.Quantile(times[system], 0.5));
            round.Beside(system, "recall", right[system] / (double)(Queries * Top));
        }

        round.Beside("churned", "stale", _stale);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }
}
