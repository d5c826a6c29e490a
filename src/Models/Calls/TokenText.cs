using Microsoft.ML.Tokenizers;

namespace Lyceum.Models;

/// <summary>Turns token ids of the encoding cl100k_base back into the text they were cut from. The vocabulary is read when it is first needed.</summary>
public static class TokenText
{
    private const int OrdinaryTokens = 100_256;
    private static readonly Lazy<TiktokenTokenizer> Encoding = new(() => TiktokenTokenizer.CreateForEncoding("cl100k_base"));

    /// <summary>Null when an id is not of this encoding, or when nothing but half a letter comes out.</summary>
    public static string? Of(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if (id is < 0 or >= OrdinaryTokens)
            {
                return null;
            }
        }

        return Encoding.Value.Decode(ids.ToArray()) is { Length: > 0 } text ? text : null;
    }

    internal static IReadOnlyList<int> Cut(string text) => Encoding.Value.EncodeToIds(text);
}
