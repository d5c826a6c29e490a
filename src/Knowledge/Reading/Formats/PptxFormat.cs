using System.Text;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>A presentation: one page per slide, its title as heading, then what stands on it, then the speaker's notes.</summary>
internal static class PptxFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        using var package = OfficePackage.Open(path, builder);
        var main = package.MainPart("ppt/presentation.xml", "ppt/presentation");
        var relations = package.Relations(main);
        var number = 0;
        foreach (var id in SlideIds(package, main))
        {
            if (!relations.TryGetValue(id, out var slide) || !package.Has(slide.Target))
                continue;

            builder.BeginPage(++number);
            Slide(package, slide.Target, builder);
        }

        return package.Title();
    }

    private static List<string> SlideIds(OfficePackage package, string main)
    {
        var ids = new List<string>();
        using var xml = package.Xml(main) ?? throw new InvalidDataException("no main part");
        while (package.Read(xml))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "sldId" } && RelationId(xml) is { } id)
                ids.Add(id);
        }

        return ids;
    }

    private static string? RelationId(XmlReader xml)
    {
        // r:id, whatever prefix and edition of the standard; the plain id is a number of its own.
        for (var more = xml.MoveToFirstAttribute(); more; more = xml.MoveToNextAttribute())
        {
            if (xml.LocalName == "id" && xml.NamespaceURI.EndsWith("/relationships", StringComparison.Ordinal))
            {
                var id = xml.Value;
                xml.MoveToElement();
                return id;
            }
        }

        xml.MoveToElement();
        return null;
    }

    private static void Slide(OfficePackage package, string part, TextBuilder builder)
    {
        var shapes = Shapes(package, part, builder);
        foreach (var title in shapes.Where(shape => shape.IsTitle))
            builder.Heading(title.Text, 1);
        foreach (var shape in shapes.Where(shape => !shape.IsTitle))
            shape.Write(builder);

        foreach (var (target, type) in package.Relations(part).Values)
        {
            if (type == "diagramData")
            {
                foreach (var shape in Shapes(package, target, builder))
                    shape.Write(builder);
            }

            if (type == "notesSlide")
                Notes(package, target, builder);
        }
    }

    private static void Notes(OfficePackage package, string part, TextBuilder builder)
    {
        var text = string.Join('\n', Shapes(package, part, builder).Where(shape => shape.Placeholder == "body").Select(shape => shape.Text).Where(text => text.Length > 0));
        if (text.Length > 0)
            builder.Paragraph($"Notes: {text}");
    }

    private static List<PptxShape> Shapes(OfficePackage package, string part, TextBuilder builder)
    {
        var shapes = new List<PptxShape>();
        using var xml = package.Xml(part);
        if (xml is null)
            return shapes;

        var shape = new PptxShape();
        var text = new StringBuilder();
        List<string>? row = null;
        var (level, isText) = (0, false);
        var more = package.Read(xml);
        while (more)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "Fallback" })
            {
                xml.Skip();
                more = !xml.EOF;
                continue;
            }

            switch (xml.NodeType, xml.LocalName)
            {
                case (XmlNodeType.Element, "sp" or "graphicFrame" or "pt"):
                    shapes.Add(shape = new PptxShape());
                    break;
                case (XmlNodeType.Element, "ph"):
                    shape.Placeholder = xml.GetAttribute("type") ?? "obj";
                    break;
                case (XmlNodeType.Element, "pPr"):
                    level = int.TryParse(xml.GetAttribute("lvl"), out var found) ? Math.Clamp(found, 0, 8) : 0;
                    break;
                case (XmlNodeType.Element, "t"):
                    isText = !xml.IsEmptyElement;
                    break;
                case (XmlNodeType.EndElement, "t"):
                    isText = false;
                    break;
                case (XmlNodeType.Element, "br" or "tab"):
                    text.Append(' ');
                    break;
                case (XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace, _) when isText:
                    text.Append(xml.Value);
                    if (text.Length > builder.Limits.Characters)
                        throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));
                    break;
                case (XmlNodeType.EndElement, "p") when row is null:
                    shape.Add(text.ToString(), level);
                    text.Clear();
                    level = 0;
                    break;
                case (XmlNodeType.EndElement, "p"):
                    text.Append(' ');
                    break;
                case (XmlNodeType.Element, "tr"):
                    row = [];
                    break;
                case (XmlNodeType.EndElement, "tc"):
                    row?.Add(text.ToString());
                    text.Clear();
                    break;
                case (XmlNodeType.EndElement, "tr") when row is not null:
                    builder.CountCells(row.Count);
                    shape.Rows.Add(row);
                    row = null;
                    break;
            }

            more = package.Read(xml);
        }

        return shapes;
    }
}
