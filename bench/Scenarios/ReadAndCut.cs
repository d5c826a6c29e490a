using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Xml;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Knowledge.Reading;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// A3: reading a file in its confined process and cutting it, in megabytes of the file a second, against the least that anybody must do: pdftotext for PDF, unpacking and walking the
/// XML for Office files, decoding for texts, walking the tags for HTML.
/// </summary>
internal sealed class ReadAndCut : Scenario
{
    private static readonly string[] Formats = ["txt", "md", "html", "docx", "xlsx", "pdf"];
    private static readonly ChunkingSettings Cut = new("recursive", 400, 60);
    private Dictionary<string, string> _files = [];
    private House _house = null!; // set by Prepare, which comes first

    public override string Id => "A3";

    public override string Title => "files of about 4 MB of text read and cut, a format each, against the least that must be done";

    public override IReadOnlyList<string> Systems { get; } = [.. Formats.SelectMany(f => new[] { $"{f} product", $"{f} floor" }), "txt product again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        .. Formats.Select(f =>
        {
            var least = f switch { "txt" or "md" => 0.30, "html" => 0.40, _ => 0.50 };
            return new Bar($"{f}: MB/s ÷ the floor's", v => v[$"{f} product"] / v[$"{f} floor"], new Goal($"≥ {least:0.00}", AtLeast: least));
        }),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["txt product again"] / values["txt product"];

    public override async Task Prepare(CancellationToken ct)
    {
        _house = await House.Open(ct);
        _files = Originals.Make(Path.Combine(BenchDatabase.Home, "originals")).ToDictionary(p => Path.GetExtension(p)[1..]);
    }

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        var (format, isFloor) = (system.Split(' ')[0], system.EndsWith("floor", StringComparison.Ordinal));
        var (path, watch) = (_files[format], Stopwatch.StartNew());
        long characters;
        if (isFloor)
        {
            characters = format switch
            {
                "pdf" => await PdfToText(path, ct),
                "docx" or "xlsx" => Unpack(path),
                "html" => Tags(await File.ReadAllTextAsync(path, ct)),
                _ => (await File.ReadAllTextAsync(path, ct)).Length,
            };
        }
        else
        {
            var outcome = await _house.Get<DocumentReader>().Read(path, Path.GetFileName(path), new ReadLimits { InProcessBytes = 8 << 20 }, ct);
            characters = outcome.IsRead ? SplitRules.Split(outcome.Text, Cut).Sum(c => (long)c.Text.Length) : throw new InvalidOperationException($"{path}: {outcome.Refusal.Message}");
        }

        var seconds = watch.Elapsed.TotalSeconds;
        if (characters < 500_000)
        {
            throw new InvalidOperationException($"{system} read {characters} characters.");
        }

        round.Sample(system, "MB/s", new FileInfo(path).Length / 1e6 / seconds);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }
    }

    private static async Task<long> PdfToText(string path, CancellationToken ct)
    {
        using var tool = Process.Start(new ProcessStartInfo("pdftotext", ["-enc", "UTF-8", path, "-"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 })!; // an executable was named
        var text = await tool.StandardOutput.ReadToEndAsync(ct);
        await tool.WaitForExitAsync(ct);
        return text.Length;
    }

    private static long Unpack(string path)
    {
        long characters = 0;
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries.Where(e => e.Name.EndsWith(".xml", StringComparison.Ordinal)))
        {
            using var reader = XmlReader.Create(entry.Open(), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            while (reader.Read())
            {
                characters += reader.NodeType == XmlNodeType.Text ? reader.Value.Length : 0;
            }
        }

        return characters;
    }

    private static long Tags(string html)
    {
        var text = new StringBuilder(html.Length);
        var inside = false;
        foreach (var c in html)
        {
            inside = c == '<' || (inside && c != '>');
            if (!inside && c != '>')
            {
                text.Append(c);
            }
        }

        return text.ToString().Length;
    }
}
