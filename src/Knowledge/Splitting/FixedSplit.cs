using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Windows of the same size over each page, word by word. The overlap starts at a sentence if one begins inside it, and
/// at a word otherwise.
/// </summary>
internal sealed class FixedSplit(IReadOnlyList<TextPage> pages, SplitSettings settings, Measure measure, ChunkList chunks)
{
    public void Run()
    {
        var page = -1;
        foreach (var block in SplitBlock.Of(pages))
        {
            if (block.Page != page && !settings.MultipageSections)
                chunks.Close();
            page = block.Page;
            Fill(block);
        }
    }

    private void Fill(SplitBlock block)
    {
        var text = pages[block.Page].Text;
        for (var start = block.Start; start < block.End;)
        {
            var stop = start;
            while (stop < block.End && !char.IsWhiteSpace(text[stop]))
                stop++;
            var length = stop - start;
            var price = measure.Of(text.AsSpan(start, length));
            if (price > measure.Size)
            {
                length = measure.Fitting(text.AsSpan(start, length));
                price = measure.Of(text.AsSpan(start, length));
            }

            if (!chunks.IsEmpty && chunks.PriceWith(block.Page, start, start + length, price) > measure.Size)
                Turn(block, start, price);
            chunks.Add(block.Page, start, start + length, price, block);
            for (start += length; start < block.End && char.IsWhiteSpace(text[start]);)
                start++;
        }
    }

    private void Turn(SplitBlock block, int start, long price)
    {
        var last = chunks.Last;
        chunks.Close();
        if (measure.Overlap == 0 || last.Page != block.Page)
            return;

        var text = pages[block.Page].Text;
        if (From(text, last) is { } from && measure.Of(text.AsSpan(from, start - from)) + price <= measure.Size)
            chunks.Overlap(block.Page, from, last.End, block);
    }

    private int? From(string text, Span last)
    {
        // Words backwards as far as the overlap reaches.
        int? word = null;
        for (var at = last.End - 1; at > last.Start; at--)
        {
            if (char.IsWhiteSpace(text[at]) || !char.IsWhiteSpace(text[at - 1]))
                continue;
            if (measure.Of(text.AsSpan(at, last.End - at)) > measure.Overlap)
                break;
            word = at;
        }

        if (word is not { } first)
            return null;

        for (var at = Sentences.Next(text, last.Start, last.End, isLines: false); at < last.End; at = Sentences.Next(text, at, last.End, isLines: false))
        {
            if (at >= first)
                return at;
        }

        return first;
    }
}
