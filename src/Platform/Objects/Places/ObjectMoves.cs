using System.Security.Cryptography;

namespace Lyceum.Platform;

/// <summary>Moves one file of a tenant from where it lies to where new ones go.</summary>
internal sealed class ObjectMoves(ObjectBackends backends)
{
    // Whoever opened it where it was may read on for so long.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>The next files of a tenant that lie elsewhere.</summary>
    public Task<IReadOnlyList<LyingFile>> Elsewhere(Db db, Guid after, CancellationToken ct) => db.Many(
        $"""
        select id, backend, bucket, storage_key, size_bytes, content_sha256 from storage.objects
        where tenant_id = {db.Tenant!.Value.Value} and status = 'available' and (backend, bucket) <> ({backends.Current.Name}, {backends.Current.Bucket}) and id > {after} order by id limit 50
        """,
        row => new LyingFile(new ObjectPlace(row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>()), row.Get<long>(), row.Get<byte[]>()), ct); // files are a tenant's

    /// <summary>How much of what can be read lies elsewhere.</summary>
    public static (long Objects, long Bytes) Left(IReadOnlyList<ObjectTotals> places, IObjectBackend current)
    {
        var left = places.Where(p => p.Status == "available" && (p.Backend, p.Bucket) != (current.Name, current.Bucket)).ToList();
        return (left.Sum(p => p.Objects), left.Sum(p => p.Bytes));
    }

    /// <summary>What kept a file from being moved; null when it is moved, or no longer there.</summary>
    public async Task<ObjectFault?> Move(Db db, LyingFile file, CancellationToken ct)
    {
        var to = file.Place with { Backend = backends.Current.Name, Bucket = backends.Current.Bucket };
        await using var bytes = await backends.Of(file.Place).Open(db, file.Place, ct);
        if (bytes is null || file.Bytes > backends.Current.MaxBytes)
        {
            return Fault(db, bytes is null ? "missing" : "too_large", file);
        }

        // What an earlier try left there is not trusted.
        await backends.Current.Remove(db, to, ct);
        await using (var measured = new MeasuredStream(bytes, file.Bytes))
        {
            try
            {
                await backends.Current.Write(db, to, measured, ct);
            }
            catch (ProblemException)
            {
                return Fault(db, "differs", file); // longer than it should be
            }
        }

        await using (var copy = await backends.Current.Open(db, to, ct) ?? throw new ObjectsUnavailable("The copy of a file is not where it was written."))
        {
            if (copy.Length != file.Bytes || !(await SHA256.HashDataAsync(copy, ct)).AsSpan().SequenceEqual(file.Sha256))
            {
                await backends.Current.Remove(db, to, ct);
                return Fault(db, "differs", file);
            }
        }

        var switched = await db.Atomically(
            async unit =>
            {
                var still = await ObjectStore.Switch(unit, file.Place, to, ct);
                if (still)
                {
                    await JobStore.Enqueue(unit, new NewJob("maintenance", RemoveCopyJob.JobType, file.Place, "object", file.Place.Id, MaxAttempts: 10, Delay: Grace), ct);
                }

                return still;
            },
            ct);
        if (!switched)
        {
            await backends.Current.Remove(db, to, ct); // deleted meanwhile
        }

        return null;
    }

    private static ObjectFault Fault(Db db, string kind, LyingFile file) => new(kind, db.Tenant!.Value.Value, file.Place.Id, file.Place.Backend, file.Bytes); // files are a tenant's
}
