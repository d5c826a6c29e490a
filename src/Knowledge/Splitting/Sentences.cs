using System.Buffers;

namespace Lyceum.Knowledge.Splitting;

/// <summary>Where sentences end, well enough to cut there: full stops, but not those of abbreviations and numbers.</summary>
internal static class Sentences
{
    private static readonly SearchValues<char> Ends = SearchValues.Create(".!?…。！？\n");

    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "vol", "fig", "sec", "art", "abs", "bzw", "vgl", "ca", "cf", "vs",
        "etc", "approx", "dept", "inc", "ltd", "co", "corp", "eg", "ie", "z.b", "d.h", "u.a", "e.g", "i.e", "p", "pp", "ed", "jan", "feb",
        "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    };

    /// <summary>
    /// The start of the sentence after the one at <paramref name="from"/>, or <paramref name="to"/>. With
    /// <paramref name="isLines"/> every line counts as a sentence, as in lists, tables and code.
    /// </summary>
    public static int Next(string text, int from, int to, bool isLines)
    {
        if (isLines)
        {
            var line = text.IndexOf('\n', from, to - from);
            return line < 0 ? to : SkipBlank(text, line, to);
        }

        for (var i = from; i < to; i++)
        {
            var hit = text.AsSpan(i, to - i).IndexOfAny(Ends);
            if (hit < 0)
                return to;

            i += hit;
            if (text[i] == '\n')
            {
                // A blank line ends whatever stands before it; a single one is only the end of a line.
                if (i + 1 < to && text[i + 1] == '\n')
                    return SkipBlank(text, i, to);
                continue;
            }

            var end = i + 1;
            while (end < to && text[end] is '.' or '!' or '?' or '"' or '\'' or ')' or ']' or '”' or '’' or '»' or '*' or '_')
                end++;
            if (text[i] is '。' or '！' or '？')
                return SkipBlank(text, end, to);
            if (end >= to)
                return to;
            if (char.IsWhiteSpace(text[end]) && !IsAbbreviation(text, from, i) && StartsSentence(text, SkipBlank(text, end, to), to))
                return SkipBlank(text, end, to);

            i = end - 1;
        }

        return to;
    }

    private static bool StartsSentence(string text, int at, int to) => at >= to || !char.IsLower(text[at]);

    private static bool IsAbbreviation(string text, int from, int stop)
    {
        if (text[stop] != '.')
            return false;

        // A short number with a full stop is an ordinal or an item: "3. März", "No. 4. Lamps".
        var digit = stop;
        while (digit > from && char.IsAsciiDigit(text[digit - 1]))
            digit--;
        if (stop - digit is 1 or 2 && (digit == from || char.IsWhiteSpace(text[digit - 1])))
            return true;

        var start = stop;
        while (start > from && (char.IsLetter(text[start - 1]) || (text[start - 1] == '.' && start - 1 > from && char.IsLetter(text[start - 2]))))
            start--;

        // One letter is an initial: "J. Doe".
        return stop - start == 1 ? char.IsUpper(text[start]) : Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text.AsSpan(start, stop - start));
    }

    private static int SkipBlank(string text, int at, int to)
    {
        while (at < to && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }
}
