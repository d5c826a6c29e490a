using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Lyceum.Knowledge;

/// <summary>What a hit is, to whom measures it.</summary>
internal sealed record MeasuredHit(Guid DocumentId, string Text)
{
    /// <summary>Other documents that have the same text.</summary>
    public IReadOnlyList<Guid> Also { get; init; } = [];

    public bool Is(Guid document) => document == DocumentId || Also.Contains(document);
}

/// <summary>The measures. Pure: the same hits give the same numbers, and so do the same differences.</summary>
internal static partial class EvaluationRules
{
    private const int Depth = 10, Draws = 2000;

    /// <summary>
    /// Which hits are right. Each expected thing counts once, at its first hit, so that ten passages of one document are no better than one. A question
    /// with quotes expects those; its documents only say where to look.
    /// </summary>
    public static bool[] Right(IReadOnlyCollection<Guid> documents, IReadOnlyList<string> quotes, IReadOnlyList<MeasuredHit> hits)
    {
        var right = new bool[hits.Count];
        if (quotes.Count > 0)
        {
            var left = quotes.Select(Plain).ToList();
            for (var i = 0; i < hits.Count; i++)
            {
                var text = Plain(hits[i].Text);
                right[i] = left.RemoveAll(q => text.Contains(q, StringComparison.Ordinal)) > 0;
            }

            return right;
        }

        var expected = documents.ToHashSet();
        for (var i = 0; i < hits.Count; i++)
        {
            right[i] = expected.RemoveWhere(hits[i].Is) > 0;
        }

        return right;
    }

    /// <summary>How many right hits there could be: documents that one hit stands for together are one.</summary>
    public static int Expected(IReadOnlyCollection<Guid> documents, IReadOnlyList<string> quotes, IReadOnlyList<MeasuredHit> hits)
    {
        var left = documents.ToHashSet();
        return quotes.Count > 0 ? quotes.Count : left.Count - hits.Sum(h => Math.Max(0, left.RemoveWhere(h.Is) - 1));
    }

    public static double Recall(bool[] right, int expected) => expected == 0 ? 0 : Math.Min(1, (double)right.Count(r => r) / expected);

    public static double ReciprocalRank(bool[] right) => Array.IndexOf(right, true) is var first and >= 0 ? 1.0 / (first + 1) : 0;

    public static double Ndcg(bool[] right, int expected)
    {
        var ideal = Enumerable.Range(0, Math.Min(Depth, expected)).Sum(i => 1 / Math.Log2(i + 2));
        return ideal == 0 ? 0 : Math.Min(1, right.Take(Depth).Select((r, i) => r ? 1 / Math.Log2(i + 2) : 0).Sum() / ideal);
    }

    /// <summary>Share of the answer's words of four letters and more, and of its numbers, that the passages have.</summary>
    public static double Grounded(string answer, IReadOnlyList<MeasuredHit> hits)
    {
        var said = Words(answer).ToHashSet(StringComparer.Ordinal);
        var read = hits.SelectMany(h => Words(h.Text)).ToHashSet(StringComparer.Ordinal);
        return said.Count == 0 ? 0 : (double)said.Count(read.Contains) / said.Count;
    }

    /// <summary>Whether a sample takes this question: the same questions at each measurement of the same share, and more at a larger one.</summary>
    public static bool Sampled(Guid question, double share) =>
        share >= 1 || BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(question.ToByteArray())) < share * uint.MaxValue;

    /// <summary>The 95 % interval of the mean of differences, by drawing them anew two thousand times with a fixed seed.</summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0)
        {
            return (0, 0);
        }

#pragma warning disable CA5394 // statistics, not secrets
        var random = new Random(20_260_101);
        var means = new double[Draws];
        for (var d = 0; d < Draws; d++)
        {
            var sum = 0.0;
            for (var i = 0; i < differences.Count; i++)
            {
                sum += differences[random.Next(differences.Count)];
            }

            means[d] = sum / differences.Count;
        }
#pragma warning restore CA5394

        Array.Sort(means);
        return (means[(int)(Draws * 0.025)], means[(int)(Draws * 0.975) - 1]);
    }

    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    /// <summary>A model's word from 0 to 10 as a number from 0 to 1; null when it said something else.</summary>
    public static double? Judged(string answer) =>
        Number().Match(answer) is { Success: true } match && double.Parse(match.Value, System.Globalization.CultureInfo.InvariantCulture) is >= 0 and <= 10 and var score ? score / 10 : null;

    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();

    private static IEnumerable<string> Words(string text) => Word().Matches(text).Select(m => m.Value.ToLowerInvariant()).Where(w => w.Length > 3 || char.IsDigit(w[0]));

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Number();
}
