using System.Globalization;

namespace Lyceum.Knowledge.Reading;

/// <summary>Every reason a document can be refused for, with the one sentence a person reads.</summary>
internal static class Refusals
{
    private const string Accepted =
        "Accepted are PDF, Word, PowerPoint, Excel, OpenDocument text, RTF, EPUB, e-mails (.eml), pictures of text, CSV, HTML, Markdown, plain text, JSON, and recordings (audio and video).";

    public static Refusal Empty { get; } =
        new("empty_file", "The file is empty. Check that it was saved completely and upload it again.");

    public static Refusal PasswordProtected { get; } =
        new("password_protected", "The file is protected with a password. Save a copy without the password and upload that.");

    public static Refusal NoText { get; } =
        new("no_text", "No text was found in the file, and none was recognised in its pictures. If it is a scan, scan it again, upright and with at least 200 points to the inch.");

    public static Refusal NoTextAndNoOcr { get; } =
        new("no_text", "No text was found in the file. If it is a scan: text recognition (OCR) is not available here until an administrator installs tesseract-ocr on the server; retry then.");

    public static Refusal OutOfMemory { get; } =
        new("out_of_memory", "Reading the file took more memory than one document may use. Split it into smaller files and upload those.");

    public static Refusal Crashed { get; } =
        new("reader_crashed", "The file made the reader stop unexpectedly. Open it in the program it comes from, save it again and upload the new copy.");

    public static Refusal Unsupported(string name) =>
        new("unsupported_type", $"The file is {name}, which cannot be read. {Accepted}");

    public static Refusal ToolMissing(string what, string package, string instead) =>
        new("tool_missing", $"Reading {what} needs {package}, which is not installed on the server. Ask its administrator to install {package} and retry then, or upload the text as {instead}.");

    public static Refusal SoundToolMissing(string what) =>
        new("tool_missing", $"Listening to {what} needs ffmpeg, which is not installed on the server. Ask its administrator to install ffmpeg and retry then, or upload the sound as an MP3 file of less than 24 MB.");

    public static Refusal TooManyScans(int limit) =>
        new("too_many_pages", $"The file has more than {Count(limit)} scanned pages. Split it into smaller files and upload those.");

    public static Refusal Damaged(string format, string detail) =>
        new("damaged_file", $"The {format} file is damaged: {detail}. Open it in the program it comes from, save it again and upload the new copy.");

    public static Refusal ZipBomb(string detail) =>
        new("zip_bomb", $"The file unpacks to far more than its size ({detail}) and was not opened. Save it again in the program it comes from, or upload its text as a smaller file.");

    public static Refusal Timeout(TimeSpan limit) =>
        new("timeout", $"Reading the file took longer than {Count((long)Math.Ceiling(limit.TotalSeconds))} seconds. Split it into smaller files and upload those.");

    public static Refusal FileTooLarge(long limit) =>
        new("too_large", $"The file is larger than {Bytes(limit)}. Split it into smaller files and upload those.");

    public static Refusal TextTooLarge(int limit) =>
        new("too_large", $"The file holds more than {Count(limit)} characters of text. Split it into smaller files and upload those.");

    public static Refusal TooManyPages(int limit) =>
        new("too_many_pages", $"The file has more than {Count(limit)} pages. Split it into smaller files and upload those.");

    public static Refusal TooManyCells(int limit) =>
        new("too_many_cells", $"The tables in the file have more than {Count(limit)} cells. Split them into smaller files and upload those.");

    public static Refusal TooManyColumns(int limit) =>
        new("too_many_columns", $"A table in the file has more than {Count(limit)} columns. Keep the columns that matter, or turn rows and columns around, and upload it again.");

    public static Refusal TooDeep(string format, int limit) =>
        Damaged(format, $"it nests more than {Count(limit)} levels deep");

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes >= 1 << 20
        ? $"{Count(bytes >> 20)} MB"
        : $"{Count(bytes)} bytes";
}

/// <summary>
/// Carries a refusal out of the depth of a parser to <see cref="FormatReader"/>, which turns it into a value.
/// It leaves this folder only if a format forgot to run inside it.
/// </summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Message)
{
    public Refusal Refusal { get; } = refusal;
}
