using System.Text.Json;
using System.Xml;
using Lyceum.Knowledge.Reading.Formats;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Reads a file of a known format in this process. The one place where a parser's exceptions become refusals:
/// what a parser throws is a property of the file, so it is told to the person, not to the log.
/// </summary>
internal static class FormatReader
{
    public static ReadOutcome Read(string path, DetectedFormat detected, ReadLimits limits, CancellationToken ct)
    {
        try
        {
            var builder = new TextBuilder(limits, ct);
            var title = Parse(path, detected, builder);
            var pages = builder.Build();
            if (pages.All(page => string.IsNullOrWhiteSpace(page.Text)))
                return ReadOutcome.Of(detected.Format == FileFormat.Pdf && !Ocr.IsHere ? Refusals.NoTextAndNoOcr : Refusals.NoText);

            // The headings of sheets and of JSON are names of places in the file, not of the document.
            title = Title(title) ?? (detected.Format is FileFormat.Xlsx or FileFormat.Json or FileFormat.LegacyOffice ? null : Title(builder.FirstHeading));
            return ReadOutcome.Of(new ExtractedText(detected.Format, detected.MimeType, title, LanguageGuess.Of(pages), pages));
        }
        catch (RefusedException refused)
        {
            return ReadOutcome.Of(refused.Refusal);
        }
        catch (Exception fault) when (fault is XmlException or InvalidDataException or EndOfStreamException or JsonException or FormatException)
        {
            return ReadOutcome.Of(Refusals.Damaged(FormatName(detected.Format), Reason(fault)));
        }
        catch (Exception fault) when (fault is OutOfMemoryException or InsufficientExecutionStackException)
        {
            return ReadOutcome.Of(Refusals.OutOfMemory);
        }
    }

    private static string? Parse(string path, DetectedFormat detected, TextBuilder builder) => detected.Format switch
    {
        FileFormat.Pdf => PdfFormat.Read(path, builder),
        FileFormat.Docx => DocxFormat.Read(path, builder),
        FileFormat.Pptx => PptxFormat.Read(path, builder),
        FileFormat.Xlsx => XlsxFormat.Read(path, builder),
        FileFormat.Html => HtmlFormat.Read(path, builder),
        FileFormat.Rtf => RtfFormat.Read(path, builder),
        FileFormat.Odt => OdtFormat.Read(path, builder),
        FileFormat.Epub => EpubFormat.Read(path, builder),
        FileFormat.Email => EmailFormat.Read(path, builder),
        FileFormat.Image => Ocr.Read(path, builder),
        FileFormat.LegacyOffice => LegacyOfficeFormat.Read(path, detected.MimeType, builder),
        FileFormat.Csv => CsvFormat.Read(WholeText(path, builder), builder),
        FileFormat.Markdown => MarkdownFormat.Read(WholeText(path, builder), builder),
        FileFormat.Json => JsonFormat.Read(WholeText(path, builder), builder),
        FileFormat.Text => PlainTextFormat.Read(WholeText(path, builder), builder),
        _ => throw new RefusedException(Refusals.Unsupported("of an unknown kind")),
    };

    private static string WholeText(string path, TextBuilder builder)
    {
        // Four bytes make at most one character of two units; a longer file cannot fit, whatever it says.
        if (new FileInfo(path).Length > 4L * builder.Limits.Characters)
            throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));

        return TextDecoding.Decode(File.ReadAllBytes(path))
            ?? throw new RefusedException(Refusals.Unsupported("a binary file of an unknown kind"));
    }

    internal static string FormatName(FileFormat format) => format switch
    {
        FileFormat.Pdf => "PDF",
        FileFormat.Docx => "Word",
        FileFormat.Pptx => "PowerPoint",
        FileFormat.Xlsx => "Excel",
        FileFormat.Html => "HTML",
        FileFormat.Csv => "CSV",
        FileFormat.Json => "JSON",
        FileFormat.Rtf => "RTF",
        FileFormat.Odt => "OpenDocument",
        FileFormat.Epub => "EPUB",
        FileFormat.Email => "e-mail",
        FileFormat.Image => "picture",
        FileFormat.LegacyOffice => "Office 97–2003",
        FileFormat.Media => "audio or video",
        _ => "text",
    };

    // Only positions are taken from the parser's words: the rest would be noise, or part of the document.
    private static string Reason(Exception fault) => fault switch
    {
        XmlException { Message: var message } when message.Contains("DTD", StringComparison.Ordinal) =>
            "it carries a document type definition, which Office never writes and which is not opened for safety",
        JsonException { LineNumber: { } line } => $"line {line + 1} is not valid JSON",
        XmlException { LineNumber: > 0 and var line, LinePosition: var column } => $"its XML breaks off or is malformed (line {line}, position {column})",
        _ => "a part of it is cut off or unreadable",
    };

    private static string? Title(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        text = string.Join(' ', TextBuilder.Clean(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length switch { 0 => null, > 300 => text[..(char.IsHighSurrogate(text[299]) ? 299 : 300)], _ => text };
    }
}
