using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Once a day for each organisation: adds the hits of the log to their passages, computes importance, moves passages between tiers and forgets vectors
/// nobody needed for long. In batches of their own transactions, so that no lock is held long.
/// </summary>
internal sealed class TiersJob : IJobHandler
{
    public const string JobType = "knowledge.tiers";
    private const int HitsAtOnce = 5_000, PassagesAtOnce = 2_000;

    public string Type => JobType;

    /// <summary>Asks for it every day, from an organisation's first collection on.</summary>
    public static Task Schedule(Unit unit, CancellationToken ct) => JobStore.Schedule(unit, JobType, null, TimeSpan.FromDays(1), null, ct);

    public async Task Run(JobRun run, CancellationToken ct)
    {
        while (await TierStore.CountUses(run.Db, HitsAtOnce, ct) == HitsAtOnce)
        {
            // more of the log is waiting
        }

        for (Guid? after = Guid.Empty; after is not null; after = await TierStore.Move(run.Db, after.Value, PassagesAtOnce, ct))
        {
            // the next passages
        }

        await EmbeddingCache.Forget(run.Db, ct);
        await MemoryStore.Forget(run.Db, ct);
    }
}
