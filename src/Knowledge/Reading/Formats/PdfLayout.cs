using System.Text.RegularExpressions;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Turns positioned lines into headings, paragraphs, lists and tables. Decides by comparison inside the document: what
/// type size most letters have, which lines return on most pages, which words are written with a hyphen elsewhere.
/// </summary>
internal sealed partial class PdfLayout
{
    private const float HeadingRatio = 1.12f;
    private const int HeadingCharacters = 200;
    private const float MarginPart = 0.1f;

    private readonly List<PdfPage> _pages;
    private readonly float _body;
    private readonly List<float> _headings;
    private readonly HashSet<string> _running;
    private readonly HashSet<string> _hyphenated;

    public PdfLayout(List<PdfPage> pages)
    {
        _pages = pages;
        foreach (var page in pages)
            MergeMarkers(page.Lines);
        _running = RunningLines(pages);
        var lines = pages.SelectMany(page => page.Lines);
        _body = lines.GroupBy(line => MathF.Round(line.Height * 2) / 2)
            .OrderByDescending(group => group.Sum(line => line.Text.Length)).FirstOrDefault()?.Key ?? 0;
        _headings = HeadingSizes();
        _hyphenated = [.. lines.SelectMany(line => Hyphenated().Matches(line.Text)).Select(match => match.Value.ToLowerInvariant())];
    }

    /// <summary>Writes every page; those that are pictures with what was recognised in them.</summary>
    public void Write(TextBuilder builder, IReadOnlyDictionary<int, List<string>> recognised)
    {
        foreach (var page in _pages)
        {
            builder.BeginPage(page.Number);
            foreach (var paragraph in recognised.GetValueOrDefault(page.Number, []))
                builder.Paragraph(paragraph);
            var lines = page.Lines.Where(line => !IsRunning(page, line)).ToList();
            var tables = PdfTables.Find(lines);
            for (var i = 0; i < lines.Count;)
            {
                if (tables.Find(table => table.Lines.Contains(lines[i])) is { } table)
                {
                    if (lines.FindIndex(table.Lines.Contains) == i)
                    {
                        builder.EndRun();
                        foreach (var row in table.Rows)
                            builder.Row(row);
                        builder.EndRun();
                    }

                    i++;
                    continue;
                }

                var end = i + 1;
                while (end < lines.Count && IsSameParagraph(lines[end - 1], lines[end]) && !tables.Exists(table => table.Lines.Contains(lines[end])))
                    end++;
                WriteParagraph(lines.GetRange(i, end - i), builder);
                i = end;
            }
        }
    }

    private void WriteParagraph(List<PdfLine> lines, TextBuilder builder)
    {
        var text = Join(lines);
        if (Level(lines, text) is > 0 and var level)
            builder.Heading(text, level);
        else if (Bullet().Match(text) is { Success: true } bullet)
            builder.ListItem(text[bullet.Length..], 0, bullet.Groups["number"] is { Success: true } number ? number.Value : "-");
        else
            builder.Paragraph(text);
    }

    private bool IsSameParagraph(PdfLine above, PdfLine below) =>
        above.Block == below.Block
        && below.Top - above.Bottom < 0.8f * below.Height
        && Math.Abs(above.Height - below.Height) < 0.15f * Math.Max(above.Height, below.Height)
        && !Bullet().IsMatch(below.Text)
        && Size(above) == Size(below);

    private int Level(List<PdfLine> lines, string text)
    {
        if (text.Length > HeadingCharacters || lines.Count > 4 || !text.Any(char.IsLetter))
            return 0;
        if (Size(lines[0]) is > 0 and var size)
            return size;

        // Headings set in bold at the size of the text cannot be seen here, but their numbers can: "2.1 Scope".
        return lines.Count == 1 && text.Length <= 90 && text[^1] is not ('.' or ',' or ';' or ':') && Numbered().Match(text) is { Success: true } number
            ? Math.Clamp(number.Groups[1].Value.Count(character => character == '.') + 1, 1, 6)
            : 0;
    }

    private int Size(PdfLine line) => line.Height < _body * HeadingRatio ? 0 : Math.Min(6, _headings.FindIndex(size => line.Height > size - 0.6f) + 1);

    private List<float> HeadingSizes()
    {
        var sizes = new List<float>();
        foreach (var height in _pages.SelectMany(page => page.Lines).Where(line => line.Height >= _body * HeadingRatio && line.Text.Any(char.IsLetter)).Select(line => line.Height).Distinct().OrderDescending())
        {
            if (sizes.Count == 0 || sizes[^1] - height > 0.6f)
                sizes.Add(height);
        }

        return sizes;
    }

    private string Join(List<PdfLine> lines)
    {
        var text = lines[0].Text;
        for (var i = 1; i < lines.Count; i++)
        {
            var next = lines[i].Text;
            if (text is not [.., var letter, '-'] || !char.IsLetter(letter) || !char.IsLower(next[0]))
                text += $" {next}";
            else
                text = _hyphenated.Contains($"{LastWord(text)}{FirstWord(next)}".ToLowerInvariant()) ? text + next : text[..^1] + next;
        }

        return text;
    }

    private static string LastWord(string text) => text[(text.LastIndexOf(' ') + 1)..];

    private static string FirstWord(string text) => new([.. text.TakeWhile(character => char.IsLetter(character) || character == '-')]);

    private bool IsRunning(PdfPage page, PdfLine line) => IsMargin(page, line) && _running.Contains(WithoutNumbers(line.Text));

    private static bool IsMargin(PdfPage page, PdfLine line) =>
        line.Bottom < page.Height * MarginPart || line.Top > page.Height * (1 - MarginPart);

    // What stands in the margin of at least three pages and of half of them, numbers aside, belongs to the paper.
    private static HashSet<string> RunningLines(List<PdfPage> pages) =>
    [
        .. pages.SelectMany(page => page.Lines.Where(line => IsMargin(page, line)).Select(line => WithoutNumbers(line.Text)).Distinct())
            .GroupBy(text => text)
            .Where(group => group.Count() >= 3 && group.Count() * 2 >= pages.Count)
            .Select(group => group.Key),
    ];

    private static string WithoutNumbers(string text) => Numbers().Replace(text, "#");

    // A bullet is often a piece of its own, left of its text.
    private static void MergeMarkers(List<PdfLine> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var marker = lines[i];
            if (marker.Words != 1 || !Marker().IsMatch(marker.Text))
                continue;

            var item = lines.FindIndex(line => !ReferenceEquals(line, marker) && line.Left >= marker.Right && line.Left - marker.Right < 4 * line.Height
                && Math.Abs(line.Top + line.Bottom - marker.Top - marker.Bottom) < Math.Min(line.Height, marker.Height));
            if (item < 0)
                continue;

            lines[item] = lines[item] with { Text = $"{marker.Text} {lines[item].Text}", Left = marker.Left, Words = lines[item].Words + 1 };
            lines.RemoveAt(i--);
        }
    }

    [GeneratedRegex(@"^(?:[•◦▪▸‣●○■–—\-\*\uf0b7]|(?<number>\d{1,3}[.)]|[a-z][.)]))\s+(?=\S)")]
    private static partial Regex Bullet();

    [GeneratedRegex(@"^(?:[•◦▪▸‣●○■\uf0b7–\-]|\d{1,3}[.)]|[a-z][.)])$")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^(\d{1,2}(?:\.\d{1,2}){1,4})\.?\s+\p{Lu}")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\p{L}+(?:-\p{Ll}+)+")]
    private static partial Regex Hyphenated();
}
