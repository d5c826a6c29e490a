using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>
/// Prints how fast each format is read, through the child as in production. Prints only: what a shared machine can do is
/// not a property of the code. Run it with <c>-showLiveOutput</c>.
/// </summary>
public sealed class SpeedTests : IDisposable
{
    private const string Sentence = "The dome is closed when the humidity passes 85 percent or the wind is stronger than twenty metres per second. ";

    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task The_speed_of_each_format_is_printed()
    {
        var paragraphs = Enumerable.Range(0, 4_000).Select(i => $"{i} {string.Concat(Enumerable.Repeat(Sentence, 4))}").ToList();
        var docx = new DocxMaker();
        foreach (var paragraph in paragraphs)
            docx.Paragraph(paragraph);
        var pdf = new PdfMaker("Speed");
        foreach (var page in paragraphs.Chunk(8))
        {
            pdf.NewPage();
            foreach (var paragraph in page)
                pdf.Paragraph(paragraph);
        }

        var rows = Enumerable.Range(1, 20_000).Select(i => new object?[] { $"Item {i}", i, new Styled(i * 1.5, CellStyle.Euro), new Styled(45000 + i, CellStyle.Date), true }).ToArray();
        var files = new (string Name, byte[] Content)[]
        {
            ("a.txt", Encoding.UTF8.GetBytes(string.Join("\n\n", paragraphs))),
            ("a.md", Encoding.UTF8.GetBytes(string.Join("\n\n", paragraphs.Select((text, i) => i % 10 == 0 ? $"## Part {i}\n\n{text}" : text)))),
            ("a.csv", Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => string.Join(',', row.Take(2)) + ",1.5,2025-03-31,true")))),
            ("a.json", Encoding.UTF8.GetBytes("[" + string.Join(',', rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{{\"name\":\"{row[0]}\",\"number\":{row[1]}}}"))) + "]")),
            ("a.html", Encoding.UTF8.GetBytes($"<html><body>{string.Concat(paragraphs.Select(text => $"<p>{text}</p>"))}</body></html>")),
            ("a.docx", ZipMaker.Make(CompressionLevel.Optimal, docx.Parts().Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Content))))),
            ("a.pptx", PptxMaker.Make("x", [.. paragraphs.Take(1_000).Select((text, i) => new Slide($"Slide {i}", [text]))])),
            ("a.xlsx", Workbook(rows)),
            ("a.pdf", pdf.Make()),
        };
        var output = TestContext.Current.TestOutputHelper;
        foreach (var (name, content) in files)
        {
            var limits = new ReadLimits { InProcessBytes = 0, ZipRatio = 1_000 };
            var text = await _files.Text(name, content, limits);
            var watch = Stopwatch.StartNew();
            await _files.Text(name, content, limits);
            var characters = text.Pages.Sum(page => page.Text.Length);
            output?.WriteLine($"{name}: {content.Length / 1e6:0.0} MB file, {characters / 1e6:0.0} M characters in {watch.ElapsedMilliseconds} ms = {characters / 1e6 / watch.Elapsed.TotalSeconds:0.0} M characters/s");
        }

        foreach (var (limit, where) in new[] { (0L, "in a child"), (1L << 20, "in place") })
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < 20; i++)
                await _files.Text("a.md", "# Small\n\nA small note.", new ReadLimits { InProcessBytes = limit });
            output?.WriteLine($"A small note {where}: {watch.Elapsed.TotalMilliseconds / 20:0.0} ms");
        }
    }

    // Numbers only repeat, so that the maker's list of strings stays short.
    private static byte[] Workbook(object?[][] rows) => XlsxMaker.Make(new Sheet("Items", [["Name", "Number", "Price", "Day", "Good"], .. rows.Select((row, i) => (object?[])[$"Item {i % 50}", .. row.Skip(1)])]));
}
