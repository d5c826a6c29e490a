using System.Buffers.Binary;

namespace Lyceum.Knowledge;

/// <summary>
/// pgvector's wire format of <c>halfvec</c> (its halfvec_recv): dimension and an unused word, 16 bits each, then the half-precision
/// numbers, all in network order. A quarter of the bytes of <c>real[]</c>, and no parsing in the server.
/// </summary>
internal static class HalfVector
{
    public static byte[] ToBinary(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[4 + (vector.Length * 2)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, checked((short)vector.Length));
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteHalfBigEndian(bytes.AsSpan(4 + (i * 2)), (Half)vector[i]);
        }

        return bytes;
    }
}
