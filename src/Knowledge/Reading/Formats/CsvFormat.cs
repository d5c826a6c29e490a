namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// A table in plain text (RFC 4180, leniently): the separator is found by looking, the first row is the header. Parsed
/// here rather than by a library, so that a row of ten thousand columns is refused at the first too many.
/// </summary>
internal static class CsvFormat
{
    private const int SampleCharacters = 64 << 10;

    public static string? Read(string text, TextBuilder builder)
    {
        var delimiter = Delimiters.Find(text.AsSpan(0, Math.Min(text.Length, SampleCharacters))) ?? ',';
        var row = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            row.Clear();
            at = Row(text, at, delimiter, row, builder);
            // Spreadsheets pad rows with empty cells to the widest one.
            while (row.Count > 0 && string.IsNullOrWhiteSpace(row[^1]))
                row.RemoveAt(row.Count - 1);
            builder.Row(row);
        }

        return null;
    }

    /// <summary>Reads one row, which may span lines inside quotes, and returns where the next one starts.</summary>
    private static int Row(string text, int at, char delimiter, List<string> row, TextBuilder builder)
    {
        while (true)
        {
            (var cell, at) = at < text.Length && text[at] == '"' ? Quoted(text, at, delimiter) : Plain(text, at, delimiter);
            // Some exports end every row with hundreds of separators; only what is filled counts as a column.
            if (row.Count >= builder.Limits.Columns && cell.Length > 0)
                throw new RefusedException(Refusals.TooManyColumns(builder.Limits.Columns));
            if (row.Count < builder.Limits.Columns)
                row.Add(cell);
            if (at >= text.Length || text[at] == '\n')
                return at + 1;
            at++;
        }
    }

    private static (string Cell, int End) Plain(string text, int at, char delimiter)
    {
        var length = text.AsSpan(at).IndexOfAny(delimiter, '\n');
        var end = length < 0 ? text.Length : at + length;
        return (text[at..end], end);
    }

    private static (string Cell, int End) Quoted(string text, int at, char delimiter)
    {
        var close = at + 1;
        while ((close = text.IndexOf('"', close)) >= 0 && close + 1 < text.Length && text[close + 1] == '"')
            close += 2;

        // A quote that never ends was not meant as one: take the line as it is instead of the rest of the file.
        if (close < 0)
            return Plain(text, at, delimiter);

        var cell = text[(at + 1)..close].Replace("\"\"", "\"", StringComparison.Ordinal);
        var (rest, end) = Plain(text, close + 1, delimiter);
        return (rest.Length == 0 ? cell : cell + rest, end);
    }
}
