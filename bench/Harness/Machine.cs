using System.Diagnostics;

namespace Lyceum.Bench.Harness;

/// <summary>Where the figures were taken.</summary>
public static class Machine
{
    public static double Load => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0]);

    public static string Root { get; } = FindRoot();

    public static string Results => Path.Combine(Root, "bench", "results");

    public static string Words
    {
        get
        {
            var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
            var memory = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) >> 20;
            return $"{Environment.ProcessorCount} cores ({model}), {memory} GiB, .NET {Environment.Version}";
        }
    }

    public static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Root, "rev-parse", "--short=9", "HEAD"]) { RedirectStandardOutput = true })!; // git is what made the checkout
        var hash = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return hash;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lyceum.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Run the benchmarks from a checkout.");
    }
}
