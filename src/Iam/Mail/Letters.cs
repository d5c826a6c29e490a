using System.Globalization;
using System.Net;
using System.Text;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What our mails say. Names that people chose are text in them, never markup, and never the whole of a line that could pass for ours.</summary>
internal static class Letters
{
    public static Letter Invitation(string id, string to, string? firstName, string tenant, string? team, string? inviter, DateTimeOffset until, string link)
    {
        var place = team is null ? $"the organisation {Quoted(tenant)}" : $"the team {Quoted(team)} of {Quoted(tenant)}";
        return Of(
            id, to, $"Invitation to {Short(team ?? tenant)}", firstName,
            $"{(inviter is null ? "You are" : $"{Quoted(inviter)} has")} invited {(inviter is null ? "" : "you ")}to join {place} on Lyceum.",
            "Accept the invitation", link,
            $"The link works until {until.UtcDateTime.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)} UTC, once, and only for {to}. If you did not expect it, ignore this mail.");
    }

    public static Letter Reset(string id, string to, string name, int minutes, string link) => Of(
        id, to, "Choose a new password", name, "Somebody, probably you, asked for a new password for your account on Lyceum.", "Choose a new password", link,
        $"The link works for {minutes} minutes and once. If it was not you, ignore this mail: your password stays as it is.");

    public static Letter Verification(string id, string to, string name, int hours, string link) => Of(
        id, to, "Confirm your e-mail address", name, "Please confirm that this is your e-mail address.", "Confirm the address", link,
        $"The link works for {hours} hours and once. If you have no account on Lyceum, ignore this mail.");

    /// <summary>What ended badly, reason by reason. Names of documents and errors are text, never markup.</summary>
    public static Letter Alert(string id, string to, AlertContent alert, Uri? publicUrl)
    {
        var (headline, settings) = (AlertRules.Headline(alert), $"{publicUrl?.AbsoluteUri.TrimEnd('/')}/settings/alerts");
        var text = new StringBuilder($"{headline}\r\n");
        var html = new StringBuilder($"""<!doctype html><html><body style="font:16px/1.5 sans-serif;color:#1a1a1a;max-width:40rem"><p><strong>{E(headline)}</strong></p>""");
        foreach (var reason in alert.Reasons)
        {
            text.Append($"\r\n{AlertRules.Line(reason)}\r\n");
            html.Append($"<p>{E(AlertRules.Line(reason))}</p><ul>");
            foreach (var subject in reason.First)
            {
                text.Append($"  - {Short(AlertRules.Name(subject))}: {subject.Url}\r\n");
                html.Append($"""<li><a href="{E(subject.Url ?? settings)}">{E(Short(AlertRules.Name(subject)))}</a></li>""");
            }

            html.Append("</ul>");
        }

        foreach (var line in AlertRules.Rest(alert))
        {
            text.Append($"\r\n{line}\r\n");
            html.Append($"<p>{E(line)}</p>");
        }

        var why = $"You get this because the alert channel {Quoted(alert.Channel)} of your organisation on Lyceum names this address. It is changed under {settings}";
        text.Append($"\r\n{why}\r\n");
        html.Append($"""<p style="color:#555">{E(why)}</p></body></html>""");
        return new Letter(id, to, headline, text.ToString(), html.ToString());
    }

    private static Letter Of(string id, string to, string subject, string? name, string what, string action, string link, string close)
    {
        var greeting = name is null ? "Hello," : $"Hello {Short(name)},";
        var text = $"{greeting}\r\n\r\n{what}\r\n\r\n{action}:\r\n{link}\r\n\r\n{close}\r\n";
        var html = $"""
            <!doctype html><html><body style="font:16px/1.5 sans-serif;color:#1a1a1a;max-width:34rem">
            <p>{E(greeting)}</p><p>{E(what)}</p>
            <p><a href="{E(link)}" style="display:inline-block;padding:.6rem 1rem;background:#1f4fd8;color:#fff;text-decoration:none;border-radius:.4rem">{E(action)}</a></p>
            <p style="color:#555">{E(close)}</p><p style="color:#555;word-break:break-all">{E(link)}</p></body></html>
            """;
        return new Letter(id, to, subject, text, html);
    }

    // A name with a link in it must not become a line of its own that mail programs make clickable.
    private static string Quoted(string name) => $"“{Short(name)}”";

    private static string Short(string name)
    {
        var clean = string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("://", ":", StringComparison.Ordinal);
        return clean.Length > 80 ? clean[..80] + "…" : clean;
    }

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
