using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Fills chunks sentence by sentence, and row by row in tables, lists and code, until they are full or a cut is asked for. A heading goes
/// with the sentence behind it.
/// </summary>
internal sealed class SentenceSplit(IReadOnlyList<TextPage> pages, SplitSettings settings, Measure measure, ChunkList chunks, Cuts cuts)
{
    private readonly Pouring _pouring = new(pages, measure, chunks);
    private readonly List<Piece> _group = [];

    private readonly int _combineUnder = settings.CombineUnderChars ?? settings.Strategy switch
    {
        SplitStrategy.Semantic => settings.Size * (settings.Unit == SplitUnit.Tokens ? 4 : 1) / 4,
        _ => 0,
    };

    // IsCut: a chunk is to begin here, or with the headings right before.
    private sealed record Piece(SplitBlock Block, int Start, int End, bool IsCut);

    public void Run()
    {
        (int Page, int End) before = (0, 0);
        foreach (var block in SplitBlock.Of(pages))
        {
            if (block.Page != before.Page)
            {
                Place();
                if (!settings.MultipageSections)
                    chunks.Close();
                before = (block.Page, 0);
            }

            foreach (var (start, end) in Pieces(block))
            {
                // A cut between this piece and the one before, or right where it begins.
                var piece = new Piece(block, start, end, cuts.Between(block.Page, before.End, start + 1));
                if (piece.IsCut && !_group.TrueForAll(one => IsHeading(one.Block)))
                    Place();
                _group.Add(piece);
                if (!IsHeading(block) && !IsHeader(piece))
                    Place();
                before = (block.Page, end);
            }
        }

        Place();
    }

    // A mark inside a sentence begins a piece of its own.
    private IEnumerable<(int Start, int End)> Pieces(SplitBlock block)
    {
        if (IsHeading(block) && !cuts.Between(block.Page, block.Start + 1, block.End))
        {
            yield return (block.Start, block.End);
            yield break;
        }

        var text = pages[block.Page].Text;
        for (var from = block.Start; from < block.End;)
        {
            var to = Math.Min(block.End, cuts.Next(block.Page, from + 1));
            // Never between the halves of one character.
            if (to < block.End && char.IsLowSurrogate(text[to]) && char.IsHighSurrogate(text[to - 1]))
                to++;
            foreach (var piece in _pouring.Pieces(block, from, to))
            {
                if (piece.End > piece.Start)
                    yield return piece;
            }

            for (from = to; from < block.End && char.IsWhiteSpace(text[from]);)
                from++;
        }
    }

    private bool IsHeading(SplitBlock block) =>
        block.Kind == BlockKind.Heading && measure.Of(pages[block.Page].Text.AsSpan(block.Start, block.End - block.Start)) * 2 <= measure.Size;

    // A table's first row goes with what it names.
    private static bool IsHeader(Piece piece) =>
        piece.Block is { Kind: BlockKind.Table, Header: { } header } && piece.End <= piece.Block.Start + header.Length && piece.End < piece.Block.End;

    private void Place()
    {
        if (_group.Count == 0)
            return;

        var (first, last) = (_group[0], _group[^1]);
        if (_group.Exists(piece => piece.IsCut) && chunks.Characters >= _combineUnder)
            chunks.Close();
        if (_group.Count > 1 && !chunks.IsEmpty)
        {
            // Headings do not stay behind: if their first sentence has no room here, they go with it.
            var price = measure.Of(pages[first.Block.Page].Text.AsSpan(first.Start, last.End - first.Start));
            if (chunks.PriceWith(first.Block.Page, first.Start, last.End, price) > measure.Size)
                chunks.Close();
        }

        foreach (var piece in _group)
            _pouring.Drop(piece.Block, piece.Start, piece.End, isCut: piece.IsCut);
        _group.Clear();
    }
}
