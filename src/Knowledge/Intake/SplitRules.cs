using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;

namespace Lyceum.Knowledge;

/// <summary>How a collection's settings cut a text, and what of a chunk is embedded.</summary>
internal static class SplitRules
{
    public static SplitSettings Settings(DocumentInWork document) => new()
    {
        Strategy = document.Strategy switch
        {
            "by_title" => SplitStrategy.ByTitle,
            "fixed" => SplitStrategy.Fixed,
            _ => SplitStrategy.Recursive,
        },
        Size = document.ChunkSize,
        // Half and more would say everything twice.
        Overlap = Math.Min(document.ChunkOverlap, (document.ChunkSize - 1) / 2),
        Unit = document.ChunkUnit == "chars" ? SplitUnit.Chars : SplitUnit.Tokens,
        CombineUnderChars = document.CombineUnder,
        MultipageSections = document.MultipageSections,
    };

    /// <summary>A vector is made of the chunk with its document's title and section: a passage alone often does not say what it is about.</summary>
    public static string ToEmbed(string title, string? section, string text) =>
        section is null || section == title ? $"{title}\n{text}" : $"{title}\n{section}\n{text}";

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
