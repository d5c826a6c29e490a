namespace Lyceum.Models;

/// <summary>What was heard. Segments are in order and within the recording; Duration is in seconds, null where the provider does not tell it.</summary>
/// <param name="Language">ISO 639-1 code of what was heard, null where the provider does not tell it.</param>
/// <param name="Segments">Empty where the provider tells no times: then there is the text alone.</param>
public sealed record Transcript(string Text, string? Language, double? Duration, IReadOnlyList<TranscriptSegment> Segments);

/// <summary>An utterance, from second to second.</summary>
public sealed record TranscriptSegment(double Start, double End, string Text);

/// <summary>A recording to be listened to. <paramref name="Open"/> is called once for each attempt, and what it gives is closed here.</summary>
/// <param name="Name">A file name with the extension of its format: providers go by it.</param>
/// <param name="Seconds">How long it is, as far as known.</param>
public sealed record Recording(Func<Stream> Open, string Name, string MimeType, double? Seconds);
