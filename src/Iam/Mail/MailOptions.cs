using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Where mail is handed over. The password is never written to a log.</summary>
public sealed record MailServer(string Host, int Port, bool TlsFromTheStart, string? User, string? Password)
{
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>Settings of mail and of links to this installation.</summary>
public sealed record MailOptions(MailServer? Server, string From, Uri? PublicUrl)
{
    /// <summary>Whether mail can leave. Without it, links are shown to whoever may hand them over.</summary>
    public bool IsConfigured => Server is not null;

    /// <summary>
    /// LYCEUM_SMTP_URL (<c>smtp://user:password@host:587</c>, encrypted as soon as the server offers it, or <c>smtps://…:465</c>, encrypted from
    /// the start; none by default), LYCEUM_MAIL_FROM (sender's address) and LYCEUM_PUBLIC_URL (address people reach this installation at, which
    /// links begin with). The latter two are required with the first.
    /// </summary>
    public static MailOptions Read(Func<string, string?> variable)
    {
        var server = ServerOf(variable("LYCEUM_SMTP_URL"));
        var from = variable("LYCEUM_MAIL_FROM")?.Trim() ?? "";
        if ((server is not null || from.Length > 0) && !MimeText.IsAddress(from))
        {
            throw new SettingException("LYCEUM_MAIL_FROM", "write the sender's e-mail address, such as lyceum@example.com");
        }

        return variable("LYCEUM_PUBLIC_URL") switch
        {
            null or "" when server is null => new MailOptions(null, from, null),
            { } text when Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Query.Length == 0 =>
                new MailOptions(server, from, new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/")),
            _ => throw new SettingException("LYCEUM_PUBLIC_URL", "write the address that people reach this installation at, such as https://lyceum.example.com"),
        };
    }

    private static MailServer? ServerOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("smtp" or "smtps") || address.Host.Length == 0)
        {
            throw new SettingException("LYCEUM_SMTP_URL", "write smtp://user:password@host:587 or smtps://user:password@host:465");
        }

        var (user, password) = address.UserInfo.Split(':', 2) is [{ Length: > 0 } name, var secret] ? (Uri.UnescapeDataString(name), Uri.UnescapeDataString(secret)) : (null, null);
        var implicitly = address.Scheme == "smtps";
        return new MailServer(address.IdnHost.Trim('[', ']'), address.Port > 0 ? address.Port : implicitly ? 465 : 587, implicitly, user, password);
    }
}
