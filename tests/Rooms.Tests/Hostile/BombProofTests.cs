using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Isolation;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>
/// R24 in numbers: small files that become enormous. Beside what each ends with (<see cref="BombTests"/>, <see cref="HostileTests"/>), how long it took and how much memory the
/// processes took that read it, as the kernel counted.
/// </summary>
[Trait("proof", "R24")]
[Collection(Alone.Name)]
public sealed class BombProofTests(ITestOutputHelper output) : IDisposable
{
    // A reader that does nothing at all takes some of both: the runtime itself.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private const long MostMemory = 600L << 20;

    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public Task A_few_bombs_end_soon_and_small() => Read(name => name is "zip of a thousand to one" or "billion laughs" or "external entity" or "XML 10,000 deep" or "gz in gz");

    [Fact]
    [Trait("pace", "slow")]
    public async Task Every_bomb_ends_soon_and_small()
    {
        var watch = Stopwatch.StartNew();
        var measured = await Read(_ => true);
        await Proofs.Held("R24", "small files that become enormous: what each costs until it is refused; the plan asks for a second and 100 MB, and the runtime of an empty reader is part of both", watch.Elapsed,
            [("bombs", measured.Count), ("in under a second", measured.Count(m => m.Took.TotalSeconds < 1)), ("in under 100 MB", measured.Count(m => m.Memory < 100L << 20)),
                ("slowest, seconds", Math.Round(measured.Max(m => m.Took.TotalSeconds), 1)), ("most memory, MB", measured.Max(m => m.Memory) >> 20),
                .. measured.Select(m => ($"… {m.Name}", (object)string.Create(CultureInfo.InvariantCulture, $"{m.Took.TotalSeconds:0.0} s {m.Memory >> 20} MB {m.Said}")))]);
    }

    private async Task<List<(string Name, TimeSpan Took, long Memory, string Said)>> Read(Func<string, bool> wanted)
    {
        var measured = new List<(string Name, TimeSpan Took, long Memory, string Said)>();
        foreach (var (name, file, make) in Bombs().Where(b => wanted(b.Name)))
        {
            var bytes = make();
            using var stop = new CancellationTokenSource();
            var memory = Task.Run(() => Watch(stop.Token));
            var watch = Stopwatch.StartNew();
            var outcome = await _files.Read(file, bytes, new ReadLimits { WallTime = TimeSpan.FromSeconds(20), CpuTime = TimeSpan.FromSeconds(15), OcrTime = TimeSpan.FromSeconds(20) });
            var took = watch.Elapsed;
            await stop.CancelAsync();
            measured.Add((name, took, await memory, outcome.Refusal?.Code ?? "read"));
            output.WriteLine($"{name}: {bytes.Length >> 10} KB, {took.TotalSeconds:0.00} s, {measured[^1].Memory >> 20} MB, {measured[^1].Said}");
            Assert.False(outcome.IsRead, $"{name} was read");
        }

        Assert.NotEmpty(measured);
        Assert.All(measured, m => Assert.True(m.Took < Longest, $"{m.Name} took {m.Took}"));
        Assert.All(measured, m => Assert.True(m.Memory < MostMemory, $"{m.Name} took {m.Memory >> 20} MB"));
        return measured;
    }

    // The high-water mark of each process below this one, the largest of them.
    private static async Task<long> Watch(CancellationToken stop)
    {
        var most = 0L;
        while (!stop.IsCancellationRequested)
        {
            var parents = new Dictionary<int, int>();
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Line($"{folder}/status", "PPid:") is { } parent)
                {
                    parents[id] = (int)parent;
                }
            }

            // Between its birth and its program a child is a copy of this process, with all of its memory.
            foreach (var id in parents.Keys.Where(id => IsOurs(id) && !IsCopy(id)))
            {
                most = Math.Max(most, (Line($"/proc/{id}/status", "VmHWM:") ?? 0) << 10);
            }

            await Task.Delay(10, CancellationToken.None);

            bool IsOurs(int id)
            {
                for (var steps = 0; steps < 10 && parents.TryGetValue(id, out var above); steps++)
                {
                    if (above == Environment.ProcessId)
                    {
                        return true;
                    }

                    id = above;
                }

                return false;
            }
        }

        return most;
    }

    private static bool IsCopy(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline") is var line && (line.Length == 0 || line == File.ReadAllText("/proc/self/cmdline"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static long? Line(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<(string Name, string File, Func<byte[]> Make)> Bombs()
    {
        static byte[] Docx(string xml, CompressionLevel level = CompressionLevel.SmallestSize) =>
            ZipMaker.Make(level, new DocxMaker().Parts().Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Name == "word/document.xml" ? xml : part.Content))));
        static string Document(string inside) => $"<w:document xmlns:w=\"{DocxMaker.W}\"><w:body>{inside}</w:body></w:document>";
        yield return ("zip of a thousand to one", "a.docx", () => Docx(Document($"<w:p><w:r><w:t>{new string('a', 300 << 20)}</w:t></w:r></w:p>")));
        yield return ("zip in zip", "a.docx", () => ZipMaker.Make(CompressionLevel.SmallestSize, Enumerable.Range(0, 16).Select(i => ($"{i}.zip", ZipMaker.Make(CompressionLevel.SmallestSize, [("0", new byte[16 << 20])])))));
        yield return ("gz in gz", "a.docx", () => Gzip(Gzip(new byte[64 << 20])));
        yield return ("an archive of 100,000 files", "a.docx", () => ZipMaker.Make(CompressionLevel.NoCompression, Enumerable.Range(0, 100_000).Select(i => (i == 0 ? "word/document.xml" : i.ToString(CultureInfo.InvariantCulture), Array.Empty<byte>()))));
        yield return ("billion laughs", "a.docx", () => Docx("<!DOCTYPE l [<!ENTITY a \"ha\">" + string.Concat(Enumerable.Range(0, 10).Select(i => $"<!ENTITY {(char)('b' + i)} \"{string.Concat(Enumerable.Repeat($"&{(char)('a' + i)};", 10))}\">")) + $"]>{Document("<w:p><w:r><w:t>&k;</w:t></w:r></w:p>")}"));
        yield return ("quadratic blowup", "a.docx", () => Docx($"<!DOCTYPE x [<!ENTITY a \"{new string('a', 50_000)}\">]>{Document($"<w:p><w:r><w:t>{string.Concat(Enumerable.Repeat("&a;", 50_000))}</w:t></w:r></w:p>")}"));
        yield return ("external entity", "a.docx", () => Docx($"<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{Document("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>")}"));
        yield return ("XML 10,000 deep", "a.docx", () => Docx(Document(string.Concat(Enumerable.Repeat("<w:sdt>", 10_000)) + string.Concat(Enumerable.Repeat("</w:sdt>", 10_000)))));
        yield return ("65,000 tables in tables", "a.docx", () => Docx(Document(string.Concat(Enumerable.Repeat("<w:tbl><w:tr><w:tc>", 65_000)) + string.Concat(Enumerable.Repeat("</w:tc></w:tr></w:tbl>", 65_000)))));
        yield return ("JSON 100,000 deep", "a.json", () => Encoding.ASCII.GetBytes(new string('[', 100_000)));
        yield return ("a PDF of a million objects", "a.pdf", Objects);
        yield return ("a PDF whose pages hold each other", "a.pdf", () => "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 2000000000 /Kids [2 0 R 3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Pages /Parent 2 0 R /Count 9 /Kids [2 0 R] >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 4 >>\n%%EOF\n"u8.ToArray());
        yield return ("a PDF page of a gigabyte", "a.pdf", Page);
        yield return ("a workbook that says one string 500,000 times", "a.xlsx", Strings);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Objects()
    {
        var pdf = new StringBuilder("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 0 /Kids [] >>\nendobj\n", 40_000_000);
        for (var i = 3; i < 1_000_000; i++)
        {
            pdf.Append(CultureInfo.InvariantCulture, $"{i} 0 obj\n[{i - 1} 0 R]\nendobj\n");
        }

        return Encoding.ASCII.GetBytes(pdf.Append("trailer\n<< /Root 1 0 R /Size 1000000 >>\n%%EOF\n").ToString());
    }

    private static byte[] Page()
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var some = new byte[1 << 20];
            some.AsSpan().Fill((byte)' ');
            for (var i = 0; i < 1024; i++)
            {
                zlib.Write(some);
            }
        }

        using var file = new MemoryStream();
        file.Write("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>\nendobj\n"u8);
        file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"4 0 obj\n<< /Filter /FlateDecode /Length {packed.Length} >>\nstream\n")));
        packed.WriteTo(file);
        file.Write("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF\n"u8);
        return file.ToArray();
    }

    private static byte[] Strings()
    {
        const string main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        var cells = string.Concat(Enumerable.Range(1, 500_000).Select(row => string.Create(CultureInfo.InvariantCulture, $"<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>")));
        var parts = XlsxMaker.Parts(new Sheet("x", [["a"]])).Select(part => part.Name switch
        {
            "xl/worksheets/sheet1.xml" => (part.Name, $"<worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData></worksheet>"),
            "xl/sharedStrings.xml" => (part.Name, $"<sst xmlns=\"{main}\"><si><t>{new string('x', 30_000)}</t></si></sst>"),
            _ => (part.Name, part.Content),
        });
        return ZipMaker.Make(CompressionLevel.Optimal, parts.Select(part => (part.Item1, Encoding.UTF8.GetBytes(part.Item2))));
    }
}
