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

    [Fact]
    public void Every_code_that_stands_inside_an_answer_is_in_its_list_and_nothing_else_is()
    {
        var found = Files(openAi: false).SelectMany(file => Inner().Matches(Text(file)).Concat(Path.GetFileName(file) is "Refusals.cs" or "ProviderException.cs" ? Named().Matches(Text(file)) : []))
            .Select(m => m.Groups["code"].Value).ToHashSet();
        Assert.True(found.Count > 35, $"the walk found {found.Count} codes only");
        Assert.Equal(found.Order(StringComparer.Ordinal), Section("## Inside an answer").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_code_of_v1_is_in_its_list_and_nothing_else_is()
    {
        var found = Files(openAi: true).SelectMany(file => OfV1().Matches(Text(file))).Select(m => m.Groups["code"].Value).ToHashSet();
        Assert.True(found.Count > 20, $"the walk found {found.Count} codes only");
        Assert.Equal(found.Order(StringComparer.Ordinal), Section("## Under /v1").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_lists_of_codes_are_in_order()
    {
        foreach (var heading in new[] { "## Inside an answer", "## Under /v1" })
        {
            Assert.Equal(Section(heading).Distinct().Order(StringComparer.Ordinal), Section(heading));
        }
    }

    private static string Text(string file) => File.ReadAllText(file);

    private static List<string> Section(string heading)
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "problems.md"));
        var from = text.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"docs/problems.md has no part '{heading}'.");
        var next = text.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return [.. CodeOfRow().Matches(text[from..(next < 0 ? text.Length : next)]).Select(m => m.Groups[1].Value)];
    }

    private static IEnumerable<string> Files(bool openAi) => Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && file.Contains("/Host/OpenAi/", StringComparison.Ordinal) == openAi);

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
        [.. Row().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "problems.md")).Split("\n## ")[0]).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

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

    // Items of a report, documents, runs and connection tests carry a code each; so does the last event of a run.
    [GeneratedRegex("\\b(?:ItemProblem|IntakeRefused|RunRefused|Refusal)\\(\\s*\"(?<code>[a-z_]+)\"|RunStop\\(\"failed\", \"[a-z_]+\", \"(?<code>[a-z_]+)\"|(?:End\\(run, document, |ProviderException => \\()\"(?<code>[a-z]+_[a-z_]+)\", ")]
    private static partial Regex Inner();

    [GeneratedRegex("(?:new\\(|=> )\"(?<code>[a-z_]+)\"")]
    private static partial Regex Named();

    [GeneratedRegex("new(?: OpenAiError)?\\((?:\\d{3}|problem\\.Status), \"[a-z_]+\", \"(?<code>[a-z_]+)\"|ErrorCode \\?\\? \"(?<code>[a-z_]+)\"|\\? \"(?<code>unexpected)\"|code(?: =|:) \"(?<code>[a-z_]+)\"|, (?:\"[a-z_]+\"|at|path|At\\(name\\)|param), \"(?<code>[a-z_]+)\"\\)")]
    private static partial Regex OfV1();

    [GeneratedRegex("^\\| `([a-z0-9_]+)` \\| .+ \\|$", RegexOptions.Multiline)]
    private static partial Regex CodeOfRow();

    [GeneratedRegex("^\\| `([a-z0-9_]+)` \\| ([0-9, ]+?) \\| .+ \\| .+ \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
