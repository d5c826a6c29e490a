using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>R2: how long a foreign id takes beside a missing one. The answers are compared by <see cref="CrossTenantTests"/>; here only the time is, and the numbers are written down.</summary>
public sealed class TimingTests(TwoTenants tenants, ITestOutputHelper output) : IClassFixture<TwoTenants>
{
    private const int Pairs = 200;

    private static readonly string[] Routes =
    [
        "GET /api/v1/knowledge/documents/{id}", "GET /api/v1/chat/conversations/{id}", "GET /api/v1/iam/teams/{id}", "GET /api/v1/models/models/{id}", "DELETE /api/v1/knowledge/collections/{id}",
        "PATCH /api/v1/iam/roles/{id}", "POST /api/v1/knowledge/search",
    ];

    [Fact]
    [Trait("pace", "slow")]
    [Trait("row", "TEN-28")]
    public async Task A_foreign_id_takes_as_long_as_a_missing_one()
    {
        var watch = Stopwatch.StartNew();
        var ratios = new List<(string Route, double Ratio)>();
        foreach (var route in Routes)
        {
            var call = tenants.Surface.Calls.Single(c => c.ToString() == route);
            var position = call.Positions.First(p => p.Where != "query");
            var (foreign, missing) = (new List<double>(), new List<double>());
            for (var i = -20; i < Pairs; i++)
            {
                // In turn, and by turns first: what drifts, drifts for both.
                foreach (var own in i % 2 == 0 ? new[] { true, false } : [false, true])
                {
                    var id = own ? tenants.Victim.Of(position.Kind)[0] : Guid.CreateVersion7().ToString();
                    using var request = new Letter(tenants.Surface, call, tenants.Own, $"r{i + 20}").Write(new Dictionary<Position, string[]> { [position] = [id] });
                    var from = Stopwatch.GetTimestamp();
                    await tenants.Intruder.Send(tenants.Intruder.Key, request);
                    if (i >= 0)
                    {
                        (own ? foreign : missing).Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
                    }
                }
            }

            ratios.Add((route, Median(foreign) / Median(missing)));
        }

        output.WriteLine(string.Join(", ", ratios.Select(r => $"{r.Route} {r.Ratio:0.00}")));
        Assert.All(ratios, r => Assert.InRange(r.Ratio, 0.5, 2.0)); // far beyond the noise of a shared machine; the numbers themselves are written down
        await Proofs.Held("R2", "median time of a foreign id over that of a missing one, 200 pairs for each route; the goal is 0.9 to 1.1", watch.Elapsed,
            [("pairs", Pairs), .. ratios.Select(r => (r.Route, (object)r.Ratio.ToString("0.000", CultureInfo.InvariantCulture)))]);
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
