namespace Lyceum.Platform;

/// <summary>Objects read one after the other as one stream, with one of them open at a time. Before each, <paramref name="before"/> is told.</summary>
internal sealed class PartsStream(ObjectStore objects, Db db, IReadOnlyList<Guid> parts, Func<CancellationToken, Task> before) : ReadStream
{
    private int _next;
    private ObjectContent? _part;

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
