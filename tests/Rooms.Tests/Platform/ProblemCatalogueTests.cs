using System.Text.RegularExpressions;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>docs/problems.md lists every problem code of the source once; a code is never reused for something else.</summary>
public sealed partial class ProblemCatalogueTests
{
    [Fact]
    public void Every_problem_code_in_the_source_is_in_the_catalogue_with_its_status()
    {
        var listed = Listed();
        var faults = new List<string>();
        var found = InSource();
        foreach (var (code, status) in found)
        {
            if (!listed.TryGetValue(code, out var statuses))
            {
                faults.Add($"'{code}' ({status}) is not in docs/problems.md: add a row that says what it means and what to do.");
            }
            else if (!statuses.Contains(status))
            {
                faults.Add($"'{code}' is {status} in the source and {string.Join(", ", statuses)} in docs/problems.md.");
            }
        }

        Assert.Empty(faults.Order().Distinct());
        Assert.True(found.Count > 20, "the walk found too few codes to mean anything");
    }

    [Fact]
    public void No_code_is_listed_twice_and_the_list_is_in_order()
    {
        var codes = Rows().Select(row => row.Code).ToList();
        Assert.Equal(codes.Distinct().Order(StringComparer.Ordinal), codes);
    }

    private static HashSet<(string Code, string Status)> InSource()
    {
        var found = new HashSet<(string, string)>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories))
        {
            if (file.Contains("/obj/", StringComparison.Ordinal) || file.Contains("/bin/", StringComparison.Ordinal)
                // /v1 speaks OpenAI's vocabulary, where the first text after the status is a type and not a code.
                || file.Contains("/Host/OpenAi/", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (Match match in Codes().Matches(File.ReadAllText(file)))
            {
                found.Add(match switch
                {
                    _ when match.Groups["status"].Success => (match.Groups["code"].Value, match.Groups["status"].Value),
                    _ when match.Groups["shape"].Value == "Conflict" => (match.Groups["code"].Value, "409"),
                    _ when match.Groups["shape"].Value == "NotFound" => (match.Groups["code"].Value + "_not_found", "404"),
                    _ => (match.Groups["code"].Value, "400"),
                });
            }
        }

        return found;
    }

    private static Dictionary<string, string[]> Listed() =>
        Rows().GroupBy(row => row.Code).ToDictionary(g => g.Key, g => g.SelectMany(row => row.Status.Split(", ")).ToArray());

    private static List<(string Code, string Status)> Rows() =>
        [.. Row().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "problems.md"))).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Lyceum.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("These tests run inside the repository.");
        }

        return folder.FullName;
    }

    [GeneratedRegex("(?:new(?: Problem)?\\(\\s*(?<status>\\d{3}),\\s*|Problem\\.(?<shape>Conflict|Invalid|NotFound)\\(\\s*)\"(?<code>[a-z0-9_]+)\"")]
    private static partial Regex Codes();

    [GeneratedRegex("^\\| `([a-z0-9_]+)` \\| ([0-9, ]+?) \\| .+ \\| .+ \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
