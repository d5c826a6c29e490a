using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// What the child and its parent say to each other. Written by hand on both sides: a process that lives for one document
/// would spend more time on a serializer's metadata than on most documents. The JSON is that of
/// <see cref="ExtractedText"/> with web defaults, and a test holds the two together.
/// </summary>
internal static class ReadingJson
{
    // Relaxed, since nobody but the parent reads it and Chinese would be six bytes per character.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { MaxDepth = 8 };

    private static readonly string[] Kinds = ["paragraph", "heading", "list", "table", "code"];

    private static readonly string[] Formats = ["unsupported", "pdf", "docx", "pptx", "xlsx", "csv", "html", "markdown", "text", "json", "rtf", "odt", "epub", "email", "image", "legacy_office", "media"];

    public static void Write(Stream file, ReadOutcome outcome)
    {
        using var json = new Utf8JsonWriter(file, Options);
        json.WriteStartObject();
        if (outcome.Refusal is { } refusal)
        {
            json.WriteStartObject("refusal");
            json.WriteString("code", refusal.Code);
            json.WriteString("message", refusal.Message);
            json.WriteEndObject();
        }
        else if (outcome.Text is { } text)
        {
            json.WritePropertyName("text");
            Write(json, text);
        }

        json.WriteEndObject();
    }

    public static async Task<ReadOutcome?> Read(Stream file, CancellationToken ct) =>
        await JsonSerializer.DeserializeAsync<Answer>(file, Web, ct) switch
        {
            { Text: { } text } => ReadOutcome.Of(text),
            { Refusal: { } refusal } => ReadOutcome.Of(refusal),
            _ => null,
        };

    /// <summary>The limits as one argument of a command line.</summary>
    public static string ToArgument(ReadLimits limits) => string.Join(';', new[]
    {
        limits.WallTime.Ticks, limits.CpuTime.Ticks, limits.MemoryBytes, limits.FileBytes, limits.Characters, limits.Pages, limits.Cells,
        limits.Columns, limits.ZipEntries, limits.ZipBytes, limits.ZipRatio, limits.ZipRatioFrom, limits.Depth, limits.InProcessBytes,
        limits.OcrPages, limits.OcrTime.Ticks,
    }.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    public static ReadLimits? FromArgument(string argument)
    {
        var parts = argument.Split(';');
        var numbers = new long[16];
        if (parts.Length != numbers.Length)
            return null;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }

        return new ReadLimits
        {
            WallTime = TimeSpan.FromTicks(numbers[0]),
            CpuTime = TimeSpan.FromTicks(numbers[1]),
            MemoryBytes = numbers[2],
            FileBytes = numbers[3],
            Characters = (int)numbers[4],
            Pages = (int)numbers[5],
            Cells = (int)numbers[6],
            Columns = (int)numbers[7],
            ZipEntries = (int)numbers[8],
            ZipBytes = numbers[9],
            ZipRatio = (int)numbers[10],
            ZipRatioFrom = numbers[11],
            Depth = (int)numbers[12],
            InProcessBytes = numbers[13],
            OcrPages = (int)numbers[14],
            OcrTime = TimeSpan.FromTicks(numbers[15]),
        };
    }

    private static void Write(Utf8JsonWriter json, ExtractedText text)
    {
        json.WriteStartObject();
        json.WriteString("format", Formats[(int)text.Format]);
        json.WriteString("mimeType", text.MimeType);
        json.WriteString("title", text.Title);
        json.WriteString("language", text.Language);
        json.WriteStartArray("pages");
        foreach (var page in text.Pages)
            Write(json, page);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TextPage page)
    {
        json.WriteStartObject();
        if (page.Number is { } number)
            json.WriteNumber("number", number);
        if (page.Name is { } name)
            json.WriteString("name", name);
        json.WriteString("text", page.Text);
        json.WriteStartArray("blocks");
        foreach (var block in page.Blocks)
        {
            json.WriteStartObject();
            json.WriteString("kind", Kinds[(int)block.Kind]);
            json.WriteNumber("start", block.Start);
            json.WriteNumber("end", block.End);
            json.WriteNumber("level", block.Level);
            if (block.Header is { } header)
                json.WriteString("header", header);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    private sealed record Answer(ExtractedText? Text, Refusal? Refusal);
}
