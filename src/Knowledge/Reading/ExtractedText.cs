using System.Text.Json.Serialization;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// What a file says, without its looks: pages of text, and on each page the blocks that give it structure.
/// All offsets count UTF-16 units of the page's <see cref="TextPage.Text"/>.
/// </summary>
/// <param name="Title">The document's own title, or null when it names none; a file name is never used.</param>
/// <param name="Language">ISO 639-1 code of the language most of the text is in, or null when unsure.</param>
public sealed record ExtractedText(
    FileFormat Format,
    string MimeType,
    string? Title,
    string? Language,
    IReadOnlyList<TextPage> Pages);

/// <summary>
/// One page, slide or sheet. <paramref name="Number"/> counts from 1 and is null when the format has no pages;
/// <paramref name="Name"/> is a sheet's name. Blocks are in order, do not overlap, and cover all that is not blank.
/// </summary>
public sealed record TextPage(int? Number, string? Name, string Text, IReadOnlyList<TextBlock> Blocks);

/// <summary>
/// A piece of a page that belongs together. <paramref name="Level"/> is 1 to 6 for a heading and 0 for the rest.
/// <paramref name="Header"/> is a table's header row as it stands in the text, to be repeated when the table is cut.
/// </summary>
public sealed record TextBlock(BlockKind Kind, int Start, int End, int Level = 0, string? Header = null)
{
    /// <summary>In a transcript, when the block's first word is said, in seconds; null elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? From { get; init; }

    /// <summary>And its last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? To { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<BlockKind>))]
public enum BlockKind
{
    [JsonStringEnumMemberName("paragraph")] Paragraph,
    [JsonStringEnumMemberName("heading")] Heading,
    [JsonStringEnumMemberName("list")] List,
    [JsonStringEnumMemberName("table")] Table,
    [JsonStringEnumMemberName("code")] Code,
}

[JsonConverter(typeof(JsonStringEnumConverter<FileFormat>))]
public enum FileFormat
{
    [JsonStringEnumMemberName("unsupported")] Unsupported,
    [JsonStringEnumMemberName("pdf")] Pdf,
    [JsonStringEnumMemberName("docx")] Docx,
    [JsonStringEnumMemberName("pptx")] Pptx,
    [JsonStringEnumMemberName("xlsx")] Xlsx,
    [JsonStringEnumMemberName("csv")] Csv,
    [JsonStringEnumMemberName("html")] Html,
    [JsonStringEnumMemberName("markdown")] Markdown,
    [JsonStringEnumMemberName("text")] Text,
    [JsonStringEnumMemberName("json")] Json,
    [JsonStringEnumMemberName("rtf")] Rtf,
    [JsonStringEnumMemberName("odt")] Odt,
    [JsonStringEnumMemberName("epub")] Epub,
    [JsonStringEnumMemberName("email")] Email,
    [JsonStringEnumMemberName("image")] Image,
    [JsonStringEnumMemberName("legacy_office")] LegacyOffice,
    [JsonStringEnumMemberName("media")] Media,
}
