namespace Lyceum.Platform;

/// <summary>
/// Where an organisation hears of work that ended badly. The address of a webhook is a secret and never shown again; Host says where it leads.
/// Waiting: failures that were counted and not told yet. FailingSince: the receiver takes nothing since then.
/// </summary>
public sealed record AlertChannel(
    Guid Id, string Kind, string Name, string? Host, string[] Addresses, bool OnDeadJobs, bool OnFailedDocuments, bool IsEnabled, int MaxPerHour, long Waiting,
    DateTimeOffset? LastDeliveredAt, DateTimeOffset? FailingSince, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>Kind is webhook, slack or mail. Url for the first two, Addresses for mail.</summary>
public sealed record CreateAlertChannel(
    string? Kind, string? Name, string? Url = null, string[]? Addresses = null, bool? OnDeadJobs = null, bool? OnFailedDocuments = null, bool? IsEnabled = null, int? MaxPerHour = null);

/// <summary>Fields that are left out stay as they are; the kind does not change.</summary>
public sealed record ChangeAlertChannel(
    string? Name = null, string? Url = null, string[]? Addresses = null, bool? OnDeadJobs = null, bool? OnFailedDocuments = null, bool? IsEnabled = null, int? MaxPerHour = null);

/// <summary>A channel as it was made. SigningKey is what a webhook verifies signatures with; it is shown this once.</summary>
public sealed record MadeAlertChannel(AlertChannel Channel, string? SigningKey);

/// <summary>The key that signs from now on; the one before is of no use any more.</summary>
public sealed record AlertSigningKey(string SigningKey);

/// <summary>Whether the receiver took a test. Message is a sentence that says what to do.</summary>
public sealed record AlertTest(bool Ok, string Message);

/// <summary>What an alert tells: how much ended badly, for which reasons, and what could not be told before.</summary>
public sealed record AlertContent(
    Guid Id, string Channel, DateTimeOffset At, bool IsTest, long Failures, IReadOnlyList<AlertReason> Reasons, int MoreReasons, long MoreFailures, int Undelivered);

/// <summary>What ended badly for one reason since the last alert, and the first few of it. Event is job.dead or document.failed.</summary>
public sealed record AlertReason(
    string Event, string Code, string? Message, Guid? CollectionId, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt, IReadOnlyList<AlertSubject> First);

/// <summary>A job or a document. Name is null where not everybody in the organisation may know it.</summary>
public sealed record AlertSubject(string Type, Guid Id, string? Name, string? Url);

/// <summary>Something that ended badly. <paramref name="Reason"/> is the same for what ended for the same reason.</summary>
public sealed record Incident(string Event, string Reason, string SubjectType, Guid SubjectId, string? SubjectName, Guid? CollectionId, string Code, string? Message);

/// <summary>Where a channel leads, opened for the moment of a delivery.</summary>
public sealed record AlertTarget(string? Url, string? SigningKey, IReadOnlyList<string> Addresses);

/// <summary>A delivery: what, whereto, who has it already, and how to note that somebody has.</summary>
public sealed record AlertDelivery(AlertContent Content, AlertTarget Target, IReadOnlyList<string> Reached, Func<string, Task> Reach);

/// <summary>The receiver did not take an alert. When <paramref name="isFinal"/>, it will not take it later either.</summary>
public sealed class AlertRefused(string reason, bool isFinal) : Exception(reason)
{
    public bool IsFinal { get; } = isFinal;
}

/// <summary>Carries alerts of one kind of channel to their receiver, in bounded time.</summary>
public interface IAlertCarrier
{
    /// <summary>The kind of channel it serves.</summary>
    string Kind { get; }

    /// <summary>What speaks against such a target before anything is sent; null when nothing does.</summary>
    Task<Problem?> WhyNot(AlertTarget target, CancellationToken ct);

    /// <summary>Returns when the receiver has it; throws <see cref="AlertRefused"/> when not.</summary>
    Task Carry(AlertDelivery delivery, CancellationToken ct);
}
