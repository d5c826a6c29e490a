using System.Globalization;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>What a Word document's styles and numberings say about the role of a paragraph.</summary>
internal sealed class DocxStyles
{
    private const int InheritanceMax = 20;

    private readonly Dictionary<string, Style> _styles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _abstractOf = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Abstract, int Level), string> _formats = [];
    private readonly Dictionary<(string Number, int Level), int> _counts = [];

    public static DocxStyles Read(OfficePackage package, string stylesPart, string numberingPart)
    {
        var styles = new DocxStyles();
        styles.ReadStyles(package, stylesPart);
        styles.ReadNumbering(package, numberingPart);
        return styles;
    }

    /// <summary>1 to 6 for a heading, 0 for other paragraphs. A title counts as a heading of the first level.</summary>
    public int HeadingLevel(string? styleId)
    {
        for (var (style, steps) = (Find(styleId), 0); style is not null && steps < InheritanceMax; style = Find(style.BasedOn), steps++)
        {
            if (style.Level is { } level)
                return level;
        }

        return 0;
    }

    public bool IsTitle(string? styleId) => Find(styleId)?.Name is "title";

    /// <summary>Lines of a table of contents repeat the headings with page numbers; nobody searches for those.</summary>
    public bool IsContents(string? styleId) => Find(styleId)?.Name is { } name && name.StartsWith("toc ", StringComparison.Ordinal);

    public bool IsCode(string? styleId) => Find(styleId)?.Name is { } name && (name.Contains("code", StringComparison.Ordinal) || name is "html preformatted" or "macro text");

    /// <summary>The numbering a style brings with it, where the paragraph itself names none.</summary>
    public (string? Number, int Level) Numbering(string? styleId)
    {
        for (var (style, steps) = (Find(styleId), 0); style is not null && steps < InheritanceMax; style = Find(style.BasedOn), steps++)
        {
            if (style.Number is { } number)
                return (number, style.NumberLevel);
        }

        return (null, 0);
    }

    /// <summary>"-" for a bullet, "3." for a numbered item. Counts along, so it is called once per item, in order.</summary>
    public string Marker(string number, int level)
    {
        for (var deeper = level + 1; deeper < 9; deeper++)
            _counts.Remove((number, deeper));

        var count = _counts[(number, level)] = _counts.GetValueOrDefault((number, level)) + 1;
        var format = _abstractOf.TryGetValue(number, out var id) ? _formats.GetValueOrDefault((id, level), "bullet") : "bullet";
        return format switch
        {
            "bullet" or "none" => "-",
            "lowerLetter" when count <= 26 => $"{(char)('a' + count - 1)}.",
            "upperLetter" when count <= 26 => $"{(char)('A' + count - 1)}.",
            _ => count.ToString(CultureInfo.InvariantCulture) + ".",
        };
    }

    private Style? Find(string? id) => id is null ? null : _styles.GetValueOrDefault(id);

    private void ReadStyles(OfficePackage package, string part)
    {
        using var xml = package.Xml(part);
        Style? style = null;
        while (xml is not null && package.Read(xml))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;

            switch (xml.LocalName)
            {
                case "style":
                    style = new Style();
                    if (Attribute(xml, "styleId") is { } id)
                        _styles[id] = style;
                    break;
                case "name" when style is not null:
                    style.Name = Attribute(xml, "val")?.ToLowerInvariant();
                    style.Level ??= LevelOf(style.Name);
                    break;
                case "basedOn" when style is not null:
                    style.BasedOn = Attribute(xml, "val");
                    break;
                case "outlineLvl" when style is not null && Number(xml) is >= 0 and < 9 and var level:
                    style.Level = Math.Min(level + 1, 6);
                    break;
                case "numId" when style is not null:
                    style.Number = Attribute(xml, "val");
                    break;
                case "ilvl" when style is not null:
                    style.NumberLevel = Math.Clamp(Number(xml) ?? 0, 0, 8);
                    break;
            }
        }
    }

    private void ReadNumbering(OfficePackage package, string part)
    {
        using var xml = package.Xml(part);
        string? definition = null, number = null;
        var level = 0;
        while (xml is not null && package.Read(xml))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;

            switch (xml.LocalName)
            {
                case "abstractNum":
                    (definition, number) = (Attribute(xml, "abstractNumId"), null);
                    break;
                case "lvl":
                    level = int.TryParse(Attribute(xml, "ilvl"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var found) ? found : 0;
                    break;
                case "numFmt" when definition is not null && number is null:
                    _formats[(definition, level)] = Attribute(xml, "val") ?? "bullet";
                    break;
                case "num":
                    number = Attribute(xml, "numId");
                    break;
                case "abstractNumId" when number is not null:
                    _abstractOf[number] = Attribute(xml, "val") ?? "";
                    break;
            }
        }
    }

    // Built-in names stay English in the file, whatever language Word speaks.
    private static int? LevelOf(string? name) => name switch
    {
        "title" => 1,
        not null when name.StartsWith("heading ", StringComparison.Ordinal) && name.Length == 9 && char.IsAsciiDigit(name[8]) => Math.Clamp(name[8] - '0', 1, 6),
        _ => null,
    };

    private static int? Number(XmlReader xml) =>
        int.TryParse(Attribute(xml, "val"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    // Word writes attributes with a prefix; other programs do not always.
    public static string? Attribute(XmlReader xml, string name) =>
        xml.GetAttribute(name, xml.NamespaceURI) ?? xml.GetAttribute(name);

    private sealed class Style
    {
        public string? Name { get; set; }

        public string? BasedOn { get; set; }

        public int? Level { get; set; }

        public string? Number { get; set; }

        public int NumberLevel { get; set; }
    }
}
