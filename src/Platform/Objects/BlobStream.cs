namespace Lyceum.Platform;

/// <summary>
/// Reads a blob part by part, each with a statement of its own: no connection is held while a slow reader thinks.
/// The value is stored out of line and uncompressed, so a part costs only its own pages.
/// </summary>
internal sealed class BlobStream(Db db, Guid objectId, long length) : Stream
{
    private const int Part = 512 * 1024;
    private byte[] _part = [];
    private long _partStart;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length || buffer.Length == 0)
        {
            return 0;
        }

        if (Position < _partStart || Position >= _partStart + _part.Length)
        {
            // substring counts from 1, and up to 256 MB an int is enough.
            var from = (int)Position + 1;
            _part = await db.OneOrNone(
                $"select substring(data from {from} for {Part}) from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {objectId}",
                row => row.Get<byte[]>(), cancellationToken) ?? throw new IOException("The file was deleted while it was read.");
            _partStart = Position;
        }

        var start = (int)(Position - _partStart);
        var count = Math.Min(buffer.Length, _part.Length - start);
        _part.AsMemory(start, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is read asynchronously.");

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
