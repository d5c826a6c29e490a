using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Npgsql;

namespace Lyceum.Bench.Scenarios;

/// <summary>B5: the product's BM25 against PostgreSQL's own full text search (GIN, ts_rank, any of the words) over the same texts and questions.</summary>
internal sealed class LexicalCost : Scenario
{
    private const int Size = 100_000, Queries = 100, Top = 10;
    private readonly string[] _questions = [.. Enumerable.Range(0, Queries).Select(n => Material.Question(new Random(n), 4 + (n % 5)))];
    private SearchableCollection _collection = null!; // set by Prepare, which comes first
    private House _house = null!; // likewise

    public override string Id => "B5";

    public override string Title => "BM25 over 100,000 chunks of 400 characters (k 10, 100 questions of 4 to 8 Zipf words) against GIN with ts_rank";

    public override IReadOnlyList<string> Systems { get; } = ["bm25", "bm25-again", "gin"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("p50 of GIN with ts_rank ÷ p50 of BM25", v => v["gin"] / v["bm25"], new Goal("≥ 10", AtLeast: 10)),
        new("p99 of GIN with ts_rank ÷ p99 of BM25", v => v["gin", "p99 ms"] / v["bm25", "p99 ms"], new Goal("≥ 10", AtLeast: 10)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["bm25-again"] / values["bm25"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        var collection = await _house.Collection(ct);
        var random = new Random(5);
        // What the vectors are does not matter here; short ones are loaded sooner.
        await _house.Fill(collection, [.. Enumerable.Range(0, Size).Select(_ => Material.Text(random, 400))], Material.Vectors(Size, 8, 5), 10, index: false, ct);
        await _house.Do("create table bench.fts as select id, fts from knowledge.chunks; create index on bench.fts using gin (fts); analyze bench.fts", ct);
        _collection = (await SearchStore.Collections(_house.Db, _house.Reader, [collection], ct)).Single();
    }

    public override async Task Run(Round round, CancellationToken ct)
    {
        var times = Systems.ToDictionary(s => s, _ => new List<double>());
        var hits = Systems.ToDictionary(s => s, _ => 0);
        foreach (var question in _questions)
        {
            foreach (var system in round.Order(Systems))
            {
                var watch = Stopwatch.StartNew();
                hits[system] += system == "gin"
                    ? await Gin(question, ct)
                    : (await SearchStore.Lexical(_house.Db, _collection, question, "en", Top, KnowledgeScope.All(_house.Reader), ct)).Count;
                times[system].Add(watch.Elapsed.TotalMilliseconds);
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

    private async Task<int> Gin(string question, CancellationToken ct)
    {
        await using var command = _house.Superuser.CreateCommand(
            """
            select f.id from bench.fts f, (select string_agg(quote_literal(w), ' | ')::tsquery as any_word from unnest(tsvector_to_array(to_tsvector('english', $1))) w) q
            where f.fts @@ q.any_word order by ts_rank(f.fts, q.any_word) desc limit 10
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = question });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var count = 0;
        while (await reader.ReadAsync(ct))
        {
            count++;
        }

        return count;
    }
}
