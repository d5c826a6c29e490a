using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>Files that are broken, locked, or made to do harm. Each is refused with its own code, quickly and alone.</summary>
public sealed class HostileTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task An_empty_file_is_refused() => Assert.Equal("empty_file", (await _files.Refusal("a.txt", "")).Code);

    [Theory]
    [InlineData("a.txt", " \n\t\n ")]
    [InlineData("a.csv", ",,\n,,\n")]
    [InlineData("a.html", "<html><body><script>x</script></body></html>")]
    [InlineData("a.json", "{}")]
    public async Task A_file_without_words_has_no_text(string name, string content) => Assert.Equal("no_text", (await _files.Refusal(name, content)).Code);

    [Fact]
    public async Task A_supported_file_under_a_wrong_name_is_read_and_a_program_under_a_right_one_is_not()
    {
        Assert.Equal(FileFormat.Pdf, (await _files.Text("a.docx", new PdfMaker("x").NewPage().Paragraph("Hello").Make())).Format);
        Assert.Equal(FileFormat.Docx, (await _files.Text("a.pdf", new DocxMaker().Paragraph("Hello").Make())).Format);
        Assert.Equal("unsupported_type", (await _files.Refusal("a.pdf", [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0])).Code);
    }

    [Fact]
    public async Task A_PDF_with_a_password_is_refused_and_one_that_only_forbids_printing_is_read()
    {
        byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(Files.Repository(), "tests", "Rooms.Tests", "Files", name));
        Assert.Equal("password_protected", (await _files.Refusal("a.pdf", File("locked.pdf"))).Code);
        Assert.Equal(3, (await _files.Text("a.pdf", File("no-printing.pdf"))).Pages.Count);
    }

    [Fact]
    public async Task An_Office_file_with_a_password_is_refused() =>
        Assert.Equal("password_protected", (await _files.Refusal("a.docx", OleMaker.Make("EncryptionInfo", "EncryptedPackage"))).Code);

    [Fact]
    public async Task A_scan_in_which_nothing_is_recognised_says_how_to_scan_it()
    {
        var refusal = await _files.Refusal("a.pdf", new PdfMaker("x").Scan().Scan().Make());
        Assert.Equal("no_text", refusal.Code);
        Assert.Contains("scan", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_docx_is_refused_with_a_reason()
    {
        var whole = new DocxMaker().Paragraph("Hello").Make();
        Assert.Equal("damaged_file", (await _files.Refusal("a.docx", whole[..(whole.Length / 2)])).Code);
        // The directory is whole, a part is not.
        var parts = new DocxMaker().Paragraph("Hello").Parts().Select(part => part.Name == "word/document.xml" ? (part.Name, part.Content[..^40]) : part);
        var refusal = await _files.Refusal("a.docx", ZipMaker.Make(parts));
        Assert.Equal("damaged_file", refusal.Code);
        Assert.StartsWith("The Word file is damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PDF_of_noise_is_refused_with_a_reason() =>
        Assert.Equal("damaged_file", (await _files.Refusal("a.pdf", "%PDF-1.7\n" + new string('x', 5000))).Code);

    [Fact]
    public async Task Broken_JSON_names_the_line()
    {
        var refusal = await _files.Refusal("a.json", "{\n \"a\": 1,\n \"b\": oops\n}");
        Assert.Equal("damaged_file", refusal.Code);
        Assert.Contains("line 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zip_bomb_is_refused_by_what_its_directory_says()
    {
        var bomb = Zipped(("word/document.xml", new byte[200 << 20]));
        Assert.True(200L << 20 > 1000L * bomb.Length);
        var before = Environment.TickCount64;
        Assert.Equal("zip_bomb", (await _files.Refusal("a.docx", bomb)).Code);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bomb.Length} bytes for 200 MB: refused after {Environment.TickCount64 - before} ms");
    }

    [Fact]
    public async Task A_zip_bomb_that_lies_in_its_directory_is_refused_while_unpacking()
    {
        var content = Encoding.UTF8.GetBytes($"<w:document xmlns:w=\"{DocxMaker.W}\"><w:body><w:p><w:r><w:t>{new string('x', 30 << 20)}</w:t></w:r></w:p></w:body></w:document>");
        var bomb = Zipped(("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", content));
        Lie(bomb, content.Length, 4096);
        var refusal = await _files.Refusal("a.docx", bomb);
        // .NET may notice the lie itself when it has read the 4096 bytes that were promised.
        Assert.Contains(refusal.Code, (string[])["zip_bomb", "damaged_file"]);
    }

    [Fact]
    public async Task Bombs_inside_a_document_are_not_opened_but_counted()
    {
        var inner = Zipped(("a", new byte[300 << 20]));
        var parts = new DocxMaker().Paragraph("Hello").Parts().Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Content)));
        Assert.Equal(FileFormat.Docx, (await _files.Text("a.docx", ZipMaker.Make(CompressionLevel.Fastest, parts.Append(("word/embeddings/a.zip", inner))))).Format);
        Assert.Equal("zip_bomb", (await _files.Refusal("a.docx", ZipMaker.Make(CompressionLevel.Optimal, parts.Append(("word/media/a.bmp", new byte[300 << 20]))))).Code);
    }

    [Fact]
    public async Task A_zip_with_countless_files_is_refused() =>
        Assert.Equal("zip_bomb", (await _files.Refusal("a.docx", ZipMaker.Make(new DocxMaker().Paragraph("x").Parts().Concat(Enumerable.Range(0, 300).Select(i => ($"word/{i}", "")))), new ReadLimits { ZipEntries = 200 })).Code);

    [Fact]
    public async Task A_billion_laughs_are_not_heard()
    {
        var laughs = "<!DOCTYPE lolz [<!ENTITY a0 \"lol\">" + string.Concat(Enumerable.Range(1, 9).Select(i => $"<!ENTITY a{i} \"{string.Concat(Enumerable.Repeat($"&a{i - 1};", 10))}\">")) + "]>";
        var refusal = await _files.Refusal("a.docx", WithDocument(laughs + $"<w:document xmlns:w=\"{DocxMaker.W}\"><w:body><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"));
        Assert.Equal("damaged_file", refusal.Code);
        Assert.Contains("document type definition", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_external_entity_reads_no_file_and_calls_nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        foreach (var target in new[] { "file:///etc/passwd", $"http://127.0.0.1:{port}/x" })
        {
            var refusal = await _files.Refusal("a.docx", WithDocument($"<!DOCTYPE x [<!ENTITY e SYSTEM \"{target}\">]><w:document xmlns:w=\"{DocxMaker.W}\"><w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>"));
            Assert.Equal("damaged_file", refusal.Code);
        }

        await _files.Text("a.html", $"<html><head><link rel=stylesheet href=http://127.0.0.1:{port}/a.css><script src=http://127.0.0.1:{port}/a.js></script></head><body><p>Hello</p><img src=http://127.0.0.1:{port}/a.png><iframe src=http://127.0.0.1:{port}/></iframe></body></html>");
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task XML_and_JSON_nested_too_deep_are_refused()
    {
        Assert.Equal("damaged_file", (await _files.Refusal("a.docx", WithDocument(string.Concat(Enumerable.Repeat("<a>", 10_000)) + string.Concat(Enumerable.Repeat("</a>", 10_000))))).Code);
        Assert.Contains("256 levels", (await _files.Refusal("a.json", new string('[', 100_000) + new string(']', 100_000))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTML_and_Markdown_nested_deep_are_read_without_recursion()
    {
        Assert.Contains("deep", (await _files.Text("a.html", string.Concat(Enumerable.Repeat("<div>", 3_000)) + "deep")).Pages[0].Text, StringComparison.Ordinal);
        Assert.Contains("deep", (await _files.Text("a.md", string.Concat(Enumerable.Repeat("> ", 5_000)) + "deep")).Pages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_made_to_keep_a_Markdown_parser_busy_do_not()
    {
        var lines = string.Join("\n\n", new[] { new string('[', 60_000), new string('*', 60_000) + "a", string.Concat(Enumerable.Repeat("[a](", 20_000)), new string('`', 60_000), string.Concat(Enumerable.Repeat("<a ", 20_000)), string.Concat(Enumerable.Repeat("- ", 3_000)) });
        var before = Environment.TickCount64;
        await _files.Text("a.md", lines, new ReadLimits { WallTime = TimeSpan.FromSeconds(20) });
        TestContext.Current.TestOutputHelper?.WriteLine($"{lines.Length} characters in {Environment.TickCount64 - before} ms");
    }

    [Fact]
    public async Task A_table_of_ten_thousand_columns_is_refused_with_the_limit()
    {
        var csv = string.Join(',', Enumerable.Range(0, 10_000)) + "\n" + string.Join(',', Enumerable.Range(0, 10_000));
        var refusal = await _files.Refusal("a.csv", csv);
        Assert.Equal("too_many_columns", refusal.Code);
        Assert.Contains("2,000 columns", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("too_many_columns", (await _files.Refusal("a.json", "[" + string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"{{\"c{i}\":1}}")) + "]")).Code);
        Assert.Equal("too_many_columns", (await _files.Refusal("a.html", "<table><tr>" + string.Concat(Enumerable.Repeat("<td>1", 3_000)) + "</table>")).Code);
        Assert.Equal("too_many_columns", (await _files.Refusal("a.md", $"|{string.Concat(Enumerable.Repeat("a|", 3_000))}\n|{string.Concat(Enumerable.Repeat("-|", 3_000))}\n")).Code);
        // Empty columns, as spreadsheets export them, are none.
        Assert.Equal("| a |\n| b |", (await _files.Text("a.csv", "a" + new string(',', 9_999) + "\nb" + new string(',', 9_999))).Pages[0].Text);
    }

    [Fact]
    public async Task A_far_away_cell_does_not_make_a_sheet_large()
    {
        var parts = XlsxMaker.Parts(new Sheet("x", [["a"]])).Select(part => part.Name == "xl/worksheets/sheet1.xml"
            ? (part.Name, DocxMaker.Declared("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"B1048576\"><v>2</v></c><c r=\"XFD1048576\" s=\"1\"/></row></sheetData></worksheet>"))
            : part).ToList();
        Assert.Equal(2, (await _files.Text("a.xlsx", ZipMaker.Make(parts))).Pages[0].Text.Split('\n').Count(line => line.Contains('1', StringComparison.Ordinal) || line.Contains('2', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_limit_on_size_is_a_refusal_of_its_own()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", 5_000));
        Assert.Equal("too_large", (await _files.Refusal("a.txt", words, new ReadLimits { FileBytes = 1_000 })).Code);
        foreach (var (name, content) in new (string, byte[])[] { ("a.txt", Encoding.UTF8.GetBytes(words)), ("a.docx", new DocxMaker().Paragraph(words).Make()), ("a.html", Encoding.UTF8.GetBytes(words)), ("a.xlsx", XlsxMaker.Make(new Sheet("x", [[words]]))) })
            Assert.Equal("too_large", (await _files.Refusal(name, content, new ReadLimits { Characters = 10_000 })).Code);
        Assert.Equal("too_many_cells", (await _files.Refusal("a.csv", string.Concat(Enumerable.Repeat("a,b,c\n", 400)), new ReadLimits { Cells = 1_000 })).Code);
        var pages = Enumerable.Range(0, 5).Aggregate(new PdfMaker("x"), (pdf, _) => pdf.NewPage().Paragraph("Hello"));
        Assert.Equal("too_many_pages", (await _files.Refusal("a.pdf", pages.Make(), new ReadLimits { Pages = 4 })).Code);
        Assert.Equal("too_many_pages", (await _files.Refusal("a.pptx", PptxMaker.Make("x", [.. Enumerable.Range(0, 5).Select(i => new Slide($"{i}", []))]), new ReadLimits { Pages = 4 })).Code);
    }

    [Fact]
    public async Task Any_damage_to_any_format_ends_in_an_answer()
    {
        var random = new Random(20250316);
        var seeds = Samples.Made().Concat(Directory.EnumerateFiles(Path.Combine(Files.Repository(), "samples")).Where(file => Path.GetExtension(file) is ".html" or ".csv" or ".md" or ".json").Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))).ToList();
        var codes = new Dictionary<string, int>();
        for (var i = 0; i < 60; i++)
        {
            var (name, whole) = seeds[i % seeds.Count];
            var bytes = whole[..(i % 3 == 0 ? random.Next(whole.Length / 2, whole.Length) : whole.Length)];
            for (var flips = random.Next(1, 30); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var outcome = await _files.Read(name, bytes);
            Assert.NotEqual("reader_crashed", outcome.Refusal?.Code);
            codes[outcome.Refusal?.Code ?? "read"] = codes.GetValueOrDefault(outcome.Refusal?.Code ?? "read") + 1;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", codes));
    }

    private static byte[] WithDocument(string xml) =>
        ZipMaker.Make(new DocxMaker().Parts().Select(part => part.Name == "word/document.xml" ? (part.Name, xml) : part));

    private static byte[] Zipped(params (string, byte[])[] parts) => ZipMaker.Make(CompressionLevel.SmallestSize, parts);

    // Replaces the unpacked size wherever it stands, in the directory and before the data.
    private static void Lie(byte[] zip, int size, int lie)
    {
        var honest = BitConverter.GetBytes(size);
        for (var at = zip.AsSpan().IndexOf(honest); at >= 0; at = zip.AsSpan().IndexOf(honest))
            BitConverter.GetBytes(lie).CopyTo(zip, at);
    }
}
