using System.Numerics;
using System.Runtime.InteropServices;
using Lyceum.Knowledge.Reading;
using Lyceum.Models;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Where one subject ends and another begins, after Hearst's TextTiling: the sentences before a place and those behind it are compared by the
/// vectors of the built-in embedder, and a place that is much less alike than its surroundings is a border. So is every heading. Needs no
/// model of the organisation's, so the same text is always cut the same way.
/// </summary>
internal static class Subjects
{
    // Sentences on either side that are compared, how far a valley's shoulders are looked for, and how deep it is against all others.
    private const int Window = 3, Shoulder = 10;
    private const float Steepness = 0.5f;

    public static Cuts Find(IReadOnlyList<TextPage> pages)
    {
        var places = new List<(int Page, int Start, bool IsHeading)>();
        var likeness = new List<float>();
        using var embedder = new LocalEmbedder();
        var near = new List<float[]>();
        foreach (var (page, start, end, isHeading) in Sentences(pages))
        {
            places.Add((page, start, isHeading));
            var vector = near.Count == 2 * Window ? near[0] : new float[LocalEmbedder.Dimension];
            if (near.Count == 2 * Window)
                near.RemoveAt(0);
            embedder.Embed(pages[page].Text.AsSpan(start, end - start), vector);
            near.Add(vector);
            if (near.Count > Window)
                likeness.Add(Alike(near, Window));
        }

        // At the end there is less behind a place to compare.
        for (var behind = Math.Min(Window, near.Count) - 1; behind > 0; behind--)
            likeness.Add(Alike(near, behind));

        var depths = Depths(CollectionsMarshal.AsSpan(likeness));
        var mean = depths.DefaultIfEmpty().Average();
        var least = Math.Max(0.01f, mean + (Steepness * MathF.Sqrt(depths.DefaultIfEmpty().Average(depth => (depth - mean) * (depth - mean)))));
        var cuts = new Cuts();
        for (var i = 1; i < places.Count; i++)
        {
            // likeness[i - 1] is that of the place before sentence i. Behind a heading nothing ends.
            if (places[i].IsHeading || (depths[i - 1] > least && !places[i - 1].IsHeading && (i < 2 || depths[i - 1] >= depths[i - 2]) && (i >= depths.Length || depths[i - 1] >= depths[i])))
                cuts.Add(places[i].Page, places[i].Start);
        }

        return cuts;
    }

    private static IEnumerable<(int Page, int Start, int End, bool IsHeading)> Sentences(IReadOnlyList<TextPage> pages)
    {
        foreach (var block in SplitBlock.Of(pages))
        {
            var text = pages[block.Page].Text;
            for (var start = block.Start; start < block.End;)
            {
                var next = Splitting.Sentences.Next(text, start, block.End, Pouring.IsLines(block));
                yield return (block.Page, start, next, block.Kind == BlockKind.Heading && start == block.Start);
                start = next;
            }
        }
    }

    /// <summary>Cosine of what the last <paramref name="behind"/> sentences say together and what those before them do.</summary>
    private static float Alike(List<float[]> near, int behind)
    {
        Span<float> one = stackalloc float[LocalEmbedder.Dimension], two = stackalloc float[LocalEmbedder.Dimension];
        one.Clear();
        two.Clear();
        var middle = near.Count - behind;
        for (var i = Math.Max(0, middle - Window); i < near.Count; i++)
        {
            var side = MemoryMarshal.Cast<float, Vector<float>>(i < middle ? one : two);
            var vector = MemoryMarshal.Cast<float, Vector<float>>(near[i].AsSpan());
            for (var j = 0; j < side.Length; j++)
                side[j] += vector[j];
        }

        var (product, first, second) = (0f, 0f, 0f);
        for (var i = 0; i < one.Length; i++)
            (product, first, second) = (product + (one[i] * two[i]), first + (one[i] * one[i]), second + (two[i] * two[i]));
        return first == 0 || second == 0 ? 0 : product / MathF.Sqrt(first * second);
    }

    /// <summary>How much less alike a place is than the best places near it, before and behind.</summary>
    private static float[] Depths(ReadOnlySpan<float> likeness)
    {
        var depths = new float[likeness.Length];
        for (var i = 0; i < depths.Length; i++)
        {
            var (left, right) = (likeness[i], likeness[i]);
            for (var j = i - 1; j >= Math.Max(0, i - Shoulder) && likeness[j] >= left; j--)
                left = likeness[j];
            for (var j = i + 1; j < Math.Min(likeness.Length, i + Shoulder) && likeness[j] >= right; j++)
                right = likeness[j];
            depths[i] = left + right - (2 * likeness[i]);
        }

        return depths;
    }
}
