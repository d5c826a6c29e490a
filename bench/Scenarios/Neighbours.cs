using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Bench.Scenarios;

/// <summary>What other tenants have: how many of them, and how many chunks each.</summary>
internal sealed record Crowd(int Tenants, int ChunksEach);

/// <summary>
/// G1 and G3: what one tenant with 3,500 chunks notices of the others. Two databases that differ in nothing but the others, measured in the same run: vector search,
/// search by words, a read and a write of a collection, and the memory of a connection that did all that. The others' vectors are copies of this tenant's own, which is
/// also the hardest case of R6 (trust.md): answers must be the same in both databases, and the time no sign of what others have.
/// </summary>
internal sealed class Neighbours(string id, string title, Crowd few, Crowd many) : Scenario
{
    private const int Mine = 3_500, Dimension = 384, Top = 10, Queries = 100;
    private static readonly string[] Acts = ["vector", "words", "read", "write"];
    private readonly string[] _questions = [.. Enumerable.Range(0, Queries).Select(n => Material.Question(new Random(n), 5))];
    private float[][] _vectors = [];
    private Dictionary<string, Db> _dbs = [];
    private Dictionary<string, SearchableCollection> _collections = [];
    private House _house = null!; // set by Prepare, which comes first
    private OtherDatabase _other = null!; // likewise

    public override string Id => id;

    public override string Title => title;

    public override IReadOnlyList<string> Systems { get; } = ["few", "few-again", "many"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("p50 of vector search, many ÷ few", v => v["many", "vector p50 ms"] / v["few", "vector p50 ms"], new Goal(id == "G1" ? "≤ 1.10" : "≤ 1.15", AtMost: id == "G1" ? 1.10 : 1.15)),
        new("p50 of search by words, many ÷ few", v => v["many", "words p50 ms"] / v["few", "words p50 ms"], new Goal(id == "G1" ? "≤ 1.10" : "≤ 1.15", AtMost: id == "G1" ? 1.10 : 1.15)),
        .. id != "G1" ? Array.Empty<Bar>() :
        [
            new("p50 of a read and a write, many ÷ few", v => (v["many", "read p50 ms"] + v["many", "write p50 ms"]) / (v["few", "read p50 ms"] + v["few", "write p50 ms"]), new Goal("≤ 1.10", AtMost: 1.10)),
            new("memory of a connection, many ÷ few", v => v["many", "MB of a connection"] / v["few", "MB of a connection"], new Goal("≤ 1.2", AtMost: 1.2)),
        ],
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["few-again"] / values["few"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _vectors = Material.Vectors(Queries, Dimension, 99);
        var mine = await Filled(Mine, 3);
        Dictionary<Crowd, Guid> bases = [];
        foreach (var crowd in new[] { few, many })
        {
            bases[crowd] = await Filled(crowd.ChunksEach, 3); // the same vectors as mine: the nearest neighbours that there can be
        }

        _other = await _house.Copy(ct);
        await House.Crowd(_other.Superuser, bases[few], few.Tenants, ct);
        await House.Crowd(_house.Superuser, bases[many], many.Tenants, ct);
        await _house.Do("checkpoint", ct);
        _dbs = new() { ["few"] = _other.For(_house), ["few-again"] = _other.For(_house), ["many"] = _house.Db };
        foreach (var (system, db) in _dbs)
        {
            _collections[system] = (await SearchStore.Collections(db, _house.Reader, [mine], ct)).Single();
        }

        async Task<Guid> Filled(int size, int seed)
        {
            var collection = await _house.Collection(ct);
            var random = new Random(seed);
            await _house.Fill(collection, [.. Enumerable.Range(0, size).Select(_ => Material.Text(random, 200))], Material.Vectors(size, Dimension, seed), 10, index: false, ct);
            return collection;
        }
    }

    public override async Task Run(Round round, CancellationToken ct)
    {
        var times = Systems.ToDictionary(s => s, _ => Acts.ToDictionary(a => a, _ => new List<double>()));
        for (var q = 0; q < Queries; q++)
        {
            var found = new Dictionary<string, IReadOnlyList<Found>>();
            foreach (var system in round.Order(Systems))
            {
                var (db, collection, scope) = (_dbs[system], _collections[system], KnowledgeScope.All(_house.Reader));
                foreach (var act in Acts)
                {
                    var watch = Stopwatch.StartNew();
                    switch (act)
                    {
                        case "vector":
                            found[system] = await SearchStore.Nearest(db, collection, _vectors[q], Top, scope, ct);
                            break;
                        case "words":
                            await SearchStore.Lexical(db, collection, _questions[q], "en", Top, scope, ct);
                            break;
                        case "read":
                            await new CollectionStore(db).Find(_house.Reader, collection.Id, ct);
                            break;
                        default:
                            await db.Run($"update knowledge.collections set description = {$"Round {round.Number}, {q}"} where id = {collection.Id}", ct);
                            break;
                    }

                    times[system][act].Add(watch.Elapsed.TotalMilliseconds);
                }
            }

            // R6 of trust.md: the others change neither what is found nor how much.
            if (found.Values.Any(f => !f.SequenceEqual(found["few"])))
            {
                throw new InvalidOperationException("What others have changed what was found.");
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "sum of p50 ms", times[system].Values.Sum(t => Interval.Quantile(t, 0.5)));
            foreach (var (act, all) in times[system])
            {
                round.Beside(system, $"{act} p50 ms", Interval.Quantile(all, 0.5));
            }

            var backend = await _dbs[system].One($"select pg_backend_pid()", row => row.Get<int>(), ct);
            round.Beside(system, "MB of a connection", double.Parse((await File.ReadAllLinesAsync($"/proc/{backend}/status", ct)).First(l => l.StartsWith("RssAnon", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }
}
