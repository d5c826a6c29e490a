using System.Globalization;
using System.Security;
using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

internal sealed record Sheet(string Name, object?[][] Rows, string State = "visible");

/// <summary>A value under one of the formats in <see cref="XlsxMaker"/>.</summary>
internal sealed record Styled(double Value, CellStyle Style);

internal enum CellStyle
{
    General,
    Date,
    Percent,
    Thousands,
    Euro,
    Moment,
}

/// <summary>Writes workbooks with shared strings, formatted numbers, dates, formulas and hidden sheets.</summary>
internal static class XlsxMaker
{
    public static byte[] Make(params Sheet[] sheets) => ZipMaker.Make(Parts(sheets));

    public static IEnumerable<(string Name, string Content)> Parts(params Sheet[] sheets)
    {
        const string main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        const string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        const string type = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
        var strings = new List<string>();
        var parts = new List<(string, string)>
        {
            ("[Content_Types].xml", DocxMaker.Declared($"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{type}sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{type}styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{type}sharedStrings+xml"/>{string.Concat(sheets.Select((_, i) => $"""<Override PartName="/xl/worksheets/sheet{i + 1}.xml" ContentType="{type}worksheet+xml"/>"""))}</Types>""")),
            ("_rels/.rels", DocxMaker.Declared($"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>""")),
            ("xl/workbook.xml", DocxMaker.Declared($"""<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{string.Concat(sheets.Select((sheet, i) => $"""<sheet name="{SecurityElement.Escape(sheet.Name)}" sheetId="{i + 1}"{(sheet.State == "visible" ? "" : $" state=\"{sheet.State}\"")} r:id="rId{i + 1}"/>"""))}</sheets></workbook>""")),
            ("xl/_rels/workbook.xml.rels", DocxMaker.Declared($"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{string.Concat(sheets.Select((_, i) => $"""<Relationship Id="rId{i + 1}" Type="{office}/worksheet" Target="worksheets/sheet{i + 1}.xml"/>"""))}<Relationship Id="rId90" Type="{office}/styles" Target="styles.xml"/><Relationship Id="rId91" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>""")),
            ("xl/styles.xml", DocxMaker.Declared($"""<styleSheet xmlns="{main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="#,##0.00\ [$€-407]"/><numFmt numFmtId="165" formatCode="dd/mm/yyyy\ hh:mm"/></numFmts><fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">{string.Concat(new[] { 0, 14, 10, 3, 164, 165 }.Select(id => $"""<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>"""))}</cellXfs></styleSheet>""")),
        };
        for (var i = 0; i < sheets.Length; i++)
            parts.Add(($"xl/worksheets/sheet{i + 1}.xml", DocxMaker.Declared($"""<worksheet xmlns="{main}"><sheetData>{Rows(sheets[i].Rows, strings)}</sheetData></worksheet>""")));
        parts.Add(("xl/sharedStrings.xml", DocxMaker.Declared($"""<sst xmlns="{main}" count="{strings.Count}" uniqueCount="{strings.Count}">{string.Concat(strings.Select(text => $"<si><t xml:space=\"preserve\">{SecurityElement.Escape(text)}</t></si>"))}</sst>""")));
        return parts;
    }

    public static double Serial(int year, int month, int day, double time = 0) => new DateTime(year, month, day).ToOADate() + time;

    private static string Rows(object?[][] rows, List<string> strings)
    {
        var xml = new StringBuilder();
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row].Length == 0)
                continue;

            xml.Append(CultureInfo.InvariantCulture, $"<row r=\"{row + 1}\">");
            for (var column = 0; column < rows[row].Length; column++)
                xml.Append(Cell($"{(char)('A' + column)}{row + 1}", rows[row][column], strings));
            xml.Append("</row>");
        }

        return xml.ToString();
    }

    private static string Cell(string reference, object? value, List<string> strings)
    {
        switch (value)
        {
            case null:
                return "";
            case string text when text.StartsWith('='):
                var parts = text.Split('→');
                return $"<c r=\"{reference}\"><f>{SecurityElement.Escape(parts[0][1..])}</f><v>{parts[1]}</v></c>";
            case string text:
                if (!strings.Contains(text))
                    strings.Add(text);
                return $"<c r=\"{reference}\" t=\"s\"><v>{strings.IndexOf(text)}</v></c>";
            case bool flag:
                return $"<c r=\"{reference}\" t=\"b\"><v>{(flag ? 1 : 0)}</v></c>";
            case Styled styled:
                return string.Create(CultureInfo.InvariantCulture, $"<c r=\"{reference}\" s=\"{(int)styled.Style}\"><v>{styled.Value:R}</v></c>");
            default:
                return string.Create(CultureInfo.InvariantCulture, $"<c r=\"{reference}\"><v>{value}</v></c>");
        }
    }
}
