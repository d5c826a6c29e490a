namespace Lyceum.Platform;

/// <summary>An alert on its way: what it says, whereto, and who has it.</summary>
internal sealed record AlertOnItsWay(Guid Id, Guid ChannelId, string Kind, bool IsChannelEnabled, AlertContent Content, string[] Reached);

/// <summary>
/// Reads and writes ops.alert_incidents, ops.alert_groups and ops.alerts: what ended badly, how often for which reason since it was last told, and
/// what is told. Each step is one transaction, so nothing is lost or counted twice between two of them.
/// </summary>
public static class AlertStore
{
    internal const string Queue = "alerts";

    // Long enough for a storm to show its size, short enough for somebody who waits.
    private const int SettleSeconds = 5;
    private const int WindowSeconds = 600;
    private const int Batch = 5_000, ReasonsTold = 8, TestsPerHour = 20, KeepDays = 7;

    /// <summary>Notes what ended badly, in the transaction in which it did, where anybody wants to hear of it.</summary>
    public static Task Note(Unit unit, Incident what, CancellationToken ct) => unit.Run(
        Sql.Prepared($"""
        insert into ops.alert_incidents (id, event, reason, subject_type, subject_id, subject_name, collection_id, code, message)
        select {Guid.CreateVersion7()}, {what.Event}, left({what.Reason}, 400), {what.SubjectType}, {what.SubjectId}, left({what.SubjectName}, 100), {what.CollectionId}, left({what.Code}, 100), left({what.Message}, 500)
        where exists (select from ops.alert_channels c where c.tenant_id = {unit.Tenant.Value} and c.is_enabled
          and case {what.Event} when 'document.failed' then c.on_failed_documents else c.on_dead_jobs end)
        """),
        ct);

    /// <summary>Counts what waits, and makes an alert with its delivery for every channel that has something to hear and may hear it now.</summary>
    internal static Task Gather(Db db, Uri? publicUrl, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var tenant = unit.Tenant.Value;
            // Whoever gathers holds the channels: two of them cannot both think that an hour has room for one more.
            var channels = await unit.Many(
                $"select id, name, max_per_hour from ops.alert_channels where tenant_id = {tenant} and is_enabled order by id for update",
                row => (Id: row.Get<Guid>(), Name: row.Get<string>(), MaxPerHour: row.Get<int>()), ct);
            await unit.Run(
                $"""
                delete from ops.alert_groups g using ops.alert_channels c where g.tenant_id = {tenant} and c.tenant_id = g.tenant_id and c.id = g.channel_id
                  and (not c.is_enabled or g.pending = 0 and g.told_at < now() - make_interval(secs => {WindowSeconds}))
                """,
                ct);
            await unit.Run($"delete from ops.alerts where tenant_id = {tenant} and status <> 'sending' and created_at < now() - make_interval(days => {KeepDays})", ct);
            while (await Count(unit, ct) == Batch)
            {
            }

            foreach (var channel in channels)
            {
                await Tell(unit, channel.Id, channel.Name, channel.MaxPerHour, publicUrl, ct);
            }
        },
        ct);

    /// <summary>The alert and its channel; null when there is none, or it is told already.</summary>
    internal static Task<AlertOnItsWay?> Find(Db db, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        select a.id, a.channel_id, c.kind, c.is_enabled, a.content, a.reached from ops.alerts a join ops.alert_channels c on c.tenant_id = a.tenant_id and c.id = a.channel_id
        where a.tenant_id = {db.Tenant!.Value.Value} and a.id = {id} and a.status = 'sending'
        """, // alerts are a tenant's
        row => new AlertOnItsWay(row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<bool>(), row.Json<AlertContent>(), row.Get<string[]>()), ct);

    internal static Task Reach(Db db, Guid id, string address, CancellationToken ct) =>
        db.Run($"update ops.alerts set reached = reached || {address} where tenant_id = {db.Tenant!.Value.Value} and id = {id}", ct); // alerts are a tenant's

    /// <summary>Ends an attempt: delivered without an error, failed for good, or to be tried again.</summary>
    internal static Task End(Unit unit, Guid id, string? error, bool isFinal, CancellationToken ct) => unit.Run(
        $"""
        update ops.alerts set status = {(error is null ? "delivered" : isFinal ? "failed" : "sending")}, error_message = {error}
        where tenant_id = {unit.Tenant.Value} and id = {id} and status = 'sending'
        """,
        ct);

    /// <summary>Takes one of the hour's tests of a channel; false when they are used up.</summary>
    internal static async Task<bool> BeginTest(Unit unit, Guid channel, AlertContent test, CancellationToken ct) => await unit.Run(
        $"""
        insert into ops.alerts (id, channel_id, content)
        select {test.Id}, {channel}, {LyceumJson.Write(test)}::jsonb
        where (select count(*) from ops.alerts where tenant_id = {unit.Tenant.Value} and channel_id = {channel} and created_at > now() - interval '1 hour' and (content ->> 'isTest')::boolean) < {TestsPerHour}
        """,
        ct) > 0;

    private static Task<int> Count(Unit unit, CancellationToken ct) => unit.One(
        $"""
        with taken as (
          delete from ops.alert_incidents where tenant_id = {unit.Tenant.Value} and id in (
            select id from ops.alert_incidents where tenant_id = {unit.Tenant.Value} order by id limit {Batch} for update skip locked)
          returning id, event, reason, subject_type, subject_id, subject_name, collection_id, code, message, created_at),
        counted as (
          select event, reason, code, count(*)::int as incidents, (array_agg(message order by id desc))[1] as message, (array_agg(collection_id))[1] as collection_id,
            to_jsonb((array_agg(jsonb_build_object('type', subject_type, 'id', subject_id, 'name', subject_name) order by id))[1:3]) as samples, min(created_at) as first_at, max(created_at) as last_at
          from taken group by event, reason, code),
        added as (
          insert into ops.alert_groups as g (id, channel_id, event, reason, collection_id, code, message, pending, samples, first_at, last_at, due_at)
          select ops.uuid7(), c.id, n.event, n.reason, n.collection_id, n.code, n.message, n.incidents, n.samples, n.first_at, n.last_at, now() + make_interval(secs => {SettleSeconds})
          from counted n join ops.alert_channels c on c.tenant_id = {unit.Tenant.Value} and c.is_enabled and case n.event when 'document.failed' then c.on_failed_documents else c.on_dead_jobs end
          on conflict (tenant_id, channel_id, reason) do update set
            pending = g.pending + excluded.pending, message = excluded.message, last_at = excluded.last_at,
            samples = (select coalesce(jsonb_agg(s order by n), '[]') from (select s, n from jsonb_array_elements(g.samples || excluded.samples) with ordinality e(s, n) limit 3) f),
            first_at = case when g.pending = 0 then excluded.first_at else g.first_at end,
            due_at = case when g.pending > 0 then g.due_at else greatest(g.told_at + make_interval(secs => {WindowSeconds}), excluded.due_at) end)
        select count(*)::int from taken
        """,
        row => row.Get<int>(), ct);

    private static async Task Tell(Unit unit, Guid channel, string name, int maxPerHour, Uri? publicUrl, CancellationToken ct)
    {
        Sql due = $"tenant_id = {unit.Tenant.Value} and channel_id = {channel} and pending > 0 and due_at <= now()";
        var told = await unit.Many(
            $"""
            select event, code, message, collection_id, pending, first_at, last_at, samples, (count(*) over ())::int, (sum(pending) over ())::bigint
            from ops.alert_groups where {due} order by pending desc, id limit {ReasonsTold}
            """,
            row => (Reason: ReadReason(row, publicUrl), Reasons: row.Get<int>(), Failures: row.Get<long>()), ct);
        if (told.Count == 0)
        {
            return;
        }

        // Where the hour is full: when the oldest that fills it will be an hour old.
        var later = await unit.OneOrNone(
            $"""
            select created_at + interval '1 hour' from ops.alerts
            where tenant_id = {unit.Tenant.Value} and channel_id = {channel} and created_at > now() - interval '1 hour' and not (content ->> 'isTest')::boolean
            order by created_at desc offset {maxPerHour - 1} limit 1
            """,
            row => row.Get<DateTimeOffset?>(), ct);
        if (later is { } then)
        {
            await unit.Run($"update ops.alert_groups set due_at = {then} where {due}", ct);
            return;
        }

        var undelivered = await unit.One(
            $"""
            select count(*)::int from ops.alerts a join ops.alert_channels c on c.tenant_id = a.tenant_id and c.id = a.channel_id
            where a.tenant_id = {unit.Tenant.Value} and a.channel_id = {channel} and a.status = 'failed' and not (a.content ->> 'isTest')::boolean and a.created_at > coalesce(c.last_delivered_at, '-infinity')
            """,
            row => row.Get<int>(), ct);
        var (id, at) = (Guid.CreateVersion7(), await unit.One($"select now()", row => row.Get<DateTimeOffset>(), ct));
        var (reasons, failures) = (told[0].Reasons, told[0].Failures);
        var content = new AlertContent(
            id, name, at, false, failures, [.. told.Select(t => t.Reason)], reasons - told.Count, failures - told.Sum(t => t.Reason.Count), undelivered);
        await unit.Run($"insert into ops.alerts (id, channel_id, content) values ({id}, {channel}, {LyceumJson.Write(content)}::jsonb)", ct);
        await unit.Run($"update ops.alert_groups set pending = 0, samples = '[]', told_at = now() where {due}", ct);
        // The delivery decides itself when it has tried often enough: only so does somebody learn of it.
        await JobStore.Enqueue(unit, new NewJob(Queue, DeliverAlertJob.JobType, RefType: "alert", RefId: id, MaxAttempts: 100), ct);
    }

    private static AlertReason ReadReason(Row row, Uri? publicUrl)
    {
        var (what, code, message, collection, count) = (row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<Guid?>(), (long)row.Get<int>());
        var (first, last) = (row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());
        return new AlertReason(what, code, message, collection, count, first, last, [.. row.Json<List<AlertSubject>>().Select(s => s with { Url = Link(publicUrl, s, collection) })]);
    }

    private static string Link(Uri? publicUrl, AlertSubject subject, Guid? collection)
    {
        var page = subject.Type == "document" && collection is { } shelf ? $"knowledge/{shelf}/documents/{subject.Id}" : "settings/alerts";
        return publicUrl is null ? $"/{page}" : $"{publicUrl.AbsoluteUri.TrimEnd('/')}/{page}";
    }
}
