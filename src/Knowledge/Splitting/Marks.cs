using System.Text.RegularExpressions;
using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// A collection's own marks: words that a chunk begins with, or a pattern. Patterns run on an engine whose time grows with the text alone
/// and never with what the pattern says, so that nobody's pattern can keep the server busy.
/// </summary>
internal static class Marks
{
    public const int PatternMax = 500, SeparatorsMax = 16, SeparatorMax = 100;

    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    /// <summary>What matches any of the words; null when there is none.</summary>
    public static Regex? OfWords(IReadOnlyList<string> separators) =>
        separators.Count == 0 ? null : new Regex(string.Join('|', separators.Select(Regex.Escape)), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeMax);

    /// <summary>The pattern, ^ and $ at every line, or the sentence that says why it cannot be used.</summary>
    public static (Regex? Mark, string? Fault) OfPattern(string pattern)
    {
        if (pattern.Length > PatternMax)
            return (null, $"A pattern has at most {PatternMax} characters.");

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

    public static Cuts Find(IReadOnlyList<TextPage> pages, Regex? mark)
    {
        if (mark is null)
            return Cuts.None;

        var cuts = new Cuts();
        for (var page = 0; page < pages.Count; page++)
        {
            foreach (var match in mark.EnumerateMatches(pages[page].Text))
            {
                if (match.Length > 0)
                    cuts.Add(page, match.Index);
            }
        }

        return cuts;
    }
}
