namespace Lyceum.Platform;

/// <summary>Reads and writes storage.upload_sessions and storage.upload_parts. Whoever did not begin an upload finds none.</summary>
internal static class UploadStore
{
    /// <summary>Begins one; false when the tenant has too many open already.</summary>
    public static async Task<bool> Begin(Unit unit, Guid id, NewUpload what, string name, int partBytes, TimeSpan open, int most, CancellationToken ct) => await unit.Run(
        $"""
        insert into storage.upload_sessions (id, created_by, file_name, mime_type, target, part_size, expected_size, expected_sha256, expires_at)
        select {id}, {what.CreatedBy}, {name}, {what.MimeType}, {what.Target}::jsonb, {partBytes}, {what.SizeBytes}, {what.Sha256}, now() + make_interval(secs => {open.TotalSeconds})
        where (select count(*) from storage.upload_sessions where tenant_id = {unit.Tenant.Value} and status = 'initiated' and expires_at > now()) < {most}
        """,
        ct) == 1;

    public static Task<UploadSession?> Find(Db db, Guid id, Guid user, CancellationToken ct) => db.OneOrNone(
        $"""
        select id, file_name, mime_type, expected_size, expected_sha256, part_size, case when status = 'initiated' and expires_at < now() then 'expired' else status end,
          target::text, result::text, expires_at
        from storage.upload_sessions where tenant_id = {Tenant(db)} and id = {id} and created_by = {user}
        """,
        row => new UploadSession(row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<long>(), row.Get<byte[]?>(), row.Get<int>(), row.Get<string>(), row.Get<string>(),
            row.Get<string?>(), row.Get<DateTimeOffset>()), ct);

    /// <summary>The parts that are here, in their order.</summary>
    public static Task<IReadOnlyList<UploadPart>> Parts(Db db, Guid session, CancellationToken ct) => db.Many(
        $"""
        select p.number, o.size_bytes, o.content_sha256, o.id from storage.upload_parts p join storage.objects o on o.tenant_id = p.tenant_id and o.id = p.object_id
        where p.tenant_id = {Tenant(db)} and p.session_id = {session} and o.status = 'available' order by p.number
        """,
        row => new UploadPart(row.Get<int>(), row.Get<long>(), row.Get<byte[]>(), row.Get<Guid>()), ct);

    /// <summary>Puts a part in its place, for one that was there; false when the upload is no longer open, or being put together.</summary>
    public static async Task<bool> Put(Unit unit, Guid session, int number, Guid part, CancellationToken ct)
    {
        var open = await unit.Run(
            $"""
            update storage.upload_sessions set updated_at = now() where tenant_id = {unit.Tenant.Value} and id = {session} and status = 'initiated' and expires_at > now()
              and (completing_until is null or completing_until < now())
            """,
            ct) == 1;
        if (!open)
        {
            return false;
        }

        var before = await unit.OneOrNone(
            $"delete from storage.upload_parts where tenant_id = {unit.Tenant.Value} and session_id = {session} and number = {number} returning object_id", row => (Guid?)row.Get<Guid>(), ct);
        if (before is { } old)
        {
            await ObjectStore.Delete(unit, old, ct);
        }

        await unit.Run($"insert into storage.upload_parts (id, session_id, number, object_id) values ({Guid.CreateVersion7()}, {session}, {number}, {part})", ct);
        return true;
    }

    /// <summary>Takes the putting together for a while, or holds on to it; false when another has it or the upload is over.</summary>
    public static async Task<bool> Take(Db db, Guid session, TimeSpan time, bool mine, CancellationToken ct) => await db.Run(
        $"""
        update storage.upload_sessions set completing_until = now() + make_interval(secs => {time.TotalSeconds})
        where tenant_id = {Tenant(db)} and id = {session} and status = 'initiated' and ({mine} or (expires_at > now() and (completing_until is null or completing_until < now())))
        """,
        ct) == 1;

    public static Task LetGo(Db db, Guid session, CancellationToken ct) => db.Run(
        $"update storage.upload_sessions set completing_until = null where tenant_id = {Tenant(db)} and id = {session} and status = 'initiated'", ct);

    /// <summary>Ends an open upload and lets its parts go, in the caller's transaction. False when it is over already.</summary>
    public static async Task<bool> End(Unit unit, Guid session, string status, CancellationToken ct)
    {
        var ended = await unit.Run(
            $"""
            update storage.upload_sessions set status = {status}, completing_until = null
            where tenant_id = {unit.Tenant.Value} and id = {session} and status = 'initiated'
            """,
            ct) == 1;
        if (ended)
        {
            var parts = await unit.Many($"select object_id from storage.upload_parts where tenant_id = {unit.Tenant.Value} and session_id = {session}", row => row.Get<Guid>(), ct);
            await ObjectStore.Delete(unit, [.. parts], ct);
        }

        return ended;
    }

    /// <summary>Writes what became of an ended upload, once.</summary>
    public static async Task<bool> Tell(Unit unit, Guid session, string result, CancellationToken ct) => await unit.Run(
        $"update storage.upload_sessions set result = {result}::jsonb where tenant_id = {unit.Tenant.Value} and id = {session} and status = 'completed' and result is null", ct) == 1;

    /// <summary>Ends what nobody finished in time, and forgets what ended a week ago. Returns how many ended.</summary>
    public static async Task<int> Sweep(Db db, CancellationToken ct)
    {
        var late = await db.Many(
            $"select id from storage.upload_sessions where tenant_id = {Tenant(db)} and status = 'initiated' and expires_at < now() and (completing_until is null or completing_until < now()) limit 1000", row => row.Get<Guid>(), ct);
        foreach (var session in late)
        {
            await db.Atomically(unit => End(unit, session, "expired", ct), ct);
        }

        await db.Run($"delete from storage.upload_sessions where tenant_id = {Tenant(db)} and status <> 'initiated' and expires_at < now() - interval '7 days'", ct);
        return late.Count;
    }

    private static Guid Tenant(Db db) => (db.Tenant ?? throw new InvalidOperationException("Uploads belong to a tenant.")).Value;
}
