using System.Diagnostics;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Lyceum.Rooms.Tests.Isolation;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>
/// R28: what people write that is run over texts (patterns of cutting, filters of searches and of the directory) takes a bounded time whatever it
/// says. Each pattern is one that keeps a backtracking engine busy for longer than anybody lives.
/// </summary>
[Trait("proof", "R28")]
public sealed class PatternTests(ITestOutputHelper output)
{
    private static readonly string[] Patterns =
    [
        "(a+)+$", "(a*)*b", "([a-zA-Z]+)*$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "(a+){2,}b", "((a+)+)+c", "(\\w+\\s?)*:$", "(.*)*(.*)*(.*)*x", "a*a*a*a*a*a*a*a*a*a*b", "(a?){50}a{50}", "(\\d+)*[^\\d]$",
        "([^,]*,){30}x", "(?:a|b|ab)*c", "^(a|b|ab)*$|z", "\\s+$x", "(\\s*\\S*)*#", "[\\s\\S]*[\\s\\S]*[\\s\\S]*q", "(a{0,60}){0,60}b", "(aaaa|aa|a)+!", "(.{1,400}){1,3}z", "(?i)(a+A+)+z", "(\\p{L}+\\p{N}*)+!", "(é|e\u0301)+$x", "a{500}b", "((((((a*)*)*)*)*)*)*b", ".*.*.*.*.*.*.*x",
    ];

    private static readonly string[] Texts =
    [
        new('a', 20_000), new string('a', 20_000) + "!", string.Concat(Enumerable.Repeat("ab", 10_000)), new string(' ', 20_000), string.Concat(Enumerable.Repeat("1,", 10_000)), string.Concat(Enumerable.Repeat("word ", 4_000)), string.Concat(Enumerable.Repeat("é", 20_000)),
    ];

    [Fact]
    public void No_pattern_keeps_the_server_busy() => Run(Patterns.Where((_, i) => i % 3 == 0));

    [Fact]
    [Trait("pace", "slow")]
    public async Task Patterns_and_filters_made_to_keep_the_server_busy_do_not()
    {
        var watch = Stopwatch.StartNew();
        var (taken, refused, stopped, slowest) = Run(Patterns);
        var filters = Filters();
        await Proofs.Held("R28", "patterns and filters that keep a backtracking engine busy for ever, over texts of 20,000 characters: refused, done in a moment, or stopped", watch.Elapsed,
            ("patterns taken", taken), ("patterns refused", refused), ("texts on which one was stopped", stopped), ("slowest, milliseconds", Math.Round(slowest.TotalMilliseconds)), ("slowest filter, milliseconds", Math.Round(filters.TotalMilliseconds)));
    }

    [Fact]
    public void No_filter_takes_longer_than_it_is_long() => Filters();

    private (int Taken, int Refused, int Stopped, TimeSpan Slowest) Run(IEnumerable<string> patterns)
    {
        var (taken, refused, stopped, slowest, which) = (0, 0, 0, TimeSpan.Zero, "");
        foreach (var pattern in patterns)
        {
            var (mark, fault) = Marks.OfPattern(pattern);
            if (mark is null)
            {
                Assert.EndsWith(".", fault, StringComparison.Ordinal);
                refused++;
                continue;
            }

            taken++;
            foreach (var text in Texts)
            {
                var watch = Stopwatch.StartNew();
                try
                {
                    Marks.Find([new TextPage(null, null, text, [])], mark);
                }
                catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
                {
                    stopped++;
                }

                (slowest, which) = watch.Elapsed > slowest ? (watch.Elapsed, pattern) : (slowest, which);
            }
        }

        output.WriteLine($"{taken} taken, {refused} refused, {stopped} stopped, the slowest took {slowest.TotalMilliseconds:0} ms: {which}");
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"{which} took {slowest}");
        return (taken, refused, stopped, slowest);
    }

    private static TimeSpan Filters()
    {
        var slowest = TimeSpan.Zero;
        void Timed(string what, Action act)
        {
            var watch = Stopwatch.StartNew();
            act();
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{what} took {watch.Elapsed}");
        }

        string[] scim =
        [
            new('(', 100_000), string.Concat(Enumerable.Repeat("not (", 50_000)), string.Join(" and ", Enumerable.Repeat("userName eq \"a\"", 5_000)), $"userName eq \"{new string('\\', 50_000)}\"", $"userName eq \"{new string('a', 100_000)}",
            string.Concat(Enumerable.Repeat("emails[", 20_000)), new string('a', 100_000) + " pr", string.Join(" or ", Enumerable.Repeat("(userName pr)", 5_000)),
        ];
        foreach (var filter in scim)
        {
            Timed($"the SCIM filter {filter[..20]}…", () =>
            {
                try
                {
                    ScimFilter.Parse(filter);
                }
                catch (ScimException)
                {
                    // Refused is as good as read.
                }
            });
        }

        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60);
        foreach (var filter in new[] { nested, "{" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"k{i}\":1")) + "}", "{\"a\":{\"in\":[" + string.Join(',', Enumerable.Repeat("1", 50_000)) + "]}}" })
        {
            Timed($"the filter {filter[..20]}…", () =>
            {
                using var document = JsonDocument.Parse(filter);
                FilterRules.Read(document.RootElement);
            });
        }

        return slowest;
    }
}
