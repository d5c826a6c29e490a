using System.Buffers.Binary;
using Lyceum.Platform;

namespace Lyceum.Knowledge.Media;

/// <summary>
/// An uncompressed sound file (RIFF/WAVE, PCM), as far as its header can be believed: what is said of sizes is held to the file's own. Cut at quiet places, so
/// that no word falls between two pieces.
/// </summary>
internal sealed record Wave(string Path, int Channels, int Rate, int BitsPerSample, long DataStart, long DataLength)
{
    private const int HeaderBytes = 44;

    public int FrameBytes => Channels * (BitsPerSample / 8);

    public double Seconds => (double)DataLength / FrameBytes / Rate;

    /// <summary>Null when it is none, or none of plain samples.</summary>
    public static Wave? Open(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[12];
        if (file.ReadAtLeast(head, 12, throwOnEndOfStream: false) < 12 || !head.StartsWith("RIFF"u8) || !head[8..].SequenceEqual("WAVE"u8))
        {
            return null;
        }

        (int Channels, int Rate, int Bits)? format = null;
        Span<byte> chunk = stackalloc byte[8];
        Span<byte> said = stackalloc byte[16];
        for (var chunks = 0; chunks < 64 && file.ReadAtLeast(chunk, 8, throwOnEndOfStream: false) == 8; chunks++)
        {
            var (start, length) = (file.Position, BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]));
            if (chunk[..4].SequenceEqual("data"u8))
            {
                // A recording that was cut off, or streamed, says a length it does not have.
                return format is var (channels, rate, bits) ? new Wave(path, channels, rate, bits, start, Math.Min(length, file.Length - start)).Whole() : null;
            }

            if (chunk[..4].SequenceEqual("fmt "u8) && length >= 16 && file.ReadAtLeast(said, 16, throwOnEndOfStream: false) == 16)
            {
                var (kind, channels, rate, bits) = (BinaryPrimitives.ReadUInt16LittleEndian(said), BinaryPrimitives.ReadUInt16LittleEndian(said[2..]),
                    BinaryPrimitives.ReadInt32LittleEndian(said[4..]), BinaryPrimitives.ReadUInt16LittleEndian(said[14..]));
                if (kind is not (1 or 0xfffe) || (kind == 0xfffe && bits == 32) || channels is 0 or > 32 || rate is < 1_000 or > 768_000 || bits is not (8 or 16 or 24 or 32))
                {
                    return null;
                }

                format = (channels, rate, bits);
            }

            var next = start + length + (length & 1);
            if (next >= file.Length)
            {
                return null;
            }

            file.Position = next;
        }

        return null;
    }

    /// <summary>Where it is cut, in bytes of sound: pieces of at most <paramref name="most"/> seconds, each ending in the quietest tenth of a second of its last part.</summary>
    public IReadOnlyList<(long From, long To)> Cuts(double most, double looked)
    {
        var pieces = new List<(long, long)>();
        using var file = File.OpenRead(Path);
        var (longest, back) = (Bytes(most), Bytes(looked));
        for (long at = 0; at < DataLength;)
        {
            var end = at + longest >= DataLength ? DataLength : Quietest(file, at + longest - back, at + longest);
            pieces.Add((at, end));
            at = end;
        }

        return pieces;
    }

    /// <summary>A part of it as a file of its own, read while it is sent.</summary>
    public Stream Part(long from, long to) => new WavePart(this, from, to);

    /// <summary>The second at a byte of sound.</summary>
    public double At(long bytes) => (double)bytes / FrameBytes / Rate;

    internal byte[] Header(long bytes)
    {
        var head = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)(bytes + HeaderBytes - 8));
        "WAVEfmt "u8.CopyTo(head.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(22), (ushort)Channels);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(28), Rate * FrameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(32), (ushort)FrameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(34), (ushort)BitsPerSample);
        "data"u8.CopyTo(head.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(40), (uint)bytes);
        return head;
    }

    private Wave Whole() => this with { DataLength = DataLength / FrameBytes * FrameBytes };

    private long Bytes(double seconds) => (long)(seconds * Rate) * FrameBytes;

    private long Quietest(FileStream file, long from, long to)
    {
        var window = new byte[Math.Max(FrameBytes, Bytes(0.1))];
        var (best, least) = (to, double.MaxValue);
        for (var at = from; at + window.Length <= to; at += window.Length)
        {
            file.Position = DataStart + at;
            file.ReadExactly(window);
            var loud = Loudness(window);
            if (loud < least)
            {
                (best, least) = (at + (window.Length / 2 / FrameBytes * FrameBytes), loud);
            }
        }

        return best;
    }

    // The two highest bytes of each sample say enough; of 8 bits, the distance from the middle.
    private double Loudness(ReadOnlySpan<byte> window)
    {
        var (sum, width) = (0.0, BitsPerSample / 8);
        for (var i = 0; i + width <= window.Length; i += width)
        {
            sum += width == 1 ? Math.Abs(window[i] - 128) * 256 : Math.Abs((int)BinaryPrimitives.ReadInt16LittleEndian(window[(i + width - 2)..]));
        }

        return sum;
    }
}

/// <summary>A header and a stretch of sound.</summary>
internal sealed class WavePart : ReadStream
{
    private readonly byte[] _head;
    private readonly FileStream _file;
    private readonly long _start;

    public WavePart(Wave wave, long from, long to)
        : this(wave, from, wave.Header(to - from), to - from)
    {
    }

    private WavePart(Wave wave, long from, byte[] head, long bytes)
        : base(head.Length + bytes) => (_head, _file, _start) = (head, File.OpenRead(wave.Path), wave.DataStart + from);

    public override int Read(Span<byte> buffer)
    {
        var left = (int)Math.Clamp(Length - Position, 0, buffer.Length);
        if (Position < _head.Length)
        {
            left = (int)Math.Min(left, _head.Length - Position);
            _head.AsSpan((int)Position, left).CopyTo(buffer);
            return Passed(left);
        }

        _file.Position = _start + Position - _head.Length;
        return Passed(_file.Read(buffer[..left]));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
