using System.Diagnostics;
using System.Net.Http.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Npgsql;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// F6: what tenancy and its policies cost a plain read over HTTP: the product as it is, against the same product connected as a superuser, whom no
/// policy binds. Beside it, the same row from a tiny program that asks nobody who they are: what the whole door costs. Each is its own process.
/// </summary>
internal sealed class PlainRead : Scenario
{
    private const int Clients = 8, Requests = 250, Collections = 500;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly List<IAsyncDisposable> _children = [];
    private string[] _paths = [];

    public override string Id => "F6";

    public override string Title => "plain read of one row over HTTP (8 clients) with policies against the same endpoint without, and against no door at all";

    public override IReadOnlyList<string> Systems { get; } = ["policies", "policies-again", "superuser", "no door"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("requests/s with policies ÷ without", v => v["policies"] / v["superuser"], new Goal("≥ 0.90", AtLeast: 0.90)),
        new("requests/s of the product ÷ a bare read of the row (for the record)", v => v["policies"] / v["no door"], new Goal("≥ 0.20", AtLeast: 0.20)),
    ];

    public override int Rounds => 11;

    public override double Control(Values values) => values["policies-again"] / values["policies"];

    public override async Task Prepare(CancellationToken ct)
    {
        await BenchDatabase.Make(ct);
        var settings = BenchDatabase.Settings();
        var product = await Child.Product(settings, ct);
        _children.Add(product);
        var owner = new NpgsqlConnectionStringBuilder(BenchDatabase.Superuser);
        var unbound = await Child.Product(
            new Dictionary<string, string?>(settings)
            {
                ["LYCEUM_PORT"] = (int.Parse(settings["LYCEUM_PORT"]!) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), // Settings has it
                // jit as for the app role: compared is the policy, not the compiler.
                ["LYCEUM_APP_DATABASE_URL"] = new NpgsqlConnectionStringBuilder(BenchDatabase.Superuser) { Options = "-c jit=off" }.ConnectionString,
            },
            ct);
        _children.Add(unbound);
        var bare = await Child.Floor(ct, "row", owner.ConnectionString);
        _children.Add(bare);

        using var admin = product.Client(Wire.Key());
        var first = await Wire.Json(await admin.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Bench" }, ct), ct);
        await BenchDatabase.Execute(BenchDatabase.Superuser, $"""
            insert into knowledge.collections (tenant_id, id, team_id, name, slug, visibility, embedding_model_tenant_id, embedding_model_id, created_by)
            select c.tenant_id, ops.uuid7(), c.team_id, 'Shelf ' || n, 'shelf-' || n, 'team', c.embedding_model_tenant_id, c.embedding_model_id, c.created_by
            from knowledge.collections c, generate_series(1, {Collections}) n where c.id = '{first.GetProperty("id").GetGuid()}'
            """, ct);
        await BenchDatabase.Execute(BenchDatabase.Superuser, "vacuum analyze", ct);
        var listed = await Wire.Json(await admin.GetAsync("/api/v1/knowledge/collections?limit=200", ct), ct);
        _paths = [.. listed.GetProperty("data").EnumerateArray().Select(c => $"/api/v1/knowledge/collections/{c.GetProperty("id").GetGuid()}")];

        _clients["policies"] = product.Client(Wire.Key());
        _clients["policies-again"] = product.Client(Wire.Key());
        _clients["superuser"] = unbound.Client(Wire.Key());
        _clients["no door"] = bare.Client();
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        var (http, next) = (_clients[system], 0);
        var times = new double[Clients * Requests];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) - 1 is var n && n < times.Length)
            {
                var began = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync(_paths[n % _paths.Length], ct);
                var body = await answer.Content.ReadAsByteArrayAsync(ct);
                times[n] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                if (!answer.IsSuccessStatusCode || body.Length < 100)
                {
                    throw new InvalidOperationException($"{system} answered {(int)answer.StatusCode} with {body.Length} bytes.");
                }
            }
        }));
        round.Sample(system, "requests/s", times.Length / watch.Elapsed.TotalSeconds);
        round.Beside(system, "p50 ms", Interval.Quantile(times, 0.5));
        round.Beside(system, "p99 ms", Interval.Quantile(times, 0.99));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        foreach (var child in _children)
        {
            await child.DisposeAsync();
        }

        await BenchDatabase.Drop(CancellationToken.None);
    }
}
