namespace Lyceum.Knowledge;

/// <summary>A document that could not be taken in: in which step, why, and since when. It can be retried by who may change its collection.</summary>
public sealed record QuarantinedDocument(
    Guid Id, Guid CollectionId, string CollectionName, string Title, string? FileName, string? Step, string ErrorCode, string? ErrorMessage, int Attempts, DateTimeOffset FailedAt, bool MayRetry);

/// <summary>How many documents failed for one reason, and how many of them may be retried by who asks.</summary>
public sealed record QuarantineReason(string ErrorCode, string? ErrorMessage, int Documents, int MayRetry);

public sealed record QuarantineReasons(IReadOnlyList<QuarantineReason> Data);

/// <summary>Which failed documents to retry: all one may, or those of a collection, of a reason, or named ones.</summary>
public sealed record RetryQuarantine(Guid? CollectionId = null, string? ErrorCode = null, IReadOnlyList<Guid>? Documents = null);

/// <summary>How many were begun again, and how many that were asked for are left: at most 500 are begun at once.</summary>
public sealed record QuarantineRetried(int Retried, int Left);
