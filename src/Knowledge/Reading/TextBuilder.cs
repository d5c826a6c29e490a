using System.Buffers;
using System.Text;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Where every format writes what it finds. Keeps text and blocks in step, cleans what a database or a browser would
/// choke on, and refuses the document as soon as it passes a limit.
/// </summary>
internal sealed class TextBuilder(ReadLimits limits, CancellationToken ct)
{
    // Control characters but tab and line feed, no-break space, soft hyphen, byte order mark.
    private static readonly SearchValues<char> Unclean = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 32).Where(code => code is not ('\t' or '\n')).Select(code => (char)code)) + "\u007f\u00a0\u00ad\ufeff");

    private readonly List<TextPage> _pages = [];
    private readonly StringBuilder _text = new();
    private List<TextBlock> _blocks = [];
    private (BlockKind Kind, int Start, string? Header)? _run;
    private int? _number;
    private string? _name;
    private bool _isOpen;
    private long _characters;
    private long _cells;
    private int _checks;

    public ReadLimits Limits => limits;

    /// <summary>The text of the first heading so far, which serves as title where a document names none.</summary>
    public string? FirstHeading { get; private set; }

    public void BeginPage(int? number, string? name = null)
    {
        EndPage();
        if (_pages.Count >= limits.Pages)
            throw new RefusedException(Refusals.TooManyPages(limits.Pages));

        (_number, _name, _isOpen) = (number, name, true);
    }

    public void Heading(string text, int level) => Block(BlockKind.Heading, text.ReplaceLineEndings(" "), Math.Clamp(level, 1, 6));

    public void Paragraph(string text) => Block(BlockKind.Paragraph, text, 0);

    public void Code(string text) => Block(BlockKind.Code, text, 0);

    /// <summary>Adds to the open list, or opens one.</summary>
    public void ListItem(string text, int depth, string marker = "-")
    {
        text = Clean(text).Trim();
        if (text.Length == 0)
            return;

        Continue(BlockKind.List);
        Append(new string(' ', Math.Min(depth, 16) * 2));
        Append(marker);
        Append(" ");
        Append(text);
    }

    /// <summary>The header row of the open table as written, to continue the table on another page.</summary>
    public string? TableHeader => _run is { Kind: BlockKind.Table } run ? run.Header : null;

    /// <summary>Gives the open page a number after all, once the format turns out to have pages.</summary>
    public void NumberPage(int number) => _number = number;

    /// <summary>
    /// Adds to the open table, or opens one whose header is <paramref name="header"/> or else this row.
    /// An empty row is left out.
    /// </summary>
    public void Row(IReadOnlyList<string> cells, string? header = null)
    {
        CountCells(cells.Count);
        if (cells.Count == 0 || cells.All(string.IsNullOrWhiteSpace))
            return;

        Continue(BlockKind.Table);
        var start = _text.Length;
        foreach (var cell in cells)
        {
            Append(_text.Length == start ? "| " : " | ");
            Append(Cell(cell));
        }

        Append(" |");
        if (_run is { Header: null } run)
            _run = run with { Header = header ?? _text.ToString(start, _text.Length - start) };
    }

    /// <summary>Counts cells towards the limits before anyone allocates for them.</summary>
    public void CountCells(int count)
    {
        if (count > limits.Columns)
            throw new RefusedException(Refusals.TooManyColumns(limits.Columns));
        if ((_cells += count) > limits.Cells)
            throw new RefusedException(Refusals.TooManyCells(limits.Cells));
        Check();
    }

    /// <summary>Ends the open list or table, so that the next item starts a new one.</summary>
    public void EndRun()
    {
        if (_run is { } run && _text.Length > run.Start)
            _blocks.Add(new TextBlock(run.Kind, run.Start, _text.Length, 0, run.Header));
        _run = null;
    }

    /// <summary>Takes over a page whose text and blocks are already in step, as with formats that are text themselves.</summary>
    public void WholePage(string text, IEnumerable<TextBlock> blocks)
    {
        if (!_isOpen)
            BeginPage(null);
        Append(text);
        _blocks = [.. blocks];
        FirstHeading ??= _blocks.Find(block => block.Kind == BlockKind.Heading) is { } heading ? text[heading.Start..heading.End].TrimStart('#', ' ') : null;
    }

    /// <summary>The finished pages. A page without text stays, since the pages after it are counted from it.</summary>
    public IReadOnlyList<TextPage> Build()
    {
        EndPage();
        return _pages;
    }

    /// <summary>To be called in every loop: notices that nobody waits any more.</summary>
    public void Check()
    {
        if ((++_checks & 0xff) == 0)
            ct.ThrowIfCancellationRequested();
    }

    /// <summary>Without control characters, lone surrogates and invisible marks; never longer than it was.</summary>
    public static string Clean(string text)
    {
        var isClean = text.AsSpan().IndexOfAny(Unclean) < 0;
        if (isClean && text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0)
            return text;

        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (char.IsHighSurrogate(character) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                clean.Append(character).Append(text[++i]);
            else if (char.IsSurrogate(character))
                clean.Append('\ufffd');
            else if (character is '\u00ad' or '\ufeff')
                continue;
            else
                clean.Append(Unclean.Contains(character) ? ' ' : character);
        }

        return clean.ToString();
    }

    private void Block(BlockKind kind, string text, int level)
    {
        Check();
        text = Clean(text);
        text = kind == BlockKind.Code ? text.Trim('\n').TrimEnd() : text.Trim();
        if (text.Length == 0)
            return;

        EndRun();
        var start = Separate();
        Append(text);
        _blocks.Add(new TextBlock(kind, start, _text.Length, level));
        if (kind == BlockKind.Heading)
            FirstHeading ??= text;
    }

    private void Continue(BlockKind kind)
    {
        Check();
        if (_run?.Kind == kind)
        {
            Append("\n");
            return;
        }

        EndRun();
        _run = (kind, Separate(), null);
    }

    private int Separate()
    {
        if (!_isOpen)
            BeginPage(null);
        if (_text.Length > 0)
            Append("\n\n");
        return _text.Length;
    }

    private void Append(string text)
    {
        if ((_characters += text.Length) > limits.Characters)
            throw new RefusedException(Refusals.TextTooLarge(limits.Characters));
        _text.Append(text);
    }

    private static string Cell(string text)
    {
        text = Clean(text).Trim();
        if (text.AsSpan().IndexOfAny("\n\t|") < 0)
            return text;
        return string.Join(' ', text.Split(['\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Replace("|", "\\|", StringComparison.Ordinal);
    }

    private void EndPage()
    {
        EndRun();
        if (!_isOpen)
            return;

        _pages.Add(new TextPage(_number, _name, _text.ToString(), _blocks));
        _text.Clear();
        _blocks = [];
        _isOpen = false;
    }
}
