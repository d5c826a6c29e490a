using System.Buffers.Binary;

namespace Lyceum.Rooms.Tests.Knowledge.Media;

/// <summary>Sound files whose samples are the number of their second, from 1; the provider in the tests hears that number.</summary>
internal static class WaveMaker
{
    /// <summary>Plain samples of 16 bits, one channel. Where <paramref name="quiet"/> says so, a second is silent.</summary>
    public static byte[] Seconds(double seconds, int rate = 1_000, Func<int, bool>? quiet = null)
    {
        var samples = (int)(seconds * rate);
        var wave = new byte[44 + (samples * 2)];
        "RIFF"u8.CopyTo(wave);
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(4), wave.Length - 8);
        "WAVEfmt "u8.CopyTo(wave.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(28), rate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(34), 16);
        "data"u8.CopyTo(wave.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(40), samples * 2);
        for (var i = 0; i < samples; i++)
        {
            var second = i / rate;
            BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(44 + (i * 2)), (short)(quiet?.Invoke(second) == true ? 0 : second + 1));
        }

        return wave;
    }
}
