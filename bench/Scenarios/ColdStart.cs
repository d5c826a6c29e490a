using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>F5: from the start of the process to its first 200 (the product: /api/v1/version, on a database that exists), and resident memory when idle, against a minimal server.</summary>
internal sealed class ColdStart : Scenario
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    public override string Id => "F5";

    public override string Title => "cold start to the first 200 and resident memory after 3 idle seconds, against a minimal Kestrel app";

    public override IReadOnlyList<string> Systems { get; } = ["product", "minimal", "minimal-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("seconds to first 200 ÷ minimal app", v => v["product"] / v["minimal"], new Goal("≤ 3", AtMost: 3)),
        new("idle resident MB", v => v["product", "idle MB"], new Goal("≤ 200", AtMost: 200)),
        new("idle resident memory ÷ minimal app", v => v["product", "idle MB"] / v["minimal", "idle MB"], new Goal("none set")),
    ];

    public override double Control(Values values) => values["minimal-again"] / values["minimal"];

    public override async Task Prepare(CancellationToken ct) => await BenchDatabase.Make(ct);

    public override async ValueTask DisposeAsync() => await BenchDatabase.Drop(CancellationToken.None);

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        await using var child = system == "product" ? await Child.Product(BenchDatabase.Settings(), ct) : await Child.MinimalServer(ct);
        round.Sample(system, "seconds", child.SecondsToFirstAnswer);
        await Task.Delay(Idle, ct);
        round.Beside(system, "idle MB", child.ResidentMegabytes);
    }
}
