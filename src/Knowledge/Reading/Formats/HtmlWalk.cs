using System.Globalization;
using System.Text;
using AngleSharp.Dom;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// One walk through a page. Inline text gathers until a block begins or ends; the innermost of heading, list item, table
/// cell and preformatted text decides what becomes of it.
/// </summary>
internal sealed class HtmlWalk(TextBuilder builder)
{
    private readonly StringBuilder _inline = new();
    private readonly Stack<(bool IsOrdered, int Count)> _lists = new();
    private readonly Stack<OpenTable> _tables = new();
    private int _heading;
    private int _preformatted;
    private string? _item;

    // Inside a table of data everything belongs to a cell, headings and lists too.
    private bool InTable => _tables.TryPeek(out var table) && !table.IsLayout;

    public void Walk(IElement root)
    {
        // By index, for the reason HtmlFormat.Inside gives; and here elements are left as well as entered.
        var open = new Stack<(INode Node, INodeList Children, int Next)>();
        open.Push((root, root.ChildNodes, 0));
        while (open.TryPop(out var level))
        {
            builder.Check();
            if (level.Next >= level.Children.Length)
            {
                if (level.Node is IElement left && !ReferenceEquals(left, root))
                    Leave(left);
                continue;
            }

            open.Push(level with { Next = level.Next + 1 });
            var node = level.Children[level.Next];
            if (node is IText text)
                Add(text.Data);
            else if (node is IElement element && !HtmlFormat.IsSkipped(element))
            {
                Enter(element);
                open.Push((element, element.ChildNodes, 0));
            }
        }

        Flush();
        builder.EndRun();
    }

    private void Enter(IElement element)
    {
        switch (element.LocalName)
        {
            case "br":
                _inline.Append(InTable ? ' ' : '\n');
                break;
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6" when !InTable:
                Flush();
                _heading = element.LocalName[1] - '0';
                break;
            case "pre" when !InTable:
                Flush();
                _preformatted++;
                break;
            case "ul" or "ol" when !InTable:
                Flush();
                if (_lists.Count == 0)
                    builder.EndRun();
                _lists.Push((element.LocalName == "ol", 0));
                break;
            case "li" when !InTable:
                Flush();
                BeginItem();
                break;
            case "table":
                BeginTable(element);
                break;
            case "tr" when InTable:
                EndRow();
                break;
            case "td" or "th" when InTable:
                BeginCell();
                break;
            default:
                if (HtmlFormat.IsBlock(element))
                    Flush();
                break;
        }
    }

    private void Leave(IElement element)
    {
        switch (element.LocalName)
        {
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6" when !InTable:
                Flush();
                _heading = 0;
                break;
            case "pre" when !InTable:
                Flush();
                _preformatted = Math.Max(0, _preformatted - 1);
                break;
            case "ul" or "ol" when !InTable && _lists.Count > 0:
                Flush();
                _lists.Pop();
                if (_lists.Count == 0)
                    builder.EndRun();
                break;
            case "li" when !InTable:
                Flush();
                _item = null;
                break;
            case "table" when _tables.Count > 0:
                EndTable();
                break;
            case "tr" when InTable:
                EndRow();
                break;
            case "td" or "th" when InTable:
                EndCell();
                break;
            case "caption" when InTable && _tables.Count == 1:
                builder.Paragraph(Take());
                break;
            default:
                if (HtmlFormat.IsBlock(element))
                    Flush();
                break;
        }
    }

    private void BeginItem()
    {
        _item = "-";
        if (_lists.Count > 0 && _lists.Pop() is var (isOrdered, count))
        {
            _lists.Push((isOrdered, count + 1));
            _item = isOrdered ? string.Create(CultureInfo.InvariantCulture, $"{count + 1}.") : "-";
        }
    }

    private void BeginTable(IElement element)
    {
        var table = new OpenTable(IsLayout(element), InTable ? Take() : "");
        Flush();
        if (!InTable)
            builder.EndRun();
        _tables.Push(table);
    }

    private void EndTable()
    {
        if (InTable)
            EndRow();
        else
            Flush();
        var table = _tables.Pop();
        if (!InTable)
        {
            builder.EndRun();
            return;
        }

        // A table inside a cell is told as a sentence of that cell: rows by semicolons.
        _inline.Clear().Append(table.Outer).Append(' ').Append(table.Nested);
    }

    private void BeginCell()
    {
        var table = _tables.Peek();
        if (table.Row is not null)
            return;
        _inline.Clear();
        table.Row = [];
    }

    private void EndCell()
    {
        if (_tables.Peek().Row is not { } row)
            return;
        row.Add(Take());
        if (row.Count > builder.Limits.Columns)
            throw new RefusedException(Refusals.TooManyColumns(builder.Limits.Columns));
    }

    private void EndRow()
    {
        var table = _tables.Peek();
        if (table.Row is { Count: > 0 } row)
        {
            if (table.Outer.Length == 0 && _tables.Count(open => !open.IsLayout) == 1)
                builder.Row(row);
            else
                table.Nested.Append(string.Join(", ", row)).Append("; ");
        }

        table.Row = null;
    }

    // A table that holds tables or headings arranges a page. Looks at a bounded part of it.
    private static bool IsLayout(IElement table)
    {
        if (table.GetAttribute("role") is "presentation" or "none")
            return true;

        return HtmlFormat.Inside(table).Take(500).Any(node => node is IElement { LocalName: "table" or "h1" or "h2" or "h3" });
    }

    private void Add(string text)
    {
        if (_preformatted > 0 && !InTable)
        {
            _inline.Append(text);
            return;
        }

        foreach (var character in text)
        {
            if (!char.IsWhiteSpace(character))
                _inline.Append(character);
            else if (_inline.Length > 0 && _inline[^1] is not (' ' or '\n'))
                _inline.Append(' ');
        }

        if (_inline.Length > builder.Limits.Characters)
            throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));
    }

    private string Take()
    {
        var text = _inline.ToString();
        _inline.Clear();
        return text;
    }

    private void Flush()
    {
        if (InTable)
        {
            if (_inline.Length > 0 && _inline[^1] != ' ')
                _inline.Append(' ');
            return;
        }

        var text = Take();
        if (string.IsNullOrWhiteSpace(text))
            return;

        if (_preformatted > 0)
            builder.Code(text);
        else if (_heading > 0)
            builder.Heading(text, _heading);
        else if (_item is { } marker && _lists.Count > 0)
        {
            builder.ListItem(text.Trim().Replace("\n", " ", StringComparison.Ordinal), _lists.Count - 1, marker);
            // A second paragraph of the same item is indented under it, without a marker of its own.
            _item = " ";
        }
        else
            builder.Paragraph(text);
    }

    private sealed class OpenTable(bool isLayout, string outer)
    {
        public bool IsLayout => isLayout;

        public string Outer => outer;

        public StringBuilder Nested { get; } = new();

        public List<string>? Row { get; set; }
    }
}
