using System.Globalization;
using System.Text;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// An OpenDocument text: headings, lists, tables and notes, read forward as XML over the ZIP. What was deleted while changes were tracked,
/// remarks in the margin and tables of contents are left out.
/// </summary>
internal static class OdtFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        using var package = OfficePackage.Open(path, builder);
        if (IsEncrypted(package))
            throw new RefusedException(Refusals.PasswordProtected);

        using (var xml = package.Xml("content.xml") ?? throw new InvalidDataException("no content"))
            new Walk(package, xml, builder).Run();
        return Title(package);
    }

    private static bool IsEncrypted(OfficePackage package)
    {
        using var xml = package.Xml("META-INF/manifest.xml");
        while (xml is not null && package.Read(xml))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "encryption-data" })
                return true;
        }

        return false;
    }

    private static string? Title(OfficePackage package)
    {
        using var xml = package.Xml("meta.xml");
        while (xml is not null && package.Read(xml))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "title", IsEmptyElement: false })
                return package.Read(xml) && xml.NodeType == XmlNodeType.Text ? xml.Value : null;
        }

        return null;
    }

    private sealed class Walk(OfficePackage package, XmlReader xml, TextBuilder builder)
    {
        private static readonly HashSet<string> Skipped = ["tracked-changes", "annotation", "forms", "sequence-decls", "variable-decls", "table-of-content-source", "index-title-template", "binary-data", "ruby-text"];

        private readonly StringBuilder _inline = new();
        private List<string> _row = [];
        private int _lists, _tables, _repeated = 1;
        private StringBuilder? _cell;

        public void Run()
        {
            while (package.Read(xml))
            {
                if (xml.NodeType == XmlNodeType.Element)
                    Enter();
                else if (xml.NodeType == XmlNodeType.EndElement)
                    Leave(xml.LocalName);
            }

            builder.EndRun();
        }

        private void Enter()
        {
            var (name, isEmpty) = (xml.LocalName, xml.IsEmptyElement);
            switch (name)
            {
                case var _ when Skipped.Contains(name):
                    Skip();
                    return;
                case "h" or "p" when !isEmpty:
                    var level = name == "h" ? Number("outline-level", 1) : 0;
                    Text();
                    Say(_inline.ToString(), level);
                    _inline.Clear();
                    return;
                case "list" when !isEmpty:
                    _lists++;
                    return;
                case "table" when !isEmpty:
                    if (_tables++ == 0)
                        builder.EndRun();
                    return;
                case "table-row" when _tables == 1:
                    _row = [];
                    return;
                case "table-cell" or "covered-table-cell" when _tables == 1:
                    (_cell, _repeated) = (new StringBuilder(), Math.Clamp(Number("number-columns-repeated", 1), 1, builder.Limits.Columns + 1));
                    if (isEmpty)
                        Leave(name);
                    return;
            }
        }

        private void Leave(string name)
        {
            switch (name)
            {
                case "list":
                    if (--_lists == 0)
                        builder.EndRun();
                    break;
                case "table" when --_tables == 0:
                    builder.EndRun();
                    break;
                case "table-cell" or "covered-table-cell" when _tables == 1 && _cell is not null:
                    // An empty cell is often repeated to the end of the sheet.
                    for (var i = 0; i < (_cell.Length == 0 ? Math.Min(_repeated, 64) : _repeated); i++)
                        _row.Add(_cell.ToString());
                    builder.CountCells(0);
                    _cell = null;
                    break;
                case "table-row" when _tables == 1:
                    while (_row is [.., ""])
                        _row.RemoveAt(_row.Count - 1);
                    builder.Row(_row);
                    break;
            }
        }

        private void Say(string text, int level)
        {
            if (_cell is not null)
                _cell.Append(_cell.Length > 0 ? " " : "").Append(text);
            else if (level > 0)
                builder.Heading(text, Math.Clamp(level, 1, 6));
            else if (_lists > 0)
                builder.ListItem(text, _lists - 1);
            else
                builder.Paragraph(text);
        }

        // From the start of a paragraph to its end; what is inside it (links, frames, notes) becomes part of it.
        private void Text()
        {
            for (var depth = xml.Depth; package.Read(xml) && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth);)
            {
                switch (xml.NodeType)
                {
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                        if (_inline.Length + xml.Value.Length > builder.Limits.Characters)
                            throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));
                        _inline.Append(xml.Value.ReplaceLineEndings(" "));
                        break;
                    case XmlNodeType.Element when Skipped.Contains(xml.LocalName):
                        Skip();
                        break;
                    case XmlNodeType.Element when xml.LocalName == "s":
                        _inline.Append(' ', Math.Clamp(Number("c", 1), 1, 100));
                        break;
                    case XmlNodeType.Element when xml.LocalName == "tab":
                        _inline.Append('\t');
                        break;
                    case XmlNodeType.Element when xml.LocalName is "line-break":
                        _inline.Append('\n');
                        break;
                    case XmlNodeType.Element when xml.LocalName is "p" or "h" && _inline is [.., not (' ' or '(')]:
                        _inline.Append(' ');
                        break;
                    case XmlNodeType.Element when xml.LocalName == "note-citation":
                        Skip();
                        break;
                    case XmlNodeType.Element when xml.LocalName == "note-body":
                        _inline.Append(" (");
                        break;
                    case XmlNodeType.EndElement when xml.LocalName == "note-body":
                        _inline.Append(')');
                        break;
                }
            }
        }

        // To the end of an element, counted like everything else that is read.
        private void Skip()
        {
            if (xml.IsEmptyElement)
                return;
            for (var depth = xml.Depth; package.Read(xml) && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth);)
            {
            }
        }

        private int Number(string attribute, int otherwise)
        {
            for (var i = 0; i < xml.AttributeCount; i++)
            {
                xml.MoveToAttribute(i);
                if (xml.LocalName == attribute && int.TryParse(xml.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    xml.MoveToElement();
                    return number;
                }
            }

            xml.MoveToElement();
            return otherwise;
        }
    }
}
