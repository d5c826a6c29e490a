using System.Text.RegularExpressions;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>docs/features.md says which test shows which row, and says it of tests that exist. LYCEUM_ACCEPT_FEATURES=1 writes it anew.</summary>
public sealed partial class FeatureTests
{
    private static readonly string Document = Path.Combine(Files.Repository(), "docs", "features.md");

    // Rows that another area of the features shows; AUD-10 is part of guardrails, AUD-12 of regions. They are not claimed here.
    private static readonly string[] Elsewhere = ["AUD-10", "AUD-12"];

    [Fact]
    [Trait("row", "TEN-37")]
    public async Task Every_row_names_the_tests_that_show_it()
    {
        var shown = Shown();
        var lines = await File.ReadAllLinesAsync(Document, TestContext.Current.CancellationToken);
        var written = lines.Select(line => Row().Match(line) is { Success: true } row
            ? $"| {row.Groups["id"].Value} | {row.Groups["what"].Value} | {string.Join(", ", shown[row.Groups["id"].Value].Order(StringComparer.Ordinal).Select(name => $"`{name}`"))} |" : line).ToArray();
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_FEATURES") == "1")
        {
            await File.WriteAllLinesAsync(Document, written, TestContext.Current.CancellationToken);
            lines = written;
        }

        Assert.Equal(written, lines);
        var known = lines.Select(line => Row().Match(line)).Where(m => m.Success).Select(m => m.Groups["id"].Value).ToList();
        Assert.Empty(shown.Select(g => g.Key).Except(known));
        Assert.Empty(known.Where(id => !shown.Contains(id)).Except(Elsewhere));
    }

    // From the source, so that tests of every project count.
    private static ILookup<string, string> Shown()
    {
        var found = new List<(string Row, string Test)>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Files.Repository(), "tests"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            var waiting = new List<string>();
            foreach (var line in File.ReadLines(file))
            {
                waiting.AddRange(Trait().Matches(line).Select(m => m.Groups["id"].Value));
                if (waiting.Count > 0 && Method().Match(line) is { Success: true } method)
                {
                    found.AddRange(waiting.Select(row => (row, $"{Path.GetFileNameWithoutExtension(file)}.{method.Groups["name"].Value}")));
                    waiting.Clear();
                }
                else if (line.Contains(" class ", StringComparison.Ordinal) && waiting.Count > 0)
                {
                    found.AddRange(waiting.Select(row => (row, Path.GetFileNameWithoutExtension(file))));
                    waiting.Clear();
                }
            }
        }

        // A browser journey names its rows with tags; BrowserTests runs every one of them and refuses that any is skipped.
        foreach (var spec in Directory.EnumerateFiles(Path.Combine(Files.Repository(), "ui", "e2e"), "*.spec.ts"))
        {
            found.AddRange(Journey().Matches(File.ReadAllText(spec)).SelectMany(journey => Tag().Matches(journey.Groups["tags"].Value)
                .Select(tag => (tag.Groups["id"].Value, $"{Path.GetFileName(spec)}: {journey.Groups["title"].Value}"))));
        }

        return found.Distinct().ToLookup(f => f.Row, f => f.Test);
    }

    [GeneratedRegex(@"^\| (?<id>[A-Z]{3}-\d+) \| (?<what>.*?) \| .*\|$")]
    private static partial Regex Row();

    [GeneratedRegex("""Trait\("row", "(?<id>[A-Z]{3}-\d+)"\)""")]
    private static partial Regex Trait();

    [GeneratedRegex("""^test\(\s*"(?<title>[^"|`]+)",\s*\{\s*tag: (?<tags>"[^"]*"|\[[^\]]*\])""", RegexOptions.Multiline)]
    private static partial Regex Journey();

    [GeneratedRegex(@"@(?<id>[A-Z]{3}-\d+)")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\s*public (async )?[\w<>]+ (?<name>[A-Z]\w+)\(")]
    private static partial Regex Method();
}
