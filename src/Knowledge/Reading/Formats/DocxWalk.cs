using System.Globalization;
using System.Text;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>One walk through a Word document's main part, paragraph by paragraph.</summary>
internal sealed class DocxWalk(OfficePackage package, DocxStyles styles, DocxNotes notes, TextBuilder builder)
{
    // Paragraphs stand inside paragraphs where there are text boxes; those follow the paragraph they are anchored in.
    private readonly Stack<Paragraph> _paragraphs = new();
    private readonly List<Paragraph> _boxes = [];
    private readonly Stack<Table> _tables = new();
    private int _page = 1;
    private bool _freshPage = true;
    private int _waitingPages;
    private bool _isText;

    public string? Title { get; private set; }

    public void Walk(XmlReader xml)
    {
        builder.BeginPage(null);
        var more = package.Read(xml);
        while (more)
        {
            // What is deleted, moved away, or only there for programs that cannot show the real thing.
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "Fallback" or "moveFrom" or "rPr" or "sectPr" or "tblPr" })
            {
                xml.Skip();
                more = !xml.EOF;
                continue;
            }

            switch (xml.NodeType)
            {
                case XmlNodeType.Element:
                    var isEmpty = xml.IsEmptyElement;
                    Enter(xml);
                    if (isEmpty)
                        Leave(xml.LocalName);
                    break;
                case XmlNodeType.EndElement:
                    Leave(xml.LocalName);
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA when _isText:
                    Append(xml.Value);
                    break;
            }

            more = package.Read(xml);
        }

        builder.EndRun();
        notes.Write(builder);
    }

    private void Enter(XmlReader xml)
    {
        switch (xml.LocalName)
        {
            case "p":
                _paragraphs.Push(new Paragraph());
                break;
            case "pStyle" when Current is { } paragraph:
                paragraph.Style = DocxStyles.Attribute(xml, "val");
                break;
            case "numId" when Current is { } paragraph:
                paragraph.Number = DocxStyles.Attribute(xml, "val");
                break;
            case "ilvl" when Current is { } paragraph:
                paragraph.NumberLevel = Number(xml, "val");
                break;
            case "outlineLvl" when Current is { } paragraph:
                paragraph.Outline = Number(xml, "val") is >= 0 and < 9 and var level ? Math.Min(level + 1, 6) : null;
                break;
            case "pageBreakBefore" when DocxStyles.Attribute(xml, "val") is not ("0" or "false"):
                BreakPage(isRendered: false);
                break;
            case "t":
                _isText = true;
                break;
            case "tab" when Current is { IsOpen: true }:
                Append("\t");
                break;
            case "br" when DocxStyles.Attribute(xml, "type") == "page":
                BreakPage(isRendered: false);
                break;
            case "br" or "cr":
                Append("\n");
                break;
            case "noBreakHyphen":
                Append("-");
                break;
            case "lastRenderedPageBreak":
                BreakPage(isRendered: true);
                break;
            case "r" when Current is { } paragraph:
                paragraph.IsOpen = true;
                break;
            case "footnoteReference" or "endnoteReference":
                Append(notes.Refer(xml.LocalName == "endnoteReference", DocxStyles.Attribute(xml, "id") ?? ""));
                break;
            case "tbl":
                if (_tables.Count == 0)
                    builder.EndRun();
                _tables.Push(new Table());
                break;
            case "tr" when _tables.TryPeek(out var table):
                table.Row = [];
                break;
            case "tc" when _tables.TryPeek(out var table):
                (table.Cell, table.Span) = (new StringBuilder(), 1);
                break;
            case "gridSpan" when _tables.TryPeek(out var table):
                table.Span = Math.Clamp(Number(xml, "val"), 1, builder.Limits.Columns);
                break;
        }
    }

    private void Leave(string name)
    {
        switch (name)
        {
            case "t":
                _isText = false;
                break;
            case "p" when _paragraphs.TryPop(out var paragraph):
                if (_paragraphs.Count > 0)
                    _boxes.Add(paragraph);
                else
                {
                    Write(paragraph);
                    foreach (var box in _boxes)
                        Write(box);
                    _boxes.Clear();
                }

                break;
            case "tc" when _tables.TryPeek(out var table) && table is { Cell: { } cell, Row: { } row }:
                row.Add(cell.ToString());
                for (var i = 1; i < table.Span; i++)
                    row.Add("");
                table.Cell = null;
                break;
            case "tr" when _tables.TryPeek(out var table) && table.Row is { } row:
                table.Row = null;
                WriteRow(table, row);
                break;
            case "tbl" when _tables.TryPop(out var table):
                if (_tables.TryPeek(out var outer))
                    outer.Cell?.Append(table.Nested);
                else
                    builder.EndRun();
                break;
        }
    }

    private Paragraph? Current => _paragraphs.TryPeek(out var paragraph) ? paragraph : null;

    private void Append(string text)
    {
        if (Current is not { } paragraph || text.Length == 0)
            return;
        if (paragraph.Text.Length + text.Length > builder.Limits.Characters)
            throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));
        paragraph.Text.Append(text);
    }

    private void Write(Paragraph paragraph)
    {
        var text = paragraph.Text.ToString();
        if (string.IsNullOrWhiteSpace(text) || styles.IsContents(paragraph.Style))
            return;

        _freshPage = false;
        if (_tables.TryPeek(out var table))
        {
            table.Cell?.Append(table.Cell.Length > 0 ? "\n" : "").Append(text.Trim());
            return;
        }

        var (number, level) = paragraph.Number is null ? styles.Numbering(paragraph.Style) : (paragraph.Number, paragraph.NumberLevel);
        var heading = paragraph.Outline ?? styles.HeadingLevel(paragraph.Style);
        if (paragraph.IsContinued)
            builder.Paragraph(text);
        else if (heading > 0)
        {
            builder.Heading(text, heading);
            if (styles.IsTitle(paragraph.Style))
                Title ??= text;
        }
        else if (number is not (null or "0"))
            builder.ListItem(text, level, styles.Marker(number, level));
        else if (styles.IsCode(paragraph.Style))
            builder.Code(text);
        else
            builder.Paragraph(text);
    }

    private void WriteRow(Table table, List<string> row)
    {
        if (_tables.Count > 1)
        {
            // A table inside a cell is told as a sentence of that cell: rows by semicolons.
            table.Nested.Append(string.Join(", ", row)).Append("; ");
            return;
        }

        builder.Row(row, table.Header);
        table.Header ??= builder.TableHeader;
        TurnPages();
    }

    // Word remembers where it last broke pages. Right behind a break the author asked for, that is the same break.
    private void BreakPage(bool isRendered)
    {
        if (isRendered && _freshPage)
            return;

        if (_tables.Count > 0)
        {
            _waitingPages++;
            return;
        }

        if (Current is { } paragraph && paragraph.Text.Length > 0)
        {
            Write(paragraph);
            paragraph.Text.Clear();
            paragraph.IsContinued = true;
        }

        _waitingPages++;
        TurnPages();
    }

    private void TurnPages()
    {
        for (; _waitingPages > 0; _waitingPages--)
        {
            builder.EndRun();
            notes.Write(builder);
            builder.NumberPage(_page);
            builder.BeginPage(++_page);
            _freshPage = true;
        }
    }

    private static int Number(XmlReader xml, string attribute) =>
        int.TryParse(DocxStyles.Attribute(xml, attribute), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private sealed class Paragraph
    {
        public StringBuilder Text { get; } = new();

        public string? Style { get; set; }

        public string? Number { get; set; }

        public int NumberLevel { get; set; }

        public int? Outline { get; set; }

        public bool IsContinued { get; set; }

        // A tab before the first run is a tab stop of the paragraph's format, not a character.
        public bool IsOpen { get; set; }
    }

    private sealed class Table
    {
        public List<string>? Row { get; set; }

        public StringBuilder? Cell { get; set; }

        public int Span { get; set; } = 1;

        public string? Header { get; set; }

        public StringBuilder Nested { get; } = new();
    }
}
