using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Markdown keeps its source as its text: it reads well as it is, and every offset points into what the author wrote.
/// Markdig only finds the blocks. Its inline parsers stay out, since a hostile line can keep them busy for minutes.
/// Front matter is not part of the text; its title is the document's.
/// </summary>
internal static partial class MarkdownFormat
{
    private static readonly MarkdownPipeline Blocks = BlocksOnly();

    public static string? Read(string source, TextBuilder builder)
    {
        source = TextBuilder.Clean(source);
        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(source, Blocks);
        }
        catch (ArgumentException)
        {
            // Markdig refuses to nest deeper than 128 levels. Such a text is still a text.
            return PlainTextFormat.Read(source, builder);
        }

        string? title = null;
        var cut = 0;
        if (document.FirstOrDefault() is YamlFrontMatterBlock matter)
        {
            cut = Math.Min(source.Length, matter.Span.End + 1);
            title = FrontMatterTitle().Match(source[..cut]) is { Success: true } found ? found.Groups[1].Value.Trim().Trim('"', '\'') : null;
        }

        var text = source[cut..].TrimStart('\n');
        cut = source.Length - text.Length;
        builder.WholePage(text, InOrder(document.SelectMany(block => Block(block, text, cut, builder)), text, builder));
        return title;
    }

    private static MarkdownPipeline BlocksOnly()
    {
        var pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter();
        pipeline.InlineParsers.Clear();
        return pipeline.Build();
    }

    private static IEnumerable<TextBlock> Block(Block block, string text, int cut, TextBuilder builder)
    {
        builder.Check();
        var start = Math.Max(0, block.Span.Start - cut);
        var end = Math.Min(text.Length, block.Span.End + 1 - cut);
        if (block is YamlFrontMatterBlock || end <= start)
            return [];

        // The closing marks of "## Scope ##" are outside of Markdig's span, but on the line.
        end = LineEnd(text, end, text.Length);

        return block switch
        {
            HeadingBlock heading => [new TextBlock(BlockKind.Heading, start, end, Math.Clamp(heading.Level, 1, 6))],
            ListBlock => [new TextBlock(BlockKind.List, start, end)],
            CodeBlock => [new TextBlock(BlockKind.Code, start, end)],
            ParagraphBlock when Table(text, start, end, builder) is { } table => table,
            _ => PlainTextFormat.Paragraphs(text, start, end, builder),
        };
    }

    // Pipe tables are an inline affair in Markdig; on the level of lines they are simpler: a row, a rule, and rows.
    private static TextBlock[]? Table(string text, int start, int end, TextBuilder builder)
    {
        var header = LineEnd(text, start, end);
        if (header >= end || !text.AsSpan(start, header - start).Contains('|'))
            return null;

        var rule = LineEnd(text, header + 1, end);
        if (!IsRule(text.AsSpan(header + 1, rule - header - 1)))
            return null;

        var lines = text.AsSpan(start, end - start).Count('\n') + 1;
        var columns = text.AsSpan(start, header - start).Trim().Trim('|').Count('|') + 1;
        for (var line = 0; line < lines; line++)
            builder.CountCells(columns);
        return [new TextBlock(BlockKind.Table, start, end, 0, text[start..rule])];
    }

    private static bool IsRule(ReadOnlySpan<char> line) =>
        line.Contains('-') && line.IndexOfAnyExcept("|-: \t") < 0 && (line.Contains('|') || line.Contains(':'));

    private static int LineEnd(string text, int from, int to) =>
        text.IndexOf('\n', from, to - from) is var end && end < 0 ? to : end;

    // Markdig puts link definitions aside; here they are text like the rest. Blocks are promised in order and apart.
    private static IEnumerable<TextBlock> InOrder(IEnumerable<TextBlock> blocks, string text, TextBuilder builder)
    {
        var last = 0;
        foreach (var block in blocks.OrderBy(block => block.Start))
        {
            var start = Math.Max(block.Start, last);
            var end = block.End;
            while (end > start && char.IsWhiteSpace(text[end - 1]))
                end--;
            if (end <= start)
                continue;

            foreach (var between in PlainTextFormat.Paragraphs(text, last, start, builder))
                yield return between;
            last = end;
            yield return block with { Start = start, End = end };
        }

        foreach (var rest in PlainTextFormat.Paragraphs(text, last, text.Length, builder))
            yield return rest;
    }

    [GeneratedRegex(@"^title:[ \t]*(\S.*)$", RegexOptions.Multiline)]
    private static partial Regex FrontMatterTitle();
}
