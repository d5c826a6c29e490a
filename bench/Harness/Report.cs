using System.Text;
using System.Text.Json;

namespace Lyceum.Bench.Harness;

/// <summary>Keeps the last outcome of each scenario and writes the page people read.</summary>
public static class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static string SummaryFile => Path.Combine(Machine.Results, "summary.json");

    public static void Keep(Outcome outcome)
    {
        var all = Read();
        all[outcome.Id] = outcome;
        File.WriteAllText(SummaryFile, JsonSerializer.Serialize(all, Json) + "\n");
        Write();
    }

    /// <summary>Writes results/README.md anew from summary.json and notes.json.</summary>
    public static void Write()
    {
        var all = Read();
        var notesFile = Path.Combine(Machine.Results, "notes.json");
        var notes = File.Exists(notesFile) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(notesFile), Json)! : [];
        var page = new StringBuilder(
            """
            # Results

            Written by `dotnet run -c Release --project bench -- report` from `summary.json` (the last run of each scenario) and
            `notes.json` (what a person has to say about it); every sample is in `<id>.jsonl`. Ratios are medians of paired rounds with
            their bootstrap interval of 95 %. A/A is the same system measured twice under two names: where the interval of its median
            leaves 0.93 to 1.07 the verdict is *noisy*: the ratio is what was seen, and neither a pass nor a fail.


            """);
        if (all.Count > 0)
        {
            page.Append("Machines: ").AppendJoin("; ", all.Values.Select(o => o.Machine).Distinct()).Append(".  \n");
            page.Append("Databases: ").AppendJoin("; ", all.Values.Select(o => o.Database).Distinct()).Append(".\n\n");
        }

        page.Append("| id | what | ratio or figure | 95 % CI | goal | A/A (95 % CI) | verdict | rounds | load | date, commit |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var o in all.Values)
        {
            foreach (var bar in o.Bars)
            {
                page.Append($"| {o.Id} | {bar.Name} | **{N(bar.Ratio.Median)}** | {N(bar.Ratio.Low)} – {N(bar.Ratio.High)} | {bar.Goal} | {N(o.Control.Median)} ({N(o.Control.Low)} – {N(o.Control.High)}) | {(o.Rounds < Runner.LeastRounds ? "too few rounds" : bar.Verdict)} | {o.Rounds} | {o.LoadMedian:0.0} | {o.At:yyyy-MM-dd}, {o.Commit} |\n");
            }
        }

        foreach (var o in all.Values)
        {
            page.Append($"\n## {o.Id}: {o.Title}\n\nMedians: {string.Join(", ", o.Medians.Select(m => $"{m.Key} {N(m.Value)}"))}.\n");
            if (notes.TryGetValue(o.Id, out var note))
            {
                page.Append('\n').Append(note).Append('\n');
            }
        }

        File.WriteAllText(Path.Combine(Machine.Results, "README.md"), page.ToString());
    }

    private static SortedDictionary<string, Outcome> Read() => File.Exists(SummaryFile)
        ? JsonSerializer.Deserialize<SortedDictionary<string, Outcome>>(File.ReadAllText(SummaryFile), Json)!
        : new(StringComparer.Ordinal);

    private static string N(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0"),
        >= 100 => value.ToString("0"),
        >= 10 => value.ToString("0.0"),
        _ => value.ToString("0.00#"),
    };
}
