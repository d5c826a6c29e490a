using Microsoft.AspNetCore.Http;

namespace Lyceum.Platform;

/// <summary>
/// Holds an answer back until it is kept, so that nobody has read an answer a repetition would not get. A stream of events,
/// or an answer that outgrows the limit, is passed on as it comes and not kept.
/// </summary>
internal sealed class AnswerBuffer(HttpResponse response, Stream client, int maxBytes) : Stream
{
    private MemoryStream? _held = new();

    /// <summary>The whole answer; null once it was passed on.</summary>
    public byte[]? Held => _held?.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool IsStream => response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) is true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_held is not null && (IsStream || _held.Length + buffer.Length > maxBytes))
        {
            await PassOn(_held, cancellationToken);
        }

        if (_held is null)
        {
            await client.WriteAsync(buffer, cancellationToken);
        }
        else
        {
            _held.Write(buffer.Span);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_held is not null && IsStream)
        {
            await PassOn(_held, cancellationToken);
        }

        if (_held is null)
        {
            await client.FlushAsync(cancellationToken);
        }
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Answers are written asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task PassOn(MemoryStream held, CancellationToken ct)
    {
        _held = null;
        if (held.Length > 0)
        {
            await client.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), ct);
        }
    }
}
