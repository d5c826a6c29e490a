namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>A text box, placeholder or table of a slide. Dates, footers and slide numbers hold no content.</summary>
internal sealed class PptxShape
{
    private readonly List<(string Text, int Level)> _lines = [];

    /// <summary>What the layout meant the shape for, such as "title" or "body"; null for a free text box.</summary>
    public string? Placeholder { get; set; }

    public List<List<string>> Rows { get; } = [];

    public bool IsTitle => Placeholder is "title" or "ctrTitle";

    public string Text => string.Join('\n', _lines.Select(line => line.Text));

    public void Add(string text, int level)
    {
        if (!string.IsNullOrWhiteSpace(text))
            _lines.Add((text.Trim(), level));
    }

    public void Write(TextBuilder builder)
    {
        if (Placeholder is "dt" or "ftr" or "sldNum" or "hdr")
            return;

        builder.EndRun();
        // Several lines in a content placeholder are its bullets, even where the bullet itself is set by the layout.
        if (_lines.Count > 1 && Placeholder is "body" or "obj")
        {
            foreach (var (text, level) in _lines)
                builder.ListItem(text, level);
        }
        else
        {
            foreach (var (text, _) in _lines)
                builder.Paragraph(text);
        }

        builder.EndRun();
        foreach (var row in Rows)
            builder.Row(row);
        builder.EndRun();
    }
}
