namespace Lyceum.Knowledge.Reading;

/// <summary>
/// What one document may cost. Every limit is enforced while reading, not after, and passing one is a refusal with a
/// sentence, never a silently shortened text.
/// </summary>
public sealed record ReadLimits
{
    /// <value>Time on the clock for one document. The default is 60 seconds.</value>
    public TimeSpan WallTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <value>Processor seconds of each process that reads it. The default is 60 seconds.</value>
    public TimeSpan CpuTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <value>Memory of the reading process, and again of the PDF tool it may start. The default is 512 MiB.</value>
    public long MemoryBytes { get; init; } = 512L << 20;

    /// <value>Size of the file itself. The default is 100 MiB.</value>
    public long FileBytes { get; init; } = 100L << 20;

    /// <value>UTF-16 units of extracted text. The default is 20 million, about 8,000 dense pages.</value>
    public int Characters { get; init; } = 20_000_000;

    /// <value>Pages, slides or sheets. The default is 5,000.</value>
    public int Pages { get; init; } = 5_000;

    /// <value>Table cells in the whole document, empty ones between filled ones included. The default is 2 million.</value>
    public int Cells { get; init; } = 2_000_000;

    /// <value>Columns of one table. The default is 2,000.</value>
    public int Columns { get; init; } = 2_000;

    /// <value>Files inside an Office file. The default is 10,000.</value>
    public int ZipEntries { get; init; } = 10_000;

    /// <value>Unpacked size of an Office file, as declared and as really met while unpacking. The default is 512 MiB.</value>
    public long ZipBytes { get; init; } = 512L << 20;

    /// <value>Unpacked bytes per packed byte, once <see cref="ZipRatioFrom"/> bytes are passed. The default is 200.</value>
    public int ZipRatio { get; init; } = 200;

    /// <value>Unpacked size below which the ratio does not matter. The default is 8 MiB.</value>
    public long ZipRatioFrom { get; init; } = 8L << 20;

    /// <value>Depth of nested XML, HTML and JSON. The default is 256.</value>
    public int Depth { get; init; } = 256;

    /// <value>
    /// Files up to this size of formats that need no risky parser (text, Markdown, CSV, JSON) are read without a process
    /// of their own, under the same limits on output and time. 0 turns this off. The default is 1 MiB.
    /// </value>
    public long InProcessBytes { get; init; } = 1L << 20;

    /// <value>Pages that are pictures and have to be recognised. The default is 300.</value>
    public int OcrPages { get; init; } = 300;

    /// <value>Time on the clock for recognising them, beside <see cref="WallTime"/>. The default is 15 minutes.</value>
    public TimeSpan OcrTime { get; init; } = TimeSpan.FromMinutes(15);
}
