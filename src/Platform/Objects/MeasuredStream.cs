using System.Security.Cryptography;

namespace Lyceum.Platform;

/// <summary>Passes a stream on while it counts and hashes it, and stops it at the limit instead of after it.</summary>
internal sealed class MeasuredStream(Stream source, long maxBytes) : ReadStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count => Position;

    /// <summary>SHA-256 of everything that passed.</summary>
    public byte[] Sha256() => _hash.GetCurrentHash();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Math.Max(1, maxBytes - Count + 1))], cancellationToken);
        return Pass(buffer.Span[..read]);
    }

    public override int Read(Span<byte> buffer) => Pass(buffer[..source.Read(buffer)]);

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }

    private int Pass(ReadOnlySpan<byte> bytes)
    {
        Passed(bytes.Length);
        if (Count > maxBytes)
        {
            throw Uploads.TooLarge(maxBytes);
        }

        _hash.AppendData(bytes);
        return bytes.Length;
    }

    internal static string Size(long bytes) => bytes switch
    {
        >= 1 << 30 when bytes % (1 << 30) == 0 => $"{bytes >> 30} GB",
        >= 1 << 20 => $"{bytes / (double)(1 << 20):0.#} MB",
        >= 1 << 10 => $"{bytes / (double)(1 << 10):0.#} KB",
        _ => $"{bytes} bytes",
    };
}
