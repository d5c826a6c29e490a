using System.Text;

namespace Lyceum.Bench.Stage;

/// <summary>Texts with the word frequencies of language and vectors with the low inner dimension of real embeddings; the same every time.</summary>
internal static class Material
{
    private const int Vocabulary = 30_000, Latent = 32, Clusters = 200;
    private static readonly string[] Syllables = ["ba", "ko", "ri", "ten", "lu", "mar", "so", "vi", "den", "pa", "sil", "gor", "ne", "tar", "mi", "que", "hal", "or", "wen", "fi"];
    private static readonly double[] Weights = [.. Enumerable.Range(1, Vocabulary).Select(rank => 1.0 / rank)];
    private static readonly double[] Sums = Accumulate();

    /// <summary>Words drawn by Zipf's law until the text is about that long.</summary>
    public static string Text(Random random, int characters)
    {
        var text = new StringBuilder(characters + 20);
        while (text.Length < characters)
        {
            text.Append(Word(random)).Append(random.Next(12) == 0 ? ". " : " ");
        }

        return text.ToString().TrimEnd();
    }

    public static string Question(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Word(random)));

    /// <summary>Unit vectors: points around 200 centres in 32 dimensions, turned into <paramref name="dimension"/>, with a little noise.</summary>
    public static float[][] Vectors(int count, int dimension, int seed)
    {
        var shape = new Random(1);
        var turn = Enumerable.Range(0, dimension).Select(_ => Gauss(shape, Latent)).ToArray();
        var centres = Enumerable.Range(0, Clusters).Select(_ => Gauss(shape, Latent)).ToArray();
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var centre = centres[random.Next(Clusters)];
            var offset = Gauss(random, Latent);
            var vector = new float[dimension];
            for (var d = 0; d < dimension; d++)
            {
                var sum = 0f;
                for (var l = 0; l < Latent; l++)
                {
                    sum += turn[d][l] * (centre[l] + (0.4f * offset[l]));
                }

                vector[d] = sum + (0.1f * (float)(random.NextDouble() - 0.5));
            }

            var norm = MathF.Sqrt(vector.Sum(v => v * v));
            return Array.ConvertAll(vector, v => v / norm);
        })];
    }

    private static string Word(Random random)
    {
        var at = Array.BinarySearch(Sums, random.NextDouble() * Sums[^1]);
        var number = at < 0 ? ~at : at;
        var word = new StringBuilder();
        for (var rest = number + 20; rest > 0; rest /= Syllables.Length)
        {
            word.Append(Syllables[rest % Syllables.Length]);
        }

        return word.ToString();
    }

    private static float[] Gauss(Random random, int n) =>
        [.. Enumerable.Range(0, n).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static double[] Accumulate()
    {
        var sums = new double[Vocabulary];
        var sum = 0.0;
        for (var i = 0; i < Vocabulary; i++)
        {
            sums[i] = sum += Weights[i];
        }

        return sums;
    }
}
