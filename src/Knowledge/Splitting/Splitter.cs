using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Cuts a document into chunks. Together they hold all of its text that is not blank, in order; each can be found again
/// by page and offsets; none is larger than asked. The same text and settings always give the same chunks.
/// </summary>
public static class Splitter
{
    public static IReadOnlyList<Chunk> Split(ExtractedText text, SplitSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Size, SplitSettings.SizeMin);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Overlap);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(settings.Overlap, settings.Size);

        var measure = new Measure(settings);
        var chunks = new ChunkList(text.Pages, measure);
        switch (settings.Strategy)
        {
            case SplitStrategy.Fixed:
                new FixedSplit(text.Pages, settings, measure, chunks).Run();
                break;
            case SplitStrategy.Sentence:
                new SentenceSplit(text.Pages, settings, measure, chunks, Cuts.None).Run();
                break;
            case SplitStrategy.Semantic:
                new SentenceSplit(text.Pages, settings, measure, chunks, Subjects.Find(text.Pages)).Run();
                break;
            case SplitStrategy.Custom:
                new SentenceSplit(text.Pages, settings, measure, chunks, Marks.Find(text.Pages, settings.Mark)).Run();
                break;
            default:
                new StructuredSplit(text.Pages, settings, measure, chunks).Run();
                break;
        }

        return chunks.Finish();
    }
}

/// <summary>Sizes in hundredths of the unit asked for.</summary>
internal sealed class Measure(SplitSettings settings)
{
    private readonly bool _isTokens = settings.Unit == SplitUnit.Tokens;

    public long Size { get; } = settings.Size * 100L;

    // More than half said twice would be more repetition than progress.
    public long Overlap { get; } = Math.Min(settings.Overlap * 100L, settings.Size * 50L);

    public long Of(ReadOnlySpan<char> text) => _isTokens ? TokenCount.Hundredths(text) : text.Length * 100L;

    /// <summary>How many characters from the start of <paramref name="text"/> fit; never half of a surrogate pair.</summary>
    public int Fitting(ReadOnlySpan<char> text)
    {
        // No character is dearer than one and a half tokens, so the smallest size always takes some.
        var length = (int)Math.Min(text.Length, Size / 100 * (_isTokens ? 12 : 1));
        while (length > 2 && Of(text[..length]) > Size)
            length = length * 3 / 4;
        return length < text.Length && char.IsHighSurrogate(text[length - 1]) && char.IsLowSurrogate(text[length]) ? Math.Max(length - 1, 2) : length;
    }
}
