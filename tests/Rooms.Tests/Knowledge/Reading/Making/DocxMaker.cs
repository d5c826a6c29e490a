using System.Globalization;
using System.Security;
using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>Writes Word documents with the parts Word itself writes: styles, numbering, footnotes, traces of pages.</summary>
internal sealed class DocxMaker
{
    public const string W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    private readonly StringBuilder _body = new();
    private readonly StringBuilder _notes = new();
    private string? _title;
    private int _noteCount;

    public DocxMaker Title(string text)
    {
        _title = text;
        return Styled("Title", text);
    }

    public DocxMaker Heading(int level, string text) => Styled($"Heading{level}", text);

    public DocxMaker Paragraph(string text) => Raw($"<w:p>{Run(text)}</w:p>");

    public DocxMaker Bullet(string text, int level = 0) => Numbered("1", text, level);

    public DocxMaker Number(string text) => Numbered("2", text, 0);

    public DocxMaker Footnote(string text, string note)
    {
        _noteCount++;
        _notes.Append(CultureInfo.InvariantCulture, $"<w:footnote w:id=\"{_noteCount}\"><w:p>{Run(note)}</w:p></w:footnote>");
        return Raw($"<w:p>{Run(text)}<w:r><w:footnoteReference w:id=\"{_noteCount}\"/></w:r></w:p>");
    }

    public DocxMaker Table(params string[][] rows)
    {
        _body.Append("<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/></w:tblPr><w:tblGrid>");
        foreach (var _ in rows[0])
            _body.Append("<w:gridCol w:w=\"2000\"/>");
        _body.Append("</w:tblGrid>");
        foreach (var row in rows)
        {
            _body.Append("<w:tr>");
            foreach (var cell in row)
                _body.Append(CultureInfo.InvariantCulture, $"<w:tc><w:tcPr><w:tcW w:w=\"2000\" w:type=\"dxa\"/></w:tcPr><w:p>{Run(cell)}</w:p></w:tc>");
            _body.Append("</w:tr>");
        }

        return Raw("</w:tbl>");
    }

    /// <summary>What Word leaves behind where it last broke a page by itself.</summary>
    public DocxMaker RenderedPage(string text) => Raw($"<w:p><w:r><w:lastRenderedPageBreak/></w:r>{Run(text)}</w:p>");

    public DocxMaker PageBreak() => Raw("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>");

    public DocxMaker Raw(string xml)
    {
        _body.Append(xml);
        return this;
    }

    public byte[] Make() => ZipMaker.Make(Parts());

    public IEnumerable<(string Name, string Content)> Parts() =>
    [
        ("[Content_Types].xml", Declared("""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/><Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>""")),
        ("_rels/.rels", Declared("""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>""")),
        ("docProps/core.xml", Core(_title)),
        ("word/_rels/document.xml.rels", Declared("""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>""")),
        ("word/styles.xml", Declared($"""<w:styles xmlns:w="{W}"><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="48"/></w:rPr></w:style>{string.Concat(Enumerable.Range(1, 3).Select(HeadingStyle))}<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/><w:basedOn w:val="Normal"/></w:style></w:styles>""")),
        ("word/numbering.xml", Declared($"""<w:numbering xmlns:w="{W}">{Definition(0, "bullet", "•")}{Definition(1, "decimal", "%1.")}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>""")),
        ("word/footnotes.xml", Declared($"""<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>{_notes}</w:footnotes>""")),
        ("word/document.xml", Declared($"""<w:document xmlns:w="{W}"><w:body>{_body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>""")),
    ];

    public static string Core(string? title) => Declared($"""<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">{(title is null ? "" : $"<dc:title>{SecurityElement.Escape(title)}</dc:title>")}</cp:coreProperties>""");

    public static string Declared(string xml) => "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n" + xml;

    private static string HeadingStyle(int level) =>
        $"""<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/><w:basedOn w:val="Normal"/><w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="{36 - (level * 4)}"/></w:rPr></w:style>""";

    private static string Definition(int id, string format, string text) =>
        $"""<w:abstractNum w:abstractNumId="{id}"><w:multiLevelType w:val="multilevel"/>{string.Concat(Enumerable.Range(0, 3).Select(level => $"""<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/><w:pPr><w:ind w:left="{720 * (level + 1)}" w:hanging="360"/></w:pPr></w:lvl>"""))}</w:abstractNum>""";

    private static string Run(string text) => $"<w:r><w:t xml:space=\"preserve\">{SecurityElement.Escape(text)}</w:t></w:r>";

    private DocxMaker Styled(string style, string text) => Raw($"<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{Run(text)}</w:p>");

    private DocxMaker Numbered(string number, string text, int level) =>
        Raw($"<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{number}\"/></w:numPr></w:pPr>{Run(text)}</w:p>");
}
