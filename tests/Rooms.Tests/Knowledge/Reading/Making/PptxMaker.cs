using System.Security;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

internal sealed record Slide(string Title, string[] Bullets, string? Notes = null, string[][]? Table = null);

/// <summary>Writes presentations with a master, a layout, notes and tables, complete enough for PowerPoint to open.</summary>
internal static class PptxMaker
{
    private const string Namespaces = """xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" """;
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Group = """<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>""";
    private const string Map = """<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>""";

    public static byte[] Make(string title, params Slide[] slides) => ZipMaker.Make(Parts(title, slides));

    public static IEnumerable<(string Name, string Content)> Parts(string title, Slide[] slides)
    {
        string Each(Func<int, string> part) => string.Concat(Enumerable.Range(1, slides.Length).Select(part));
        string EachNote(Func<int, string> part) => string.Concat(Enumerable.Range(1, slides.Length).Where(i => slides[i - 1].Notes is not null).Select(part));

        const string type = "application/vnd.openxmlformats-officedocument.presentationml.";
        yield return ("[Content_Types].xml", DocxMaker.Declared($"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/ppt/presentation.xml" ContentType="{type}presentation.main+xml"/><Override PartName="/ppt/slideMasters/slideMaster1.xml" ContentType="{type}slideMaster+xml"/><Override PartName="/ppt/slideLayouts/slideLayout1.xml" ContentType="{type}slideLayout+xml"/><Override PartName="/ppt/notesMasters/notesMaster1.xml" ContentType="{type}notesMaster+xml"/><Override PartName="/ppt/theme/theme1.xml" ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/><Override PartName="/ppt/theme/theme2.xml" ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{Each(i => $"""<Override PartName="/ppt/slides/slide{i}.xml" ContentType="{type}slide+xml"/>""")}{EachNote(i => $"""<Override PartName="/ppt/notesSlides/notesSlide{i}.xml" ContentType="{type}notesSlide+xml"/>""")}</Types>"""));
        yield return ("_rels/.rels", Relations(("rId1", "officeDocument", "ppt/presentation.xml"), ("rId2", "core", "docProps/core.xml")));
        yield return ("docProps/core.xml", DocxMaker.Core(title));
        yield return ("ppt/presentation.xml", DocxMaker.Declared($"""<p:presentation {Namespaces}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:notesMasterIdLst><p:notesMasterId r:id="rId2"/></p:notesMasterIdLst><p:sldIdLst>{Each(i => $"""<p:sldId id="{255 + i}" r:id="rId{i + 10}"/>""")}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>"""));
        yield return ("ppt/_rels/presentation.xml.rels", Relations([("rId1", "slideMaster", "slideMasters/slideMaster1.xml"), ("rId2", "notesMaster", "notesMasters/notesMaster1.xml"), .. Enumerable.Range(1, slides.Length).Select(i => ($"rId{i + 10}", "slide", $"slides/slide{i}.xml"))]));
        yield return ("ppt/slideMasters/slideMaster1.xml", DocxMaker.Declared($"""<p:sldMaster {Namespaces}><p:cSld><p:spTree>{Group}</p:spTree></p:cSld>{Map}<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>"""));
        yield return ("ppt/slideMasters/_rels/slideMaster1.xml.rels", Relations(("rId1", "slideLayout", "../slideLayouts/slideLayout1.xml"), ("rId2", "theme", "../theme/theme1.xml")));
        yield return ("ppt/slideLayouts/slideLayout1.xml", DocxMaker.Declared($"""<p:sldLayout {Namespaces}><p:cSld name="Title and content"><p:spTree>{Group}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"""));
        yield return ("ppt/slideLayouts/_rels/slideLayout1.xml.rels", Relations(("rId1", "slideMaster", "../slideMasters/slideMaster1.xml")));
        yield return ("ppt/notesMasters/notesMaster1.xml", DocxMaker.Declared($"""<p:notesMaster {Namespaces}><p:cSld><p:spTree>{Group}</p:spTree></p:cSld>{Map}</p:notesMaster>"""));
        yield return ("ppt/notesMasters/_rels/notesMaster1.xml.rels", Relations(("rId1", "theme", "../theme/theme2.xml")));
        yield return ("ppt/theme/theme1.xml", Theme);
        yield return ("ppt/theme/theme2.xml", Theme);
        for (var i = 1; i <= slides.Length; i++)
        {
            var slide = slides[i - 1];
            (string, string, string) layout = ("rId1", "slideLayout", "../slideLayouts/slideLayout1.xml");
            yield return ($"ppt/slides/slide{i}.xml", DocxMaker.Declared($"""<p:sld {Namespaces}><p:cSld><p:spTree>{Group}{Shape(2, "title", 457200, 274638, 1143000, [slide.Title])}{(slide.Bullets.Length > 0 ? Shape(3, null, 457200, 1600200, 2200000, slide.Bullets) : "")}{(slide.Table is null ? "" : Table(slide.Table))}{Shape(5, "sldNum", 6553200, 6356350, 365125, ["7"])}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"""));
            yield return ($"ppt/slides/_rels/slide{i}.xml.rels", slide.Notes is null ? Relations(layout) : Relations(layout, ("rId2", "notesSlide", $"../notesSlides/notesSlide{i}.xml")));
            if (slide.Notes is null)
                continue;

            yield return ($"ppt/notesSlides/notesSlide{i}.xml", DocxMaker.Declared($"""<p:notes {Namespaces}><p:cSld><p:spTree>{Group}{Shape(2, "body", 685800, 4400550, 3600450, [slide.Notes])}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>"""));
            yield return ($"ppt/notesSlides/_rels/notesSlide{i}.xml.rels", Relations(("rId1", "notesMaster", "../notesMasters/notesMaster1.xml"), ("rId2", "slide", $"../slides/slide{i}.xml")));
        }
    }

    private static string Shape(int id, string? placeholder, int x, int y, int height, string[] lines) =>
        $"""<p:sp><p:nvSpPr><p:cNvPr id="{id}" name="Shape {id}"/><p:cNvSpPr/><p:nvPr><p:ph{(placeholder is null ? "" : $" type=\"{placeholder}\"")} idx="{id}"/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{(placeholder == "sldNum" ? 2133600 : 8229600)}" cy="{height}"/></a:xfrm></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/>{string.Concat(lines.Select(Line))}</p:txBody></p:sp>""";

    // Two leading spaces are one level down.
    private static string Line(string text) =>
        $"""<a:p>{(text.StartsWith("  ", StringComparison.Ordinal) ? """<a:pPr lvl="1"/>""" : "")}<a:r><a:rPr lang="en-GB"/><a:t>{SecurityElement.Escape(text.Trim())}</a:t></a:r></a:p>""";

    private static string Table(string[][] rows) =>
        $"""<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="Table 4"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="457200" y="3900000"/><a:ext cx="8229600" cy="{370840 * rows.Length}"/></p:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr firstRow="1"/><a:tblGrid>{string.Concat(rows[0].Select(_ => $"""<a:gridCol w="{8229600 / rows[0].Length}"/>"""))}</a:tblGrid>{string.Concat(rows.Select(row => $"""<a:tr h="370840">{string.Concat(row.Select(cell => $"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{Line(cell)}</a:txBody><a:tcPr/></a:tc>"))}</a:tr>"""))}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>""";

    private static string Relations(params (string Id, string Type, string Target)[] relations) =>
        DocxMaker.Declared($"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{string.Concat(relations.Select(relation => $"""<Relationship Id="{relation.Id}" Type="{(relation.Type == "core" ? "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" : $"{Office}/{relation.Type}")}" Target="{relation.Target}"/>"""))}</Relationships>""");

    private static string Theme { get; } = DocxMaker.Declared($"""<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Plain"><a:themeElements><a:clrScheme name="Plain"><a:dk1><a:srgbClr val="000000"/></a:dk1><a:lt1><a:srgbClr val="FFFFFF"/></a:lt1><a:dk2><a:srgbClr val="1F2937"/></a:dk2><a:lt2><a:srgbClr val="F3F4F6"/></a:lt2>{string.Concat(Enumerable.Range(1, 6).Select(i => $"""<a:accent{i}><a:srgbClr val="2563EB"/></a:accent{i}>"""))}<a:hlink><a:srgbClr val="2563EB"/></a:hlink><a:folHlink><a:srgbClr val="7C3AED"/></a:folHlink></a:clrScheme><a:fontScheme name="Plain"><a:majorFont><a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/></a:majorFont><a:minorFont><a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/></a:minorFont></a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>{Fill}{Fill}{Fill}</a:fillStyleLst><a:lnStyleLst>{Stroke}{Stroke}{Stroke}</a:lnStyleLst><a:effectStyleLst>{Effect}{Effect}{Effect}</a:effectStyleLst><a:bgFillStyleLst>{Fill}{Fill}{Fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>""");

    private static string Fill => """<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>""";

    private static string Stroke => $"""<a:ln w="9525">{Fill}</a:ln>""";

    private static string Effect => "<a:effectStyle><a:effectLst/></a:effectStyle>";
}
