using System.Globalization;
using System.Text;

namespace Lyceum.Iam;

/// <summary>A mail to one person. Id is the same at every attempt to send it, so that mailboxes recognise a repetition.</summary>
internal sealed record Letter(string Id, string To, string Subject, string Text, string Html);

/// <summary>Writes a mail as servers want it (RFC 5322, RFC 2045 to 2047): plain text and HTML, each in base64, so no line is too long and none begins with a dot.</summary>
internal static class MimeText
{
    private const string Boundary = "=_lyceum_part";

    /// <summary>Whether this can stand in a header and in the conversation with a server: one local part, one domain, nothing that ends a line.</summary>
    public static bool IsAddress(string text) =>
        text.Length is > 2 and <= 320 && text.IndexOf('@') is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or '"' or ',' or ';' or '\\' or '(' or ')');

    public static string Write(Letter letter, string from, DateTimeOffset at)
    {
        var text = new StringBuilder();
        Line(text, $"From: Lyceum <{from}>");
        Line(text, $"To: <{letter.To}>");
        Line(text, $"Subject: {Encoded(letter.Subject)}");
        Line(text, $"Date: {at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000");
        Line(text, $"Message-ID: <{letter.Id}@{from[(from.IndexOf('@') + 1)..]}>");
        Line(text, "Auto-Submitted: auto-generated");
        Line(text, "MIME-Version: 1.0");
        Line(text, $"Content-Type: multipart/alternative; boundary=\"{Boundary}\"");
        Line(text, "");
        Part(text, "text/plain", letter.Text);
        Part(text, "text/html", letter.Html);
        Line(text, $"--{Boundary}--");
        return text.ToString();
    }

    private static void Part(StringBuilder text, string type, string content)
    {
        Line(text, $"--{Boundary}");
        Line(text, $"Content-Type: {type}; charset=utf-8");
        Line(text, "Content-Transfer-Encoding: base64");
        Line(text, "");
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(content));
        for (var i = 0; i < base64.Length; i += 76)
        {
            Line(text, base64[i..Math.Min(i + 76, base64.Length)]);
        }
    }

    // Encoded words of at most 75 characters, never cutting a character (RFC 2047, 2 and 5).
    private static string Encoded(string subject)
    {
        var clean = new string([.. subject.Select(c => char.IsControl(c) ? ' ' : c)]);
        if (clean.All(c => c is >= ' ' and <= '~') && clean.Length <= 200)
        {
            return clean;
        }

        var words = new List<string>();
        var word = new List<byte>();
        foreach (var rune in clean.EnumerateRunes())
        {
            var bytes = new byte[rune.Utf8SequenceLength];
            rune.EncodeToUtf8(bytes);
            if (word.Count + bytes.Length > 42)
            {
                words.Add(Convert.ToBase64String([.. word]));
                word.Clear();
            }

            word.AddRange(bytes);
        }

        words.Add(Convert.ToBase64String([.. word]));
        return string.Join("\r\n ", words.Select(w => $"=?utf-8?B?{w}?="));
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}
