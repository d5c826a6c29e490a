using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Host.Audit;

/// <summary>Who acted. Kind is user, api_key or system; label is how they were called then.</summary>
public sealed record AuditActor(string Kind, Guid? UserId, Guid? ApiKeyId, string Label);

/// <summary>One row of the audit log, as lists show it: without the values that changed.</summary>
public record LoggedAct(
    Guid Id, long Position, DateTimeOffset OccurredAt, AuditActor Actor, string AccessType, string Action, string? ResourceType, Guid? ResourceId, string Status,
    string? IpAddress, string? UserAgent, string? CorrelationId, Guid? TeamId, string? ErrorMessage)
{
    internal static LoggedAct Of(AuditRow row) => new(
        row.Id, row.Position, row.OccurredAt, ActorOf(row), row.AccessType, row.Action, row.ResourceType, row.ResourceId, row.Status, row.Ip, row.UserAgent, row.CorrelationId,
        row.TeamId, row.Error);

    private protected static AuditActor ActorOf(AuditRow row) =>
        new(row.ApiKeyId is not null ? "api_key" : row.UserId is not null ? "user" : "system", row.UserId, row.ApiKeyId, row.Actor);
}

/// <summary>One row whole: what was before, what is after, secrets removed.</summary>
public sealed record LoggedActDetail(
    Guid Id, long Position, DateTimeOffset OccurredAt, AuditActor Actor, string AccessType, string Action, string? ResourceType, Guid? ResourceId, string Status,
    string? IpAddress, string? UserAgent, string? CorrelationId, Guid? TeamId, string? ErrorMessage, JsonElement? OldValues, JsonElement? NewValues, JsonElement? Metadata)
    : LoggedAct(Id, Position, OccurredAt, Actor, AccessType, Action, ResourceType, ResourceId, Status, IpAddress, UserAgent, CorrelationId, TeamId, ErrorMessage)
{
    internal static LoggedActDetail Whole(AuditRow row, bool values) => new(
        row.Id, row.Position, row.OccurredAt, ActorOf(row), row.AccessType, row.Action, row.ResourceType, row.ResourceId, row.Status, row.Ip, row.UserAgent, row.CorrelationId,
        row.TeamId, row.Error, Json(values, row.OldValues), Json(values, row.NewValues), Json(values, row.Metadata));

    private static JsonElement? Json(bool shown, string? text) => shown && text is not null ? JsonElement.Parse(text) : null;
}

public sealed record AuditCheckpoint(long Position, DateTimeOffset OccurredAt);

/// <summary>What a check of the whole log found. Rows is how many were checked; checkpoint is the newest signed one outside the database that agrees.</summary>
public sealed record AuditVerified(bool Verified, long Rows, long? FaultPosition, string? Fault, AuditCheckpoint? Checkpoint);
