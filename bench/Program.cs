using Lyceum.Bench.Floors;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Scenarios;
using Lyceum.Bench.Stage;

// A floor is a process of its own and must not load the product.
if (args is ["floor", var kind, .. var rest])
{
    return await TinyPrograms.Run(kind, rest);
}

if (args is ["report"])
{
    Report.Write();
    return 0;
}

return await Command.Run(args);

/// <summary>The command: which scenarios, how many rounds.</summary>
internal static class Command
{
    private static readonly Dictionary<string, Func<Scenario>> All = new(StringComparer.OrdinalIgnoreCase)
    {
        ["A1"] = () => new ReadyChunks(),
        ["A2"] = () => new IndexedIngest(),
        ["A3"] = () => new ReadAndCut(),
        ["A4"] = () => new WholePipeline(),
        ["A5"] = () => new Reingest(),
        ["B1"] = () => new FilteredNearest(),
        ["B3"] = () => new PolicyCost(),
        ["B4"] = () => new HybridCost(),
        ["B5"] = () => new LexicalCost(),
        ["B7"] = () => new ThroughTheDoor(),
        ["B9"] = () => new Churn(),
        ["C1"] = () => new PassThrough(),
        ["C2"] = () => new FullTurn(),
        ["D1"] = () => new DurableSteps(),
        ["E1"] = () => new JobBurnDown(),
        ["F5"] = () => new ColdStart(),
        ["F6"] = () => new PlainRead(),
        ["G1"] = () => new Neighbours("G1", "one tenant with 3,500 chunks among 10,000 others with 20 each, against among 10 others with 20,000 each", new Crowd(10, 20_000), new Crowd(10_000, 20)),
        ["G2"] = () => new NewTenant(),
        ["G3"] = () => new Neighbours("G3", "one tenant with 3,500 chunks while others have 400,000, against while they have 10,000", new Crowd(5, 2_000), new Crowd(200, 2_000)),
        ["G4"] = () => new OneGrows(),
        ["T1"] = () => new FirstAnswer(),
    };

    public static async Task<int> Run(string[] args)
    {
        var ids = args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
        var rounds = Array.IndexOf(args, "--rounds") is var at and >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1]) : 0;
        if (ids.Count == 0 || ids.Any(id => id != "all" && !All.ContainsKey(id)))
        {
            Console.Error.WriteLine($"Name scenarios: {string.Join(' ', All.Keys)}, or all. Options: --rounds N, --anyway (on a busy machine). `report` writes the page anew.");
            return 2;
        }

        var failed = false;
        foreach (var id in ids.Contains("all") ? [.. All.Keys] : ids)
        {
            if (Machine.Load > 0.5 * Environment.ProcessorCount && !args.Contains("--anyway"))
            {
                Console.Error.WriteLine($"{id}: the load is {Machine.Load}, more than half of {Environment.ProcessorCount} cores: figures would say nothing. Wait, or say --anyway.");
                failed = true;
                continue;
            }

            await using var scenario = All[id]();
            try
            {
                var outcome = await new Runner(TimeProvider.System, await BenchDatabase.Describe()).Run(scenario, rounds > 0 ? rounds : scenario.Rounds, CancellationToken.None);
                Report.Keep(outcome);
                foreach (var bar in outcome.Bars)
                {
                    failed |= bar.Verdict != "met";
                    Console.WriteLine($"{id} {bar.Name}: {bar.Ratio.Median:g4} ({bar.Ratio.Low:g4} to {bar.Ratio.High:g4}), goal {bar.Goal}, A/A {outcome.Control.Median:g4} ({outcome.Control.Low:g4} to {outcome.Control.High:g4}): {bar.Verdict}");
                }
            }
            catch (Exception fault) when (ids.Count > 1 || ids.Contains("all"))
            {
                Console.Error.WriteLine($"{id} could not be measured: {fault}");
                failed = true;
            }
        }

        return failed ? 1 : 0;
    }
}
