using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>A run of words on one line of a page, in points from the top left corner. Blocks are poppler's paragraphs.</summary>
internal sealed record PdfLine(float Left, float Top, float Right, float Bottom, string Text, int Words, int Block)
{
    public float Height => Bottom - Top;
}

internal sealed record PdfPage(int Number, float Height, List<PdfLine> Lines);

/// <summary>
/// Reads the tab-separated words of <c>pdftotext -tsv</c> and joins them to lines. A wide gap inside a line ends it:
/// that is how the columns of a table look.
/// </summary>
internal sealed partial class PdfWords(TextBuilder builder)
{
    private const float GapMin = 1.2f;

    private readonly List<PdfPage> _pages = [];
    private readonly StringBuilder _text = new();
    private long _characters;
    private float _left, _top, _right, _bottom;
    private int _words, _block;

    public List<PdfPage> Read(StreamReader output)
    {
        Span<Range> fields = stackalloc Range[12];
        while (output.ReadLine() is { } line)
        {
            builder.Check();
            if (line.Length == 0 || line.AsSpan().Split(fields, '\t') < 12)
                continue;

            switch (line[0])
            {
                case '1':
                    EndLine();
                    if (_pages.Count == builder.Limits.Pages)
                        throw new RefusedException(Refusals.TooManyPages(builder.Limits.Pages));
                    _pages.Add(new PdfPage(_pages.Count + 1, Number(line, fields[9]), []));
                    break;
                case '3':
                    EndLine();
                    _block++;
                    break;
                case '4':
                    EndLine();
                    break;
                case '5':
                    Add(line.AsSpan(fields[11]), Number(line, fields[6]), Number(line, fields[7]), Number(line, fields[8]), Number(line, fields[9]));
                    break;
            }
        }

        EndLine();
        return _pages;
    }

    private void Add(ReadOnlySpan<char> word, float left, float top, float width, float height)
    {
        if ((_characters += word.Length + 1) > builder.Limits.Characters)
            throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));
        if (_words > 0 && left - _right > GapMin * height)
            EndLine();

        if (_words == 0)
            (_left, _top, _right, _bottom) = (left, top, left + width, top + height);
        else
        {
            if (!(IsIdeograph(_text[^1]) && IsIdeograph(word[0])))
                _text.Append(' ');
            (_right, _top, _bottom) = (Math.Max(_right, left + width), Math.Min(_top, top), Math.Max(_bottom, top + height));
        }

        _text.Append(word);
        _words++;
    }

    private void EndLine()
    {
        if (_words > 0 && _pages.Count > 0)
            _pages[^1].Lines.Add(new PdfLine(_left, _top, _right, _bottom, Leaders().Replace(_text.ToString(), " …"), _words, _block));
        _text.Clear();
        _words = 0;
    }

    // Chinese and Japanese put no spaces between words.
    private static bool IsIdeograph(char character) => character is >= '\u3040' and <= '\u30ff' or >= '\u3400' and <= '\u9fff';

    // The dots that lead the eye to a page number in a table of contents.
    [GeneratedRegex(@"(?: ?\.){4,}")]
    private static partial Regex Leaders();

    private static float Number(string line, Range field) =>
        float.TryParse(line.AsSpan(field), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number) ? number : 0;
}
