namespace Lyceum.Models;

/// <summary>A sentence's place in its text.</summary>
internal readonly record struct Sentence(int Start, int Length);

/// <summary>Cuts a text in sentences and lines worth quoting. Nothing is changed: each is a piece of the text as it stands.</summary>
internal static class Sentences
{
    /// <summary>Longer ones (tables, text without full stops) are cut at a space.</summary>
    public const int LengthMax = 420;

    private static readonly string[] Abbreviations =
        ["mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "vs", "etc", "eg", "ie", "e.g", "i.e", "fig", "al", "inc", "ltd", "co", "jr", "sr", "approx", "art", "sec", "vol", "pp", "ca", "bzw", "z.b", "d.h", "u.a"];

    public static List<Sentence> Split(string text)
    {
        var sentences = new List<Sentence>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n' && EndsLine(text, i)) Take(text, ref start, i, sentences);
            else if (c is '.' or '!' or '?' or '…' or '。' or '！' or '？' && EndsSentence(text, start, i))
            {
                while (i + 1 < text.Length && text[i + 1] is '"' or '”' or '’' or ')' or ']' or '.' or '!' or '?') i++;
                Take(text, ref start, i + 1, sentences);
            }
        }

        Take(text, ref start, text.Length, sentences);
        return sentences;
    }

    // An empty line, a list item or a short line (a heading) ends what went before; other line breaks are only layout.
    private static bool EndsLine(string text, int at)
    {
        var next = at + 1;
        while (next < text.Length && text[next] is ' ' or '\t' or '\r') next++;
        if (next >= text.Length || text[next] == '\n') return true;
        if (text[next] is '-' or '*' or '•' or '–' or '#' or '|' or '>') return true;
        if (char.IsAsciiDigit(text[next]) && next + 1 < text.Length && text[next + 1] is '.' or ')') return true;
        var lineStart = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        return at - lineStart < 45 && (char.IsUpper(text[next]) || char.IsAsciiDigit(text[next]));
    }

    private static bool EndsSentence(string text, int start, int at)
    {
        if (text[at] is '。' or '！' or '？') return true;
        var next = at + 1;
        while (next < text.Length && text[next] is '"' or '”' or '’' or ')' or ']' or '.' or '!' or '?') next++;
        if (next < text.Length && !char.IsWhiteSpace(text[next])) return false; // 3.5, example.org
        while (next < text.Length && char.IsWhiteSpace(text[next])) next++;
        if (next >= text.Length) return true;
        if (char.IsLower(text[next])) return false;
        if (text[at] != '.') return true;
        var wordStart = at;
        while (wordStart > start && (char.IsLetter(text[wordStart - 1]) || (text[wordStart - 1] == '.' && wordStart - 1 > start))) wordStart--;
        var word = text[wordStart..at].ToLowerInvariant();
        return word.Length != 1 && Array.IndexOf(Abbreviations, word) < 0; // an initial or an abbreviation does not end it
    }

    private static void Take(string text, ref int start, int end, List<Sentence> sentences)
    {
        var (from, to) = (start, end);
        start = end;
        while (from < to && (char.IsWhiteSpace(text[from]) || text[from] is '-' or '*' or '•' or '#' or '>' or '|')) from++;
        while (to > from && char.IsWhiteSpace(text[to - 1])) to--;
        while (to - from > LengthMax)
        {
            var cut = text.LastIndexOf(' ', from + LengthMax, LengthMax / 2);
            if (cut <= from) cut = from + LengthMax;
            sentences.Add(new(from, cut - from));
            from = cut;
            while (from < to && char.IsWhiteSpace(text[from])) from++;
        }

        if (to > from) sentences.Add(new(from, to - from));
    }
}
