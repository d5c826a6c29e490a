using System.Globalization;
using System.Text.RegularExpressions;

namespace Lyceum.Agents;

/// <summary>
/// Turns markers such as [2] in an answer into citations. Only numbers of sources the model was given count; each citation quotes the
/// sentence of its source that shares most with a sentence that cites it; of equal ones, what the answer says first.
/// </summary>
internal static partial class CitationRules
{
    private const int LongestQuote = 400;

    public static (IReadOnlyList<RunCitation> Cited, IReadOnlyList<RunCitation> Unused) Resolve(string answer, IReadOnlyList<SourcePassage> sources)
    {
        var citing = Citing(answer, sources.Count);
        var all = sources.Select((source, index) => (Citation: Cite(index + 1, source, citing.GetValueOrDefault(index + 1)), IsCited: citing.ContainsKey(index + 1))).ToList();
        return ([.. all.Where(c => c.IsCited).Select(c => c.Citation)], [.. all.Where(c => !c.IsCited).Select(c => c.Citation)]);
    }

    // For each number used, the sentences that use it. Code is not prose: items[1] cites nothing. A number inside “quotation marks” is the quoted text's own.
    private static Dictionary<int, List<string>> Citing(string answer, int sources)
    {
        var prose = Code().Replace(answer, code => new string(' ', code.Length));
        prose = Quotation().Replace(prose, quoted => Marker().Replace(quoted.Value, marker => new string(' ', marker.Length)));
        var citing = new Dictionary<int, List<string>>();
        var from = 0;
        foreach (var (start, end) in Sentences(prose))
        {
            // "It costs nine euros. [1]": a marker that stands alone after a full stop belongs to the sentence before it.
            var sentence = prose[start..end];
            if (Marker().Replace(sentence, "").Any(char.IsLetterOrDigit))
            {
                from = start;
            }

            foreach (Match marker in Marker().Matches(sentence))
            {
                foreach (var text in marker.Groups["n"].Captures.Select(c => c.Value))
                {
                    var number = int.Parse(text, CultureInfo.InvariantCulture);
                    if (number >= 1 && number <= sources)
                    {
                        if (!citing.TryGetValue(number, out var said))
                        {
                            citing[number] = said = [];
                        }

                        said.Add(Marker().Replace(prose[from..end], " "));
                    }
                }
            }
        }

        return citing;
    }

    private static RunCitation Cite(int marker, SourcePassage source, List<string>? citing)
    {
        var sentences = Sentences(source.Text).Select(span => (span.Start, span.End, Words: Words(source.Text[span.Start..span.End]))).ToList();
        var (start, end) = (0, 0);
        var best = -1.0;
        foreach (var wanted in (citing ?? [""]).Select(Words))
        {
            foreach (var span in sentences)
            {
                var score = span.Words.Count + wanted.Count == 0 ? 0 : 2.0 * span.Words.Count(wanted.Contains) / (span.Words.Count + wanted.Count);
                if (score > best)
                {
                    (best, start, end) = (score, span.Start, span.End);
                }
            }
        }

        if (end - start > LongestQuote)
        {
            end = start + LongestQuote;
            end -= char.IsHighSurrogate(source.Text[end - 1]) ? 1 : 0;
        }

        // A passage that is not a plain piece of its page (headings put before it) has no exact place for its sentences.
        var isPiece = source.EndOffset - source.StartOffset == source.Text.Length;
        return new RunCitation(
            marker, source.ChunkId, source.DocumentId, source.CollectionId, source.Name, source.Page, source.Text[start..end], source.Score,
            isPiece ? source.StartOffset + start : source.StartOffset, isPiece ? source.StartOffset + end : source.EndOffset)
        {
            StartSeconds = source.StartSeconds,
            EndSeconds = source.EndSeconds,
        };
    }

    /// <summary>Spans of the sentences, without the white space around them.</summary>
    internal static IEnumerable<(int Start, int End)> Sentences(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var ends = text[at] is '\n' or '。' or '！' or '？'
                || (text[at] is '.' or '!' or '?' && (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1])));
            if (ends || at + 1 == text.Length)
            {
                var (from, to) = (start, at + 1);
                while (from < to && char.IsWhiteSpace(text[from]))
                {
                    from++;
                }

                while (to > from && char.IsWhiteSpace(text[to - 1]))
                {
                    to--;
                }

                if (to > from)
                {
                    yield return (from, to);
                }

                start = at + 1;
            }
        }
    }

    private static HashSet<string> Words(string text) =>
        [.. Word().Matches(text).Select(m => m.Value.ToLowerInvariant()).Where(w => w.Length > 2 || w.Any(c => char.IsDigit(c) || c > 127))];

    // [1], [1, 3], [Source 2]; not [1](address), which is a link.
    [GeneratedRegex(@"\[(?:sources?\s+)?(?<n>\d{1,3})(?:\s*[,;]\s*(?:source\s+)?(?<n>\d{1,3}))*\](?!\()", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Marker();

    [GeneratedRegex(@"```.*?(```|\z)|`[^`\n]*`", RegexOptions.Singleline, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("“[^”]*”", RegexOptions.None, 1000)]
    private static partial Regex Quotation();

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
