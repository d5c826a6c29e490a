using System.IO.Compression;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

public sealed class DetectionTests
{
    [Theory]
    [InlineData("notes.txt", "Hello", FileFormat.Text)]
    [InlineData("notes", "Hello", FileFormat.Text)]
    [InlineData("notes.md", "# Hello", FileFormat.Markdown)]
    [InlineData("table.csv", "a,b\n1,2", FileFormat.Csv)]
    [InlineData("table.tsv", "a\tb\n1\t2", FileFormat.Csv)]
    [InlineData("export.xls", "a;b;c\n1;2;3\n4;5;6", FileFormat.Csv)]
    [InlineData("page.html", "<p>Hello</p>", FileFormat.Html)]
    [InlineData("page.txt", "<!-- x --><!DOCTYPE html><html></html>", FileFormat.Html)]
    [InlineData("export.xls", "<html><table><tr><td>1</td></tr></table></html>", FileFormat.Html)]
    [InlineData("data.json", "{\"a\":1}", FileFormat.Json)]
    [InlineData("data", "[{\"a\":1}]", FileFormat.Json)]
    [InlineData("song.txt", "[Verse 1] la la", FileFormat.Text)]
    [InlineData("verse", "[Verse 1] la la", FileFormat.Text)]
    [InlineData("letter.txt", "MZ is a car plate. BZh too.", FileFormat.Text)]
    [InlineData("letter.txt", "BM is no picture either, whatever you may think of it.", FileFormat.Text)]
    [InlineData("program.pdf", "print('hello')", FileFormat.Text)]
    public void Text_is_named_by_its_look_and_then_by_its_extension(string name, string content, FileFormat format) =>
        Assert.Equal(format, Detect(name, Encoding.UTF8.GetBytes(content)).Format);

    [Theory]
    [InlineData("a.docx")]
    [InlineData("a.txt")]
    [InlineData("a")]
    public void A_PDF_is_a_PDF_under_any_name(string name) =>
        Assert.Equal("application/pdf", Detect(name, new PdfMaker("x").NewPage().Paragraph("Hello").Make()).MimeType);

    [Fact]
    public void Office_files_are_told_apart_by_what_is_inside()
    {
        Assert.Equal(FileFormat.Docx, Detect("a.zip", new DocxMaker().Paragraph("x").Make()).Format);
        Assert.Equal(FileFormat.Pptx, Detect("a.docx", PptxMaker.Make("x", new Slide("x", []))).Format);
        Assert.Equal(FileFormat.Xlsx, Detect("a.pdf", XlsxMaker.Make(new Sheet("x", [["x"]]))).Format);
    }

    [Theory]
    [InlineData("7F454C46020101000000", "a Linux program (ELF)")]
    [InlineData("4D5A900003000000040000", "a Windows program (EXE)")]
    [InlineData("1F8B0800000000000003", "a gzip archive")]
    [InlineData("526172211A0700", "a RAR archive")]
    [InlineData("377ABCAF271C0004", "a 7-Zip archive")]
    [InlineData("0001020304050607", "a binary file of an unknown kind")]
    [InlineData("3C7376672078", "an SVG image")]
    public void What_cannot_be_read_is_named_whatever_it_is_called(string hex, string name)
    {
        var detected = Detect("report.pdf", Convert.FromHexString(hex));
        Assert.Equal(name, detected.Name);
        Assert.Equal("unsupported_type", detected.Refusal?.Code);
        Assert.StartsWith($"The file is {name}, which cannot be read. Accepted are PDF, Word, PowerPoint", detected.Refusal?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("89504E470D0A1A0A0000000D", FileFormat.Image, "image/png")]
    [InlineData("FFD8FFE000104A464946", FileFormat.Image, "image/jpeg")]
    [InlineData("49492A0008000000", FileFormat.Image, "image/tiff")]
    [InlineData("7B5C727466315C616E7369", FileFormat.Rtf, "application/rtf")]
    public void Pictures_and_rich_text_are_known_by_their_bytes(string hex, FileFormat format, string mimeType)
    {
        var detected = Detect("report.pdf", Convert.FromHexString(hex));
        Assert.Equal((format, mimeType, null), (detected.Format, detected.MimeType, detected.Refusal));
    }

    [Theory]
    [InlineData("a.eml", "From: a@example.com\nSubject: x\n\nHello", FileFormat.Email)]
    [InlineData("mail", "Return-Path: <a@example.com>\r\nReceived: from x\r\n\tby y\r\nFrom: a@example.com\r\nMIME-Version: 1.0\r\n\r\nHello", FileFormat.Email)]
    [InlineData("letter", "From: the desk of Ann\nDate: today\n\nHello", FileFormat.Text)]
    [InlineData("notes.txt", "From: a\nMIME-Version: 1.0\nDate: x\nSubject: y\n\nHello", FileFormat.Text)]
    public void A_mail_is_known_by_its_headers(string name, string text, FileFormat format) => Assert.Equal(format, Detect(name, Encoding.UTF8.GetBytes(text)).Format);

    [Fact]
    public void Archives_are_named_by_what_they_hold()
    {
        Assert.Equal("a ZIP archive", Detect("a.docx", ZipMaker.Make(("readme.txt", "x"))).Name);
        Assert.Equal("an OpenDocument file that is no text (LibreOffice)", Detect("a.docx", ZipMaker.Make(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "x"), ("META-INF/manifest.xml", "x"))).Name);
        Assert.Equal("a Java archive", Detect("a.jar", ZipMaker.Make(("META-INF/MANIFEST.MF", "x"))).Name);
    }

    [Fact]
    public void Old_Office_files_are_named_and_locked_ones_ask_for_a_copy_without_password()
    {
        Assert.Equal("a Word 97–2003 document (.doc)", Detect("a.docx", OleMaker.Make("WordDocument")).Name);
        Assert.Equal("an Excel 97–2003 workbook (.xls)", Detect("a.xls", OleMaker.Make("Workbook")).Name);
        Assert.Equal("password_protected", Detect("a.docx", OleMaker.Make("EncryptionInfo", "EncryptedPackage")).Refusal?.Code);
    }

    [Fact]
    public void A_file_of_no_bytes_is_empty() => Assert.Equal("empty_file", Detect("a.pdf", []).Refusal?.Code);

    [Fact]
    public void Any_encoding_a_person_may_save_text_in_is_read()
    {
        const string text = "Grüße aus Köln – 5 €";
        var windows = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        foreach (var encoding in new[] { new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, windows })
            Assert.Equal(text, TextDecoding.Decode([.. encoding.Preamble, .. encoding.GetBytes(text)]));
        Assert.Equal("a plain long text", TextDecoding.Decode(Encoding.Unicode.GetBytes("a plain long text")));
        Assert.Equal("one\ntwo\nthree", TextDecoding.Decode("one\r\ntwo\rthree"u8));
    }

    [Fact]
    public void A_character_cut_in_half_at_the_end_of_the_sample_does_not_make_text_binary()
    {
        foreach (var shift in Enumerable.Range(0, 4))
        {
            var text = new string('x', FormatDetector.HeadBytes - 2 + shift - 2) + string.Concat(Enumerable.Repeat("\U0001F52D", 10));
            Assert.Equal(FileFormat.Text, Detect("a.txt", Encoding.UTF8.GetBytes(text)).Format);
        }
    }

    [Fact]
    public void Random_bytes_are_never_taken_for_a_document_and_never_an_exception()
    {
        var random = new Random(20250314);
        for (var i = 0; i < 300; i++)
        {
            var bytes = new byte[random.Next(200, 5000)];
            random.NextBytes(bytes);
            Assert.NotNull(Detect("a.docx", bytes).Refusal);
        }
    }

    [Fact]
    public void A_damaged_Office_file_never_makes_detection_fail()
    {
        var random = new Random(20250315);
        var whole = ZipMaker.Make(CompressionLevel.Optimal, new DocxMaker().Paragraph("Hello").Parts().Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Content))));
        for (var i = 0; i < 2000; i++)
        {
            var bytes = whole[..random.Next(4, whole.Length + 1)];
            for (var flips = random.Next(0, 6); flips > 0; flips--)
                bytes[random.Next(4, bytes.Length)] = (byte)random.Next(256);
            Assert.NotNull(Detect("a.docx", bytes));
        }
    }

    private static DetectedFormat Detect(string name, byte[] content) => FormatDetector.Detect(new MemoryStream(content), name);
}
