using Lyceum.Platform;

namespace Lyceum.Host.Audit;

/// <summary>What a list of the audit log is asked for in its address.</summary>
internal sealed record AuditQuery(
    DateTimeOffset? From, DateTimeOffset? To, Guid? UserId, Guid? ApiKeyId, string? Action, string? ResourceType, Guid? ResourceId, string? Status, string? AccessType, string? Q,
    string? CorrelationId, bool? Mine, bool? Installation)
{
    private const int LongestText = 200;

    /// <summary>The filter, or why it cannot be one.</summary>
    public (AuditFilter? Filter, Problem? Problem) Filter(Guid? only) => this switch
    {
        { From: { } from, To: { } to } when from >= to => (null, Problem.Invalid("invalid_period", "The period ends before it begins.")),
        { Status: not (null or "success" or "failure" or "denied") } => (null, Problem.Invalid("invalid_status", "status is one of success, failure, denied.")),
        { AccessType: not (null or "api" or "user_interface" or "mcp" or "automation" or "system" or "cli") } =>
            (null, Problem.Invalid("invalid_access_type", "accessType is one of api, user_interface, mcp, automation, system, cli.")),
        _ => (new AuditFilter(
            Text(Action), Text(ResourceType), ResourceId, only ?? UserId, Status, From?.ToUniversalTime(), To?.ToUniversalTime(), Text(CorrelationId), ApiKeyId, AccessType, Text(Q)), null),
    };

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim()[..Math.Min(LongestText, text.Trim().Length)].Replace("\0", "", StringComparison.Ordinal);
}
