using System.Text;
using System.Text.Json;
using Lyceum.Knowledge.Reading.Formats;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Says what a file is from its bytes. A name only decides between formats whose bytes look alike (plain text, Markdown,
/// CSV), so a PDF called .docx is a PDF, and a program called .pdf is refused as a program.
/// </summary>
public static class FormatDetector
{
    internal const int HeadBytes = 64 << 10;

    /// <summary>
    /// Reads the beginning of <paramref name="content"/>, and of ZIP and OLE files the directory; at most some megabytes.
    /// The stream must be seekable and is left at its start.
    /// </summary>
    public static DetectedFormat Detect(Stream content, string fileName)
    {
        if (content.Length == 0)
            return DetectedFormat.Refused("application/x-empty", "an empty file", Refusals.Empty);

        var head = new byte[Math.Min(content.Length, HeadBytes)];
        content.Position = 0;
        content.ReadExactly(head);
        var detected = Detect(content, head, Path.GetExtension(fileName).ToLowerInvariant());
        content.Position = 0;
        return detected;
    }

    private static DetectedFormat Detect(Stream content, byte[] head, string extension)
    {
        if (head.AsSpan(0, Math.Min(head.Length, 1024)).IndexOf("%PDF-"u8) is var at && at >= 0 && !IsMarkup(head, at))
            return DetectedFormat.Of(FileFormat.Pdf);
        if (head.AsSpan().StartsWith("PK\x03\x04"u8) || head.AsSpan().StartsWith("PK\x05\x06"u8))
            return Zip(content, extension);
        if (OleContainer.IsOne(head))
            return OleContainer.Detect(content, head);
        if (Signatures.Find(head) is { } known)
            return known;

        return TextDecoding.Guess(head, content.Length == head.Length) is { } encoding
            ? Text(encoding.GetString(CutToCharacters(head, encoding)), extension)
            : DetectedFormat.Unsupported("application/octet-stream", "a binary file of an unknown kind");
    }

    // "%PDF-" may stand behind some junk bytes, but a page that talks about it is a page.
    private static bool IsMarkup(ReadOnlySpan<byte> head, int at) => at > 0 && head[..at].TrimStart(" \t\r\n"u8).StartsWith("<"u8);

    private static DetectedFormat Zip(Stream content, string extension)
    {
        if (ZipDirectory.Read(content) is not { } directory)
        {
            return extension is ".docx" or ".pptx" or ".xlsx"
                ? DetectedFormat.Refused("application/zip", "an incomplete Office document", Refusals.Damaged("Office", "its end is missing, as after an interrupted download"))
                : DetectedFormat.Unsupported("application/zip", "an incomplete ZIP archive");
        }

        var names = directory.Names;
        return names switch
        {
            _ when names.Contains("word/document.xml") => DetectedFormat.Of(FileFormat.Docx),
            _ when names.Contains("ppt/presentation.xml") => DetectedFormat.Of(FileFormat.Pptx),
            _ when names.Contains("xl/workbook.xml") => DetectedFormat.Of(FileFormat.Xlsx),
            _ when names.Contains("xl/workbook.bin") => DetectedFormat.Unsupported("application/vnd.ms-excel.sheet.binary.macroenabled.12", "an Excel binary workbook (.xlsb)"),
            _ when names.Contains("[Content_Types].xml") => OtherOffice(directory, extension),
            _ when names.Contains("META-INF/container.xml") => DetectedFormat.Of(FileFormat.Epub),
            _ when names.Contains("META-INF/manifest.xml") && names.Contains("content.xml") => OpenDocument(content),
            _ when names.Contains("META-INF/MANIFEST.MF") => DetectedFormat.Unsupported("application/java-archive", "a Java archive"),
            _ => DetectedFormat.Unsupported("application/zip", "a ZIP archive"),
        };
    }

    // The first file of an OpenDocument says what it is, unpacked, where every reader can see it.
    private static DetectedFormat OpenDocument(Stream content)
    {
        var head = new byte[120];
        content.Position = 0;
        var length = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return Encoding.ASCII.GetString(head, 0, length) is var said && said.Contains("opendocument.", StringComparison.Ordinal) && !said.Contains("opendocument.text", StringComparison.Ordinal)
            ? DetectedFormat.Unsupported("application/vnd.oasis.opendocument", "an OpenDocument file that is no text (LibreOffice)")
            : DetectedFormat.Of(FileFormat.Odt);
    }

    // Some writers call the main part differently ("word/document2.xml"); the folder tells as much.
    private static DetectedFormat OtherOffice(ZipDirectory directory, string extension)
    {
        bool Has(string folder) => directory.Names.Any(name => name.StartsWith(folder, StringComparison.OrdinalIgnoreCase));
        return Has("word/") ? DetectedFormat.Of(FileFormat.Docx)
            : Has("ppt/") ? DetectedFormat.Of(FileFormat.Pptx)
            : Has("xl/") ? DetectedFormat.Of(FileFormat.Xlsx)
            : extension is ".docx" or ".pptx" or ".xlsx"
                ? DetectedFormat.Refused("application/zip", "an Office document without content", Refusals.Damaged("Office", "its main part is missing"))
                : DetectedFormat.Unsupported("application/zip", "a ZIP archive");
    }

    private static DetectedFormat Text(string head, string extension)
    {
        var start = head.AsSpan().TrimStart("\uFEFF \t\r\n");
        if (StartsAsHtml(start))
            return DetectedFormat.Of(FileFormat.Html);
        if (start.StartsWith("<svg", StringComparison.OrdinalIgnoreCase) || (start.StartsWith("<?xml", StringComparison.Ordinal) && start[..Math.Min(start.Length, 1000)].Contains("<svg", StringComparison.OrdinalIgnoreCase)))
            return DetectedFormat.Unsupported("image/svg+xml", "an SVG image");

        return extension switch
        {
            ".html" or ".htm" or ".xhtml" when start.Contains('<') => DetectedFormat.Of(FileFormat.Html),
            ".eml" when EmailFormat.HasHeaders(start) => DetectedFormat.Of(FileFormat.Email),
            ".md" or ".markdown" or ".mdown" or ".mkd" => DetectedFormat.Of(FileFormat.Markdown),
            ".csv" => DetectedFormat.Of(FileFormat.Csv),
            ".tsv" or ".tab" => DetectedFormat.Of(FileFormat.Csv) with { MimeType = "text/tab-separated-values" },
            // Many programs export CSV under the name of a spreadsheet.
            ".xls" or ".xlsx" when Delimiters.Find(head) is not null => DetectedFormat.Of(FileFormat.Csv),
            ".json" or ".jsonl" or ".ndjson" or ".geojson" => DetectedFormat.Of(FileFormat.Json),
            ".txt" or ".text" or ".log" => DetectedFormat.Of(FileFormat.Text),
            _ when EmailFormat.IsOne(start) => DetectedFormat.Of(FileFormat.Email),
            _ when start is ['{' or '[', ..] && BeginsAsJson(start) => DetectedFormat.Of(FileFormat.Json),
            _ => DetectedFormat.Of(FileFormat.Text),
        };
    }

    private static bool StartsAsHtml(ReadOnlySpan<char> text)
    {
        var start = text[..Math.Min(text.Length, 2000)];
        while (start.StartsWith("<!--", StringComparison.Ordinal) && start.IndexOf("-->", StringComparison.Ordinal) is var end && end > 0)
            start = start[(end + 3)..].TrimStart();

        return start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<head", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<body", StringComparison.OrdinalIgnoreCase)
            || (start.StartsWith("<?xml", StringComparison.Ordinal) && start.Contains("<html", StringComparison.OrdinalIgnoreCase));
    }

    private static bool BeginsAsJson(ReadOnlySpan<char> text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text.ToArray()), isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true }));
        try
        {
            var tokens = 0;
            while (reader.Read())
                tokens++;
            return tokens >= 2;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> CutToCharacters(byte[] head, Encoding encoding)
    {
        var end = head.Length;
        if (encoding is UTF8Encoding)
        {
            while (end > 0 && end > head.Length - 4 && head[end - 1] >= 0x80)
                end--;
            return head.AsSpan(0, end);
        }

        return head.AsSpan(0, encoding.IsSingleByte ? end : end - (end % 4));
    }
}
