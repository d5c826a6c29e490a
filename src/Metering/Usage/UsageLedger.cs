using Lyceum.Platform;

namespace Lyceum.Metering;

/// <summary>
/// Something that was used. <paramref name="DedupKey"/> names the use: telling it again, after a retry or a crash, counts nothing.
/// <paramref name="MetricType"/> and <paramref name="Source"/> are words of the table's checks.
/// </summary>
public sealed record UsageEntry(
    string DedupKey, string MetricType, long Quantity, Guid? ModelId, Guid? AgentId, Guid? UserId, Guid? ApiKeyId, Guid? TeamId, Guid? MessageId,
    string Source, int? DurationMs, string? MetadataJson)
{
    /// <summary>Tenant of the model: null for the own, the platform's for a built-in one.</summary>
    public Guid? ModelTenantId { get; init; }

    /// <summary>When the use began; null for now.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
}

/// <summary>
/// Writes metering.usage_events and metering.usage_event_keys. Each entry is counted exactly once, however often and from however many
/// processes it is told.
/// </summary>
public static class UsageLedger
{
    /// <summary>Writes the entries in the caller's transaction.</summary>
    public static Task Write(Unit unit, IReadOnlyCollection<UsageEntry> entries, CancellationToken ct) =>
        entries.Count == 0 ? Task.CompletedTask : unit.Run(Statement(entries), ct);

    /// <summary>Writes the entries on their own: one statement, all or none.</summary>
    public static Task Write(Db db, IReadOnlyCollection<UsageEntry> entries, CancellationToken ct) =>
        entries.Count == 0 ? Task.CompletedTask : db.Run(Statement(entries), ct);

    // The key row decides: whoever inserts it writes the event, in the same statement. A second teller waits for the first to commit, then adds nothing.
    private static Sql Statement(IReadOnlyCollection<UsageEntry> all)
    {
        UsageEntry[] entries = [.. all];
        return $"""
            with told as (
              select * from unnest(
                {Array.ConvertAll(entries, e => e.OccurredAt is { } at ? Guid.CreateVersion7(at) : Guid.CreateVersion7())}, {Array.ConvertAll(entries, e => e.DedupKey)},
                {Array.ConvertAll(entries, e => e.MetricType)}, {Array.ConvertAll(entries, e => e.Quantity)},
                {Array.ConvertAll(entries, e => e.ModelTenantId)}, {Array.ConvertAll(entries, e => e.ModelId)}, {Array.ConvertAll(entries, e => e.AgentId)},
                {Array.ConvertAll(entries, e => e.UserId)}, {Array.ConvertAll(entries, e => e.ApiKeyId)}, {Array.ConvertAll(entries, e => e.TeamId)},
                {Array.ConvertAll(entries, e => e.MessageId)}, {Array.ConvertAll(entries, e => e.Source)}, {Array.ConvertAll(entries, e => e.DurationMs)},
                {Array.ConvertAll(entries, e => e.MetadataJson ?? "{}")}, {Array.ConvertAll(entries, e => e.OccurredAt?.ToUniversalTime())})
              as e (id, dedup_key, metric_type, quantity, model_tenant_id, model_id, agent_id, user_id, api_key_id, team_id, message_id, source, duration_ms, metadata, occurred_at)),
            fresh as (
              insert into metering.usage_event_keys (id, dedup_key, usage_event_id) select id, dedup_key, id from told order by dedup_key
              on conflict (tenant_id, dedup_key) do nothing returning usage_event_id)
            insert into metering.usage_events (id, dedup_key, metric_type, quantity, model_tenant_id, model_id, agent_id, user_id, api_key_id, team_id,
              message_id, source, duration_ms, metadata, occurred_at)
            select id, dedup_key, metric_type, quantity, case when model_id is not null then coalesce(model_tenant_id, ops.tenant()) end, model_id, agent_id,
              user_id, api_key_id, team_id, message_id, source, duration_ms, metadata::jsonb, coalesce(occurred_at, now())
            from told where id in (select usage_event_id from fresh)
            """;
    }
}
