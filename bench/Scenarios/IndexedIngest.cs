using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Bench.Scenarios;

/// <summary>A2: from chunks that are embedded to an index that is ready to search, against COPY into a bare table and the same index built concurrently.</summary>
internal sealed class IndexedIngest : ReadyRows
{
    private const int Few = 4_000;

    public override string Id => "A2";

    public override string Title => "20,000 ready chunks until their own HNSW index is searched, against COPY and CREATE INDEX CONCURRENTLY; 4,000, which need none, until searchable";

    public override IReadOnlyList<string> Systems { get; } = ["product", "copy and index", "copy and index again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("seconds ÷ COPY and CREATE INDEX", v => v["product"] / v["copy and index"], new Goal("≤ 1.15", AtMost: 1.15)),
        new("seconds from the last batch of 4,000 until it is found", v => v["product", "seconds until 4,000 are searchable"], new Goal("≤ 1", AtMost: 1)),
    ];

    public override double Control(Values values) => values["copy and index again"] / values["copy and index"];

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        if (system != "product")
        {
            await House.Do("drop index if exists bench.nearest; truncate bench.chunks; checkpoint", ct);
            var bare = Stopwatch.StartNew();
            await Copy(ct);
            await House.Do($"set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0", ct);
            await House.Do($"create index concurrently nearest on bench.chunks using hnsw ((embedding::halfvec({Dimension})) halfvec_cosine_ops) with (m = 16, ef_construction = 64)", ct);
            round.Sample(system, "seconds", bare.Elapsed.TotalSeconds);
            return;
        }

        await Clear(ct);
        var collection = await House.Collection(ct);
        var watch = Stopwatch.StartNew();
        await Publish(collection, Rows, ct);
        var published = watch.Elapsed.TotalSeconds;
        var set = await House.Db.One($"select id from knowledge.embedding_sets where collection_id = {collection}", row => row.Get<Guid>(), ct);
        var name = $"vectors_{set:N}";
        await VectorIndexes.Build(House.Get<Databases>(), name, set, Dimension, "cosine", ct);
        await House.Db.Run($"update knowledge.embedding_sets set index_name = {name} where id = {set}", ct);
        round.Sample(system, "seconds", watch.Elapsed.TotalSeconds);
        round.Beside(system, "seconds to publish", published);

        var small = await House.Collection(ct);
        await Publish(small, Few - Batch, ct);
        var last = Stopwatch.StartNew();
        await Publish(small, Few, ct, Few - Batch);
        var shelf = (await SearchStore.Collections(House.Db, House.Reader, [small], ct)).Single();
        var found = await SearchStore.Nearest(House.Db, shelf, Vectors[Few - 1], 1, null, ct);
        round.Beside(system, "seconds until 4,000 are searchable", last.Elapsed.TotalSeconds);
        if (found is not [{ Score: > 0.99 }])
        {
            throw new InvalidOperationException("What was published last is not found.");
        }
    }

    private async Task Publish(Guid collection, int until, CancellationToken ct, int begin = 0)
    {
        for (var from = begin; from < until; from += Batch)
        {
            var part = Enumerable.Range(from, Batch).ToArray();
            await House.Db.Atomically(async unit =>
            {
                var taken = await House.Take(unit, collection, [.. part.Chunk(PerDocument).Select(c => $"doc-{c[0]}")], ct);
                await Publication.Stage(unit, part.Select((n, i) => Lyceum.Bench.Stage.House.Chunk(taken[i / PerDocument], i % PerDocument, Texts[n], Vectors[n])), ct);
                await Publication.Publish(unit, collection, "cosine", ct);
            }, ct);
        }
    }
}
