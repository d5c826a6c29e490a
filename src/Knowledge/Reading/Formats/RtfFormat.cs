namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>Rich Text through pandoc, which makes a web page of it. Pandoc runs in its sandbox: it opens no other file and no network.</summary>
internal static class RtfFormat
{
    public static string? Read(string path, TextBuilder builder)
    {
        var limits = builder.Limits;
        string? title = null;
        using var pandoc = Tool.Start("pandoc", limits, "--sandbox", "--from=rtf", "--to=html", "--wrap=none", "--", path);
        Tool.Run(pandoc, limits, "RTF", Refusals.ToolMissing("Rich Text (RTF)", "pandoc", ".docx"),
            output => title = HtmlFormat.Read(new BoundedStream(output, 8L * limits.Characters, Refusals.TextTooLarge(limits.Characters)), builder));
        return title;
    }
}
