using System.ComponentModel.DataAnnotations;

namespace Lyceum.Knowledge;

/// <summary>What is known of a document that is a recording, and how its transcript is made and cut. Duration is null until it was listened to.</summary>
/// <param name="Language">Language that was heard, ISO 639-1.</param>
/// <param name="ForcedLanguage">Language it is listened to in whatever it seems to be; null lets the model find out.</param>
public sealed record MediaAsset(
    Guid DocumentId, double? DurationSeconds, string? Language, string? ForcedLanguage, int ChunkMinSeconds, int ChunkMaxSeconds, int ChunkOverlapSeconds);

/// <summary>
/// How a recording's transcript is to be made and cut. With another language it is listened to again; with other windows its transcript is cut again.
/// </summary>
public sealed record SetMedia(
    [property: RegularExpression("[a-z]{2,3}", ErrorMessage = "forcedLanguage is a code of ISO 639, two or three small letters.")] string? ForcedLanguage = null,
    [property: Range(1, 3600)] int ChunkMinSeconds = 30,
    [property: Range(5, 3600)] int ChunkMaxSeconds = 120,
    [property: Range(0, 600)] int ChunkOverlapSeconds = 5);

/// <summary>An utterance of a transcript: from second to second, and where its words stand in the text of its page.</summary>
public sealed record SpokenText(double From, double To, int StartOffset, int EndOffset);
