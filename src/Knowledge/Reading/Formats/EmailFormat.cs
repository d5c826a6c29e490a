namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// An e-mail: who wrote to whom, when and about what, then its words. Of several forms of the same words the web page is read, since it keeps
/// tables; attachments are named and not opened.
/// </summary>
internal static class EmailFormat
{
    private const int DepthMax = 8, PartsMax = 1_000;

    private static readonly (string Name, string Label)[] Shown = [("from", "From"), ("to", "To"), ("cc", "Cc"), ("date", "Date")];
    private static readonly string[] Known = ["from", "to", "date", "subject", "received", "return-path", "mime-version", "message-id", "delivered-to", "content-type", "reply-to", "x-mailer", "dkim-signature"];

    /// <summary>Whether a text begins as an e-mail does, whatever its name.</summary>
    public static bool IsOne(ReadOnlySpan<char> text) => Headers(text) is var headers && headers.Contains("from") && (headers.Contains("mime-version") || headers.Contains("received") || (headers.Contains("date") && headers.Contains("subject")));

    public static bool HasHeaders(ReadOnlySpan<char> text) => Headers(text).Count >= 2;

    public static string? Read(string path, TextBuilder builder)
    {
        var bytes = File.ReadAllBytes(path);
        var mail = new MailPart(bytes);
        var attachments = new List<string>();
        var parts = 0;
        Write(mail, 0);
        if (attachments.Count > 0)
        {
            builder.Heading("Attachments", 2);
            foreach (var attachment in attachments)
                builder.ListItem(attachment, 0);
        }

        return mail["subject"];

        void Write(MailPart message, int depth)
        {
            if (message["subject"] is { } subject)
                builder.Heading(subject, Math.Min(depth + 1, 6));
            builder.Paragraph(string.Join('\n', Shown.Where(one => message[one.Name] is not null).Select(one => $"{one.Label}: {message[one.Name]}")));
            Body(message, depth);
        }

        void Body(MailPart part, int depth)
        {
            builder.Check();
            if (++parts > PartsMax || depth > DepthMax)
                throw new RefusedException(Refusals.TooDeep("e-mail", depth > DepthMax ? DepthMax : PartsMax));

            if (part.IsAttachment && part.Type != "message/rfc822")
                attachments.Add(part.FileName ?? part.Type);
            else if (part.Type == "multipart/alternative")
            {
                var forms = part.Parts().ToList();
                var best = forms.FindLast(form => form.Type is "text/html" || form.Type.StartsWith("multipart/", StringComparison.Ordinal)) ?? forms.Find(form => form.Type == "text/plain") ?? forms.FirstOrDefault();
                if (best is not null)
                    Body(best, depth + 1);
            }
            else if (part.Type.StartsWith("multipart/", StringComparison.Ordinal))
            {
                foreach (var inner in part.Parts())
                    Body(inner, depth + 1);
            }
            else if (part.Type == "message/rfc822")
                Write(part.Message(), depth + 1);
            else if (part.Type == "text/html")
                HtmlFormat.ReadText(part.Text(), builder);
            else if (part.Type.StartsWith("text/", StringComparison.Ordinal))
            {
                foreach (var paragraph in part.Text().ReplaceLineEndings("\n").Split("\n\n"))
                    builder.Paragraph(paragraph);
            }
            else
                attachments.Add(part.FileName ?? part.Type);
        }
    }

    // The first lines up to a blank one, as far as they are headers of mails.
    private static HashSet<string> Headers(ReadOnlySpan<char> text)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in text[..Math.Min(text.Length, 16_000)].EnumerateLines())
        {
            if (line.IsEmpty)
                break;
            if (line[0] is ' ' or '\t')
                continue;
            var colon = line.IndexOf(':');
            if (colon is <= 0 or > 60 || line[..colon].IndexOfAny(' ', '<') >= 0)
                return found.Count > 3 ? found : [];
            if (Known.Contains(line[..colon].ToString().ToLowerInvariant()))
                found.Add(line[..colon].ToString().ToLowerInvariant());
        }

        return found;
    }
}
