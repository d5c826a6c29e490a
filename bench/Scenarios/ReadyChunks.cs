using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Npgsql;
using NpgsqlTypes;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// A1: chunks that are embedded already, through the product's own staging and publication (policies, hashes, BM25 terms and statistics, document
/// and revision rows), against a binary COPY of the same texts and vectors into a bare table.
/// </summary>
internal sealed class ReadyChunks : Scenario
{
    private const int Rows = 20_000, Batch = 2_000, PerDocument = 10, Dimension = 384;
    private readonly List<string> _texts = [];
    private float[][] _vectors = [];
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "A1";

    public override string Title => "ingest of 20,000 ready chunks (384 d, about 400 bytes, batches of 2,000) against raw binary COPY";

    public override IReadOnlyList<string> Systems { get; } = ["product", "copy", "copy-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("rows/s ÷ raw COPY", v => v["product"] / v["copy"], new Goal("≥ 0.35", AtLeast: 0.35)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["copy-again"] / values["copy"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        var random = new Random(7);
        _texts.AddRange(Enumerable.Range(0, Rows).Select(_ => Material.Text(random, 400)));
        _vectors = Material.Vectors(Rows, Dimension, 7);
        await _house.Do("create table bench.chunks (id uuid primary key, document_id uuid not null, chunk_index int not null, content text not null, embedding halfvec not null)", ct);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        GC.Collect();
        if (system == "product")
        {
            await Product(round, ct);
            return;
        }

        await _house.Do("truncate bench.chunks; checkpoint", ct);
        var watch = Stopwatch.StartNew();
        await Copy(ct);
        round.Sample(system, "rows/s", Rows / watch.Elapsed.TotalSeconds);
    }

    private async Task Product(Round round, CancellationToken ct)
    {
        await _house.Do("truncate knowledge.chunks, knowledge.chunk_embeddings, knowledge.term_stats, knowledge.lexical_stats, ops.jobs, ops.outbox_events cascade; checkpoint", ct);
        var collection = await _house.Collection(ct);
        double take = 0, stage = 0, publish = 0;
        var watch = Stopwatch.StartNew();
        for (var from = 0; from < Rows; from += Batch)
        {
            var part = Enumerable.Range(from, Batch).ToArray();
            await _house.Db.Atomically(async unit =>
            {
                var began = watch.Elapsed.TotalSeconds;
                var taken = await _house.Take(unit, collection, [.. part.Chunk(PerDocument).Select(c => $"doc-{c[0]}")], ct);
                var tookAt = watch.Elapsed.TotalSeconds;
                await Publication.Stage(unit, part.Select((n, i) => House.Chunk(taken[i / PerDocument], i % PerDocument, _texts[n], _vectors[n])), ct);
                var stagedAt = watch.Elapsed.TotalSeconds;
                await Publication.Publish(unit, collection, "cosine", ct);
                (take, stage, publish) = (take + tookAt - began, stage + stagedAt - tookAt, publish + watch.Elapsed.TotalSeconds - stagedAt);
            }, ct);
        }

        round.Sample("product", "rows/s", Rows / watch.Elapsed.TotalSeconds);
        round.Beside("product", "seconds for documents and revisions", take);
        round.Beside("product", "seconds to stage", stage);
        round.Beside("product", "seconds to publish", publish);
        var kept = await _house.Db.One($"select count(*)::int from knowledge.chunk_embeddings e join knowledge.chunks c on c.id = e.chunk_id where c.collection_id = {collection}", row => row.Get<int>(), ct);
        if (kept != Rows)
        {
            throw new InvalidOperationException($"{kept} of {Rows} chunks were kept.");
        }
    }

    private async Task Copy(CancellationToken ct)
    {
        await using var connection = await _house.Superuser.OpenConnectionAsync(ct);
        for (var from = 0; from < Rows; from += Batch)
        {
            await using var importer = await connection.BeginBinaryImportAsync("copy bench.chunks from stdin binary", ct);
            for (var n = from; n < from + Batch; n++)
            {
                await importer.StartRowAsync(ct);
                await importer.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid, ct);
                await importer.WriteAsync(Guid.Empty, NpgsqlDbType.Uuid, ct);
                await importer.WriteAsync(n, NpgsqlDbType.Integer, ct);
                await importer.WriteAsync(_texts[n], NpgsqlDbType.Text, ct);
                await importer.WriteAsync(HalfVector.ToBinary(_vectors[n]), NpgsqlDbType.Bytea, ct);
            }

            await importer.CompleteAsync(ct);
        }
    }
}
