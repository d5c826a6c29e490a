using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Knowledge;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// A1: chunks that are embedded already, through the product's own staging and publication (policies, hashes, BM25 terms and statistics, document
/// and revision rows), against a binary COPY of the same texts and vectors into a bare table.
/// </summary>
internal sealed class ReadyChunks : ReadyRows
{
    public override string Id => "A1";

    public override string Title => "ingest of 20,000 ready chunks (384 d, about 400 bytes, batches of 2,000) against raw binary COPY";

    public override IReadOnlyList<string> Systems { get; } = ["product", "copy", "copy-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("rows/s ÷ raw COPY", v => v["product"] / v["copy"], new Goal("≥ 0.35", AtLeast: 0.35)),
    ];

    public override double Control(Values values) => values["copy-again"] / values["copy"];

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        GC.Collect();
        if (system == "product")
        {
            await Product(round, ct);
            return;
        }

        await House.Do("truncate bench.chunks; checkpoint", ct);
        var watch = Stopwatch.StartNew();
        await Copy(ct);
        round.Sample(system, "rows/s", Rows / watch.Elapsed.TotalSeconds);
    }

    private async Task Product(Round round, CancellationToken ct)
    {
        await Clear(ct);
        var collection = await House.Collection(ct);
        double take = 0, stage = 0, publish = 0;
        var watch = Stopwatch.StartNew();
        for (var from = 0; from < Rows; from += Batch)
        {
            var part = Enumerable.Range(from, Batch).ToArray();
            await House.Db.Atomically(async unit =>
            {
                var began = watch.Elapsed.TotalSeconds;
                var taken = await House.Take(unit, collection, [.. part.Chunk(PerDocument).Select(c => $"doc-{c[0]}")], ct);
                var tookAt = watch.Elapsed.TotalSeconds;
                await Publication.Stage(unit, part.Select((n, i) => Lyceum.Bench.Stage.House.Chunk(taken[i / PerDocument], i % PerDocument, Texts[n], Vectors[n])), ct);
                var stagedAt = watch.Elapsed.TotalSeconds;
                await Publication.Publish(unit, collection, "cosine", ct);
                (take, stage, publish) = (take + tookAt - began, stage + stagedAt - tookAt, publish + watch.Elapsed.TotalSeconds - stagedAt);
            }, ct);
        }

        round.Sample("product", "rows/s", Rows / watch.Elapsed.TotalSeconds);
        round.Beside("product", "seconds for documents and revisions", take);
        round.Beside("product", "seconds to stage", stage);
        round.Beside("product", "seconds to publish", publish);
        var kept = await House.Db.One($"select count(*)::int from knowledge.chunk_embeddings e join knowledge.chunks c on c.id = e.chunk_id where c.collection_id = {collection}", row => row.Get<int>(), ct);
        if (kept != Rows)
        {
            throw new InvalidOperationException($"{kept} of {Rows} chunks were kept.");
        }
    }
}
