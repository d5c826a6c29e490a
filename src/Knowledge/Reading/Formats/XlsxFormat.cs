using System.Globalization;
using System.Text;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// A workbook: one page per visible sheet, its name as heading, its cells as tables separated by empty rows, and values
/// as the sheet shows them. Formulas count by their stored result.
/// </summary>
internal static class XlsxFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        using var package = OfficePackage.Open(path, builder);
        var main = package.MainPart("xl/workbook.xml", "xl/workbook");
        var relations = package.Relations(main);
        string Part(string type, string usual) => relations.Values.FirstOrDefault(relation => relation.Type == type).Target ?? usual;

        var (sheets, isFrom1904) = Sheets(package, main);
        var strings = SharedStrings(package, Part("sharedStrings", "xl/sharedStrings.xml"), builder.Limits);
        var formats = XlsxFormats.Read(package, Part("styles", "xl/styles.xml"), isFrom1904);
        var number = 0;
        foreach (var (name, id) in sheets)
        {
            if (!relations.TryGetValue(id, out var sheet) || sheet.Type != "worksheet")
                continue;

            builder.BeginPage(++number, name);
            builder.Heading(name, 1);
            using var xml = package.Xml(sheet.Target) ?? throw new InvalidDataException("a sheet is missing");
            Sheet(package, xml, strings, formats, builder);
        }

        return package.Title();
    }

    private static (List<(string Name, string Id)> Sheets, bool IsFrom1904) Sheets(OfficePackage package, string main)
    {
        var sheets = new List<(string, string)>();
        var isFrom1904 = false;
        using var xml = package.Xml(main) ?? throw new InvalidDataException("no main part");
        while (package.Read(xml))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "workbookPr")
                isFrom1904 = xml.GetAttribute("date1904") is "1" or "true";
            // What its author hid from readers is not read out to them either.
            if (xml.LocalName != "sheet" || xml.GetAttribute("state") is "hidden" or "veryHidden")
                continue;

            var id = xml.GetAttribute("id", "http://schemas.openxmlformats.org/officeDocument/2006/relationships")
                ?? xml.GetAttribute("id", "http://purl.oclc.org/ooxml/officeDocument/relationships");
            if (id is not null)
                sheets.Add((xml.GetAttribute("name") ?? "", id));
        }

        return (sheets, isFrom1904);
    }

    private static List<string> SharedStrings(OfficePackage package, string part, ReadLimits limits)
    {
        var strings = new List<string>();
        var text = new StringBuilder();
        using var xml = package.Xml(part);
        var characters = 0L;
        while (xml is not null && package.Read(xml))
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "si" })
                continue;

            AppendText(package, xml, text);
            strings.Add(text.ToString());
            if ((characters += text.Length) > limits.Characters)
                throw new RefusedException(Refusals.TextTooLarge(limits.Characters));
            if (strings.Count > limits.Cells)
                throw new RefusedException(Refusals.TooManyCells(limits.Cells));
            text.Clear();
        }

        return strings;
    }

    // Gathers the <t> of an element, without the phonetic hints Japanese Excel adds in <rPh>.
    private static void AppendText(OfficePackage package, XmlReader xml, StringBuilder text)
    {
        if (xml.IsEmptyElement)
            return;

        var (depth, isText, isHint) = (xml.Depth, false, false);
        while (package.Read(xml) && xml.Depth > depth)
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "t":
                    isText = !xml.IsEmptyElement;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "t":
                    isText = false;
                    break;
                case XmlNodeType.Element or XmlNodeType.EndElement when xml.LocalName == "rPh":
                    isHint = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace when isText && !isHint:
                    text.Append(xml.Value);
                    break;
            }
        }
    }

    private static void Sheet(OfficePackage package, XmlReader xml, List<string> strings, XlsxFormats formats, TextBuilder builder)
    {
        var row = new List<string>();
        var value = new StringBuilder();
        var (lastRow, thisRow, filled) = (0, 0, 0);
        var (column, type, style, isValue) = (0, "n", 0, false);
        while (package.Read(xml))
        {
            switch (xml.NodeType, xml.LocalName)
            {
                case (XmlNodeType.Element, "row"):
                    row.Clear();
                    filled = 0;
                    thisRow = int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : thisRow + 1;
                    break;
                case (XmlNodeType.Element, "c"):
                    column = Column(xml.GetAttribute("r")) ?? row.Count;
                    type = xml.GetAttribute("t") ?? "n";
                    _ = int.TryParse(xml.GetAttribute("s"), NumberStyles.None, CultureInfo.InvariantCulture, out style);
                    value.Clear();
                    break;
                case (XmlNodeType.Element, "v"):
                    isValue = !xml.IsEmptyElement;
                    break;
                case (XmlNodeType.EndElement, "v"):
                    isValue = false;
                    break;
                case (XmlNodeType.Element, "is"):
                    AppendText(package, xml, value);
                    break;
                case (XmlNodeType.Text or XmlNodeType.SignificantWhitespace, _) when isValue:
                    value.Append(xml.Value);
                    break;
                case (XmlNodeType.EndElement, "c") when value.Length > 0:
                    if (Show(value.ToString(), type, style, strings, formats) is { Length: > 0 } shown)
                    {
                        if (column >= builder.Limits.Columns)
                            throw new RefusedException(Refusals.TooManyColumns(builder.Limits.Columns));
                        while (row.Count <= column)
                            row.Add("");
                        row[column] = shown;
                        filled++;
                    }

                    break;
                case (XmlNodeType.EndElement, "row") when filled > 0:
                    if (thisRow > lastRow + 1)
                        builder.EndRun();
                    // A lone cell above a table is its caption, not its header.
                    if (filled == 1 && builder.TableHeader is null)
                        builder.Paragraph(row.Find(cell => cell.Length > 0) ?? "");
                    else
                        builder.Row(row);
                    lastRow = thisRow;
                    break;
            }
        }
    }

    private static string Show(string value, string type, int style, List<string> strings, XlsxFormats formats) => type switch
    {
        "s" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < strings.Count ? strings[index] : "",
        "b" => value == "1" ? "TRUE" : "FALSE",
        "str" or "inlineStr" or "e" => value,
        "d" => value.Replace('T', ' '),
        _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? formats.Show(number, style) : value,
    };

    // "AB12" is column 27, counted from 0.
    private static int? Column(string? reference)
    {
        if (reference is null)
            return null;

        var column = 0;
        foreach (var letter in reference)
        {
            if (!char.IsAsciiLetterUpper(letter))
                break;
            column = (column * 26) + letter - 'A' + 1;
            if (column > 1 << 20)
                break;
        }

        return column == 0 ? null : column - 1;
    }
}
