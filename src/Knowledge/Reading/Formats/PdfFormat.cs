using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// A PDF through poppler, which knows where each word stands. From the positions come headings (larger type), tables
/// (words in columns), and paragraphs whose lines belong together; running headers and footers are left out.
/// </summary>
internal static class PdfFormat
{
    private const int ErrorCharacters = 8_192;

    public static string? Read(string path, TextBuilder builder)
    {
        var limits = builder.Limits;
        using var info = Poppler.Start("pdfinfo", limits, "-enc", "UTF-8", "--", path);
        using var text = Poppler.Start("pdftotext", limits, "-tsv", "-enc", "UTF-8", "-l", (limits.Pages + 1).ToString(CultureInfo.InvariantCulture), "--", path, "-");
        try
        {
            var title = Info(info, limits);
            var errors = Drain(text.StandardError);
            var pages = new PdfWords(builder).Read(text.StandardOutput);
            text.WaitForExit();
            if (Poppler.Verdict(text, errors(), limits) is { } refusal)
                throw new RefusedException(refusal);

            new PdfLayout(pages).Write(builder);
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
        var errors = Drain(info.StandardError);
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

    // A damaged file can make poppler complain for megabytes; all is read, a little is kept.
    private static Func<string> Drain(StreamReader errors)
    {
        var kept = new StringBuilder();
        var thread = new Thread(() =>
        {
            while (errors.ReadLine() is { } line)
            {
                if (kept.Length < ErrorCharacters)
                    kept.AppendLine(line);
            }
        }, 256 << 10) { IsBackground = true };
        thread.Start();
        return () =>
        {
            thread.Join();
            return kept.ToString();
        };
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill();
    }
}
