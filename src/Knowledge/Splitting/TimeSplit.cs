using Lyceum.Knowledge.Reading;

namespace Lyceum.Knowledge.Splitting;

/// <summary>How long passages of a transcript are, in seconds. Overlap is how much of the one before is said again, in whole utterances.</summary>
public sealed record TimeWindows(int Min = 30, int Max = 120, int Overlap = 5)
{
    /// <summary>What cannot be asked for; null when all is well.</summary>
    public string? Fault() =>
        Min is < 1 or > 3600 ? "The shortest passage lasts from 1 to 3,600 seconds."
        : Max is < 5 or > 3600 ? "The longest passage lasts from 5 to 3,600 seconds."
        : Min > Max ? "The shortest passage is not longer than the longest."
        : Overlap < 0 || Overlap > 600 || Overlap * 2 > Max ? "What is said again lasts at most 600 seconds and at most half of the longest passage."
        : null;
}

/// <summary>
/// Cuts a transcript into passages by time: whole utterances, together at least as long as asked, ending where a sentence or a pause ends, and never longer than
/// asked. Each passage is a piece of the transcript's text and knows from when to when it is said. The same transcript and windows always give the same passages.
/// </summary>
public static class TimeSplit
{
    /// <summary>Somebody who speaks very fast, or a model that heard no times, must not make a passage that no embedding model reads whole.</summary>
    public const int CharactersMost = 4_000;

    private const double Pause = 1.0;

    public static IReadOnlyList<Chunk> Split(ExtractedText text, TimeWindows windows)
    {
        if (windows.Fault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(windows));
        }

        var chunks = new List<Chunk>();
        for (var page = 0; page < text.Pages.Count; page++)
        {
            Split(text.Pages[page], page, windows, chunks);
        }

        return chunks;
    }

    private static void Split(TextPage page, int index, TimeWindows windows, List<Chunk> chunks)
    {
        var said = page.Blocks.SelectMany(block => Parts(page.Text, block, windows.Max)).ToList();
        var (first, last) = (0, -1); // the passage being filled, both inclusive
        var begun = chunks.Count;
        for (var i = 0; i < said.Count; i++)
        {
            if (last >= first && !Fits(said[first], said[i], windows.Max))
            {
                Close(i);
            }

            last = i;
            if (said[i].To - said[first].From >= windows.Min && i + 1 < said.Count && (Ends(page.Text, said[i]) || said[i + 1].From - said[i].To >= Pause))
            {
                Close(i + 1);
            }
        }

        if (last >= first)
        {
            Finish();
        }

        // The passage from first to last ends; the next begins with what is said again, as far as there is room for it and the utterance that follows.
        void Close(int next)
        {
            Add(first, last);
            var again = next;
            while (again - 1 > first && said[again - 1].From >= said[next - 1].To - windows.Overlap && Fits(said[again - 1], said[next], windows.Max))
            {
                again--;
            }

            (first, last) = (again, next - 1);
        }

        // A short rest goes with the passage before it where there is room.
        void Finish()
        {
            var before = chunks.Count > begun ? chunks[^1] : null;
            if (before is { From: { } from } && said[last].To - said[first].From < windows.Min && said[last].To - from <= windows.Max && said[last].End - before.Start <= CharactersMost)
            {
                first = said.FindIndex(s => s.Start == before.Start);
                chunks.RemoveAt(chunks.Count - 1);
            }

            Add(first, last);
        }

        void Add(int from, int to)
        {
            var words = page.Text[said[from].Start..said[to].End];
            chunks.Add(new Chunk(chunks.Count, page.Number, index, index, said[from].Start, said[to].End, [], null, words, 0, TokenCount.Estimate(words), BlockKind.Paragraph)
            {
                From = said[from].From,
                To = Math.Max(said[from].From, said.GetRange(from, to - from + 1).Max(s => s.To)),
            });
        }
    }

    private static bool Fits(Utterance first, Utterance last, int most) => last.To - first.From <= most && last.End - first.Start <= CharactersMost;

    private static bool Ends(string text, Utterance said) => text.AsSpan(said.Start, said.End - said.Start).TrimEnd("\"'”’)]") is [.., '.' or '!' or '?' or '…' or '。' or '！' or '？'];

    // What is said in one breath for longer than a passage may be is cut between words; how long each part took is taken to be as its length.
    private static IEnumerable<Utterance> Parts(string text, TextBlock block, int windowSeconds)
    {
        var (start, end) = (Math.Min(block.Start, text.Length), Math.Min(block.End, text.Length)); // of a preview, a part of the text is there
        var (from, to) = (block.From ?? 0, Math.Max(block.From ?? 0, block.To ?? 0));
        var length = end - start;
        var most = (int)Math.Clamp(to > from ? length * windowSeconds / (to - from) : CharactersMost, 2, CharactersMost);
        for (var at = start; at < end;)
        {
            var stop = end - at <= most ? end : Between(text, at, at + most);
            var (begin, finish) = (at, stop);
            while (begin < finish && char.IsWhiteSpace(text[begin]))
            {
                begin++;
            }

            while (finish > begin && char.IsWhiteSpace(text[finish - 1]))
            {
                finish--;
            }

            if (finish > begin)
            {
                yield return new Utterance(begin, finish, Second(begin), Second(finish));
            }

            at = stop;
        }

        double Second(int place) => Math.Round(from + ((to - from) * (place - start) / Math.Max(1, length)), 3);
    }

    // The blank before a place, if one is near; else the place itself, never within a character.
    private static int Between(string text, int least, int place)
    {
        for (var i = place; i > Math.Max(least, place - 60); i--)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                return i;
            }
        }

        return char.IsLowSurrogate(text[place]) && place - 1 > least ? place - 1 : place;
    }

    private readonly record struct Utterance(int Start, int End, double From, double To);
}
