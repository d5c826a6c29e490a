using System.Text.RegularExpressions;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>docs/operating/settings.md lists exactly the variables that the server and its command line read.</summary>
public sealed partial class SettingsDocumentTests
{
    [Fact]
    public void Every_setting_that_the_code_reads_is_in_the_list_and_nothing_else_is()
    {
        var read = Directory.EnumerateFiles(Path.Combine(Files.Repository(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Quoted().Matches(File.ReadAllText(file))).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        var listed = Row().Matches(File.ReadAllText(Path.Combine(Files.Repository(), "docs", "operating", "settings.md"))).Select(m => m.Groups[1].Value).ToList();
        Assert.True(listed.Count > 25, "the walk found too few rows to mean anything");
        Assert.Equal(read, listed);
    }

    // A whole string literal: the name as it is handed to whatever reads the environment.
    [GeneratedRegex("\"((?:LYCEUM|OTEL)_[A-Z_]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("^\\| `((?:LYCEUM|OTEL)_[A-Z_]+)` \\| .+ \\| .+ \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
