using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// B1 and B2: vector search under document rights, from 70 to 200,000 chunks, for readers who may see all of a collection, a tenth, a hundredth or a thousandth of it,
/// spread or all about one subject. As the product decides, and both ways it decides between: comparing all that is allowed, and walking the set's index.
/// </summary>
internal sealed class FilteredNearest : Scenario
{
    private const int Queries = 15, Dimension = 384, Top = 10, PerDocument = 10;
    private static readonly int[] Sizes = [70, 500, 3_500, 26_000, 200_000];
    private static readonly (string Name, double Share, bool Near)[] Readers =
        [("all", 1, false), ("tenth", 0.1, false), ("tenth near", 0.1, true), ("hundredth", 0.01, false), ("hundredth near", 0.01, true), ("thousandth", 0.001, false), ("thousandth near", 0.001, true)];

    private readonly Dictionary<string, Guid> _teams = Readers.ToDictionary(r => r.Name, _ => Guid.CreateVersion7());
    private readonly Dictionary<(int, string), (SearchableCollection Collection, KnowledgeScope Scope, Guid[][] Truth)> _cells = [];
    private float[][] _queries = [];
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "B1";

    public override string Title => "vector search under document rights (k 10): 70 to 200,000 chunks of 384 numbers, readers of 1, 0.1, 0.01 and 0.001 of them, spread and of one subject";

    public override IReadOnlyList<string> Systems { get; } = ["product", "exact", "index", "product-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("B1: recall@10 in the worst cell", v => v["product", "worst recall"], new Goal("≥ 0.99", AtLeast: 0.99)),
        new("B1: answers shorter than they could be", v => v["product", "short answers"], new Goal("0", AtMost: 0)),
        new("B2: p50 ÷ the better way's with recall ≥ 0.99, median cell", v => v["product", "median regret"], new Goal("≤ 1.25", AtMost: 1.25)),
        new("B2: the same in the worst cell", v => v["product", "worst regret"], new Goal("≤ 2.0", AtMost: 2.0)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["product-again"] / values["product"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _queries = Material.Vectors(Queries, Dimension, 99);
        await _house.Do(string.Join("\n", _teams.Select(t => $"insert into iam.teams (tenant_id, id, name, slug) values ('{_house.Tenant}', '{t.Value}', '{t.Key}', '{t.Key.Replace(' ', '-')}');")), ct);
        foreach (var size in Sizes)
        {
            var random = new Random(size);
            var collection = await _house.Collection(ct);
            // A run of documents is about one subject: those near to the first question lie at the end.
            float[][] vectors = [.. Material.Vectors(size, Dimension, size).OrderBy(v => Dot(v, _queries[0]))];
            await _house.Fill(collection, [.. Enumerable.Range(0, size).Select(_ => Material.Text(random, 60))], vectors, PerDocument, index: size > 5_000, ct);
            var documents = await _house.Db.Many($"select d.id from knowledge.documents d where d.collection_id = {collection} order by substr(d.external_id, 5)::int", row => row.Get<Guid>(), ct);
            await _house.Do($"update knowledge.documents set access = 'restricted', uploaded_by = null where collection_id = '{collection}'", ct);
            foreach (var (name, share, near) in Readers)
            {
                var count = Math.Max(1, (int)(documents.Count * share));
                IEnumerable<Guid> part = near ? documents.Skip(random.Next(documents.Count - count + 1)).Take(count) : documents.OrderBy(_ => random.Next()).Take(count).ToList();
                await _house.Do($"""
                    insert into knowledge.document_acl (tenant_id, id, document_id, principal_type, principal)
                    select '{_house.Tenant}', gen_random_uuid(), d, 'group', '{_teams[name]}' from unnest('{"{"}{string.Join(',', part)}{"}"}'::uuid[]) d
                    """, ct);
            }
        }

        await _house.Do("vacuum analyze", ct);
        foreach (var size in Sizes)
        {
            var collection = await _house.Db.One($"select k.collection_id from knowledge.chunks k group by 1 having count(*) = {size}", row => row.Get<Guid>(), ct);
            foreach (var (name, _, _) in Readers)
            {
                var reader = new Reader(Guid.CreateVersion7(), [_teams[name]]);
                var found = (await SearchStore.Collections(_house.Db, reader, [collection], ct)).Single();
                var scope = KnowledgeScope.All(reader);
                var truth = new Guid[Queries][];
                for (var q = 0; q < Queries; q++)
                {
                    truth[q] = [.. (await SearchStore.Exactly(_house.Db, found, _queries[q], Top, scope, ct)).Select(f => f.ChunkId)];
                }

                _cells[(size, name)] = (found, scope, truth);
            }
        }
    }

    // Query by query, every system in a new order: a slow moment of the machine hits all of them.
    public override async Task Run(Round round, CancellationToken ct)
    {
        var (worst, shorter, regrets) = (Systems.ToDictionary(s => s, _ => 1.0), Systems.ToDictionary(s => s, _ => 0), new List<double>());
        var all = Systems.ToDictionary(s => s, _ => new List<double>());
        foreach (var ((size, name), (collection, scope, truth)) in _cells)
        {
            var times = Systems.ToDictionary(s => s, _ => new List<double>());
            var right = Systems.ToDictionary(s => s, _ => 0);
            for (var q = 0; q < Queries; q++)
            {
                foreach (var system in round.Order(Systems).Where(s => s != "index" || collection.IndexName is not null))
                {
                    var watch = Stopwatch.StartNew();
                    var hits = system switch
                    {
                        "exact" => await SearchStore.Exactly(_house.Db, collection, _queries[q], Top, scope, ct),
                        "index" => await SearchStore.Walked(_house.Db, collection, _queries[q], Top, scope, ct),
                        _ => await SearchStore.Nearest(_house.Db, collection, _queries[q], Top, scope, ct),
                    };
                    times[system].Add(watch.Elapsed.TotalMilliseconds);
                    right[system] += hits.Count(h => truth[q].Contains(h.ChunkId));
                    shorter[system] += hits.Count < truth[q].Length ? 1 : 0;
                }
            }

            var wanted = (double)truth.Sum(t => t.Length);
            var best = double.MaxValue;
            foreach (var system in Systems.Where(s => times[s].Count > 0))
            {
                var recall = right[system] / wanted;
                worst[system] = Math.Min(worst[system], recall);
                var p50 = Interval.Quantile(times[system], 0.5);
                all[system].Add(p50);
                best = system is "exact" or "index" && recall >= 0.99 ? Math.Min(best, p50) : best;
                round.Beside($"{system} {size} {name}", "p50 ms", p50);
                round.Beside($"{system} {size} {name}", "recall", recall);
            }

            regrets.Add(Interval.Quantile(times["product"], 0.5) / best);
            round.Beside($"product {size} {name}", "regret", regrets[^1]);
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "sum of p50 ms", all[system].Sum());
            round.Beside(system, "worst recall", worst[system]);
            round.Beside(system, "short answers", shorter[system]);
        }

        round.Beside("product", "median regret", Interval.Quantile(regrets, 0.5));
        round.Beside("product", "worst regret", regrets.Max());
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }

    private static double Dot(float[] a, float[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
