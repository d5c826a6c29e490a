using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Reading;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>One slow proof as it last ran: what it counted, how long it took, where and of which commit.</summary>
internal sealed record Proof(string Name, string Shows, SortedDictionary<string, string> Counts, double Seconds, string Machine, string Commit, string Date);

/// <summary>
/// Keeps the last result of every slow proof in bench/results: proofs.json, and proofs.md for people. Written when LYCEUM_PROOFS=record, which
/// ./check --all sets.
/// </summary>
internal static class Proofs
{
    private static readonly SemaphoreSlim Writing = new(1);
    private static readonly JsonSerializerOptions Pretty = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Folder => Path.Combine(Files.Repository(), "bench", "results");

    public static string Document => Path.Combine(Folder, "proofs.md");

    private static string Data => Path.Combine(Folder, "proofs.json");

    /// <summary>Called once a proof has held; one that failed leaves the last good result and a red test.</summary>
    public static async Task Held(string name, string shows, TimeSpan took, params (string What, object Count)[] counts)
    {
        if (Environment.GetEnvironmentVariable("LYCEUM_PROOFS") != "record")
        {
            return;
        }

        var proof = new Proof(
            name, shows, new SortedDictionary<string, string>(counts.ToDictionary(c => c.What, c => Convert.ToString(c.Count, CultureInfo.InvariantCulture) ?? ""), StringComparer.Ordinal),
            Math.Round(took.TotalSeconds, 1), $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GB, {RuntimeInformation.OSDescription}",
            await Commit(), DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await Writing.WaitAsync();
        try
        {
            var all = Read().Where(p => p.Name != name).Append(proof).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
            await File.WriteAllTextAsync(Data, JsonSerializer.Serialize(all, Pretty) + "\n");
            await File.WriteAllTextAsync(Document, Page(all));
        }
        finally
        {
            Writing.Release();
        }
    }

    public static List<Proof> Read() => File.Exists(Data) ? JsonSerializer.Deserialize<List<Proof>>(File.ReadAllText(Data), Pretty) ?? [] : [];

    public static string Page(List<Proof> all)
    {
        var page = new StringBuilder("""
            # Proofs that take their time

            Written by `./check --all`, which runs the tests marked `[Trait("pace", "slow")]` after all others. Each is one test; its last good result stands here. What
            each promise means is in `docs/operating/security.md`.

            | Proof | What it shows | Counted | Seconds | Commit | Date |
            |---|---|---|---|---|---|

            """);
        foreach (var proof in all)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{proof.Name}` | {proof.Shows} | {string.Join("; ", proof.Counts.Select(c => $"{c.Key} {c.Value}"))} | {proof.Seconds} | {proof.Commit} | {proof.Date} |\n");
        }

        return page.Append("\nMachines: ").AppendJoin("; ", all.Select(p => p.Machine).Distinct()).Append(".\n").ToString();
    }

    private static async Task<string> Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Files.Repository(), "describe", "--always", "--dirty", "--exclude", "*"]) { RedirectStandardOutput = true });
        return git is null ? "unknown" : (await git.StandardOutput.ReadToEndAsync()).Trim();
    }
}
