namespace Lyceum.Platform;

/// <summary>Something that happened, for rooms above to react to.</summary>
public sealed record NewEvent(string Type, string AggregateType, Guid AggregateId, object? Payload = null);

/// <summary>What a subscriber's job is given.</summary>
public sealed record PublishedEvent(Guid EventId, string EventType, System.Text.Json.JsonElement Payload);

/// <summary>That a room wants a job (type <c>event:&lt;Subscriber&gt;</c>, queue <c>events</c>) for every event of a type.</summary>
public sealed record EventSubscription(string EventType, string Subscriber)
{
    /// <summary>The job type its handler declares.</summary>
    public string JobType => $"event:{Subscriber}";
}

/// <summary>Reads and writes ops.outbox_events. An event is written in the transaction in which it happens, and becomes one job per subscriber.</summary>
public sealed class EventStore(Databases databases, IEnumerable<EventSubscription> subscriptions)
{
    private readonly string _subscriptions = LyceumJson.Write(
        subscriptions.GroupBy(s => s.EventType).ToDictionary(g => g.Key, g => g.Select(s => s.Subscriber).Distinct().ToArray()));

    /// <summary>Writes an event in the caller's transaction.</summary>
    public static async Task Add(Unit unit, NewEvent happened, CancellationToken ct)
    {
        await unit.Run(
            Sql.Prepared($"""
            insert into ops.outbox_events (id, event_type, aggregate_type, aggregate_id, payload, correlation_id)
            values ({Guid.CreateVersion7()}, {happened.Type}, {happened.AggregateType}, {happened.AggregateId},
              {LyceumJson.Write(happened.Payload ?? new { })}::jsonb, {unit.Actor.CorrelationId})
            """),
            ct);
        Wakeups.SendSoon(unit, "events");
    }

    internal Task<int> Publish(int limit, CancellationToken ct) =>
        databases.WithoutTenant().One($"select ops.publish_events({_subscriptions}::jsonb, {limit})", row => row.Get<int>(), ct);
}
