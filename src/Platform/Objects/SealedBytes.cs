using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lyceum.Platform;

/// <summary>
/// Bytes sealed segment by segment, so that they pass in constant memory and may be read from anywhere: 64 KiB under AES-256-GCM each, with the
/// segment's place and whether it is the last one in its nonce (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015). A segment that is altered,
/// moved, missing or behind the end is refused. The key is of one object alone.
/// </summary>
internal sealed class SealedBytes(byte[] key, Guid objectId)
{
    /// <summary>Bytes of a segment before and after it is sealed.</summary>
    public const int Segment = 64 << 10, SealedSegment = Segment + TagBytes;

    private const int TagBytes = 16;

    /// <summary>How many bytes were sealed, by what they take up.</summary>
    public static long Length(long stored) => stored - (Segments(stored) * TagBytes);

    /// <summary>Writes a stream sealed; even an empty one has a last segment.</summary>
    public async Task Write(Stream from, Stream to, CancellationToken ct)
    {
        var (now, next, place) = (new byte[Segment], new byte[Segment], new byte[SealedSegment]);
        var length = await from.ReadAtLeastAsync(now, Segment, throwOnEndOfStream: false, ct);
        using var cipher = new AesGcm(key, TagBytes);
        for (var segment = 0L; ; segment++)
        {
            var following = length < Segment ? 0 : await from.ReadAtLeastAsync(next, Segment, throwOnEndOfStream: false, ct);
            cipher.Encrypt(Nonce(segment, isLast: following == 0), now.AsSpan(0, length), place.AsSpan(0, length), place.AsSpan(length, TagBytes), objectId.ToByteArray());
            await to.WriteAsync(place.AsMemory(0, length + TagBytes), ct);
            if (following == 0)
            {
                return;
            }

            (now, next, length) = (next, now, following);
        }
    }

    /// <summary>Opens whole segments that follow each other. Throws <see cref="IOException"/> for what was changed from outside.</summary>
    /// <param name="bytes">The segments as they are stored.</param>
    /// <param name="first">Place of the first, from 0.</param>
    /// <param name="stored">Bytes all segments take up.</param>
    public byte[] Open(ReadOnlySpan<byte> bytes, long first, long stored)
    {
        var last = Segments(stored) - 1;
        var plain = new byte[Length(bytes.Length)];
        using var cipher = new AesGcm(key, TagBytes);
        try
        {
            for (var (at, segment) = (0, first); at < bytes.Length; at += SealedSegment, segment++)
            {
                var one = bytes.Slice(at, Math.Min(SealedSegment, bytes.Length - at));
                cipher.Decrypt(
                    Nonce(segment, segment == last), one[..^TagBytes], one[^TagBytes..], plain.AsSpan((int)(segment - first) * Segment, one.Length - TagBytes), objectId.ToByteArray());
            }
        }
        catch (CryptographicException fault)
        {
            throw new IOException($"The bytes of object {objectId} were changed outside of the platform.", fault);
        }

        return plain;
    }

    private static long Segments(long stored) => Math.Max(1, (stored + SealedSegment - 1) / SealedSegment);

    private static byte[] Nonce(long segment, bool isLast)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(3), segment);
        nonce[11] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }
}
