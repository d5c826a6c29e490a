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
        using var file = File.OpenRead(path);
        return Read(file, builder);
    }

    /// <summary>Adds a page to what is there already.</summary>
    public static string? Read(Stream html, TextBuilder builder)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        using var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(html);
        return Write(document, builder);
    }

    /// <summary>Adds a page that is text already.</summary>
    public static string? ReadText(string html, TextBuilder builder)
    {
        using var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(html);
        return Write(document, builder);
    }

    private static string? Write(IHtmlDocument document, TextBuilder builder)
    {
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

    private static long Letters(IElement element) => Inside(element).OfType<IText>().Sum(text => (long)text.Length);

    /// <summary>
    /// What is inside an element and not skipped, in the order of the text. By index and with a stack of its own:
    /// AngleSharp looks for a node's next sibling from the first one on, which takes hours where there are many.
    /// </summary>
    internal static IEnumerable<INode> Inside(INode root)
    {
        var stack = new Stack<(INodeList Nodes, int Next)>();
        stack.Push((root.ChildNodes, 0));
        while (stack.TryPop(out var level))
        {
            if (level.Next >= level.Nodes.Length)
                continue;

            stack.Push((level.Nodes, level.Next + 1));
            var node = level.Nodes[level.Next];
            yield return node;
            if (node is not IElement element || !IsSkipped(element))
                stack.Push((node.ChildNodes, 0));
        }
    }
}
