using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>A stream whose first bytes were read to look at them, as if they had not been.</summary>
internal sealed class Rejoined(ReadOnlyMemory<byte> head, Stream rest) : ReadStream
{
    private ReadOnlyMemory<byte> _head = head;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_head.IsEmpty)
        {
            return await rest.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _head.Length);
        _head[..count].CopyTo(buffer);
        _head = _head[count..];
        return count;
    }
}
