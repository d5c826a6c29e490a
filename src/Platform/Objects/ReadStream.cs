namespace Lyceum.Platform;

/// <summary>
/// A stream that is read and never written. With a <paramref name="length"/> one may seek in it; without one it goes forwards and shows how long it is by ending. A
/// kind says either how it is read at once (<see cref="Read(Span{byte})"/>) or how asynchronously (<see cref="ReadAsync(Memory{byte}, CancellationToken)"/>);
/// the latter cannot be read at once.
/// </summary>
public abstract class ReadStream(long? length = null) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => length is not null;

    public override bool CanWrite => false;

    public override long Length => length ?? throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => _position = CanSeek ? value : throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("This stream is read asynchronously.");

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Says that so many bytes were read.</summary>
    protected int Passed(int bytes)
    {
        _position += bytes;
        return bytes;
    }
}
