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

    private readonly Pouring _pouring = new(pages, measure, chunks);

    private SplitBlock? _previous;

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
                    _pouring.Add(block, block.Start, block.End, price);
                else
                    _pouring.Pour(block);
                return;
            }
        }
        else if (_waiting.Count > 0 || (price <= measure.Size && chunks.Price >= measure.Size * FullEnough))
        {
            var overlap = _waiting.Count == 0 ? _pouring.OverlapStart(block) : null;
            chunks.Close();
            PlaceHeadings(price);
            _pouring.Continue(overlap, block, block.Start, price);
            if (chunks.PriceWith(block.Page, block.Start, block.End, price) <= measure.Size)
            {
                _pouring.Add(block, block.Start, block.End, price);
                return;
            }
        }

        _pouring.Pour(block);
    }

    private int Start(SplitBlock block) => _waiting.Count > 0 && _waiting[0].Page == block.Page ? _waiting[0].Start : block.Start;

    private void PlaceHeadings(long ahead)
    {
        foreach (var heading in _waiting)
        {
            var price = measure.Of(Text(heading));
            if (!chunks.IsEmpty && chunks.PriceWith(heading.Page, heading.Start, heading.End, price) + Math.Min(ahead, measure.Size / 4) > measure.Size)
                chunks.Close();
            _pouring.Add(heading, heading.Start, heading.End, price);
        }

        _waiting.Clear();
    }

    private ReadOnlySpan<char> Text(SplitBlock block) => pages[block.Page].Text.AsSpan(block.Start, block.End - block.Start);
}
