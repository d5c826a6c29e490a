using System.Globalization;
using System.IO.Compression;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>R24: files that are small and become enormous, beside those in <see cref="HostileTests"/>. Each ends in an answer, soon and alone.</summary>
public sealed class BombTests : IDisposable
{
    private static readonly ReadLimits Soon = new() { WallTime = TimeSpan.FromSeconds(20), CpuTime = TimeSpan.FromSeconds(15), OcrTime = TimeSpan.FromSeconds(20) };

    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_gzip_in_itself_is_no_document() =>
        Assert.Equal("unsupported_type", (await _files.Refusal("a.docx", Convert.FromHexString("1F8B080000000000000300000000000000000000"))).Code);

    [Fact]
    public async Task An_archive_of_a_hundred_thousand_files_is_refused_by_its_directory()
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("word/document.xml");
            for (var i = 0; i < 100_000; i++)
                zip.CreateEntry(i.ToString(CultureInfo.InvariantCulture), CompressionLevel.NoCompression);
        }

        Assert.Equal("zip_bomb", (await _files.Refusal("a.docx", file.ToArray(), Soon)).Code);
    }

    [Fact]
    public async Task Entities_that_grow_with_the_square_are_not_opened() => Assert.Equal("damaged_file", (await _files.Refusal("a.docx", Docx(
        $"<!DOCTYPE x [<!ENTITY a \"{new string('a', 50_000)}\">]><w:document xmlns:w=\"{DocxMaker.W}\"><w:body><w:p><w:r><w:t>{string.Concat(Enumerable.Repeat("&a;", 50_000))}</w:t></w:r></w:p></w:body></w:document>"), Soon)).Code);

    [Fact]
    public async Task Tables_in_tables_without_end_are_refused()
    {
        const string open = "<w:tbl><w:tr><w:tc>", close = "</w:tc></w:tr></w:tbl>";
        var xml = $"<w:document xmlns:w=\"{DocxMaker.W}\"><w:body>{string.Concat(Enumerable.Repeat(open, 65_000))}<w:p><w:r><w:t>x</w:t></w:r></w:p>{string.Concat(Enumerable.Repeat(close, 65_000))}</w:body></w:document>";
        Assert.Equal("damaged_file", (await _files.Refusal("a.docx", Docx(xml), Soon)).Code);
    }

    [Fact]
    public async Task A_long_string_that_many_cells_share_is_counted_each_time()
    {
        const string main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        var cells = string.Concat(Enumerable.Range(1, 20_000).Select(row => string.Create(CultureInfo.InvariantCulture, $"<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>")));
        var parts = XlsxMaker.Parts(new Sheet("x", [["a"]])).Where(part => part.Name is not ("xl/worksheets/sheet1.xml" or "xl/sharedStrings.xml")).Append(("xl/worksheets/sheet1.xml", $"<worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData></worksheet>"))
            .Append(("xl/sharedStrings.xml", $"<sst xmlns=\"{main}\"><si><t>{new string('x', 30_000)}</t></si></sst>"));
        var outcome = await _files.Read("a.xlsx", ZipMaker.Make(CompressionLevel.Optimal, parts.Select(part => (part.Item1, Encoding.UTF8.GetBytes(part.Item2)))), Soon);
        // Without the part that names the shared strings, the cells are numbers; with it, the text is too large. Either way it ends.
        Assert.True(outcome.IsRead || outcome.Refusal.Code is "too_large" or "out_of_memory", outcome.Refusal?.Code);
    }

    [Fact]
    public async Task A_PDF_whose_pages_hold_each_other_ends()
    {
        var pdf = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 2000000000 /Kids [2 0 R 3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Pages /Parent 2 0 R /Count 9 /Kids [2 0 R] >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 4 >>\n%%EOF\n";
        Assert.False((await _files.Read("a.pdf", Encoding.ASCII.GetBytes(pdf), Soon)).IsRead);
    }

    [Fact]
    public async Task A_PDF_of_a_million_objects_ends()
    {
        var pdf = new StringBuilder("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 0 /Kids [] >>\nendobj\n", 40_000_000);
        for (var i = 3; i < 1_000_000; i++)
            pdf.Append(CultureInfo.InvariantCulture, $"{i} 0 obj\n[{i - 1} 0 R]\nendobj\n");
        pdf.Append("trailer\n<< /Root 1 0 R /Size 1000000 >>\n%%EOF\n");
        Assert.False((await _files.Read("a.pdf", Encoding.ASCII.GetBytes(pdf.ToString()), Soon)).IsRead);
    }

    [Fact]
    public async Task A_page_that_unpacks_to_a_gigabyte_ends()
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var some = new byte[1 << 20];
            some.AsSpan().Fill((byte)' ');
            for (var i = 0; i < 1024; i++)
                zlib.Write(some);
        }

        using var file = new MemoryStream();
        file.Write("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>\nendobj\n"u8);
        file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"4 0 obj\n<< /Filter /FlateDecode /Length {packed.Length} >>\nstream\n")));
        packed.WriteTo(file);
        file.Write("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF\n"u8);
        Assert.False((await _files.Read("a.pdf", file.ToArray(), Soon)).IsRead);
    }

    [Fact]
    public async Task A_picture_that_claims_to_be_enormous_ends()
    {
        byte[] png = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 8, 6, 0, 0, 0, 0, 0, 0, 0];
        Assert.False((await _files.Read("a.png", png, Soon)).IsRead);
    }

    private static byte[] Docx(string xml) => ZipMaker.Make(new DocxMaker().Parts().Select(part => part.Name == "word/document.xml" ? (part.Name, xml) : part));
}
