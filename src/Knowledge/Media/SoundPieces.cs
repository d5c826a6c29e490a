using Lyceum.Knowledge.Reading;
using Lyceum.Models;

namespace Lyceum.Knowledge.Media;

/// <summary>A piece of a recording that a transcription model takes at once, and where it begins in the whole.</summary>
internal sealed record SoundPiece(double Start, Recording Sound);

/// <summary>
/// A recording in pieces. One that providers take as it is stays whole; others are cut, plain samples here and everything else after ffmpeg made samples of it.
/// Dispose of it when all is heard: what was written on the way goes then.
/// </summary>
internal sealed class SoundPieces : IDisposable
{
    /// <summary>Providers take 25 MB; the rest of the request has to fit too.</summary>
    public const long WholeBytes = 24L << 20;

    /// <summary>Some models take no more than 25 minutes, and what is lost when one fails should be little.</summary>
    public const double WholeSeconds = 1_200;

    // Whoever speaks without a pause of a tenth of a second for so long is cut in a word.
    private const double PieceSeconds = 600, LookedForQuiet = 30, PieceBytes = WholeBytes;

    private static readonly Dictionary<string, string> TakenAsTheyAre = new(StringComparer.Ordinal)
    {
        ["audio/mpeg"] = ".mp3", ["audio/mp4"] = ".m4a", ["video/mp4"] = ".mp4", ["video/webm"] = ".webm", ["audio/wav"] = ".wav", ["audio/ogg"] = ".ogg", ["audio/flac"] = ".flac",
    };

    private readonly string? _folder;

    private SoundPieces(IReadOnlyList<SoundPiece> pieces, double? seconds, string? folder) => (Pieces, Seconds, _folder) = (pieces, seconds, folder);

    public IReadOnlyList<SoundPiece> Pieces { get; }

    /// <summary>How long the whole is; null until somebody listens.</summary>
    public double? Seconds { get; }

    /// <summary>Throws <see cref="IntakeRefused"/> with a sentence where it cannot be listened to; before anything is sent anywhere.</summary>
    public static async Task<SoundPieces> Of(string path, DetectedFormat detected, TimeSpan most, CancellationToken ct)
    {
        var wave = detected.MimeType == "audio/wav" ? Wave.Open(path) : null;
        var seconds = wave?.Seconds ?? (Ffmpeg.IsHere ? await Ffmpeg.Seconds(path, detected.MimeType, ct) : null);
        if (seconds > most.TotalSeconds)
        {
            throw TooLong(most);
        }

        var isTaken = TakenAsTheyAre.TryGetValue(detected.MimeType, out var extension) && new FileInfo(path).Length <= WholeBytes;
        if (isTaken && (seconds is null or <= WholeSeconds || (wave is null && !Ffmpeg.IsHere)))
        {
            return new SoundPieces([new SoundPiece(0, new Recording(() => File.OpenRead(path), $"recording{extension}", detected.MimeType, seconds))], seconds, null);
        }

        if (wave is not null)
        {
            return new SoundPieces(Cut(wave), wave.Seconds, null);
        }

        if (!Ffmpeg.IsHere)
        {
            var missing = Refusals.SoundToolMissing(TakenAsTheyAre.ContainsKey(detected.MimeType) ? $"recordings of more than {WholeBytes >> 20} MB" : detected.Name);
            throw new IntakeRefused(missing.Code, missing.Message);
        }

        var folder = Directory.CreateTempSubdirectory("lyceum-media-").FullName;
        var kept = false;
        try
        {
            var samples = Path.Combine(folder, "sound.wav");
            if (!await Ffmpeg.Extract(path, detected.MimeType, samples, most.TotalSeconds + 1, ct) || Wave.Open(samples) is not { DataLength: > 0 } sound)
            {
                throw new IntakeRefused("no_sound", "No sound could be read from this recording. Open it in a player to see whether it has any, save it again and upload the new copy.");
            }

            // Not every recording says how long it is, and not every one tells the truth.
            if (sound.Seconds > most.TotalSeconds)
            {
                throw TooLong(most);
            }

            kept = true;
            return new SoundPieces(Cut(sound), sound.Seconds, folder);
        }
        finally
        {
            if (!kept)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static IReadOnlyList<SoundPiece> Cut(Wave wave)
    {
        var most = Math.Min(PieceSeconds, PieceBytes / wave.FrameBytes / wave.Rate);
        return [.. wave.Cuts(most, Math.Min(LookedForQuiet, most / 4)).Select(cut => new SoundPiece(
            wave.At(cut.From), new Recording(() => wave.Part(cut.From, cut.To), "recording.wav", "audio/wav", wave.At(cut.To - cut.From))))];
    }

    private static IntakeRefused TooLong(TimeSpan most) =>
        new IntakeRefused("recording_too_long", $"This recording is longer than {most.TotalMinutes:N0} minutes. Cut it into shorter ones and upload those, or ask your administrator to raise the limit (LYCEUM_MAX_MEDIA_MINUTES).");
}
