using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Lyceum.Platform;
using NpgsqlTypes;

namespace Lyceum.Knowledge;

/// <summary>
/// What lexical search needs of one chunk: the numbers of its stems in ascending order, how often each occurs, and their total.
/// </summary>
internal sealed record ChunkStems(Guid ChunkId, int[] Numbers, int[] Counts, int Total)
{
    private const int Dimension = 536870912;

    /// <summary>
    /// Saturated term frequencies in pgvector's wire format of <c>sparsevec</c> (its sparsevec_recv): dimension, count and an unused
    /// word, then zero-based places and weights, all 32 bits in network order. tf (k1 + 1) / (tf + k1 (1 - b + b length / average)) with
    /// k1 1.2 and b 0.75 (Robertson, Zaragoza 2009): what <c>knowledge.term_weights</c> computes.
    /// </summary>
    public byte[] Weights(float average)
    {
        var bytes = new byte[12 + (Numbers.Length * 8)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Dimension);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), Numbers.Length);
        var length = 1.2 * (0.25 + (0.75 * Total / Math.Max(average, 1)));
        var weights = bytes.AsSpan(12 + (Numbers.Length * 4));
        for (var i = 0; i < Numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12 + (i * 4)), Numbers[i] - 1);
            BinaryPrimitives.WriteSingleBigEndian(weights[(i * 4)..], (float)(Counts[i] * 2.2 / (Counts[i] + length)));
        }

        return bytes;
    }
}

/// <summary>
/// Numbers the stems of one collection as <c>knowledge.term_number</c> does. Here and not in SQL because a publication numbers a
/// hundred thousand of them, of which most are alike.
/// </summary>
internal sealed class Stems(Guid collectionId)
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly ulong _salt = Hash(Encoding.UTF8.GetBytes(collectionId.ToString()), 0);

    public ChunkStems Of(Guid chunkId, NpgsqlTsVector stems)
    {
        var counts = new SortedDictionary<int, int>();
        var total = 0;
        foreach (var stem in stems)
        {
            var number = Number(stem.Text);
            counts[number] = Math.Max(stem.Count, counts.GetValueOrDefault(number)); // two stems with one number count as the more frequent
            total += stem.Count;
        }

        return new ChunkStems(chunkId, [.. counts.Keys], [.. counts.Values], total);
    }

    /// <summary>
    /// Stems as they are kept where the collection has a key: keyed hashes in their places, each as often as it occurs and nowhere in
    /// particular, so that they can be counted and compared and tell neither words nor their order. In PostgreSQL's notation of a tsvector.
    /// </summary>
    public static string Hidden(NpgsqlTsVector stems, ContentKey key) =>
        string.Join(' ', stems.Select(s => $"'{key.Word(s.Text)}':{string.Join(',', Enumerable.Range(1, Math.Max(1, s.Count)))}"));

    public int Number(string stem)
    {
        if (!_numbers.TryGetValue(stem, out var number))
        {
            _numbers[stem] = number = 1 + ((int)(Hash(Encoding.UTF8.GetBytes(stem), _salt) & 536870911) % 536870911);
        }

        return number;
    }

    /// <summary>PostgreSQL's <c>hash_bytes_extended</c>, behind <c>hashtextextended</c>: Bob Jenkins, lookup3, 2006, with a seed.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> key, ulong seed)
    {
        uint a, b, c;
        a = b = c = unchecked(0x9e3779b9u + (uint)key.Length + 3923095u);
        if (seed != 0)
        {
            a += (uint)(seed >> 32);
            b += (uint)seed;
            Mix(ref a, ref b, ref c);
        }

        for (; key.Length >= 12; key = key[12..])
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(key);
            b += BinaryPrimitives.ReadUInt32LittleEndian(key[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(key[8..]);
            Mix(ref a, ref b, ref c);
        }

        // The lowest byte of c is kept for the length, so the last eleven bytes leave it free.
        Span<byte> rest = stackalloc byte[12];
        rest.Clear();
        key[..Math.Min(8, key.Length)].CopyTo(rest);
        if (key.Length > 8)
        {
            key[8..].CopyTo(rest[9..]);
        }

        a += BinaryPrimitives.ReadUInt32LittleEndian(rest);
        b += BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        c += BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
        Finish(ref a, ref b, ref c);
        return ((ulong)b << 32) | c;
    }

    private static void Mix(ref uint a, ref uint b, ref uint c)
    {
        a -= c; a ^= BitOperations.RotateLeft(c, 4); c += b;
        b -= a; b ^= BitOperations.RotateLeft(a, 6); a += c;
        c -= b; c ^= BitOperations.RotateLeft(b, 8); b += a;
        a -= c; a ^= BitOperations.RotateLeft(c, 16); c += b;
        b -= a; b ^= BitOperations.RotateLeft(a, 19); a += c;
        c -= b; c ^= BitOperations.RotateLeft(b, 4); b += a;
    }

    private static void Finish(ref uint a, ref uint b, ref uint c)
    {
        c ^= b; c -= BitOperations.RotateLeft(b, 14);
        a ^= c; a -= BitOperations.RotateLeft(c, 11);
        b ^= a; b -= BitOperations.RotateLeft(a, 25);
        c ^= b; c -= BitOperations.RotateLeft(b, 16);
        a ^= c; a -= BitOperations.RotateLeft(c, 4);
        b ^= a; b -= BitOperations.RotateLeft(a, 14);
        c ^= b; c -= BitOperations.RotateLeft(b, 24);
    }
}
