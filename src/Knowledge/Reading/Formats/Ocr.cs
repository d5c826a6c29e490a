using System.Globalization;
using System.Text;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Text recognition through tesseract, in the languages that are installed beside it. A page at a time: no process lives longer than one page,
/// and a picture that would unpack to more than memory allows ends its own process.
/// </summary>
internal static class Ocr
{
    private const int SureEnough = 30, LanguagesMax = 4;

    // The longer side of a page, in points of the picture: 250 to the inch for A4.
    private const string PixelsMax = "2900";

    /// <summary>Tells the parent, which watches the clock, that there is more to do than parsing.</summary>
    public const string Mark = "ocr";

    public static bool IsHere => Tool.IsHere("tesseract");

    /// <summary>The paragraphs on these pages of a PDF, by page.</summary>
    public static Dictionary<int, List<string>> Pages(string pdf, IReadOnlyCollection<int> pages, TextBuilder builder)
    {
        var found = new Dictionary<int, List<string>>();
        if (pages.Count == 0 || !IsHere)
            return found;
        if (pages.Count > builder.Limits.OcrPages)
            throw new RefusedException(Refusals.TooManyScans(builder.Limits.OcrPages));

        Begin();
        var folder = Directory.CreateTempSubdirectory("lyceum-ocr-");
        try
        {
            foreach (var page in pages)
            {
                builder.Check();
                var (number, picture) = (page.ToString(CultureInfo.InvariantCulture), Path.Combine(folder.FullName, "page"));
                using var poppler = Tool.Start("pdftoppm", builder.Limits, "-f", number, "-l", number, "-gray", "-scale-to", PixelsMax, "-singlefile", "-png", "--", pdf, picture);
                Tool.Run(poppler, builder.Limits, "PDF", Refusals.ToolMissing("PDF", "poppler-utils", ".txt"), output => output.CopyTo(Stream.Null));
                if (File.Exists($"{picture}.png"))
                    found[page] = Recognise($"{picture}.png", builder).SelectMany(one => one).ToList();
            }

            return found;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A picture, or several in one file, as pages from 1.</summary>
    public static string? Read(string path, TextBuilder builder)
    {
        if (!IsHere)
            throw new RefusedException(Refusals.ToolMissing("pictures", "tesseract-ocr", ".txt"));

        Begin();
        foreach (var (index, paragraphs) in Recognise(path, builder).Index())
        {
            builder.BeginPage(index + 1);
            foreach (var paragraph in paragraphs)
                builder.Paragraph(paragraph);
        }

        return null;
    }

    private static void Begin() => File.WriteAllText(Mark, "");

    private static List<List<string>> Recognise(string picture, TextBuilder builder)
    {
        var pages = new List<List<string>>();
        using var tesseract = Tool.Start("tesseract", builder.Limits, picture, "stdout", "-l", Languages(builder.Limits), "--psm", "3", "tsv");
        Tool.Run(tesseract, builder.Limits, "picture", Refusals.ToolMissing("pictures", "tesseract-ocr", ".txt"), output =>
        {
            using var reader = new StreamReader(new BoundedStream(output, 100L * builder.Limits.Characters, Refusals.TextTooLarge(builder.Limits.Characters)), Encoding.UTF8);
            Words(reader, pages, builder);
        });
        return pages;
    }

    // level, page, block, paragraph, line, word, left, top, width, height, confidence, text
    private static void Words(StreamReader output, List<List<string>> pages, TextBuilder builder)
    {
        var (paragraph, at) = (new StringBuilder(), "");
        void End()
        {
            if (paragraph.Length > 0 && pages.Count > 0)
                pages[^1].Add(paragraph.ToString());
            paragraph.Clear();
        }

        Span<Range> fields = stackalloc Range[12];
        while (output.ReadLine() is { } line)
        {
            builder.Check();
            if (line.Length == 0 || line.AsSpan().Split(fields, '\t') < 12)
                continue;
            if (line[0] == '1')
            {
                End();
                if (pages.Count == builder.Limits.OcrPages)
                    throw new RefusedException(Refusals.TooManyScans(builder.Limits.OcrPages));
                pages.Add([]);
            }
            else if (line[0] == '5' && double.TryParse(line.AsSpan(fields[10]), NumberStyles.Float, CultureInfo.InvariantCulture, out var sure) && sure >= SureEnough)
            {
                var word = line.AsSpan(fields[11]).Trim();
                var place = line[fields[2].Start..fields[3].End];
                if (place != at)
                    End();
                at = place;
                if (word.IsEmpty)
                    continue;
                // A word that was cut at the end of its line.
                if (paragraph is [.., _, '-'] && char.IsLetter(paragraph[^2]) && char.IsLower(word[0]))
                    paragraph.Length--;
                else if (paragraph.Length > 0)
                    paragraph.Append(' ');
                paragraph.Append(word);
            }
        }

        End();
    }

    private static string Languages(ReadLimits limits)
    {
        var known = new List<string>();
        using var tesseract = Tool.Start("tesseract", limits, "--list-langs");
        Tool.Run(tesseract, limits, "picture", Refusals.ToolMissing("pictures", "tesseract-ocr", ".txt"), output =>
        {
            using var reader = new StreamReader(new BoundedStream(output, 100_000, Refusals.Crashed));
            reader.ReadLine(); // says where they are
            while (reader.ReadLine() is { } line)
            {
                if (line.Trim() is { Length: > 0 } language and not "osd")
                    known.Add(language);
            }
        });
        return known.Count == 0 ? "eng" : string.Join('+', known.OrderBy(language => language != "eng").ThenBy(language => language, StringComparer.Ordinal).Take(LanguagesMax));
    }
}
