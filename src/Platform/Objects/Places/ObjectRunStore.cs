namespace Lyceum.Platform;

/// <summary>Reads and writes storage.object_runs, which stand in the platform tenant.</summary>
internal static class ObjectRunStore
{
    /// <summary>Begins one; null while one of its kind runs.</summary>
    public static async Task<Guid?> Begin(Unit unit, string kind, long objects, long bytes, Guid? user, CancellationToken ct)
    {
        await unit.Run(
            $"""
            delete from storage.object_runs where tenant_id = {unit.Tenant.Value} and kind = {kind} and status <> 'running'
              and id not in (select id from storage.object_runs where tenant_id = {unit.Tenant.Value} and kind = {kind} order by id desc limit 9)
            """,
            ct);
        return await unit.OneOrNone(
            $"""
            insert into storage.object_runs (id, kind, objects_total, bytes_total, started_by) values ({Guid.CreateVersion7()}, {kind}, {objects}, {bytes}, {user})
            on conflict do nothing returning id
            """,
            row => (Guid?)row.Get<Guid>(), ct);
    }

    public static Task Progress(Db db, Guid run, ObjectTally tally, long done, long bytes, CancellationToken ct) => db.Run(
        $"""
        update storage.object_runs set objects_done = {done}, bytes_done = {bytes}, missing_objects = {tally.Missing}, missing_bytes = {tally.MissingBytes},
          unknown_objects = {tally.Unknown}, unknown_bytes = {tally.UnknownBytes}, detail = {LyceumJson.Write(tally.Faults)}::jsonb
        where tenant_id = {db.Tenant!.Value.Value} and id = {run} and status = 'running'
        """, ct); // runs are the platform's

    public static Task End(Db db, Guid run, bool well, CancellationToken ct) => db.Run(
        $"update storage.object_runs set status = {(well ? "completed" : "failed")}, ended_at = now() where tenant_id = {db.Tenant!.Value.Value} and id = {run} and status = 'running'", ct);

    public static Task<ObjectRun?> Last(Db db, string kind, CancellationToken ct) => db.OneOrNone(
        $"""
        select id, kind, status, objects_total, bytes_total, objects_done, bytes_done, missing_objects, missing_bytes, unknown_objects, unknown_bytes, detail::text, created_at, ended_at
        from storage.object_runs where tenant_id = {db.Tenant!.Value.Value} and kind = {kind} order by id desc limit 1
        """,
        row => new ObjectRun(
            row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<long>(), row.Get<long>(), row.Get<long>(), row.Get<long>(), row.Get<long>(), row.Get<long>(), row.Get<long>(),
            row.Get<long>(), row.Json<List<ObjectFault>>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>()), ct);

    /// <summary>How much lies where, over all tenants.</summary>
    public static Task<IReadOnlyList<ObjectTotals>> Places(Databases databases, CancellationToken ct) => databases.WithoutTenant().Many(
        $"select place_backend, place_bucket, place_status, objects, bytes from ops.object_places() order by 1, 2, 3",
        row => new ObjectTotals(row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<long>(), row.Get<long>()), ct);

    /// <summary>Tenants that have files; with a backend, files elsewhere than there.</summary>
    public static Task<IReadOnlyList<Guid>> Tenants(Databases databases, IObjectBackend? elsewhere, CancellationToken ct) => databases.WithoutTenant().Many(
        $"select tenants_with_objects from ops.tenants_with_objects({elsewhere?.Name}, {elsewhere?.Bucket})", row => row.Get<Guid>(), ct);
}
