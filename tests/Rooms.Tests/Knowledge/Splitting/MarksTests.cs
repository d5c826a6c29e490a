using System.Diagnostics;
using Lyceum.Knowledge;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Splitting;

/// <summary>Patterns are people's own: none keeps the server busy, and one that cannot be used says why.</summary>
public sealed class MarksTests
{
    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*a){12}b")]
    [InlineData("^(([a-z])+.)+[A-Z]([a-z])+$")]
    [InlineData("(x+x+)+y")]
    [InlineData("a{1,200}b")]
    public void A_pattern_made_to_run_for_ever_is_done_at_once(string pattern)
    {
        var (mark, fault) = Marks.OfPattern(pattern);
        Assert.Null(fault);
        Assert.NotNull(mark);
        var text = new string('a', 5_000) + "!";
        var page = new TextPage(null, null, text, []);
        Marks.Find([page], mark); // its automaton is made at the first use
        var watch = Stopwatch.StartNew();
        Marks.Find([page], mark);
        TestContext.Current.TestOutputHelper?.WriteLine($"{pattern}: {watch.Elapsed.TotalMilliseconds:0.0} ms");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("(", "character")]
    [InlineData("(?=a)b", "looks ahead")]
    [InlineData("(a)\\1", "refers back")]
    [InlineData("a*", "matches where nothing stands")]
    [InlineData("^", "matches where nothing stands")]
    [InlineData("(((a{100}){100}){100}){100}", "repeats too much")]
    public void A_pattern_that_cannot_be_used_says_why(string pattern, string why) => Assert.Contains(why, Marks.OfPattern(pattern).Fault, StringComparison.Ordinal);

    [Fact]
    public void Settings_that_do_not_fit_together_are_refused_with_a_sentence()
    {
        ChunkingSettings good = new("custom", 60, 12) { Separators = ["---"] };
        Assert.Null(ChunkingRules.Fault(good));
        ChunkingSettings[] bad =
        [
            good with { Separators = [] }, good with { Pattern = "x" }, good with { Overlap = 60 }, good with { Separators = [" "] },
            good with { Separators = [.. Enumerable.Repeat("-", 17)] }, good with { Separators = [new string('-', 101)] }, good with { Separators = [], Pattern = "" },
        ];
        Assert.All(bad, settings => Assert.EndsWith(".", ChunkingRules.Fault(settings)?.Detail.Replace("?", ".", StringComparison.Ordinal), StringComparison.Ordinal));
    }
}
