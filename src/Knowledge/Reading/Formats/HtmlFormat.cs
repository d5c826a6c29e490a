using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// A web page's own content: scripts never run, nothing is fetched, and what surrounds the content (navigation, footers,
/// forms, hidden parts) is left out. Walks the tree without recursion, since its depth is the author's choice.
/// </summary>
internal static class HtmlFormat
{
    private static readonly HashSet<string> Skipped = new(StringComparer.OrdinalIgnoreCase)
    {
        "script", "style", "noscript", "template", "nav", "footer", "svg", "math", "iframe", "object", "embed", "canvas",
        "audio", "video", "form", "button", "select", "input", "textarea", "dialog", "head",
    };

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "div", "section", "article", "main", "header", "aside", "blockquote", "figure", "figcaption", "address",
        "details", "summary", "fieldset", "ul", "ol", "dl", "dt", "dd", "hr", "body", "center", "caption",
        "tr", "td", "th",
    };

    public static string? Read(string path, TextBuilder builder)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        using var file = File.OpenRead(path);
        var parser = new HtmlParser(new HtmlParserOptions { IsScripting = false });
        using var document = parser.ParseDocument(file);
        var root = Main(document) ?? document.Body;
        if (root is not null)
            new HtmlWalk(builder).Walk(root);
        return document.Title;
    }

    internal static bool IsSkipped(IElement element) =>
        Skipped.Contains(element.LocalName)
        || element.HasAttribute("hidden")
        || string.Equals(element.GetAttribute("aria-hidden"), "true", StringComparison.OrdinalIgnoreCase)
        || (element.GetAttribute("style") is { } style && style.Replace(" ", "", StringComparison.Ordinal).Contains("display:none", StringComparison.OrdinalIgnoreCase));

    internal static bool IsBlock(IElement element) => Blocks.Contains(element.LocalName);

    // <main> is the author's own word for the content, unless it is hardly used.
    private static IElement? Main(IHtmlDocument document)
    {
        var mains = document.GetElementsByTagName("main");
        return mains.Length == 1 && document.Body is { } body && Letters(mains[0]) * 4 >= Letters(body) ? mains[0] : null;
    }

    private static long Letters(IElement element)
    {
        long letters = 0;
        for (INode? node = element; node is not null;)
        {
            if (node is IText text)
                letters += text.Length;
            node = node is IElement skipped && IsSkipped(skipped) && !ReferenceEquals(node, element) ? After(node, element) : node.FirstChild ?? After(node, element);
        }

        return letters;
    }

    /// <summary>The next node in the order of the text that is not inside <paramref name="node"/>.</summary>
    internal static INode? After(INode node, INode root)
    {
        for (var current = node; current is not null && !ReferenceEquals(current, root); current = current.Parent)
        {
            if (current.NextSibling is { } next)
                return next;
        }

        return null;
    }
}
