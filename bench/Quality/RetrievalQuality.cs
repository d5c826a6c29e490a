using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Lyceum.Knowledge;
using Lyceum.Models;

namespace Lyceum.Bench.Quality;

/// <summary>
/// nDCG@10 of the built-in embedder (exact cosine), of BM25 and of their fusion on a judged set. Numbers were chosen on the even queries,
/// so the odd ones are the honest column. Needs no database.
/// </summary>
internal static class RetrievalQuality
{
    public static void Run(string folder, TextWriter output)
    {
        var set = JudgedSet.Read(folder);
        output.WriteLine($"{set.Passages.Count} passages, {set.Queries.Count} judged queries; nDCG@10");
        output.WriteLine("| | even (tuned) | odd (held out) | all |\n|---|---|---|---|");
        var bm25 = new ReferenceBm25(set.Passages, withoutFunctionWords: true);
        var lexical = set.Queries.Select(bm25.Score).ToArray();
        Row("BM25, all words", Each(new ReferenceBm25(set.Passages, withoutFunctionWords: false)));
        Row("BM25, without function words", lexical);
        var vectors = Vectors(EmbedderTuning.Chosen);
        Row("local embedder", vectors);
        foreach (var depth in new[] { 30, 100, 300 })
            Line($"fused, {depth} of each", q => Fused(lexical[q], vectors[q], depth, FusionWeights.LocalEmbedder));
        foreach (var weight in new[] { 0.1, 0.2, 0.4, 0.5 })
            Line(string.Create(CultureInfo.InvariantCulture, $"fused, vectors count {weight}"), q => Fused(lexical[q], vectors[q], 100, new(weight, 0)));
        Line("plain reciprocal ranks", q => Fusion.ByRank<int>([[.. Best(lexical[q], 100).Select(s => s.Id)], [.. Best(vectors[q], 100).Select(s => s.Id)]], null, 10).Select(s => s.Id));

        // The same embedder with features hashed to other places: the spread is what luck is worth here.
        for (ulong seed = 1; seed <= 4; seed++)
        {
            var other = Vectors(EmbedderTuning.Chosen with { Seed = seed * 0x9E3779B97F4A7C15 });
            Row($"embedder, seed {seed}", other);
            Line($"fused, seed {seed}", q => Fused(lexical[q], other[q], 100, FusionWeights.LocalEmbedder));
        }

        Speed(set, output);

        void Row(string name, double[][] scores) => Line(name, q => Best(scores[q], 10).Select(s => s.Id));

        void Line(string name, Func<int, IEnumerable<int>> ranked)
        {
            var values = Enumerable.Range(0, set.Queries.Count).Select(q => set.Ndcg10(q, ranked(q))).ToArray();
            var (even, odd) = (values.Where((_, i) => i % 2 == 0).Average(), values.Where((_, i) => i % 2 == 1).Average());
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {even:F4} | {odd:F4} | {values.Average():F4} |"));
        }

        double[][] Each(ReferenceBm25 reference) => [.. set.Queries.Select(reference.Score)];

        double[][] Vectors(EmbedderTuning tuning)
        {
            using var embedder = new LocalEmbedder(tuning);
            var passages = set.Passages.Select(Vector).ToArray();
            return [.. set.Queries.Select(query =>
            {
                var vector = Vector(query);
                return Array.ConvertAll(passages, p => Dot(p, vector));
            })];

            float[] Vector(string text)
            {
                var vector = new float[LocalEmbedder.Dimension];
                embedder.Embed(text, vector);
                return vector;
            }
        }
    }

    private static IEnumerable<int> Fused(double[] lexical, double[] vectors, int depth, FusionWeights weights) =>
        Fusion.Hybrid(Best(lexical, depth), Best(vectors, depth), weights, 10).Select(f => f.Id);

    private static List<Scored<int>> Best(double[] scores, int count) =>
        [.. scores.Index().Where(s => s.Item > 0).OrderByDescending(s => s.Item).ThenBy(s => s.Index).Take(count).Select(s => new Scored<int>(s.Index, s.Item))];

    private static double Dot(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        for (var i = 0; i < a.Length; i += Vector<float>.Count) sum += new Vector<float>(a, i) * new Vector<float>(b, i);
        return Vector.Sum(sum);
    }

    private static void Speed(JudgedSet set, TextWriter output)
    {
        using var embedder = new LocalEmbedder();
        var vector = new float[LocalEmbedder.Dimension];
        foreach (var length in new[] { 200, 800 })
        {
            var texts = set.Passages.Select(p => p[..Math.Min(length, p.Length)]).ToArray();
            foreach (var text in texts) embedder.Embed(text, vector);
            var (started, count) = (Stopwatch.GetTimestamp(), 0);
            while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2))
                foreach (var text in texts)
                {
                    embedder.Embed(text, vector);
                    count++;
                }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} passages of up to {length} characters per second on one core"));
        }
    }
}
