namespace Lyceum.Platform;

/// <summary>Objects read one after the other as one stream, with one of them open at a time. Before each, <paramref name="before"/> is told.</summary>
internal sealed class PartsStream(ObjectStore objects, Db db, IReadOnlyList<Guid> parts, Func<CancellationToken, Task> before) : Stream
{
    private int _next;
    private ObjectContent? _part;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_part is null)
            {
                if (_next == parts.Count)
                {
                    return 0;
                }

                await before(cancellationToken);
                _part = await objects.Open(db, parts[_next++], cancellationToken) ?? throw new IOException("A part of the upload was deleted while it was read.");
            }

            if (await _part.Bytes.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                return read;
            }

            await LetGo();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await LetGo();
        await base.DisposeAsync();
    }

    private async ValueTask LetGo()
    {
        if (_part is { } part)
        {
            _part = null;
            await part.DisposeAsync();
        }
    }
}
