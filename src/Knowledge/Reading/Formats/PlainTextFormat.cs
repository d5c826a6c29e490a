namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>Plain text: paragraphs are what blank lines separate. Nothing else is guessed from it.</summary>
internal static class PlainTextFormat
{
    public static string? Read(string text, TextBuilder builder)
    {
        text = TextBuilder.Clean(text);
        builder.WholePage(text, Paragraphs(text, 0, text.Length, builder));
        return null;
    }

    /// <summary>The paragraphs of a part of a text, without the blank lines around them.</summary>
    public static IEnumerable<TextBlock> Paragraphs(string text, int from, int to, TextBuilder builder)
    {
        int? start = null;
        var end = from;
        for (var line = from; line < to;)
        {
            builder.Check();
            var newline = text.IndexOf('\n', line, to - line);
            var lineEnd = newline < 0 ? to : newline;
            var filled = text.AsSpan(line, lineEnd - line).TrimEnd();
            if (!filled.IsEmpty)
            {
                start ??= line;
                end = line + filled.Length;
            }
            else if (start is { } begun)
            {
                yield return new TextBlock(BlockKind.Paragraph, begun, end);
                start = null;
            }

            line = lineEnd + 1;
        }

        if (start is { } last)
            yield return new TextBlock(BlockKind.Paragraph, last, end);
    }
}
