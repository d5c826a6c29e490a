using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Fills chunks block by block. A block that fits goes in whole; one that does not starts a new chunk, or is cut into
/// sentences or rows, and those into words. Headings stay with what follows them.
/// </summary>
internal sealed class StructuredSplit(IReadOnlyList<TextPage> pages, SplitSettings settings, Measure measure, ChunkList chunks)
{
    // A chunk filled this far rather ends than tears the next block apart.
    private const double FullEnough = 0.4;
    private const int CharactersPerToken = 4;

    private readonly List<SplitBlock> _blocks = SplitBlock.Of(pages);

    // Headings that wait for their text: they join the chunk of the block that follows.
    private readonly List<SplitBlock> _waiting = [];

    private readonly int _combineUnder = settings.CombineUnderChars
        ?? settings.Size * (settings.Unit == SplitUnit.Tokens ? CharactersPerToken : 1) / (settings.Strategy == SplitStrategy.ByTitle ? 4 : 2);

    private SplitBlock? _previous;
    private SplitBlock? _added;

    public void Run()
    {
        for (var i = 0; i < _blocks.Count; i++)
        {
            var block = _blocks[i];
            if (!settings.MultipageSections && _previous is not null && _previous.Page != block.Page)
                Flush();
            if (block.Kind == BlockKind.Heading && measure.Of(Text(block)) * 2 <= measure.Size)
            {
                if (_waiting.Count == 0 && !chunks.IsEmpty && !Joins(i))
                    chunks.Close();
                _waiting.Add(block);
            }
            else
            {
                if (settings.Strategy == SplitStrategy.ByTitle && settings.NewAfterChars is { } newAfter && chunks.Characters >= newAfter)
                    chunks.Close();
                Place(block);
            }

            _previous = block;
        }

        Flush();
    }

    // At the end of a page, headings have nothing to wait for any more.
    private void Flush()
    {
        PlaceHeadings(0);
        chunks.Close();
    }

    /// <summary>Whether the section that starts at this heading may share the open chunk.</summary>
    private bool Joins(int heading)
    {
        if (!chunks.HasBody)
            return true;
        if (chunks.Characters >= _combineUnder)
            return false;

        var (price, characters, body) = (0L, 0, false);
        for (var i = heading; i < _blocks.Count && _blocks[i].Page == _blocks[heading].Page; i++)
        {
            if (_blocks[i].Kind == BlockKind.Heading && body)
                break;
            body |= _blocks[i].Kind != BlockKind.Heading;
            price += measure.Of(Text(_blocks[i])) + 90;
            characters += _blocks[i].End - _blocks[i].Start;
            if (chunks.Price + price > measure.Size)
                return false;
        }

        return settings.Strategy != SplitStrategy.ByTitle || characters < _combineUnder;
    }

    private void Place(SplitBlock block)
    {
        var price = measure.Of(Text(block));
        var headings = _waiting.Sum(heading => measure.Of(Text(heading)) + 100);
        if (chunks.IsEmpty || chunks.PriceWith(block.Page, Start(block), block.End, price + headings) <= measure.Size)
        {
            PlaceHeadings(price);
            if (chunks.IsEmpty || chunks.PriceWith(block.Page, block.Start, block.End, price) <= measure.Size)
            {
                if (price <= measure.Size)
                    Add(block, block.Start, block.End, price);
                else
                    Pour(block);
                return;
            }
        }
        else if (_waiting.Count > 0 || (price <= measure.Size && chunks.Price >= measure.Size * FullEnough))
        {
            var overlap = _waiting.Count == 0 ? OverlapStart(block) : null;
            chunks.Close();
            PlaceHeadings(price);
            Continue(overlap, block, block.Start, block.End, price);
            if (chunks.PriceWith(block.Page, block.Start, block.End, price) <= measure.Size)
            {
                Add(block, block.Start, block.End, price);
                return;
            }
        }

        Pour(block);
    }

    private int Start(SplitBlock block) => _waiting.Count > 0 && _waiting[0].Page == block.Page ? _waiting[0].Start : block.Start;

    private void PlaceHeadings(long ahead)
    {
        foreach (var heading in _waiting)
        {
            var price = measure.Of(Text(heading));
            if (!chunks.IsEmpty && chunks.PriceWith(heading.Page, heading.Start, heading.End, price) + Math.Min(ahead, measure.Size / 4) > measure.Size)
                chunks.Close();
            Add(heading, heading.Start, heading.End, price);
        }

        _waiting.Clear();
    }

    /// <summary>Cuts a block into sentences, or lines where lines count, and adds one after the other.</summary>
    private void Pour(SplitBlock block)
    {
        var text = pages[block.Page].Text;
        var isLines = block.Kind is BlockKind.Table or BlockKind.List or BlockKind.Code;
        for (var start = block.Start; start < block.End;)
        {
            var next = Sentences.Next(text, start, block.End, isLines);
            var end = next;
            while (end > start && char.IsWhiteSpace(text[end - 1]))
                end--;
            Drop(block, start, end, isCut: false);
            start = next;
        }
    }

    private void Drop(SplitBlock block, int start, int end, bool isCut)
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
                Continue(overlap, block, start, end, price);
        }

        Add(block, start, end, price);
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

    /// <summary>The first sentence of the open chunk from which on it is short enough to be said again.</summary>
    private int? OverlapStart(SplitBlock next)
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

    private void Add(SplitBlock block, int start, int end, long price)
    {
        chunks.Add(block.Page, start, end, price, block);
        _added = block;
    }

    private void Continue(int? overlap, SplitBlock block, int start, int end, long price)
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

    private ReadOnlySpan<char> Text(SplitBlock block) => pages[block.Page].Text.AsSpan(block.Start, block.End - block.Start);
}
