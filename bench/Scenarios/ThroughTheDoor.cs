using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// B7 and A6: searches over HTTP by sixteen clients against the same nearest-neighbour statement on sixteen bare connections; and one client's searches while texts are
/// taken in at half of the pace that the product reaches alone. The question's vector comes from the cache on both sides.
/// </summary>
internal sealed class ThroughTheDoor : Scenario
{
    private const int Texts = 20_000, Characters = 300, Clients = 16, Requests = 480, Alone = 200, Batch = 100;
    private readonly string[] _questions = [.. Enumerable.Range(0, 200).Select(n => Material.Question(new Random(n), 5))];
    private readonly Random _random = new(6);
    private Guid _collection, _set;
    private NpgsqlDataSource _bare = null!; // set by Prepare, which comes first
    private float[][] _vectors = [];
    private double _peak;
    private Wire _wire = null!; // likewise

    public override string Id => "B7";

    public override string Title => "searches over HTTP (20,000 texts, own HNSW index, vector, k 10): 16 clients against the bare statement; A6: one client while texts come in at half of the peak";

    public override IReadOnlyList<string> Systems { get; } = ["http", "http-again", "bare", "quiet", "busy"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("B7: searches/s over HTTP ÷ the bare statement", v => v["http"] / v["bare"], new Goal("≥ 0.5", AtLeast: 0.5)),
        new("A6: p99 of a search while texts come in ÷ without", v => v["busy", "p99 ms"] / v["quiet", "p99 ms"], new Goal("≤ 2.0", AtMost: 2.0)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["http-again"] / values["http"];

    public override async Task Prepare(CancellationToken ct)
    {
        _wire = await Wire.Open(ct);
        var model = await _wire.Model("embeddings", "bench-embed", ct);
        await Wire.Json(await _wire.Http.PutAsJsonAsync("/api/v1/models/defaults/embedding", new { modelId = model }, ct), ct);
        _collection = await New(ct);
        var watch = Stopwatch.StartNew();
        await Send(_collection, Texts, ct);
        await Settled(_collection, Texts, ct);
        _peak = Texts / watch.Elapsed.TotalSeconds;
        while (await BenchDatabase.Ask<long>($"select count(*) from knowledge.embedding_sets where collection_id = '{_collection}' and index_name is not null", ct) == 0)
        {
            await Task.Delay(200, ct);
        }

        _set = await BenchDatabase.Ask<Guid>($"select id from knowledge.embedding_sets where collection_id = '{_collection}'", ct);
        await BenchDatabase.Execute(BenchDatabase.Superuser, "vacuum analyze", ct);
        _bare = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(BenchDatabase.Superuser) { MaxPoolSize = Clients, NoResetOnClose = true, Options = "-c jit=off -c hnsw.ef_search=400 -c hnsw.iterative_scan=strict_order" }.ConnectionString);
        foreach (var question in _questions)
        {
            await Search(question, ct);
        }

        // Vectors that lie where the texts lie.
        _vectors = await Stored(ct);
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        if (system is "quiet" or "busy")
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var feeding = system == "busy" ? Feed(await New(ct), stop.Token) : Task.CompletedTask;
            var times = new List<double>();
            for (var n = 0; n < Alone; n++)
            {
                var began = Stopwatch.GetTimestamp();
                await Search(_questions[n % _questions.Length], ct);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            await stop.CancelAsync();
            await feeding;
            round.Sample(system, "p50 ms", Interval.Quantile(times, 0.5));
            round.Beside(system, "p99 ms", Interval.Quantile(times, 0.99));
            return;
        }

        var next = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) - 1 is var n && n < Requests)
            {
                var hits = system == "bare" ? await Bare(_vectors[n % _vectors.Length], ct) : await Search(_questions[n % _questions.Length], ct);
                if (hits != 10)
                {
                    throw new InvalidOperationException($"{system} found {hits} of 10.");
                }
            }
        }));
        round.Sample(system, "searches/s", Requests / watch.Elapsed.TotalSeconds);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_bare is not null)
        {
            await _bare.DisposeAsync();
        }

        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }

    private async Task<Guid> New(CancellationToken ct) =>
        (await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Bench {Guid.NewGuid()}" }, ct), ct)).GetProperty("id").GetGuid();

    private async Task Send(Guid collection, int count, CancellationToken ct, int from = 0)
    {
        foreach (var part in Enumerable.Range(from, count).Chunk(1000))
        {
            object[] items = [.. part.Select(n => new { externalId = $"text-{n}", title = $"Text {n}", text = Material.Text(_random, Characters) })];
            await Wire.Json(await _wire.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items }, ct), ct);
        }
    }

    private async Task Settled(Guid collection, int count, CancellationToken ct)
    {
        while ((await Wire.Json(await _wire.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", ct), ct)).GetProperty("documentCount").GetInt32() < count)
        {
            await Task.Delay(100, ct);
        }
    }

    // A batch whenever the pace allows one.
    private async Task Feed(Guid collection, CancellationToken stop)
    {
        var pause = TimeSpan.FromSeconds(Batch / (_peak / 2));
        var sent = 0;
        try
        {
            for (var due = Stopwatch.StartNew(); ; due.Restart())
            {
                await Send(collection, Batch, CancellationToken.None, sent);
                sent += Batch;
                await Task.Delay(pause > due.Elapsed ? pause - due.Elapsed : TimeSpan.Zero, stop);
            }
        }
        catch (OperationCanceledException)
        {
            await Settled(collection, sent, CancellationToken.None); // the next measurement begins quietly
        }
    }

    private async Task<int> Search(string query, CancellationToken ct)
    {
        JsonElement answer = await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query, collections = new[] { _collection }, strategy = "vector", topK = 10, threshold = 0 }, ct), ct);
        return answer.GetProperty("hits").GetArrayLength();
    }

    private async Task<int> Bare(float[] vector, CancellationToken ct)
    {
        await using var command = _bare.CreateCommand($"select k.id, k.content, d.title from (select e.chunk_id from knowledge.chunk_embeddings e where e.embedding_set_id = '{_set}' order by e.embedding::halfvec(384) <=> $1::real[]::halfvec(384) limit 10) n join knowledge.chunks k on k.id = n.chunk_id join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id");
        command.Parameters.Add(new NpgsqlParameter<float[]> { TypedValue = vector });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var count = 0;
        while (await reader.ReadAsync(ct))
        {
            count++;
        }

        return count;
    }

    private async Task<float[][]> Stored(CancellationToken ct)
    {
        await using var command = _bare.CreateCommand($"select e.embedding::real[] from knowledge.chunk_embeddings e where e.embedding_set_id = '{_set}' order by e.chunk_id limit 200");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var all = new List<float[]>();
        while (await reader.ReadAsync(ct))
        {
            all.Add(reader.GetFieldValue<float[]>(0));
        }

        return [.. all];
    }
}
