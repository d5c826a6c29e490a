using System.Diagnostics;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// R8: proves that the proofs bite. Each policy and each comparison of a tenant in a function is taken away in turn, and the
/// catalogue's checks and the probe of two tenants must notice every time.
/// </summary>
public sealed class MutationTests(TestServer server, ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string PolicyFile => Path.Combine(Files.Repository(), "tests", "Rooms.Tests", "Isolation", "policies.txt");

    private static string List => Path.Combine(Files.Repository(), "tests", "Rooms.Tests", "Isolation", "predicates.txt");

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Two_tenants_with_the_same_ids_in_every_table_see_and_change_nothing_of_each_other()
    {
        await using var place = await Place.Of(server);
        var (catalogue, behaviour) = await place.Probe.Faults();
        Assert.Empty(catalogue);
        Assert.Empty(behaviour);
        Assert.True((await place.Probe.Names("select name from public.probe_tables")).Count > 50, "too few tables to mean anything");
    }

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Functions_compare_tenants_where_the_committed_list_says()
    {
        await using var place = await Place.Of(server, empty: true);
        var now = string.Join('\n', await Mutants.PredicateList(place.Probe)) + "\n";
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_PREDICATES") == "1")
        {
            await File.WriteAllTextAsync(List, now, Ct);
        }

        Assert.True(now == await File.ReadAllTextAsync(List, Ct), "A function compares tenants otherwise than before. Look at the change, then run the tests once with LYCEUM_ACCEPT_PREDICATES=1 and commit tests/Rooms.Tests/Isolation/predicates.txt.");
    }

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task Policies_are_those_of_the_committed_list()
    {
        await using var place = await Place.Of(server, empty: true);
        var now = string.Join('\n', await Mutants.PolicyList(place.Probe)) + "\n";
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_PREDICATES") == "1")
        {
            await File.WriteAllTextAsync(PolicyFile, now, Ct);
        }

        Assert.True(now == await File.ReadAllTextAsync(PolicyFile, Ct), "A policy, or a table's switch for them, is otherwise than before. Look at the change, then run the tests once with LYCEUM_ACCEPT_PREDICATES=1 and commit tests/Rooms.Tests/Isolation/policies.txt.");
    }

    [Fact]
    [Trait("pace", "slow")]
    [Trait("row", "TEN-04")]
    public async Task Every_policy_and_every_tenant_predicate_taken_away_is_noticed()
    {
        var watch = Stopwatch.StartNew();
        await using var place = await Place.Of(server);
        var probe = place.Probe;
        var committed = await File.ReadAllTextAsync(List, Ct);
        var (policies, predicates) = (await Mutants.Policies(probe), await Mutants.Predicates(probe));
        Assert.True(policies.Count > 200 && predicates.Count > 40, $"{policies.Count} and {predicates.Count} mutants");
        var committedPolicies = await File.ReadAllTextAsync(PolicyFile, Ct);
        var (survivors, byBehaviour, byCatalogue, byList) = (new List<string>(), 0, 0, 0);
        foreach (var mutant in policies)
        {
            await probe.Do(mutant.Damage);
            var (catalogue, behaviour) = await probe.Faults();
            var isListed = string.Join('\n', await Mutants.PolicyList(probe)) + "\n" != committedPolicies;
            await probe.Do(mutant.Mend);
            byList += isListed ? 1 : 0;
            byBehaviour += behaviour.Count > 0 ? 1 : 0;
            byCatalogue += catalogue.Count > 0 ? 1 : 0;
            if (catalogue.Count + behaviour.Count == 0 && !isListed)
            {
                survivors.Add($"{mutant.Kind}: {mutant.Name}");
            }
        }

        var byOutcome = 0;
        foreach (var mutant in predicates)
        {
            await probe.Do(mutant.Damage);
            var noticed = string.Join('\n', await Mutants.PredicateList(probe)) + "\n" != committed;
            byOutcome += (await Crossings.Faults(place.Superuser, mutant.Name.Split(' ')[0])).Count > 0 ? 1 : 0;
            await probe.Do(mutant.Mend);
            if (!noticed)
            {
                survivors.Add($"{mutant.Kind}: {mutant.Name}");
            }
        }

        var (left, lost) = await probe.Faults();
        Assert.Empty(left.Concat(lost)); // all damage is mended: each mutant was alone
        output.WriteLine($"{policies.Count} policy mutants: {byBehaviour} by behaviour, {byCatalogue} by the catalogue; {predicates.Count} predicates: {byOutcome} by outcome");
        Assert.True(survivors.Count == 0, string.Join('\n', survivors));
        await Proofs.Held("R8", "each policy dropped or opened, each table's switches turned off, each tenant predicate of a function made true: all noticed", watch.Elapsed,
            ("mutants", policies.Count + predicates.Count), ("killed", policies.Count + predicates.Count), ("of policies and switches", policies.Count), ("… by what two tenants can do", byBehaviour),
            ("… by the catalogue", byCatalogue), ("… by the reviewed list of policies", byList), ("of predicates in functions", predicates.Count), ("… by what the function does to another tenant", byOutcome), ("… by the reviewed list", predicates.Count));
    }

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task No_crossing_function_called_for_one_tenant_touches_or_tells_another()
    {
        await using var place = await Place.Of(server);
        var faults = await Crossings.Faults(place.Superuser, null);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private sealed class Place(string name, NpgsqlDataSource superuser) : IAsyncDisposable
    {
        public NpgsqlDataSource Superuser => superuser;

        public Probe Probe { get; } = new(superuser);

        public static async Task<Place> Of(TestServer server, bool empty = false)
        {
            var name = await server.NewDatabase();
            var place = new Place(name, NpgsqlDataSource.Create(TestServer.Address(name)));
            if (!empty)
            {
                await place.Probe.Prepare();
            }

            return place;
        }

        public async ValueTask DisposeAsync()
        {
            await superuser.DisposeAsync();
            await TestServer.Drop(name);
        }
    }
}
