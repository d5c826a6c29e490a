using System.Text.Json;

namespace Lyceum.Bench.Harness;

/// <summary>One measured value, as it is kept: a line of JSON.</summary>
public sealed record Sample(
    string System, string Scenario, int Round, int Order, string Metric, double Value, double Loadavg, string Commit, DateTimeOffset At);

/// <summary>What a run of a scenario came to.</summary>
public sealed record Outcome(
    string Id, string Title, DateTimeOffset At, string Commit, string Machine, string Database, int Rounds, double LoadBefore, double LoadMedian,
    Interval Control, IReadOnlyList<BarOutcome> Bars, IReadOnlyDictionary<string, double> Medians);

/// <summary>One bar: its interval, its goal, and whether the goal was met, missed, or cannot be told.</summary>
public sealed record BarOutcome(string Name, Interval Ratio, string Goal, string Verdict);

/// <summary>Runs a scenario round by round, writes every sample, and judges.</summary>
public sealed class Runner(TimeProvider clock, string database)
{
    /// <summary>Fewer rounds show that a scenario works, not what its figure is.</summary>
    public const int LeastRounds = 7;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<Outcome> Run(Scenario scenario, int rounds, CancellationToken ct)
    {
        var commit = Machine.Commit();
        var loadBefore = Machine.Load;
        await scenario.Prepare(ct);
        for (var n = 0; n < scenario.WarmRounds; n++)
        {
            await scenario.Run(new Round(0, new Random(n), new Values(), (_, _, _, _) => { }), ct); // warms code and caches, not kept
        }

        var all = new List<Values>();
        var samples = new List<Sample>();
        for (var number = 1; number <= rounds; number++)
        {
            var values = new Values();
            var round = number;
            await scenario.Run(
                new Round(number, new Random(HashCode.Combine(number, clock.GetTimestamp())), values, (order, system, metric, value) =>
                    samples.Add(new Sample(system, scenario.Id, round, order, metric, Math.Round(value, 6), Machine.Load, commit, clock.GetUtcNow()))),
                ct);
            all.Add(values);
            Console.Error.WriteLine($"{scenario.Id} round {number} of {rounds}: {string.Join(", ", scenario.Systems.Select(s => $"{s} {values[s]:g4}"))}");
        }

        Directory.CreateDirectory(Machine.Results);
        await File.WriteAllLinesAsync(Path.Combine(Machine.Results, scenario.Id + ".jsonl"), samples.Select(s => JsonSerializer.Serialize(s, Json)), ct);
        var control = Interval.Of([.. all.Select(scenario.Control)]);
        return new Outcome(
            scenario.Id, scenario.Title, clock.GetUtcNow(), commit, Machine.Words, database, rounds, loadBefore, Interval.Quantile(samples.Select(s => s.Loadavg), 0.5), control,
            [.. scenario.Bars.Select(bar => Judge(bar, Interval.Of([.. all.Select(bar.Of)]), control, rounds))],
            samples.GroupBy(s => $"{s.System} {s.Metric}").ToDictionary(g => g.Key, g => Interval.Quantile(g.Select(s => s.Value), 0.5)));
    }

    // A bar passes only if the worse end of its interval passes, and no bar is worth a word when equals came out unequal.
    private static BarOutcome Judge(Bar bar, Interval ratio, Interval control, int rounds) => new(bar.Name, ratio, bar.Goal.Text, control switch
    {
        _ when rounds < LeastRounds => "too few rounds",
        { Low: < 0.93 } or { High: > 1.07 } => "noisy",
        _ when bar.Goal.Holds(bar.Goal.WorseEnd(ratio.Low, ratio.High)) => "met",
        _ when !bar.Goal.Holds(bar.Goal.BetterEnd(ratio.Low, ratio.High)) => "missed",
        _ => "undecided",
    });
}
