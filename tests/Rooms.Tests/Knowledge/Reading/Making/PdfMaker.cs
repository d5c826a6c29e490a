using System.Globalization;
using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>
/// Writes PDF files with the fonts every reader has: headings, wrapped paragraphs, bullets, tables, and a footer on each
/// page. Nothing is compressed, so the same calls give the same bytes.
/// </summary>
internal sealed class PdfMaker(string title)
{
    private const float Left = 72, Right = 523, Top = 770, Bottom = 80;

    // Widths of Helvetica for the characters 32 to 126, in thousandths of the type size.
    private static readonly int[] Widths =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    private readonly List<StringBuilder> _pages = [];
    private float _y;

    public string? Footer { get; init; }

    public PdfMaker NewPage()
    {
        _pages.Add(new StringBuilder());
        _y = Top;
        return this;
    }

    public PdfMaker Heading(string text, int level = 1)
    {
        _y -= level == 1 ? 10 : 6;
        return Lines(text, level == 1 ? 20 : 14, Left, bold: true, after: 8);
    }

    public PdfMaker Paragraph(string text) => Lines(text, 10.5f, Left, bold: false, after: 8);

    public PdfMaker Bullet(string text)
    {
        Show("\u2022", 10.5f, Left + 6, _y, bold: false);
        return Lines(text, 10.5f, Left + 20, bold: false, after: 3);
    }

    public PdfMaker Table(float[] columns, params string[][] rows)
    {
        _y -= 4;
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
                Show(row[i], 10, Left + columns[i], _y, bold: ReferenceEquals(row, rows[0]));
            _y -= 16;
        }

        _y -= 6;
        return this;
    }

    /// <summary>A grey picture where a page's text would be: a scan, as far as any reader can tell.</summary>
    public PdfMaker Scan()
    {
        NewPage();
        _pages[^1].Append("q 400 0 0 500 90 200 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \u0010\u00a0\u00f0\u0080 EI Q\n");
        return this;
    }

    public byte[] Make()
    {
        if (Footer is not null)
        {
            for (var i = 0; i < _pages.Count; i++)
                Show(string.Create(CultureInfo.InvariantCulture, $"{Footer}  -  page {i + 1} of {_pages.Count}"), 8, Left, 40, bold: false, page: i);
        }

        var objects = new List<string>
        {
            "<< /Type /Catalog /Pages 2 0 R >>",
            $"<< /Type /Pages /Count {_pages.Count} /Kids [{string.Join(' ', _pages.Select((_, i) => $"{6 + (2 * i)} 0 R"))}] >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
            $"<< /Title ({Escaped(title)}) >>",
        };
        for (var i = 0; i < _pages.Count; i++)
        {
            objects.Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {7 + (2 * i)} 0 R >>");
            objects.Add($"<< /Length {_pages[i].Length} >>\nstream\n{_pages[i]}endstream");
        }

        var file = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        var start = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
            file.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        file.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }

    private PdfMaker Lines(string text, float size, float left, bool bold, float after)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (left + Width(longer, size) > Right)
            {
                Show(line, size, left, _y, bold);
                Down(size);
                longer = word;
            }

            line = longer;
        }

        Show(line, size, left, _y, bold);
        Down(size);
        _y -= after;
        return this;
    }

    private void Down(float size)
    {
        _y -= size * 1.3f;
        if (_y < Bottom)
            throw new InvalidOperationException("This page is full. Begin a new one.");
    }

    private void Show(string text, float size, float x, float y, bool bold, int? page = null)
    {
        if (_pages.Count == 0)
            NewPage();
        _pages[page ?? _pages.Count - 1].Append(CultureInfo.InvariantCulture, $"BT /{(bold ? "F2" : "F1")} {size} Tf {x:0.##} {y:0.##} Td ({Escaped(text)}) Tj ET\n");
    }

    private static float Width(string text, float size) => text.Sum(character => character is >= ' ' and <= '~' ? Widths[character - ' '] : 556) * size / 1000;

    private static string Escaped(string text) =>
        string.Concat(text.Select(character => character switch
        {
            '(' or ')' or '\\' => $"\\{character}",
            '\u2022' => "\\225",
            '\u2013' => "\\226",
            '\u20ac' => "\\200",
            _ => character.ToString(),
        }));
}
