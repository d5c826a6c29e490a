using System.Globalization;
using System.Text;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Footnotes and endnotes by the id a text refers to them with. A note is written once, on the page that mentions it
/// first, under a number counted through the document.
/// </summary>
internal sealed class DocxNotes(OfficePackage package, ReadLimits limits, string footnotesPart, string endnotesPart)
{
    private readonly Dictionary<(bool IsEndnote, string Id), int> _numbers = [];
    private readonly List<string> _waiting = [];
    private Dictionary<string, string>? _footnotes;
    private Dictionary<string, string>? _endnotes;

    /// <summary>The mark to put into the text, such as <c>[^1]</c>.</summary>
    public string Refer(bool isEndnote, string id)
    {
        if (!_numbers.TryGetValue((isEndnote, id), out var number))
        {
            var notes = isEndnote ? _endnotes ??= Read(endnotesPart) : _footnotes ??= Read(footnotesPart);
            if (!notes.TryGetValue(id, out var text))
                return "";

            number = _numbers[(isEndnote, id)] = _numbers.Count + 1;
            _waiting.Add(string.Create(CultureInfo.InvariantCulture, $"[^{number}]: {text}"));
        }

        return string.Create(CultureInfo.InvariantCulture, $"[^{number}]");
    }

    /// <summary>Writes the notes mentioned since the last time.</summary>
    public void Write(TextBuilder builder)
    {
        foreach (var note in _waiting)
            builder.Paragraph(note);
        _waiting.Clear();
    }

    private Dictionary<string, string> Read(string part)
    {
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = new StringBuilder();
        using var xml = package.Xml(part);
        string? id = null;
        var (isText, characters) = (false, 0L);
        while (xml is not null && package.Read(xml))
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName is "footnote" or "endnote":
                    id = DocxStyles.Attribute(xml, "id");
                    text.Clear();
                    break;
                case XmlNodeType.Element when xml.LocalName == "t":
                    isText = !xml.IsEmptyElement;
                    break;
                case XmlNodeType.Element when xml.LocalName is "tab" or "br":
                case XmlNodeType.EndElement when xml.LocalName == "p":
                    text.Append(' ');
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "t":
                    isText = false;
                    break;
                case XmlNodeType.EndElement when xml.LocalName is "footnote" or "endnote" && id is not null:
                    if (text.ToString().Trim() is { Length: > 0 } note)
                        notes[id] = note;
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace when isText:
                    if ((characters += xml.Value.Length) > limits.Characters)
                        throw new RefusedException(Refusals.TextTooLarge(limits.Characters));
                    text.Append(xml.Value);
                    break;
            }
        }

        return notes;
    }
}
