namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// A Word document: headings, lists, tables, notes, and pages where Word left a trace of them. Read as a stream of XML
/// over the ZIP rather than through the Open XML SDK: no object per element, and no six-megabyte library to load into a
/// process that lives for one file.
/// </summary>
internal static class DocxFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        using var package = OfficePackage.Open(path, builder);
        var main = package.MainPart("word/document.xml", "word/document");
        var relations = package.Relations(main);
        string Part(string type, string usual) => relations.Values.FirstOrDefault(relation => relation.Type == type).Target ?? usual;

        var styles = DocxStyles.Read(package, Part("styles", "word/styles.xml"), Part("numbering", "word/numbering.xml"));
        var notes = new DocxNotes(package, builder.Limits, Part("footnotes", "word/footnotes.xml"), Part("endnotes", "word/endnotes.xml"));
        using var xml = package.Xml(main) ?? throw new InvalidDataException("no main part");
        var walk = new DocxWalk(package, styles, notes, builder);
        walk.Walk(xml);
        return package.Title() ?? walk.Title;
    }
}
