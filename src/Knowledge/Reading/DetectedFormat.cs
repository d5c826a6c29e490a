namespace Lyceum.Knowledge.Reading;

/// <summary>
/// What a file really is. <paramref name="Name"/> reads well in a sentence ("a PNG image"); <paramref name="MimeType"/>
/// is safe to store and to serve; <paramref name="Refusal"/> is set when the file cannot be read at all.
/// </summary>
public sealed record DetectedFormat(FileFormat Format, string MimeType, string Name, Refusal? Refusal)
{
    internal static DetectedFormat Of(FileFormat format) => format switch
    {
        FileFormat.Pdf => new(format, "application/pdf", "a PDF document", null),
        FileFormat.Docx => new(format, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document", null),
        FileFormat.Pptx => new(format, "application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint presentation", null),
        FileFormat.Xlsx => new(format, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "an Excel workbook", null),
        FileFormat.Csv => new(format, "text/csv", "a CSV table", null),
        FileFormat.Html => new(format, "text/html", "an HTML page", null),
        FileFormat.Markdown => new(format, "text/markdown", "a Markdown text", null),
        FileFormat.Json => new(format, "application/json", "a JSON file", null),
        FileFormat.Rtf => new(format, "application/rtf", "a Rich Text (RTF) document", null),
        FileFormat.Odt => new(format, "application/vnd.oasis.opendocument.text", "an OpenDocument text", null),
        FileFormat.Epub => new(format, "application/epub+zip", "an EPUB book", null),
        FileFormat.Email => new(format, "message/rfc822", "an e-mail", null),
        FileFormat.Image => new(format, "image/png", "a picture", null),
        FileFormat.LegacyOffice => new(format, "application/msword", "an Office 97–2003 document", null),
        FileFormat.Media => new(format, "audio/mpeg", "a recording", null),
        FileFormat.Text => new(format, "text/plain", "a plain text", null),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "An unsupported file is named by what it is."),
    };

    internal static DetectedFormat Unsupported(string mimeType, string name) =>
        new(FileFormat.Unsupported, mimeType, name, Refusals.Unsupported(name));

    internal static DetectedFormat Refused(string mimeType, string name, Refusal refusal) =>
        new(FileFormat.Unsupported, mimeType, name, refusal);
}
