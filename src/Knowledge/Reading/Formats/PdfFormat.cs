using System.Diagnostics;
using System.Globalization;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// A PDF through poppler, which knows where each word stands. From the positions come headings (larger type), tables
/// (words in columns), and paragraphs whose lines belong together; running headers and footers are left out.
/// </summary>
internal static class PdfFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        var limits = builder.Limits;
        using var info = Tool.Start("pdfinfo", limits, "-enc", "UTF-8", "--", path);
        using var text = Tool.Start("pdftotext", limits, "-tsv", "-enc", "UTF-8", "-l", (limits.Pages + 1).ToString(CultureInfo.InvariantCulture), "--", path, "-");
        try
        {
            var title = Info(info, limits);
            var errors = Tool.Drain(text.StandardError);
            var pages = new PdfWords(builder).Read(text.StandardOutput);
            text.WaitForExit();
            if (Poppler.Verdict(text, errors(), limits) is { } refusal)
                throw new RefusedException(refusal);

            // A page without a word is a picture of one, or empty.
            var recognised = Ocr.Pages(path, [.. pages.Where(page => page.Lines.Count == 0).Select(page => page.Number)], builder);
            new PdfLayout(pages).Write(builder, recognised);
            return title;
        }
        finally
        {
            Kill(info);
            Kill(text);
        }
    }

    private static string? Info(Process info, ReadLimits limits)
    {
        var errors = Tool.Drain(info.StandardError);
        string? title = null;
        while (info.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("Title:", StringComparison.Ordinal))
                title = line[6..].Trim();
            else if (line.StartsWith("Pages:", StringComparison.Ordinal) && int.TryParse(line.AsSpan(6), NumberStyles.Integer, CultureInfo.InvariantCulture, out var pages) && pages > limits.Pages)
                throw new RefusedException(Refusals.TooManyPages(limits.Pages));
        }

        info.WaitForExit();
        if (Poppler.Verdict(info, errors(), limits) is { } refusal)
            throw new RefusedException(refusal);

        // Printer drivers put file names here. A name of a file is not a title.
        return title is { Length: > 0 } && !title.StartsWith("Microsoft Word -", StringComparison.Ordinal) && !title.Contains('\\', StringComparison.Ordinal) && !title.StartsWith("untitled", StringComparison.OrdinalIgnoreCase)
            ? title
            : null;
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill();
    }
}
