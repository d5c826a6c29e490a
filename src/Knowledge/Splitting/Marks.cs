using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// A collection's own marks: words that a chunk begins with, or a pattern. Patterns run on an engine whose time never grows
/// beyond the square of the text, and they are stopped long before that, so that nobody's pattern can keep the server busy.
/// </summary>
internal static partial class Marks
{
    public const int PatternMax = 500, SeparatorsMax = 16, SeparatorMax = 100;

    // For one match; and for all of a text, two seconds and one more for each million characters.
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(2);
    private const double CharactersPerSecond = 1_000_000;

    // What is counted is written out that often inside the engine, and its steps grow with that.
    private const long RepeatsMax = 1_000;

    /// <summary>What matches any of the words; null when there is none.</summary>
    public static Regex? OfWords(IReadOnlyList<string> separators) =>
        separators.Count == 0 ? null : new Regex(string.Join('|', separators.Select(Regex.Escape)), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeMax);

    /// <summary>The pattern, ^ and $ at every line, or the sentence that says why it cannot be used.</summary>
    public static (Regex? Mark, string? Fault) OfPattern(string pattern)
    {
        if (pattern.Length > PatternMax)
            return (null, $"A pattern has at most {PatternMax} characters.");

        if (Repeats(pattern) > RepeatsMax)
            return (null, $"This pattern repeats too much: its counts multiply to more than {RepeatsMax:N0}. Use * or + instead.");

        try
        {
            var mark = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeMax);
            return mark.IsMatch("") || mark.Match(" ") is { Success: true, Length: 0 } || mark.Match("a") is { Success: true, Length: 0 }
                ? (null, "This pattern matches where nothing stands, and would cut everywhere. Write what a chunk begins with.")
                : (mark, null);
        }
        catch (RegexParseException fault)
        {
            return (null, $"This pattern cannot be read at character {fault.Offset}: check brackets and backslashes there.");
        }
        catch (NotSupportedException)
        {
            return (null, "This pattern looks ahead, looks behind, refers back or repeats too much; write it without.");
        }
    }

    // All counts of a pattern, multiplied as if each stood inside the others.
    private static long Repeats(string pattern)
    {
        var all = 1L;
        foreach (Match braces in Counted().Matches(pattern))
        {
            var text = braces.Groups["most"] is { Success: true, Length: > 0 } most ? most.Value : braces.Groups["least"].Value;
            all = text.Length > 6 ? long.MaxValue : Math.Min(all * Math.Max(1, long.Parse(text, CultureInfo.InvariantCulture)), 1L << 40);
            if (all > RepeatsMax)
                break;
        }

        return all;
    }

    public static Cuts Find(IReadOnlyList<TextPage> pages, Regex? mark)
    {
        if (mark is null)
            return Cuts.None;

        var cuts = new Cuts();
        var watch = Stopwatch.StartNew();
        var most = TimeMax + TimeSpan.FromSeconds(pages.Sum(page => (double)page.Text.Length) / CharactersPerSecond);
        for (var page = 0; page < pages.Count; page++)
        {
            foreach (var match in mark.EnumerateMatches(pages[page].Text))
            {
                if (match.Length > 0)
                    cuts.Add(page, match.Index);
                // Each match may be quick and all of them take for ever: the square of a long text is longer than anybody waits.
                if (watch.Elapsed > most)
                    throw new RegexMatchTimeoutException(pages[page].Text[..0], "", most);
            }
        }

        return cuts;
    }

    [GeneratedRegex(@"\{(?<least>\d+)(?:,(?<most>\d*))?\}", RegexOptions.None, 1000)]
    private static partial Regex Counted();
}
