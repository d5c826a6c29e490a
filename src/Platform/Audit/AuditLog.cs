namespace Lyceum.Platform;

/// <summary>An act that no table trigger sees: a sign-in, an export, a refusal.</summary>
public sealed record AuditEntry(string Action, string ResourceType, Guid? ResourceId, string Status = "success", string? Error = null);

/// <summary>Writes ops.audit_logs. Rows are chained by the database; nothing can change them afterwards.</summary>
public static class AuditLog
{
    public static Task Write(Unit unit, AuditEntry entry, CancellationToken ct) => unit.Run(
        $"""
        insert into ops.audit_logs (id, user_id, api_key_id, actor_label, access_type, action, resource_type, resource_id, ip_address, user_agent, status, error_message, correlation_id, chain_position, row_hash)
        values (ops.uuid7(), {unit.Actor.UserId}, {unit.Actor.ApiKeyId}, {unit.Actor.Label}, {unit.Actor.AccessType}, {entry.Action}, {entry.ResourceType}, {entry.ResourceId},
          {unit.Actor.Ip}::inet, {unit.Actor.UserAgent}, {entry.Status}, {entry.Error}, {unit.Actor.CorrelationId}, 0, ''::bytea)
        """,
        ct);
}
