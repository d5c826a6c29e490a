using System.Diagnostics;
using System.Net.Http.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>G2: making a tenant through the API, among few and among many others. It must add rows and nothing else.</summary>
internal sealed class NewTenant : Scenario
{
    private const int Each = 50;
    private int _made;
    private Wire _wire = null!; // set by Prepare, which comes first

    public override string Id => "G2";

    public override string Title => "making a tenant with its administrator, team, roles and settings over HTTP";

    public override IReadOnlyList<string> Systems { get; } = ["product", "product-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("p50 ms", v => v["product"], new Goal("< 20", AtMost: 20)),
        new("new rows of pg_class", v => v["product", "new relations"], new Goal("0", AtMost: 0)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["product-again"] / values["product"];

    public override async Task Prepare(CancellationToken ct)
    {
        _wire = await Wire.Open(ct);
        // Tenants are made by a person, not by a key.
        _wire.Http.DefaultRequestHeaders.Authorization = null;
        _wire.Http.DefaultRequestHeaders.Add("X-Lyceum-Csrf", "1");
        await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = "admin@example.com", password = "correct-horse" }, ct), ct);
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        var relations = await Relations();
        var times = new List<double>();
        for (var n = 0; n < Each; n++)
        {
            var name = $"tenant-{++_made}";
            var watch = Stopwatch.StartNew();
            await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/platform/tenants", new { name, slug = name, admin = new { email = $"{name}@example.com", displayName = "Newcomer" } }, ct), ct);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        round.Sample(system, "p50 ms", Interval.Quantile(times, 0.5));
        round.Beside(system, "p99 ms", Interval.Quantile(times, 0.99));
        round.Beside(system, "new relations", await Relations() - relations);

        Task<long> Relations() => BenchDatabase.Ask<long>("select count(*) from pg_class where relnamespace not in (select oid from pg_namespace where nspname like 'pg\\_%')", ct);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }
}
