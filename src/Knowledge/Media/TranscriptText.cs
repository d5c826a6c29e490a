using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Models;

namespace Lyceum.Knowledge.Media;

/// <summary>What was heard in one piece of a recording, which begins at a second of the whole.</summary>
internal sealed record HeardPiece(double Start, double? Seconds, Transcript Heard);

/// <summary>Puts pieces together to one text whose blocks are utterances with their times. Pure.</summary>
internal static class TranscriptText
{
    // Spoken words come at about this many characters a second; used only where nobody tells any time.
    private const double CharactersPerSecond = 14;
    private const double Paragraph = 2.0;

    public static ExtractedText Of(string mimeType, string? language, IReadOnlyList<HeardPiece> pieces)
    {
        var text = new StringBuilder();
        var blocks = new List<TextBlock>();
        var last = 0.0;
        foreach (var piece in pieces)
        {
            var length = piece.Seconds ?? piece.Heard.Duration;
            var most = length is { } known ? piece.Start + known : double.MaxValue;
            foreach (var segment in Segments(piece, length))
            {
                var words = string.Join(' ', TextBuilder.Clean(segment.Text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                if (words.Length == 0)
                {
                    continue;
                }

                // Models hear things after the end, and begin an utterance before the one before it is over.
                var from = Math.Round(Math.Clamp(piece.Start + segment.Start, last, Math.Max(last, most)), 3);
                var to = Math.Round(Math.Clamp(piece.Start + segment.End, from, Math.Max(from, most)), 3);
                if (text.Length > 0)
                {
                    text.Append(from - blocks[^1].To >= Paragraph ? "\n" : " ");
                }

                blocks.Add(new TextBlock(BlockKind.Paragraph, text.Length, text.Length + words.Length) { From = from, To = to });
                text.Append(words);
                last = from;
            }
        }

        TextPage[] pages = [new(null, null, text.ToString(), blocks)];
        return new ExtractedText(FileFormat.Media, mimeType, null, language ?? LanguageGuess.Of(pages), pages);
    }

    private static IEnumerable<TranscriptSegment> Segments(HeardPiece piece, double? length) => piece.Heard.Segments.Count > 0
        ? piece.Heard.Segments
        : [new TranscriptSegment(0, length ?? (piece.Heard.Text.Length / CharactersPerSecond), piece.Heard.Text)];
}
