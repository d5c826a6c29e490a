using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// R1 and R7 of the trust plan, generated from the routes: somebody of another tenant, with each of four credentials, names the victim's things in every
/// place of every route. Nothing is told, nothing is changed, and nothing of it stands anywhere afterwards.
/// </summary>
public sealed class CrossTenantTests(TwoTenants tenants, ITestOutputHelper output) : IClassFixture<TwoTenants>
{
    [Fact]
    [Trait("row", "TEN-01")]
    public void Every_place_that_names_a_thing_has_a_thing_to_name()
    {
        var faults = tenants.Surface.Faults.ToList();
        foreach (var (world, whose) in new[] { (tenants.Victim, "the victim"), (tenants.Own, "the intruder") })
        {
            faults.AddRange(tenants.Surface.Calls.SelectMany(c => c.Positions.Select(p => (c, p))).Where(x => world.Of(x.p.Kind).Count == 0)
                .Select(x => $"{x.c} names a '{x.p.Kind}' at {x.p.Where}:{x.p.Name}, and {whose} has none: make one in World."));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Distinct()));
        Assert.True(tenants.Surface.Calls.Count > 140 && tenants.Surface.Calls.Sum(c => c.Positions.Count) > 110, "too few routes or places to mean anything");
    }

    [Fact]
    [Trait("row", "TEN-01")]
    public void The_victims_word_is_in_every_text_that_people_write()
    {
        Assert.True(tenants.UnmarkedColumns.Count == 0, $"Write the word there in World, or say in Rows.Machine why not: {string.Join(", ", tenants.UnmarkedColumns)}");
        Assert.True(tenants.MarkedColumns > 40, $"{tenants.MarkedColumns} columns");
    }

    [Fact]
    [Trait("row", "TEN-01")]
    [Trait("row", "TEN-28")]
    public async Task No_attempt_on_any_route_tells_or_changes_anything_of_another_tenant() => await Attacked(whole: false);

    [Fact]
    [Trait("pace", "slow")]
    [Trait("row", "TEN-01")]
    [Trait("row", "TEN-28")]
    public async Task All_attempts_on_all_routes_tell_and_change_nothing_of_another_tenant()
    {
        var watch = Stopwatch.StartNew();
        var (attempts, requests, shapes) = await Attacked(whole: true);
        Assert.True(attempts >= 5000, $"{attempts} attempts");
        await Proofs.Held("R1", "every route, every place that names a thing, six shapes, four credentials: nothing of another tenant is told or changed", watch.Elapsed,
            [("attempts", attempts), ("leaks", 0), ("writes", 0), ("routes", tenants.Surface.Calls.Count), ("places", tenants.Surface.Calls.Sum(c => c.Positions.Count)), .. shapes.Select(s => (s.Key, (object)s.Value)), ("requests", requests)]);
    }

    private async Task<(int Attempts, int Requests, SortedDictionary<string, int> Shapes)> Attacked(bool whole)
    {
        var attack = new Attack(tenants.Surface, tenants.Own, tenants.Victim, tenants.Intruder, whole);
        var attempts = attack.Attempts().ToList();
        var uncovered = from call in tenants.Surface.Calls
                        from position in call.Positions
                        where tenants.Intruder.For(call).Any(c => !attempts.Any(a => a.Call == call && a.Credential == c && a.Foreign.ContainsKey(position)))
                        select $"{call} {position.Name}";
        Assert.Empty(uncovered);
        var shapes = new SortedDictionary<string, int>(attempts.GroupBy(a => a.Shape).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal);
        Assert.Equal(Attack.AllShapes.Order(StringComparer.Ordinal), shapes.Keys);

        var before = await Rows.Quiet(tenants.House, tenants.House.Ann.Tenant.Value);
        var faults = new ConcurrentBag<string>();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(attempts.Select((a, i) => (a, i)), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (attempt, _) =>
        {
            if (await attack.Try(attempt.a, attempt.i) is { } fault)
            {
                faults.Add(fault);
            }
        });
        output.WriteLine($"{attempts.Count} attempts in {watch.Elapsed.TotalSeconds:0.0} s: {string.Join(", ", shapes.Select(s => $"{s.Key} {s.Value}"))}");
        Assert.True(faults.IsEmpty, $"{faults.Count} of {attempts.Count}\n" + string.Join('\n', faults.Order(StringComparer.Ordinal).Take(60)));
        var after = await Rows.Digest(tenants.House, tenants.House.Ann.Tenant.Value);
        Assert.True(before.SequenceEqual(after), $"WRITES: {string.Join("; ", after.Except(before))} where before {string.Join("; ", before.Except(after))}");
        Assert.Equal(0L, await tenants.House.Database.Ask<long>("select count(*) from ops.audit_logs where error_message like '%unexpected fault%'")); // a refusal is told as one
        Assert.Empty(await Rows.Strays(tenants.House, tenants.House.Ann.Tenant.Value));
        Assert.Empty(tenants.Outputs.Leaks);
        return (attempts.Count, attempts.Sum(a => a.Missing is null ? 1 : 2), shapes);
    }
}
