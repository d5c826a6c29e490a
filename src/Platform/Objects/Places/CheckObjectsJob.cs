namespace Lyceum.Platform;

/// <summary>
/// Compares rows with bytes over the whole installation and writes down what does not match: files without bytes, and bytes that no file knows. Changes
/// nothing; the hourly sweep removes the latter.
/// </summary>
internal sealed class CheckObjectsJob(Databases databases, ObjectBackends backends, ObjectStore objects) : IJobHandler
{
    public const string JobType = "objects.check";
    private const int Batch = 1000;

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var id = run.Job.RefId ?? throw new JobFailed("The job names no run.", final: true);
        var tally = new ObjectTally();
        await objects.Unknown(databases, (backend, bytes) =>
        {
            tally.Add(new ObjectFault("unknown", bytes.Tenant.Value, bytes.Id, backend.Name, bytes.Size));
            return Task.CompletedTask;
        }, ct);
        foreach (var tenant in await ObjectRunStore.Tenants(databases, null, ct))
        {
            await Missing(databases.For(new TenantId(tenant), Actor.System(run.Job.CorrelationId)), tally, () => ObjectRunStore.Progress(run.Db, id, tally, tally.Done, tally.DoneBytes, ct), ct);
        }

        await ObjectRunStore.Progress(run.Db, id, tally, tally.Done, tally.DoneBytes, ct);
        await ObjectRunStore.End(run.Db, id, well: true, ct);
    }

    // A list of what is there first, one look at each that is not on it afterwards: what came or went meanwhile is told apart.
    private async Task Missing(Db db, ObjectTally tally, Func<Task> told, CancellationToken ct)
    {
        var tenant = db.Tenant!.Value; // made for one
        var there = new HashSet<(string, Guid)>();
        foreach (var backend in backends.All)
        {
            await foreach (var bytes in backend.List(tenant, ct))
            {
                there.Add((backend.Name, bytes.Id));
            }
        }

        var after = Guid.Empty;
        while (await Files(db, tenant, after, ct) is { Count: > 0 } files)
        {
            foreach (var file in files)
            {
                if (!there.Contains((file.Place.Backend, file.Place.Id)) && !await objects.HasBytes(db, file.Place.Id, ct))
                {
                    tally.Add(new ObjectFault("missing", tenant.Value, file.Place.Id, file.Place.Backend, file.Bytes));
                }

                tally.Add(file.Bytes);
            }

            after = files[^1].Place.Id;
            await told();
        }
    }

    private static Task<IReadOnlyList<LyingFile>> Files(Db db, TenantId tenant, Guid after, CancellationToken ct) => db.Many(
        $"""
        select id, backend, bucket, storage_key, size_bytes, content_sha256 from storage.objects
        where tenant_id = {tenant.Value} and status = 'available' and id > {after} order by id limit {Batch}
        """,
        row => new LyingFile(new ObjectPlace(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>()), row.Get<long>(), row.Get<byte[]>()), ct);
}
