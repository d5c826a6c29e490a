using System.ComponentModel.DataAnnotations;
using Lyceum.Knowledge.Splitting;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// How a collection's texts are cut. Strategy is recursive, by_title, sentence, semantic, fixed or custom; with custom a chunk begins at every
/// one of Separators, or wherever Pattern matches.
/// </summary>
public sealed record ChunkingSettings(
    [property: Required, RegularExpression("recursive|by_title|sentence|semantic|fixed|custom")] string Strategy,
    [property: Range(16, 8192)] int Size,
    [property: Range(0, 4096)] int Overlap,
    [property: RegularExpression("tokens|chars")] string Unit = "tokens",
    [property: Range(0, 100_000)] int? CombineUnder = null,
    [property: Range(1, 100_000)] int? NewAfter = null,
    bool MultipageSections = false)
{
    /// <summary>Words a chunk begins with, at most 16.</summary>
    public IReadOnlyList<string> Separators { get; init; } = [];

    /// <summary>A regular expression, without looking ahead or back; ^ and $ stand for every line.</summary>
    [MaxLength(Marks.PatternMax)]
    public string? Pattern { get; init; }

    /// <summary>Whether a language model summarises each passage before it is embedded. What is found and quoted stays the passage itself.</summary>
    public bool Summarise { get; init; }

    /// <summary>As columns of <c>knowledge.collections c</c>, in the order of <see cref="Read"/>.</summary>
    internal static Sql Columns =>
        $"c.chunking_strategy, c.chunk_size, c.chunk_overlap, c.chunk_unit, c.combine_under_n_chars, c.new_after_n_chars, c.multipage_sections, c.chunk_separators, c.chunk_pattern, c.summarise";

    /// <summary>The name of the settings of <c>knowledge.collections c</c>; a revision keeps that of the settings it was cut with.</summary>
    internal static Sql Key => $"knowledge.chunking_key({Columns})";

    internal static ChunkingSettings Read(Row row) => new(
        row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<string>(), row.Get<int?>(), row.Get<int?>(), row.Get<bool>())
    {
        Separators = row.Get<string[]>(),
        Pattern = row.Get<string?>(),
        Summarise = row.Get<bool>(),
    };
}

/// <summary>Settings, and how many documents are searched as they were cut with others.</summary>
public sealed record Chunking(ChunkingSettings Settings, string Status, int DocumentCount, int OutdatedCount);

/// <summary>What to cut for show: a document, or a text; with the collection's settings, or others that are tried.</summary>
public sealed record PreviewChunking(Guid? DocumentId = null, [property: MaxLength(200_000)] string? Text = null, ChunkingSettings? Settings = null);

/// <summary>The first chunks of a text as it would be cut. A long text is cut in its first 200,000 characters, and IsPart says so.</summary>
public sealed record ChunkingPreview(int Count, int Tokens, int Smallest, int Largest, bool IsPart, IReadOnlyList<PreviewedChunk> Chunks);

public sealed record PreviewedChunk(int Index, int? Page, string? Section, IReadOnlyList<string> Headings, string Text, int TokenCount, int RepeatedChars, bool Overlaps);

/// <summary>How many documents a job cuts again.</summary>
public sealed record RechunkStarted(int Documents);

/// <summary>Decisions about settings of cutting that need no database.</summary>
internal static class ChunkingRules
{
    public static Problem? Fault(ChunkingSettings settings) => settings switch
    {
        { Overlap: var overlap, Size: var size } when overlap >= size => Invalid("Overlap is smaller than the size; a quarter of it is plenty."),
        { Separators: null } => Invalid("separators is a list, which may be empty."),
        { Separators.Count: > Marks.SeparatorsMax } => Invalid($"There are at most {Marks.SeparatorsMax} separators."),
        _ when settings.Separators.Any(s => s is not { Length: > 0 and <= Marks.SeparatorMax } || string.IsNullOrWhiteSpace(s) || s.Contains('\0', StringComparison.Ordinal)) =>
            Invalid($"A separator has from 1 to {Marks.SeparatorMax} characters and is not blank."),
        { Pattern: { } pattern } when pattern.Length == 0 || pattern.Contains('\0', StringComparison.Ordinal) => Invalid("A pattern has at least one character."),
        { Strategy: "custom", Separators.Count: 0, Pattern: null } => Invalid("Custom needs separators or a pattern: what does a chunk begin with?"),
        { Strategy: "custom", Separators.Count: > 0, Pattern: not null } => Invalid("Give separators or a pattern, not both."),
        { Pattern: { } tried } when Marks.OfPattern(tried).Fault is { } fault => Invalid(fault),
        _ => null,
    };

    private static Problem Invalid(string detail) => Problem.Invalid("invalid_chunking", detail);
}
