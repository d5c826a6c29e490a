namespace Lyceum.Platform;

/// <summary>
/// Reads an object of S3 in one answer from where the reader is; after a seek, a cut or a stall it asks anew from there.
/// What lies under a key never changes, so the pieces fit.
/// </summary>
internal sealed class S3Stream(Func<long, CancellationToken, Task<Stream>> openFrom, long length) : ReadStream(length)
{
    private const int Attempts = 3;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);
    private Stream? _answer;
    private long _answerAt;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0)
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
