using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>A block as the splitter sees it: without blanks around it, and with the headings it stands under.</summary>
internal sealed record SplitBlock(int Page, int Start, int End, BlockKind Kind, string? Header, IReadOnlyList<string> Headings)
{
    private const int HeadingCharacters = 200;

    /// <summary>
    /// All text of a document that is not blank, as blocks in order. Text outside any block becomes a paragraph; blocks
    /// that overlap or run over the page are cut back: nothing is lost and nothing is said twice, whatever was read.
    /// </summary>
    public static List<SplitBlock> Of(IReadOnlyList<TextPage> pages)
    {
        var blocks = new List<SplitBlock>();
        var headings = new (string Text, int Level)[6];
        IReadOnlyList<string> path = [];
        for (var page = 0; page < pages.Count; page++)
        {
            var (text, end) = (pages[page].Text, 0);
            foreach (var block in InOrder(pages[page].Blocks))
            {
                var start = Math.Clamp(block.Start, end, text.Length);
                var stop = Math.Clamp(block.End, start, text.Length);
                Add(end, start, BlockKind.Paragraph, null);
                if (block.Kind == BlockKind.Heading && !text.AsSpan(start, stop - start).IsWhiteSpace())
                    path = Below(headings, block.Level, text[start..stop]);
                Add(start, stop, block.Kind, block.Header);
                end = stop;
            }

            Add(end, text.Length, BlockKind.Paragraph, null);

            void Add(int from, int to, BlockKind kind, string? header)
            {
                while (from < to && char.IsWhiteSpace(text[from]))
                    from++;
                while (to > from && char.IsWhiteSpace(text[to - 1]))
                    to--;
                if (to > from)
                    blocks.Add(new SplitBlock(page, from, to, kind, header, path));
            }
        }

        return blocks;
    }

    private static IEnumerable<TextBlock> InOrder(IReadOnlyList<TextBlock> blocks)
    {
        for (var i = 1; i < blocks.Count; i++)
        {
            if (blocks[i].Start < blocks[i - 1].Start)
                return blocks.OrderBy(block => block.Start);
        }

        return blocks;
    }

    private static List<string> Below((string Text, int Level)[] headings, int level, string text)
    {
        level = Math.Clamp(level, 1, headings.Length);
        Array.Clear(headings, level - 1, headings.Length - level + 1);
        headings[level - 1] = (Title(text), level);
        return [.. headings.Where(heading => heading.Text is { Length: > 0 }).Select(heading => heading.Text)];
    }

    // Markdown keeps its marks in the text: "## Scope ##", or a line of dashes under the words.
    private static string Title(string text)
    {
        var line = text.AsSpan();
        if (line.IndexOf('\n') is > 0 and var end)
            line = line[..end];
        line = line.Trim().Trim('#').Trim();
        var length = Math.Min(line.Length, HeadingCharacters);
        return line[..(length > 0 && length < line.Length && char.IsHighSurrogate(line[length - 1]) ? length - 1 : length)].ToString();
    }
}
