using System.Text.RegularExpressions;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;

namespace Lyceum.Knowledge;

/// <summary>How a collection's settings cut a text, and what of a chunk is embedded.</summary>
internal static class SplitRules
{
    public static SplitSettings Settings(ChunkingSettings chunking) => new()
    {
        Strategy = chunking.Strategy switch
        {
            "by_title" => SplitStrategy.ByTitle,
            "fixed" => SplitStrategy.Fixed,
            "sentence" => SplitStrategy.Sentence,
            "semantic" => SplitStrategy.Semantic,
            "custom" => SplitStrategy.Custom,
            _ => SplitStrategy.Recursive,
        },
        Size = chunking.Size,
        // Half and more would say everything twice.
        Overlap = Math.Min(chunking.Overlap, (chunking.Size - 1) / 2),
        Unit = chunking.Unit == "chars" ? SplitUnit.Chars : SplitUnit.Tokens,
        CombineUnderChars = chunking.CombineUnder,
        NewAfterChars = chunking.NewAfter,
        MultipageSections = chunking.MultipageSections,
        Mark = chunking.Strategy == "custom" ? Mark(chunking) : null,
    };

    // A pattern was tried when it was saved; one that an older version took and this one does not cuts nowhere.
    private static Regex? Mark(ChunkingSettings chunking) =>
        chunking.Pattern is { } pattern ? Marks.OfPattern(pattern).Mark : Marks.OfWords(chunking.Separators);

    /// <summary>Cuts a text; a mark that takes too long is the collection's fault and said so.</summary>
    public static IReadOnlyList<Chunk> Split(ExtractedText text, ChunkingSettings chunking)
    {
        try
        {
            return Splitter.Split(text, Settings(chunking));
        }
        catch (RegexMatchTimeoutException)
        {
            throw new IntakeRefused("pattern_too_slow", "The collection's own pattern takes too long on this text. Write a shorter pattern in its settings, then retry.");
        }
    }

    /// <summary>A vector is made of the chunk with its document's title and section: a passage alone often does not say what it is about.</summary>
    public static string ToEmbed(string title, string? section, string text, string? summary = null) =>
        $"{(section is null || section == title ? title : $"{title}\n{section}")}\n{(summary is null ? text : $"{summary}\n{text}")}";

    /// <summary>The language a text seems to be in; null where there is too little of it to tell.</summary>
    public static string? LanguageOf(string text) => LanguageGuess.Of([new TextPage(null, null, text, [])]);

    /// <summary>A text sent as such: one page without a number, paragraphs at blank lines.</summary>
    public static ExtractedText Plain(string? title, string text)
    {
        var blocks = new List<TextBlock>();
        var start = 0;
        while (start < text.Length)
        {
            var end = text.IndexOf("\n\n", start, StringComparison.Ordinal);
            end = end < 0 ? text.Length : end;
            if (!text.AsSpan(start, end - start).IsWhiteSpace())
            {
                blocks.Add(new TextBlock(BlockKind.Paragraph, start, end));
            }

            start = end + 2;
        }

        return new ExtractedText(FileFormat.Text, "text/plain", title, null, [new TextPage(null, null, text, blocks)]);
    }
}
