using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Npgsql;
using NpgsqlTypes;

namespace Lyceum.Bench.Scenarios;

/// <summary>Chunks that are embedded already, and the floor they are compared with: the same texts and vectors by binary COPY into a bare table.</summary>
internal abstract class ReadyRows : Scenario
{
    protected const int Rows = 20_000, Batch = 2_000, PerDocument = 10, Dimension = 384;

    public override int Rounds => 7;

    protected IReadOnlyList<string> Texts { get; private set; } = [];

    protected float[][] Vectors { get; private set; } = [];

    protected House House { get; private set; } = null!; // set by Prepare, which comes first

    public override async Task Prepare(CancellationToken ct)
    {
        House = await House.Open(ct);
        var random = new Random(7);
        Texts = [.. Enumerable.Range(0, Rows).Select(_ => Material.Text(random, 400))];
        Vectors = Material.Vectors(Rows, Dimension, 7);
        await House.Do("create table bench.chunks (id uuid primary key, document_id uuid not null, chunk_index int not null, content text not null, embedding halfvec not null)", ct);
    }

    public override async ValueTask DisposeAsync()
    {
        if (House is not null)
        {
            await House.DisposeAsync();
        }
    }

    /// <summary>Takes what an earlier round left of the product's rows.</summary>
    protected Task Clear(CancellationToken ct) =>
        House.Do("truncate knowledge.chunks, knowledge.chunk_embeddings, knowledge.term_stats, knowledge.lexical_stats, ops.jobs, ops.outbox_events cascade; checkpoint", ct);

    protected async Task Copy(CancellationToken ct)
    {
        await using var connection = await House.Superuser.OpenConnectionAsync(ct);
        for (var from = 0; from < Rows; from += Batch)
        {
            await using var importer = await connection.BeginBinaryImportAsync("copy bench.chunks from stdin binary", ct);
            for (var n = from; n < from + Batch; n++)
            {
                await importer.StartRowAsync(ct);
                await importer.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid, ct);
                await importer.WriteAsync(Guid.Empty, NpgsqlDbType.Uuid, ct);
                await importer.WriteAsync(n, NpgsqlDbType.Integer, ct);
                await importer.WriteAsync(Texts[n], NpgsqlDbType.Text, ct);
                await importer.WriteAsync(HalfVector.ToBinary(Vectors[n]), NpgsqlDbType.Bytea, ct);
            }

            await importer.CompleteAsync(ct);
        }
    }
}
