using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>How a document is cut.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SplitStrategy>))]
public enum SplitStrategy
{
    /// <summary>Along the document's own joints: headings, then blocks, sentences, words. The default.</summary>
    [JsonStringEnumMemberName("recursive")] Recursive,

    /// <summary>A section never shares a chunk with another, unless both are small.</summary>
    [JsonStringEnumMemberName("by_title")] ByTitle,

    /// <summary>Windows of equal size, whatever stands in them; words stay whole.</summary>
    [JsonStringEnumMemberName("fixed")] Fixed,

    /// <summary>Whole sentences, as many as fit; where paragraphs end does not matter.</summary>
    [JsonStringEnumMemberName("sentence")] Sentence,

    /// <summary>Whole sentences, and a new chunk where the words change: where one subject ends and another begins.</summary>
    [JsonStringEnumMemberName("semantic")] Semantic,

    /// <summary>A new chunk wherever one of the collection's own marks stands.</summary>
    [JsonStringEnumMemberName("custom")] Custom,
}

/// <summary>What sizes are counted in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SplitUnit>))]
public enum SplitUnit
{
    /// <summary>Tokens as <see cref="TokenCount"/> estimates them.</summary>
    [JsonStringEnumMemberName("tokens")] Tokens,

    /// <summary>UTF-16 units.</summary>
    [JsonStringEnumMemberName("chars")] Chars,
}

/// <summary>What a collection says about its chunks.</summary>
public sealed record SplitSettings
{
    /// <summary>The smallest size in either unit: one word or one character of any script fits.</summary>
    public const int SizeMin = 8;

    public SplitStrategy Strategy { get; init; } = SplitStrategy.Recursive;

    /// <value>The most a chunk may hold, a repeated table header included. The default is 256.</value>
    public int Size { get; init; } = 256;

    /// <value>How much of the chunk before is said again, in whole sentences. Less than half of the size. The default is 32.</value>
    public int Overlap { get; init; } = 32;

    public SplitUnit Unit { get; init; } = SplitUnit.Tokens;

    /// <value>Sections below this many characters are joined with their neighbours. Null means half of the size, a quarter of it with by_title and semantic, and none with custom.</value>
    public int? CombineUnderChars { get; init; }

    /// <value>With by_title, a chunk of this many characters takes no further block even if there is room. Null means none.</value>
    public int? NewAfterChars { get; init; }

    /// <value>Whether a chunk may run on over the end of its page. Off by default: a citation then names one page.</value>
    public bool MultipageSections { get; init; }

    /// <value>With custom, where a chunk begins: at every match, which stays in the text. Made by <see cref="Marks"/>.</value>
    public Regex? Mark { get; init; }
}

/// <summary>
/// A piece of a document, the unit of retrieval and citation. <paramref name="Text"/> is the page's text from
/// <paramref name="Start"/> to <paramref name="End"/>, after the first <paramref name="RepeatedChars"/> characters, which
/// repeat the header of a table that began earlier.
/// </summary>
/// <param name="Index">Counts from 0 through the document.</param>
/// <param name="Page">The page's number, null where the format has none.</param>
/// <param name="PageIndex">The page's place in <see cref="ExtractedText.Pages"/>.</param>
/// <param name="EndPageIndex">
/// Where the chunk ends; differs from <paramref name="PageIndex"/> only with <see cref="SplitSettings.MultipageSections"/>.
/// Then <paramref name="Start"/> counts in the first page, <paramref name="End"/> in the last, and the pages' texts are
/// joined by an empty line.
/// </param>
/// <param name="Headings">The headings above the chunk's first words, outermost first.</param>
/// <param name="Section">The innermost of them.</param>
/// <param name="Kind">What most of the chunk is.</param>
public sealed record Chunk(
    int Index,
    int? Page,
    int PageIndex,
    int EndPageIndex,
    int Start,
    int End,
    IReadOnlyList<string> Headings,
    string? Section,
    string Text,
    int RepeatedChars,
    int TokenCount,
    BlockKind Kind)
{
    /// <summary>In a transcript, when its first word is said, in seconds; null elsewhere.</summary>
    public double? From { get; init; }

    /// <summary>And its last.</summary>
    public double? To { get; init; }
}
