namespace Lyceum.Platform;

/// <summary>Reads and writes ops.alert_channels. Addresses of webhooks and the keys that sign them are secrets.</summary>
public sealed class AlertChannelStore(SecretStore secrets)
{
    private const string UrlKind = "alert_url", KeyKind = "alert_signing_key";

    private static readonly Problem Enough = Problem.Conflict("too_many_alert_channels", $"An organisation has at most {AlertRules.ChannelsMax} alert channels. Delete one first.");

    private static Sql Columns => $"""
        select c.id, c.kind, c.name, c.host, c.addresses, c.on_dead_jobs, c.on_failed_documents, c.is_enabled, c.max_per_hour,
          (select coalesce(sum(g.pending), 0)::bigint from ops.alert_groups g where g.tenant_id = c.tenant_id and g.channel_id = c.id),
          c.last_delivered_at, c.failing_since, c.last_error, c.created_at, c.updated_at
        from ops.alert_channels c where c.tenant_id = ops.tenant()
        """;

    internal static Task<IReadOnlyList<AlertChannel>> List(Db db, Page page, CancellationToken ct) =>
        db.Many($"{Columns} and c.id < {page.Before} order by c.id desc limit {page.Limit + 1}", Read, ct);

    internal static Task<AlertChannel?> Find(Db db, Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} and c.id = {id}", Read, ct);

    internal async Task<AlertChannel> Insert(Db db, AlertChannel draft, AlertTarget target, CancellationToken ct) => await db.Atomically(
        async unit =>
        {
            await unit.Run($"select pg_advisory_xact_lock(hashtextextended('ops.alert_channels:' || ops.tenant(), 0))", ct);
            if (await unit.One($"select count(*)::int from ops.alert_channels where tenant_id = ops.tenant()", row => row.Get<int>(), ct) >= AlertRules.ChannelsMax)
            {
                throw new ProblemException(Enough);
            }

            await AuditLog.Act(unit, async () =>
            {
                Guid? url = target.Url is null ? null : await secrets.Put(unit, UrlKind, target.Url, ct);
                Guid? key = target.SigningKey is null ? null : await secrets.Put(unit, KeyKind, target.SigningKey, ct);
                await unit.Run(
                    $"""
                    insert into ops.alert_channels (id, kind, name, host, secret_id, signing_secret_id, addresses, on_dead_jobs, on_failed_documents, is_enabled, max_per_hour)
                    values ({draft.Id}, {draft.Kind}, {draft.Name}, {draft.Host}, {url}, {key}, {draft.Addresses}, {draft.OnDeadJobs}, {draft.OnFailedDocuments}, {draft.IsEnabled}, {draft.MaxPerHour})
                    """,
                    ct);
                return new AuditEntry("alert_channel.created", "alert_channel", draft.Id, After: Told(draft));
            }, ct);
            return await unit.One($"{Columns} and c.id = {draft.Id}", Read, ct);
        },
        ct);

    /// <summary>Changes a channel that is still as it was read, and replaces the address where there is a new one. Otherwise a <see cref="ProblemException"/>.</summary>
    internal async Task<AlertChannel> Change(Db db, AlertChannel old, AlertChannel draft, string? url, CancellationToken ct) => await db.Atomically(
        async unit =>
        {
            await AuditLog.Act(unit, async () =>
            {
                var before = await Secrets(unit, old.Id, ct) ?? throw new ProblemException(Problem.NotFound("alert_channel"));
                Guid? fresh = url is null ? null : await secrets.Put(unit, UrlKind, url, ct);
                var changed = await unit.Run(
                    $"""
                    update ops.alert_channels set name = {draft.Name}, host = {draft.Host}, secret_id = coalesce({fresh}, secret_id), addresses = {draft.Addresses},
                      on_dead_jobs = {draft.OnDeadJobs}, on_failed_documents = {draft.OnFailedDocuments}, is_enabled = {draft.IsEnabled}, max_per_hour = {draft.MaxPerHour}
                    where tenant_id = ops.tenant() and id = {draft.Id} and updated_at = {old.UpdatedAt}
                    """,
                    ct);
                if (changed == 0)
                {
                    throw new ProblemException(Etag.Stale);
                }

                if (fresh is not null && before.Url is { } gone)
                {
                    await SecretStore.Delete(unit, gone, ct);
                }

                return new AuditEntry("alert_channel.updated", "alert_channel", draft.Id, Metadata: url is null ? null : new { addressReplaced = true }, Before: Told(old), After: Told(draft));
            }, ct);
            return await unit.One($"{Columns} and c.id = {draft.Id}", Read, ct);
        },
        ct);

    /// <summary>A new key signs from now on. False when there is no such channel.</summary>
    internal Task<bool> Rekey(Db db, Guid id, string key, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var before = await Secrets(unit, id, ct);
            if (before is null)
            {
                return false;
            }

            await AuditLog.Act(unit, async () =>
            {
                var fresh = await secrets.Put(unit, KeyKind, key, ct);
                await unit.Run($"update ops.alert_channels set signing_secret_id = {fresh} where tenant_id = ops.tenant() and id = {id}", ct);
                if (before.Value.Key is { } gone)
                {
                    await SecretStore.Delete(unit, gone, ct);
                }

                return new AuditEntry("alert_channel.rekeyed", "alert_channel", id);
            }, ct);
            return true;
        },
        ct);

    /// <summary>Removes a channel with its secrets and what waits on it. False when there is none.</summary>
    internal static Task<bool> Delete(Db db, Guid id, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var before = await Secrets(unit, id, ct);
            if (before is null)
            {
                return false;
            }

            await AuditLog.Act(unit, async () =>
            {
                var name = await unit.One($"delete from ops.alert_channels where tenant_id = ops.tenant() and id = {id} returning name", row => row.Get<string>(), ct);
                foreach (var secret in new[] { before.Value.Url, before.Value.Key }.OfType<Guid>())
                {
                    await SecretStore.Delete(unit, secret, ct);
                }

                return new AuditEntry("alert_channel.deleted", "alert_channel", id, Before: new { name });
            }, ct);
            return true;
        },
        ct);

    /// <summary>Where a channel leads, with its secrets.</summary>
    internal async Task<AlertTarget> Target(Db db, Guid id, CancellationToken ct)
    {
        var (url, key, addresses) = await db.One(
            $"select secret_id, signing_secret_id, addresses from ops.alert_channels where tenant_id = ops.tenant() and id = {id}",
            row => (row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string[]>()), ct);
        return new AlertTarget(url is { } u ? await secrets.Reveal(db, u, ct) : null, key is { } k ? await secrets.Reveal(db, k, ct) : null, addresses);
    }

    internal static Task NoteDelivered(Unit unit, Guid id, CancellationToken ct) => unit.Run(
        $"update ops.alert_channels set last_delivered_at = now(), failing_since = null, last_error = null where tenant_id = ops.tenant() and id = {id}", ct);

    internal static Task NoteRefused(Unit unit, Guid id, string error, CancellationToken ct) => unit.Run(
        $"update ops.alert_channels set failing_since = coalesce(failing_since, now()), last_error = {error} where tenant_id = ops.tenant() and id = {id}", ct);

    /// <summary>Selects the next 500 channels after an id that write to an address: id and what its owner is told of it, as JSON text.</summary>
    public static Sql Writing(Sql address, Guid after) =>
        $"""
        select c.id, jsonb_build_object('channel', c.name, 'since', c.created_at)::text from ops.alert_channels c
        where c.tenant_id = ops.tenant() and c.id > {after} and exists (select from unnest(c.addresses) a where lower(a) = lower(({address})::text)) order by c.id limit 500
        """;

    /// <summary>Takes an address out of every channel. Returns from how many.</summary>
    public static Task<int> Forget(Unit unit, Sql address, CancellationToken ct) => unit.Run(
        $"""
        update ops.alert_channels c set addresses = array(select a from unnest(c.addresses) a where lower(a) <> lower(({address})::text))
        where c.tenant_id = ops.tenant() and exists (select from unnest(c.addresses) a where lower(a) = lower(({address})::text))
        """,
        ct);

    private static Task<(Guid? Url, Guid? Key)?> Secrets(Unit unit, Guid id, CancellationToken ct) => unit.OneOrNone<(Guid?, Guid?)?>(
        $"select secret_id, signing_secret_id from ops.alert_channels where tenant_id = ops.tenant() and id = {id} for update", row => (row.Get<Guid?>(), row.Get<Guid?>()), ct);

    // Addresses are people's: how many is enough for the log.
    private static object Told(AlertChannel c) => new
    {
        kind = c.Kind, name = c.Name, host = c.Host, addresses = c.Addresses.Length, onDeadJobs = c.OnDeadJobs, onFailedDocuments = c.OnFailedDocuments, isEnabled = c.IsEnabled, maxPerHour = c.MaxPerHour,
    };

    private static AlertChannel Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string[]>(), row.Get<bool>(), row.Get<bool>(), row.Get<bool>(), row.Get<int>(), row.Get<long>(),
        row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset?>(), row.Get<string?>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());
}
