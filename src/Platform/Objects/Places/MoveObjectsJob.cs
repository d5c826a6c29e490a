namespace Lyceum.Platform;

/// <summary>
/// Brings all files to the place of new ones, one after the other: a copy is written, read back and compared before the row names it, and what was there
/// is removed an hour later, when nobody reads it any more. Killed anywhere it begins again and finds only what is left.
/// </summary>
internal sealed class MoveObjectsJob(Databases databases, ObjectBackends backends, ObjectMoves moves, TimeProvider time) : IJobHandler
{
    public const string JobType = "objects.move";

    // Below the queue's own limit, whatever the size of the last file.
    private static readonly TimeSpan Share = TimeSpan.FromMinutes(20);

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var id = run.Job.RefId ?? throw new JobFailed("The job names no run.", final: true);
        var until = time.GetUtcNow() + Share;
        if (await ObjectRunStore.Last(run.Db, "move", ct) is not { Status: "running" } before || before.Id != id)
        {
            return;
        }

        var tally = new ObjectTally();
        foreach (var tenant in await ObjectRunStore.Tenants(databases, backends.Current, ct))
        {
            var db = databases.For(new TenantId(tenant), Actor.System(run.Job.CorrelationId));
            var after = Guid.Empty;
            while (await moves.Elsewhere(db, after, ct) is { Count: > 0 } some)
            {
                foreach (var file in some)
                {
                    if (await moves.Move(db, file, ct) is { } fault)
                    {
                        tally.Add(fault);
                    }

                    after = file.Place.Id;
                }

                await Told(run, before, tally, ct);
                if (time.GetUtcNow() > until)
                {
                    await run.Db.Atomically(
                        async unit =>
                        {
                            await JobStore.Enqueue(unit, new NewJob("maintenance", JobType, RefType: "object_run", RefId: id), ct);
                            await run.Complete(unit, ct);
                        },
                        ct);
                    return;
                }
            }
        }

        await Told(run, before, tally, ct);
        await ObjectRunStore.End(run.Db, id, tally.Missing == 0, ct);
    }

    // What is done is counted from what is left, so that a run that began again tells the truth.
    private async Task Told(JobRun run, ObjectRun before, ObjectTally tally, CancellationToken ct)
    {
        var left = ObjectMoves.Left(await ObjectRunStore.Places(databases, ct), backends.Current);
        await ObjectRunStore.Progress(run.Db, before.Id, tally, Math.Max(0, before.ObjectsTotal - left.Objects), Math.Max(0, before.BytesTotal - left.Bytes), ct);
    }
}

/// <summary>A file as it lies.</summary>
internal sealed record LyingFile(ObjectPlace Place, long Bytes, byte[] Sha256);

/// <summary>Removes what a moved file left behind.</summary>
internal sealed class RemoveCopyJob(ObjectBackends backends) : IJobHandler
{
    public const string JobType = "objects.remove_copy";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var place = run.Job.Input<ObjectPlace>();
        // Moved back meanwhile, the file lies there again.
        if (!await run.Db.One(
            $"select exists (select from storage.objects where tenant_id = {run.Job.Tenant.Value} and id = {place.Id} and backend = {place.Backend} and bucket = {place.Bucket})", row => row.Get<bool>(), ct))
        {
            await backends.Of(place).Remove(run.Db, place, ct);
        }
    }
}
