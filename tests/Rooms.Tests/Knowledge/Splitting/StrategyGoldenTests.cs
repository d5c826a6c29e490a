using System.Text;
using Lyceum.Knowledge;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Splitting;

/// <summary>One handbook cut by every strategy. The files in Files/splitting are what a person read and found right; LYCEUM_ACCEPT_GOLDEN=1 writes them anew.</summary>
public sealed class StrategyGoldenTests : IDisposable
{
    private readonly Files _files = new();

    private static string Folder => Path.Combine(Files.Repository(), "tests", "Rooms.Tests", "Files", "splitting");

    public void Dispose() => _files.Dispose();

    [Theory]
    [Trait("row", "KNW-18")]
    [InlineData("by_title")]
    [InlineData("fixed")]
    [InlineData("sentence")]
    [InlineData("semantic")]
    [InlineData("recursive")]
    [InlineData("custom")]
    public async Task Each_strategy_cuts_the_handbook_as_its_golden_file_says_and_keeps_headings_with_their_text(string strategy)
    {
        var text = await Handbook();
        var chunks = Splitter.Split(text, SplitRules.Settings(Settings(strategy)));
        var shown = Show(chunks);
        var golden = Path.Combine(Folder, $"{strategy}.golden.txt");
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(golden, shown, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(golden, TestContext.Current.CancellationToken), shown);
        foreach (var heading in (string[])["# Handbook of the Borealis observatory", "## Weather", "## Food", "### Prices", "## Articles of association"])
        {
            var with = Assert.Single(chunks, c => c.Text.Contains(heading, StringComparison.Ordinal) && c.RepeatedChars == 0);
            Assert.True(strategy == "fixed" || !with.Text.TrimEnd().EndsWith(heading, StringComparison.Ordinal), $"{heading} stands alone at the end of chunk {with.Index}.");
        }

        Assert.All(chunks, chunk => Assert.NotEmpty(chunk.Headings));
        Assert.Contains(chunks, c => c.Section == "Prices" && c.Text.Contains("Dinner", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Subjects_end_where_the_kitchen_ends_and_the_mirror_begins()
    {
        var chunks = Splitter.Split(await Handbook(), SplitRules.Settings(Settings("semantic")));
        Assert.Contains(chunks, c => c.Text.StartsWith("The mirror of the telescope", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("^Article \\d+")]
    [InlineData(null)]
    public async Task Custom_marks_begin_chunks_and_stay_in_them(string? pattern)
    {
        var settings = Settings("custom") with { Pattern = pattern, Separators = pattern is null ? ["Article "] : [] };
        var chunks = Splitter.Split(await Handbook(), SplitRules.Settings(settings));
        Assert.Contains(chunks, c => c.Text.StartsWith("## Articles of association\n\nArticle 1.", StringComparison.Ordinal));
        for (var article = 2; article <= 3; article++)
        {
            Assert.Contains(chunks, c => c.Text.StartsWith($"Article {article}.", StringComparison.Ordinal));
        }
    }

    private static ChunkingSettings Settings(string strategy) => new(strategy, 60, 12) { Pattern = strategy == "custom" ? "^(Article \\d+|#+ )" : null };

    private async Task<ExtractedText> Handbook() => await _files.Text("handbook.md", await File.ReadAllBytesAsync(Path.Combine(Folder, "handbook.md"), TestContext.Current.CancellationToken));

    private static string Show(IReadOnlyList<Chunk> chunks)
    {
        var shown = new StringBuilder();
        foreach (var chunk in chunks)
        {
            shown.Append("=== ").Append(chunk.Index).Append(" | ").AppendJoin(" > ", chunk.Headings).Append(" | ").Append(chunk.TokenCount).Append(" tokens\n").Append(chunk.Text).Append('\n');
        }

        return shown.ToString();
    }
}
