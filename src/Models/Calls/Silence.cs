using System.Buffers.Binary;

namespace Lyceum.Models;

/// <summary>A second in which nothing is said, to see whether a transcription model listens.</summary>
internal static class Silence
{
    private const int Rate = 16_000;
    private static readonly byte[] Wave = Make();

    public static Recording OneSecond { get; } = new(() => new MemoryStream(Wave, writable: false), "silence.wav", "audio/wav", 1);

    private static byte[] Make()
    {
        var wave = new byte[44 + (Rate * 2)];
        "RIFF"u8.CopyTo(wave);
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(4), wave.Length - 8);
        "WAVEfmt "u8.CopyTo(wave.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(24), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(28), Rate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(wave.AsSpan(34), 16);
        "data"u8.CopyTo(wave.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(wave.AsSpan(40), Rate * 2);
        return wave;
    }
}
