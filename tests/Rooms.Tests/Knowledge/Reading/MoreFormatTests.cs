using System.Diagnostics;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>What RTF, OpenDocument, EPUB, e-mails, pictures and old Office files read as, and what is said where a tool is missing.</summary>
public sealed class MoreFormatTests : IDisposable
{
    private readonly Files _files = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("row", "ING-19")]
    public async Task Rich_text_reads_with_its_table()
    {
        Assert.SkipUnless(IsHere("pandoc"), "pandoc is not installed.");
        var text = await _files.Text("a.rtf", MoreSamples.Rtf);
        Assert.Equal("""
            paragraph: The dome
            paragraph: Close it when the wind passes twenty metres. The café stays open.
            table: | What | Limit |
            | Wind | 20 m/s |
            paragraph: End.

            """, Files.Show(text));
        Assert.Equal((FileFormat.Rtf, "application/rtf"), (text.Format, text.MimeType));
    }

    [Fact]
    [Trait("row", "ING-19")]
    public async Task An_OpenDocument_text_reads_as_headings_lists_notes_and_tables_without_what_was_deleted()
    {
        var text = await _files.Text("a.odt", MoreSamples.Odt());
        Assert.Equal("""
            heading1: The dome
            paragraph: Close it when  the wind passes twenty metres (Measured at the mast.).
            list: - First the shutter
              - It is loud
            - Then the lights
            heading2: Limits
            table: | What | Limit |
            | Wind | 20 m/s |
            paragraph: End.

            """, Files.Show(text));
        Assert.Equal("Rules of the dome", text.Title);
    }

    [Fact]
    [Trait("row", "ING-19")]
    public async Task A_book_reads_chapter_by_chapter_in_the_order_of_its_spine()
    {
        var text = await _files.Text("a.epub", MoreSamples.Epub());
        Assert.Equal("""
            heading1: The dome
            paragraph: Close it when the wind blows.
            heading2: Limits
            table: | What | Limit |
            | Wind | 20 m/s |

            """, Files.Show(text));
        Assert.Equal("Rules of the dome", text.Title);
    }

    [Fact]
    [Trait("row", "ING-19")]
    public async Task A_mail_reads_as_who_wrote_what_with_the_mail_it_answers_and_the_names_of_its_attachments()
    {
        var text = await _files.Text("a.eml", MoreSamples.Email());
        Assert.Equal("""
            heading1: Die Kuppel – limits
            paragraph: From: Lena Okaför <lena@example.com>
            To: Tomas <tomas@example.org>
            Date: Tue, 4 Mar 2025 09:00:00 +0100
            paragraph: Close the café when the wind blows.
            table: | What | Limit |
            | Wind | 20 m/s |
            heading3: Before
            paragraph: From: Ann <ann@example.com>
            paragraph: What are the limits?
            heading2: Attachments
            list: - größe.pdf

            """, Files.Show(text));
        Assert.Equal("Die Kuppel – limits", text.Title);
    }

    [Fact]
    [Trait("row", "ING-20")]
    public async Task A_scanned_PDF_reads_by_page_and_pages_with_text_stay_as_they_are()
    {
        Assert.SkipUnless(IsHere("tesseract"), "tesseract is not installed.");
        var scans = new List<byte[]>();
        foreach (var words in (string[])["The shutter of the dome is closed at dawn.", "The mirror is washed every spring."])
        {
            scans.Add(await Rendered(new PdfMaker("x").NewPage().Heading("Borealis").Paragraph(words).Make(), "-gray"));
        }

        var text = await _files.Text("scan.pdf", ScanMaker.Pdf(scans));
        Assert.Equal([1, 2], text.Pages.Select(page => page.Number!.Value));
        Assert.Contains("The shutter of the dome is closed at dawn.", text.Pages[0].Text, StringComparison.Ordinal);
        Assert.Contains("The mirror is washed every spring.", text.Pages[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("mirror", text.Pages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "ING-20")]
    public async Task A_picture_of_text_is_read()
    {
        Assert.SkipUnless(IsHere("tesseract"), "tesseract is not installed.");
        var picture = await Rendered(new PdfMaker("x").NewPage().Heading("Borealis").Paragraph("Spare keys lie in the green safe.").Make(), "-png");
        var text = await _files.Text("photo.png", picture);
        Assert.Equal(("image/png", 1), (text.MimeType, text.Pages[0].Number));
        Assert.Contains("Spare keys lie in the green safe.", text.Pages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_scanned_pages_than_allowed_are_refused_and_recognising_has_a_time_of_its_own()
    {
        Assert.SkipUnless(IsHere("tesseract"), "tesseract is not installed.");
        var scan = await Rendered(new PdfMaker("x").NewPage().Paragraph("Words on paper.").Make(), "-gray");
        var pdf = ScanMaker.Pdf([scan, scan, scan]);
        Assert.Equal("too_many_pages", (await _files.Refusal("a.pdf", pdf, new ReadLimits { OcrPages = 2 })).Code);
        Assert.Equal("timeout", (await _files.Refusal("a.pdf", pdf, new ReadLimits { WallTime = TimeSpan.FromSeconds(2), OcrTime = TimeSpan.Zero })).Code);
    }

    [Fact]
    public async Task Old_Office_files_are_read_where_LibreOffice_is_and_elsewhere_say_what_to_install()
    {
        var outcome = await _files.Read("a.doc", OleMaker.Make("WordDocument"));
        if (IsHere("soffice"))
        {
            Assert.False(outcome.IsRead);
            Assert.Equal("damaged_file", outcome.Refusal.Code);
        }
        else
        {
            Assert.Equal("tool_missing", outcome.Refusal?.Code);
            Assert.Contains("install libreoffice", outcome.Refusal?.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_its_tool_a_format_says_which_one_to_install()
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        var reader = new DocumentReader(new ReaderCommand("/usr/bin/env", [$"PATH={Path.GetDirectoryName(Environment.ProcessPath ?? "")}:/nowhere", .. Flat(ReaderCommand.ThisProgram())]), Microsoft.Extensions.Logging.Abstractions.NullLogger<DocumentReader>.Instance);
        var outcome = await reader.Read(_files.Write("a.rtf", Encoding.ASCII.GetBytes(MoreSamples.Rtf)), "a.rtf", new ReadLimits(), Ct);
        Assert.Equal("tool_missing", outcome.Refusal?.Code);
        Assert.Contains("install pandoc", outcome.Refusal?.Message, StringComparison.Ordinal);
        Assert.Equal(path, Environment.GetEnvironmentVariable("PATH"));
    }

    [Fact]
    public async Task Bombs_of_the_new_formats_are_refused()
    {
        Assert.Equal("damaged_file", (await _files.Refusal("a.odt", MoreSamples.OdtWith(string.Concat(Enumerable.Repeat("<text:section>", 10_000)) + string.Concat(Enumerable.Repeat("</text:section>", 10_000))))).Code);
        Assert.Equal("zip_bomb", (await _files.Refusal("a.odt", ZipMaker.Make(System.IO.Compression.CompressionLevel.SmallestSize,
            [("mimetype", "application/vnd.oasis.opendocument.text"u8.ToArray()), ("META-INF/manifest.xml", "<m/>"u8.ToArray()), ("content.xml", new byte[100 << 20])]))).Code);
        Assert.Equal("too_many_columns", (await _files.Refusal("a.odt", MoreSamples.OdtWith("<table:table><table:table-row><table:table-cell table:number-columns-repeated=\"9999999\"><text:p>x</text:p></table:table-cell></table:table-row></table:table>"))).Code);
        var deep = string.Concat(Enumerable.Range(0, 40).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"));
        Assert.Equal("damaged_file", (await _files.Refusal("a.eml", $"From: a@example.com\nSubject: x\n{deep}Content-Type: text/plain\n\nx")).Code);
        var outcome = await _files.Read("a.rtf", "{\\rtf1 " + string.Concat(Enumerable.Repeat("{\\b ", 200_000)) + "x");
        Assert.NotEqual("reader_crashed", outcome.Refusal?.Code);
        Assert.NotNull((await _files.Read("a.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0, .. new byte[64]])).Refusal);
    }

    private static IEnumerable<string> Flat(ReaderCommand command) => command.Arguments.Prepend(command.FileName);

    private static bool IsHere(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    private async Task<byte[]> Rendered(byte[] pdf, string how)
    {
        var path = _files.Write("page.pdf", pdf);
        using var poppler = Process.Start("pdftoppm", [how, "-r", "150", "-singlefile", path, path]) ?? throw new InvalidOperationException("pdftoppm did not start.");
        await poppler.WaitForExitAsync(Ct);
        return await File.ReadAllBytesAsync(path + (how == "-png" ? ".png" : ".pgm"), Ct);
    }
}
