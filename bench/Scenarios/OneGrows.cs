using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>G4: vector search in a collection of 200,000 chunks against one of 10,000, both with an index of their own.</summary>
internal sealed class OneGrows : NearestCost
{
    private const int Small = 10_000, Large = 200_000;

    public override string Id => "G4";

    public override string Title => "vector search (k 10, 100 queries) in 200,000 chunks of 384 numbers against 10,000";

    public override IReadOnlyList<string> Systems { get; } = ["small", "small-again", "large"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("p50 in 200,000 ÷ p50 in 10,000", v => v["large"] / v["small"], new Goal("≤ 3", AtMost: 3)),
        new("recall@10 in 200,000", v => v["large", "recall"], new Goal("≥ 0.99", AtLeast: 0.99)),
    ];

    public override double Control(Values values) => values["small-again"] / values["small"];

    protected override async Task<IReadOnlyList<(string System, Guid Collection)>> Fill(CancellationToken ct)
    {
        var small = await Filled(Material.Vectors(Small, Dimension, Small), ct);
        return [("small", small), ("small-again", small), ("large", await Filled(Material.Vectors(Large, Dimension, Large), ct))];
    }
}
