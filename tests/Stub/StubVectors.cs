using System.Runtime.InteropServices;

namespace Lyceum.Stub;

/// <summary>Vectors that depend on nothing but the text: texts with common words are near each other.</summary>
public static class StubVectors
{
    public const int DefaultDimension = 384;

    public static float[] Of(string text, int dimension = DefaultDimension)
    {
        var vector = new float[dimension];
        var word = 2166136261u;
        var letters = 0;
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                word = (word ^ char.ToLowerInvariant(c)) * 16777619u;
                letters++;
            }
            else if (letters > 0)
            {
                Add(vector, word);
                (word, letters) = (2166136261u, 0);
            }
        }

        if (letters > 0) Add(vector, word);
        var norm = 0f;
        foreach (var x in vector) norm += x * x;
        if (norm == 0)
        {
            vector[0] = 1;
            return vector;
        }

        var scale = 1 / MathF.Sqrt(norm);
        for (var i = 0; i < vector.Length; i++) vector[i] *= scale;
        return vector;
    }

    /// <summary>Little-endian float32, as the official clients ask for by default.</summary>
    public static string Base64(float[] vector) => Convert.ToBase64String(MemoryMarshal.AsBytes<float>(vector));

    // Eight signed places per word: enough to tell words apart, cheap enough for benchmarks of a million texts.
    private static void Add(float[] vector, uint word)
    {
        var state = word | 1;
        for (var i = 0; i < 8; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            vector[(int)(state % (uint)vector.Length)] += (state & 0x8000_0000) == 0 ? 1 : -1;
        }
    }
}
