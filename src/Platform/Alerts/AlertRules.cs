using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Platform;

/// <summary>What channels may look like, how alerts are signed, and how they are said. Pure.</summary>
public static class AlertRules
{
    public const int ChannelsMax = 20, AddressesMax = 10, PerHourDefault = 6;

    internal const string Failed = "document.failed", Dead = "job.dead";
    private const string KeyStart = "whsec_";

    /// <summary>The first thing that is wrong with a channel's settings, besides its target; null when all is well.</summary>
    public static Problem? Check(string name, bool onDeadJobs, bool onFailedDocuments, int maxPerHour) =>
        name.Length is 0 or > 100 ? Invalid("name", "Give the channel a name of at most 100 characters.")
        : !onDeadJobs && !onFailedDocuments ? Invalid("onDeadJobs", "Choose at least one thing to hear of.")
        : maxPerHour is < 1 or > 60 ? Invalid("maxPerHour", "A channel takes from 1 to 60 alerts an hour.")
        : null;

    /// <summary>A webhook's address: http or https, with a host, and nothing that names a person in front of it.</summary>
    public static Uri? Address(string? url) =>
        url is { Length: > 0 and <= 2000 } && Uri.TryCreate(url.Trim(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && address.Host.Length > 0 && address.UserInfo.Length == 0 ? address : null;

    public static Problem Invalid(string field, string sentence) =>
        new(400, "invalid_alert_channel", sentence) { Errors = new Dictionary<string, string[]> { [field] = [sentence] } };

    public static string NewKey() => KeyStart + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Standard Webhooks 1.0.0: HMAC-SHA256 over id, time and body.</summary>
    public static string Signature(string key, string id, long seconds, string body)
    {
        var secret = Convert.FromBase64String(key[KeyStart.Length..]);
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{id}.{seconds}.{body}")));
    }

    /// <summary>One sentence of all: the subject of a mail, the line a phone shows.</summary>
    public static string Headline(AlertContent alert) => alert.IsTest
        ? $"A test of the alert channel “{alert.Channel}”"
        : alert switch
        {
            { Reasons: [{ Event: Failed } only], MoreReasons: 0 } => $"{Count(only.Count, "document")} could not be taken in ({only.Code})",
            { Reasons: [var only], MoreReasons: 0 } => $"{Count(only.Count, "background job")} ended as dead ({only.Code})",
            _ => $"{Count(alert.Failures, "failure")} for {alert.Reasons.Count + alert.MoreReasons} reasons",
        };

    /// <summary>What a reason says, without the first few: how many, of what, since when and why.</summary>
    public static string Line(AlertReason reason)
    {
        var what = reason.Event == Failed ? $"{Count(reason.Count, "document")} failed with {reason.Code}" : $"{Count(reason.Count, "job")} {reason.Code} used up {(reason.Count == 1 ? "its" : "their")} attempts";
        var when = reason.Count == 1 ? Time(reason.FirstAt) : $"{Time(reason.FirstAt)} to {Time(reason.LastAt)}";
        return $"{what} ({when} UTC){(reason.Message is null ? "." : $": {reason.Message}")}";
    }

    public static string Name(AlertSubject subject) => subject.Name is { Length: > 0 } name ? name : $"{(subject.Type == "document" ? "Document" : "Job")} {subject.Id.ToString()[^12..]}";

    /// <summary>What is beyond the reasons: more of them, and alerts that never arrived. Empty when there is nothing.</summary>
    public static IReadOnlyList<string> Rest(AlertContent alert) =>
    [
        .. alert.MoreReasons > 0 ? new[] { $"And {Count(alert.MoreFailures, "failure")} for {Count(alert.MoreReasons, "other reason")}." } : [],
        .. alert.Undelivered > 0 ? new[] { $"{Count(alert.Undelivered, "alert")} before this one could not be delivered." } : [],
    ];

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    private static string Count(long count, string what) => $"{count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} {what}{(count == 1 ? "" : "s")}";
}
