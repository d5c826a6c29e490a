using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Adds pieces of a block to the open chunk: a piece that does not fit starts another, which says the last sentences or the table's header
/// again; one that fits nowhere is cut into words.
/// </summary>
internal sealed class Pouring(IReadOnlyList<TextPage> pages, Measure measure, ChunkList chunks)
{
    private SplitBlock? _added;

    public static bool IsLines(SplitBlock block) => block.Kind is BlockKind.Table or BlockKind.List or BlockKind.Code;

    /// <summary>Cuts a block into sentences, or lines where lines count, and adds one after the other.</summary>
    public void Pour(SplitBlock block)
    {
        foreach (var (start, end) in Pieces(block, block.Start, block.End))
            Drop(block, start, end, isCut: false);
    }

    /// <summary>The sentences or lines of a part of a block, without the blanks behind them.</summary>
    public IEnumerable<(int Start, int End)> Pieces(SplitBlock block, int from, int to)
    {
        var text = pages[block.Page].Text;
        for (var start = from; start < to;)
        {
            var next = Sentences.Next(text, start, to, IsLines(block));
            var end = next;
            while (end > start && char.IsWhiteSpace(text[end - 1]))
                end--;
            yield return (start, end);
            start = next;
        }
    }

    public void Drop(SplitBlock block, int start, int end, bool isCut)
    {
        var text = pages[block.Page].Text;
        var price = measure.Of(text.AsSpan(start, end - start));
        if (price > measure.Size)
        {
            Crumble(block, start, end);
            return;
        }

        if (!chunks.IsEmpty && chunks.PriceWith(block.Page, start, end, price) > measure.Size)
        {
            var overlap = isCut ? null : OverlapStart(block);
            chunks.Close();
            if (block is { Kind: BlockKind.Table, Header: { } header } && start > block.Start && !isCut
                && measure.Of(header) * 3 <= measure.Size && measure.Of(header) + measure.Of("\n") + price <= measure.Size)
                chunks.Repeat(header);
            else
                Continue(overlap, block, start, price);
        }

        Add(block, start, end, price);
    }

    /// <summary>The first sentence of the open chunk from which on it is short enough to be said again.</summary>
    public int? OverlapStart(SplitBlock next)
    {
        // Only within a section, a page and running text: a table repeats its header instead.
        if (measure.Overlap == 0 || chunks.IsEmpty || _added is not { } source || source.Page != next.Page
            || source.Kind is BlockKind.Table or BlockKind.Code or BlockKind.Heading || !ReferenceEquals(source.Headings, next.Headings))
            return null;

        var text = pages[source.Page].Text;
        var last = chunks.Last;
        for (var start = Math.Max(last.Start, source.Start); start < last.End; start = Sentences.Next(text, start, last.End, source.Kind == BlockKind.List))
        {
            if (start > last.Start && measure.Of(text.AsSpan(start, last.End - start)) <= measure.Overlap)
                return start;
        }

        return null;
    }

    public void Add(SplitBlock block, int start, int end, long price)
    {
        chunks.Add(block.Page, start, end, price, block);
        _added = block;
    }

    /// <summary>Opens a chunk with the words from <paramref name="overlap"/> on, if there are any and what follows still fits.</summary>
    public void Continue(int? overlap, SplitBlock block, int start, long price)
    {
        if (overlap is not { } from || !chunks.IsEmpty)
            return;

        var text = pages[block.Page].Text;
        var to = start;
        while (to > from && char.IsWhiteSpace(text[to - 1]))
            to--;
        if (to > from && measure.Of(text.AsSpan(from, start - from)) + price <= measure.Size)
            chunks.Overlap(block.Page, from, to, block);
    }

    /// <summary>Too long for a sentence: word by word, and a word without end wherever it must be.</summary>
    private void Crumble(SplitBlock block, int start, int end)
    {
        var text = pages[block.Page].Text;
        while (start < end)
        {
            var stop = start;
            while (stop < end && !char.IsWhiteSpace(text[stop]))
                stop++;
            for (var rest = start; rest < stop;)
            {
                var length = measure.Of(text.AsSpan(rest, stop - rest)) <= measure.Size ? stop - rest : measure.Fitting(text.AsSpan(rest, stop - rest));
                Drop(block, rest, rest + length, isCut: true);
                rest += length;
            }

            for (start = stop; start < end && char.IsWhiteSpace(text[start]);)
                start++;
        }
    }
}
