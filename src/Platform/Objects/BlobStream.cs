namespace Lyceum.Platform;

/// <summary>
/// Reads a blob part by part, each with a statement of its own: no connection is held while a slow reader thinks.
/// The value is stored out of line and uncompressed, so a part costs only its own pages.
/// </summary>
internal sealed class BlobStream(Db db, Guid objectId, long stored, SealedBytes? seal) : ReadStream(seal is null ? stored : SealedBytes.Length(stored))
{
    private const int Segments = 8, Part = Segments * SealedBytes.Segment;
    private byte[] _part = [];
    private long _partStart;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0)
        {
            return 0;
        }

        if (Position < _partStart || Position >= _partStart + _part.Length)
        {
            // substring counts from 1, and up to 256 MB an int is enough.
            var part = Position / Part;
            var size = seal is null ? Part : Segments * SealedBytes.SealedSegment;
            var bytes = await db.OneOrNone(
                $"select substring(data from {(int)(part * size) + 1} for {size}) from storage.object_blobs where tenant_id = {db.Tenant!.Value.Value} and object_id = {objectId}",
                row => row.Get<byte[]>(), cancellationToken) ?? throw new IOException("The file was deleted while it was read.");
            _part = seal is null ? bytes : seal.Open(bytes, part * Segments, stored);
            _partStart = part * Part;
        }

        var start = (int)(Position - _partStart);
        var count = Math.Min(buffer.Length, _part.Length - start);
        _part.AsMemory(start, count).CopyTo(buffer);
        return Passed(count);
    }
}
