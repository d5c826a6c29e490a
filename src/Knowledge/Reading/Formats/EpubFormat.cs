using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>A book: its chapters are web pages in a ZIP file, in the order its spine gives. Its table of contents is left out.</summary>
internal static class EpubFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        using var package = OfficePackage.Open(path, builder);
        var main = RootFile(package) ?? throw new InvalidDataException("no root file");
        var (title, chapters) = Spine(package, main);
        var encrypted = Encrypted(package);
        if (chapters.Count > builder.Limits.Pages)
            throw new RefusedException(Refusals.TooManyPages(builder.Limits.Pages));
        if (chapters.Exists(encrypted.Contains))
            throw new RefusedException(Refusals.PasswordProtected);

        foreach (var chapter in chapters)
        {
            if (package.Bytes(chapter) is not { } bytes)
                continue;
            using (bytes)
                HtmlFormat.Read(bytes, builder);
        }

        return title;
    }

    private static string? RootFile(OfficePackage package)
    {
        using var xml = package.Xml("META-INF/container.xml");
        while (xml is not null && package.Read(xml))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "rootfile" } && xml.GetAttribute("full-path") is { } path)
                return path;
        }

        return null;
    }

    private static (string? Title, List<string> Chapters) Spine(OfficePackage package, string main)
    {
        var slash = main.LastIndexOf('/');
        var folder = slash < 0 ? "" : main[..slash];
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        var chapters = new List<string>();
        string? title = null;
        using var xml = package.Xml(main);
        while (xml is not null && package.Read(xml))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "title" && title is null && !xml.IsEmptyElement)
                title = package.Read(xml) && xml.NodeType == XmlNodeType.Text ? xml.Value : null;
            else if (xml.LocalName == "item" && xml.GetAttribute("id") is { } id && xml.GetAttribute("href") is { } href
                && xml.GetAttribute("media-type")?.Contains("html", StringComparison.OrdinalIgnoreCase) == true
                && xml.GetAttribute("properties")?.Split(' ').Contains("nav") != true)
                parts[id] = OfficePackage.Resolve(folder, Uri.UnescapeDataString(href.Split('#')[0]));
            else if (xml.LocalName == "itemref" && xml.GetAttribute("idref") is { } idref && parts.TryGetValue(idref, out var part))
                chapters.Add(part);
        }

        return (title, chapters);
    }

    // Fonts are often scrambled, which does not matter; a scrambled chapter is a locked book.
    private static HashSet<string> Encrypted(OfficePackage package)
    {
        var parts = new HashSet<string>(StringComparer.Ordinal);
        using var xml = package.Xml("META-INF/encryption.xml");
        while (xml is not null && package.Read(xml))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "CipherReference" } && xml.GetAttribute("URI") is { } uri)
                parts.Add(Uri.UnescapeDataString(uri));
        }

        return parts;
    }
}
