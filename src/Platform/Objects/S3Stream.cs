namespace Lyceum.Platform;

/// <summary>
/// Reads an object of S3 in one answer from where the reader is; after a seek, a cut or a stall it asks anew from there.
/// What lies under a key never changes, so the pieces fit.
/// </summary>
internal sealed class S3Stream(Func<long, CancellationToken, Task<Stream>> openFrom, long length) : Stream
{
    private const int Attempts = 3;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);
    private Stream? _answer;
    private long _answerAt;

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

        Exception? last = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            soon.CancelAfter(Stall);
            try
            {
                if (_answer is null || _answerAt != Position)
                {
                    await LetGo();
                    _answer = await openFrom(Position, soon.Token);
                    _answerAt = Position;
                }

                if (await _answer.ReadAsync(buffer, soon.Token) is > 0 and var read)
                {
                    Position = _answerAt += read;
                    return read;
                }
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException || (cut is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                last = cut;
            }

            await LetGo();
        }

        throw new ObjectsUnavailable("The object store cut the file short again and again.", last);
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

    public override async ValueTask DisposeAsync()
    {
        await LetGo();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        _answer?.Dispose();
        _answer = null;
        base.Dispose(disposing);
    }

    private async ValueTask LetGo()
    {
        if (_answer is { } answer)
        {
            _answer = null;
            await answer.DisposeAsync();
        }
    }
}
