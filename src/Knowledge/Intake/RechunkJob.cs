using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Cuts again what was cut with other settings, a batch of documents at a time and never more than two batches in work: each gets a new
/// revision of the same text and stays as it is until that one is live. Ends when nothing is left to do; what failed can be retried.
/// </summary>
internal sealed class RechunkJob : IJobHandler
{
    public const string JobType = "knowledge.rechunk";
    private const int Batch = 100;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    public string Type => JobType;

    public static Task Begin(Unit unit, Guid collectionId, CancellationToken ct) => Next(unit, collectionId, null, ct);

    public Task Run(JobRun run, CancellationToken ct) => run.Db.Atomically(async unit =>
    {
        var collectionId = run.Job.RefId ?? Guid.Empty;
        var (outdated, inWork) = await IntakeStore.Outdated(unit, collectionId, ct);
        if (outdated > 0 || inWork > 0)
        {
            if (inWork < Batch)
            {
                await IntakeStore.Recut(unit, collectionId, Batch, ct);
            }

            await Next(unit, collectionId, LookAgain, ct);
        }
        else
        {
            await CollectionStore.EndRechunk(unit, collectionId, ct);
        }

        await run.Complete(unit, ct);
    }, ct);

    private static Task Next(Unit unit, Guid collectionId, TimeSpan? delay, CancellationToken ct) => JobStore.Enqueue(
        unit, new NewJob("intake", JobType, RefType: "collection", RefId: collectionId, Delay: delay, MaxAttempts: 20), ct);
}
