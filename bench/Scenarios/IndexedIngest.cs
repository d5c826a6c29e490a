using System.Diagnostics;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Lyceum.Bench.Scenarios;

/// <summary>A2: from chunks that are embedded to an index that is ready to search, against COPY into a bare table and the same index built concurrently.</summary>
internal sealed class IndexedIngest : Scenario
{
    private const int Rows = 20_000, Few = 4_000, Batch = 2_000, PerDocument = 10, Dimension = 384;
    private readonly List<string> _texts = [];
    private float[][] _vectors = [];
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "A2";

    public override string Title => "20,000 ready chunks until their own HNSW index is searched, against COPY and CREATE INDEX CONCURRENTLY; 4,000, which need none, until searchable";

    public override IReadOnlyList<string> Systems { get; } = ["product", "copy and index", "copy and index again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("seconds ÷ COPY and CREATE INDEX", v => v["product"] / v["copy and index"], new Goal("≤ 1.15", AtMost: 1.15)),
        new("seconds from the last batch of 4,000 until it is found", v => v["product", "seconds until 4,000 are searchable"], new Goal("≤ 1", AtMost: 1)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["copy and index again"] / values["copy and index"];

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
        if (system != "product")
        {
            await _house.Do("drop index if exists bench.nearest; truncate bench.chunks; checkpoint", ct);
            var bare = Stopwatch.StartNew();
            await Copy(ct);
            await _house.Do($"set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0", ct);
            await _house.Do($"create index concurrently nearest on bench.chunks using hnsw ((embedding::halfvec({Dimension})) halfvec_cosine_ops) with (m = 16, ef_construction = 64)", ct);
            round.Sample(system, "seconds", bare.Elapsed.TotalSeconds);
            return;
        }

        await _house.Do("truncate knowledge.chunks, knowledge.chunk_embeddings, knowledge.term_stats, knowledge.lexical_stats, ops.jobs, ops.outbox_events cascade; checkpoint", ct);
        var collection = await _house.Collection(ct);
        var watch = Stopwatch.StartNew();
        await Publish(collection, Rows, ct);
        var published = watch.Elapsed.TotalSeconds;
        var set = await _house.Db.One($"select id from knowledge.embedding_sets where collection_id = {collection}", row => row.Get<Guid>(), ct);
        var name = $"vectors_{set:N}";
        await VectorIndexes.Build(_house.Get<Databases>(), name, set, Dimension, "cosine", ct);
        await _house.Db.Run($"update knowledge.embedding_sets set index_name = {name} where id = {set}", ct);
        round.Sample(system, "seconds", watch.Elapsed.TotalSeconds);
        round.Beside(system, "seconds to publish", published);

        var small = await _house.Collection(ct);
        await Publish(small, Few - Batch, ct);
        var last = Stopwatch.StartNew();
        await Publish(small, Few, ct, Few - Batch);
        var shelf = (await SearchStore.Collections(_house.Db, _house.Reader, [small], ct)).Single();
        var found = await SearchStore.Nearest(_house.Db, shelf, _vectors[Few - 1], 1, null, ct);
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
            await _house.Db.Atomically(async unit =>
            {
                var taken = await _house.Take(unit, collection, [.. part.Chunk(PerDocument).Select(c => $"doc-{c[0]}")], ct);
                await Publication.Stage(unit, part.Select((n, i) => House.Chunk(taken[i / PerDocument], i % PerDocument, _texts[n], _vectors[n])), ct);
                await Publication.Publish(unit, collection, "cosine", ct);
            }, ct);
        }
    }

    private async Task Copy(CancellationToken ct)
    {
        await using var connection = await _house.Superuser.OpenConnectionAsync(ct);
        await using var importer = await connection.BeginBinaryImportAsync("copy bench.chunks from stdin binary", ct);
        for (var n = 0; n < Rows; n++)
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
