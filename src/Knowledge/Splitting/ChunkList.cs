using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>A stretch of one page.</summary>
internal readonly record struct Span(int Page, int Start, int End);

/// <summary>
/// The chunk being filled and those that are done. Adding up prices is exact as long as pieces are separated by blanks;
/// where they are not, because a word had to be cut, the joined piece is measured anew.
/// </summary>
internal sealed class ChunkList(IReadOnlyList<TextPage> pages, Measure measure)
{
    private const string Join = "\n\n";

    private readonly List<Chunk> _chunks = [];
    private readonly List<Span> _spans = [];
    private readonly long[] _kinds = new long[5];
    private IReadOnlyList<string>? _headings;
    private IReadOnlyList<string> _firstHeadings = [];
    private string _repeated = "";
    private long _price;

    public bool IsEmpty => _spans.Count == 0;

    /// <summary>Where the open chunk ends; the page of its end decides what it may go on with.</summary>
    public Span Last => _spans[^1];

    public long Price => _price;

    public int Characters { get; private set; }

    /// <summary>Whether the open chunk holds anything besides headings.</summary>
    public bool HasBody { get; private set; }

    /// <summary>The price the open chunk would have with this piece.</summary>
    public long PriceWith(int page, int start, int end, long price)
    {
        if (_spans.Count == 0)
            return _price + price;
        if (Last.Page != page)
            return _price + measure.Of(Join) + price;
        return Last.End == start
            ? _price - measure.Of(Slice(Last)) + measure.Of(Slice(Last with { End = end }))
            : _price + measure.Of(pages[page].Text.AsSpan(Last.End, start - Last.End)) + price;
    }

    public void Add(int page, int start, int end, long price, SplitBlock block)
    {
        if (_spans.Count == 0)
            _firstHeadings = block.Headings;
        _price = PriceWith(page, start, end, price);
        if (_spans.Count > 0 && Last.Page == page)
            _spans[^1] = Last with { End = end };
        else
            _spans.Add(new Span(page, start, end));

        Characters += end - start;
        _kinds[(int)block.Kind] += end - start;
        if (block.Kind != BlockKind.Heading)
        {
            _headings ??= block.Headings;
            HasBody = true;
        }
    }

    /// <summary>Begins the open chunk, which must be empty, with words that were said before.</summary>
    public void Repeat(string header)
    {
        _repeated = header + "\n";
        _price = measure.Of(_repeated);
    }

    /// <summary>Opens a chunk that starts inside the one before; the words up to <paramref name="end"/> are said again.</summary>
    public void Overlap(int page, int start, int end, SplitBlock block)
    {
        Add(page, start, end, measure.Of(pages[page].Text.AsSpan(start, end - start)), block);
        Characters = 0;
    }

    public void Close()
    {
        if (_spans.Count == 0)
        {
            Clear();
            return;
        }

        var headings = _headings ?? _firstHeadings;
        var text = _repeated + string.Join(Join, _spans.Select(span => Slice(span).ToString()));
        _chunks.Add(new Chunk(
            _chunks.Count, pages[_spans[0].Page].Number, _spans[0].Page, Last.Page, _spans[0].Start, Last.End, headings,
            headings.Count > 0 ? headings[^1] : null, text, _repeated.Length, TokenCount.Estimate(text), Kind()));
        Clear();
    }

    public IReadOnlyList<Chunk> Finish()
    {
        Close();
        return _chunks;
    }

    private ReadOnlySpan<char> Slice(Span span) => pages[span.Page].Text.AsSpan(span.Start, span.End - span.Start);

    // A heading names the rest; only a chunk of nothing else is one.
    private BlockKind Kind()
    {
        var best = BlockKind.Heading;
        foreach (var kind in (ReadOnlySpan<BlockKind>)[BlockKind.Paragraph, BlockKind.List, BlockKind.Table, BlockKind.Code])
        {
            if (_kinds[(int)kind] > (best == BlockKind.Heading ? 0 : _kinds[(int)best]))
                best = kind;
        }

        return best;
    }

    private void Clear()
    {
        _spans.Clear();
        Array.Clear(_kinds);
        (_headings, _repeated, _price, Characters, HasBody) = (null, "", 0, 0, false);
    }
}
