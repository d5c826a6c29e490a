namespace Lyceum.Knowledge.Reading;

/// <summary>
/// What a file really is. <paramref name="Name"/> reads well in a sentence ("a PNG image"); <paramref name="MimeType"/>
/// is safe to store and to serve; <paramref name="Refusal"/> is set when the file cannot be read at all.
/// </summary>
public sealed record DetectedFormat(DocumentFormat Format, string MimeType, string Name, Refusal? Refusal)
{
    internal static DetectedFormat Of(DocumentFormat format) => format switch
    {
        DocumentFormat.Pdf => new(format, "application/pdf", "a PDF document", null),
        DocumentFormat.Docx => new(format, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document", null),
        DocumentFormat.Pptx => new(format, "application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint presentation", null),
        DocumentFormat.Xlsx => new(format, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "an Excel workbook", null),
        DocumentFormat.Csv => new(format, "text/csv", "a CSV table", null),
        DocumentFormat.Html => new(format, "text/html", "an HTML page", null),
        DocumentFormat.Markdown => new(format, "text/markdown", "a Markdown text", null),
        DocumentFormat.Json => new(format, "application/json", "a JSON file", null),
        DocumentFormat.Text => new(format, "text/plain", "a plain text", null),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "An unsupported file is named by what it is."),
    };

    internal static DetectedFormat Unsupported(string mimeType, string name) =>
        new(DocumentFormat.Unsupported, mimeType, name, Refusals.Unsupported(name));

    internal static DetectedFormat Refused(string mimeType, string name, Refusal refusal) =>
        new(DocumentFormat.Unsupported, mimeType, name, refusal);
}
