using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lyceum.Platform;

/// <summary>Sends a body to an address through the guard, in at most ten seconds. Redirects are not followed: an address that moved is entered anew.</summary>
internal sealed class AlertPost(EgressGuard guard)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task<Problem?> WhyNot(string? url, CancellationToken ct) =>
        AlertRules.Address(url) is not { } address ? AlertRules.Invalid("url", "Write the address that begins with https://, as the receiver shows it.")
        : await guard.WhyForbiddenNow(address, EgressPurpose.Web, ct) is { } refused ? Problem.Invalid("address_refused", refused) with { Errors = new Dictionary<string, string[]> { ["url"] = [refused] } }
        : null;

    public async Task Send(string url, string body, IEnumerable<(string Name, string Value)> headers, CancellationToken ct)
    {
        using var client = guard.Client(EgressPurpose.Web);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            Judge(answer.StatusCode);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AlertRefused($"The receiver did not answer within {Limit.TotalSeconds:0} seconds.", isFinal: false);
        }
        catch (EgressRefusedException refused)
        {
            throw new AlertRefused(refused.Message, isFinal: false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException)
        {
            throw new AlertRefused("The receiver could not be reached.", isFinal: false);
        }
    }

    // 410 says that nobody listens there any more. All else may be a bad hour of the receiver.
    private static void Judge(HttpStatusCode status)
    {
        switch ((int)status)
        {
            case >= 200 and < 300:
                return;
            case >= 300 and < 400:
                throw new AlertRefused($"The receiver answered {(int)status}, a redirect, which is not followed. Enter the address it moved to.", isFinal: false);
            case 410:
                throw new AlertRefused("The receiver answered 410: nobody listens at this address any more. Enter a new one.", isFinal: true);
            default:
                throw new AlertRefused($"The receiver answered {(int)status}.", isFinal: false);
        }
    }
}

/// <summary>Any receiver that speaks Standard Webhooks: signed, with an id that stays the same at every attempt.</summary>
internal sealed class WebhookCarrier(AlertPost post, TimeProvider clock) : IAlertCarrier
{
    public string Kind => "webhook";

    public Task<Problem?> WhyNot(AlertTarget target, CancellationToken ct) => post.WhyNot(target.Url, ct);

    public async Task Carry(AlertDelivery delivery, CancellationToken ct)
    {
        if (delivery.Target is not { Url: { } url, SigningKey: { } key })
        {
            throw new AlertRefused("The channel has no address.", isFinal: true);
        }

        var alert = delivery.Content;
        var body = LyceumJson.Write(new { type = alert.IsTest ? "alert.test" : "alert.raised", timestamp = alert.At, data = alert });
        var (id, seconds) = (alert.Id.ToString(), clock.GetUtcNow().ToUnixTimeSeconds());
        await post.Send(url, body,
            [("webhook-id", id), ("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture)), ("webhook-signature", AlertRules.Signature(key, id, seconds, body))], ct);
    }
}

/// <summary>Slack's incoming webhooks, and what speaks like them.</summary>
internal sealed class SlackCarrier(AlertPost post) : IAlertCarrier
{
    // Slack refuses a section of more than 3,000 characters.
    private const int SectionMax = 2_900;

    public string Kind => "slack";

    public Task<Problem?> WhyNot(AlertTarget target, CancellationToken ct) => post.WhyNot(target.Url, ct);

    public Task Carry(AlertDelivery delivery, CancellationToken ct) => delivery.Target.Url is { } url
        ? post.Send(url, Body(delivery.Content), [], ct)
        : throw new AlertRefused("The channel has no address.", isFinal: true);

    internal static string Body(AlertContent alert)
    {
        var headline = AlertRules.Headline(alert);
        var sections = alert.Reasons.Select(reason => string.Join('\n', new[] { Plain(AlertRules.Line(reason)) }.Concat(reason.First.Select(Linked))))
            .Concat(AlertRules.Rest(alert).Select(Plain)).Prepend($"*{Plain(headline)}*");
        return LyceumJson.Write(new { text = Plain(headline), blocks = sections.Select(text => new { type = "section", text = new { type = "mrkdwn", text = Cut(text) } }) });
    }

    private static string Linked(AlertSubject subject) =>
        subject.Url is { } url && Uri.IsWellFormedUriString(url, UriKind.Absolute) ? $"• <{url}|{Plain(AlertRules.Name(subject)).Replace('|', '/')}>" : $"• {Plain(AlertRules.Name(subject))}";

    // The three characters that mean something to Slack; without them a name is text and pings nobody.
    private static string Plain(string text) =>
        text.ReplaceLineEndings(" ").Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Cut(string text) => text.Length > SectionMax ? text[..SectionMax] + "…" : text;
}
