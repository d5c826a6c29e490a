using System.Runtime.CompilerServices;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>
/// Reads the log of a run as it is written, in order, each entry once, from any place. Ends after the last event of the run. Whether the caller
/// may read it is decided before: see <see cref="RunDirectory"/>.
/// </summary>
public sealed class RunEventReader(Wakeups wakeups, AgentsOptions options, TimeProvider clock)
{
    private const int PageSize = 500;

    // A wake-up call can get lost with its connection; then this is how late a reader is.
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(2);

    /// <summary>Entries after number <paramref name="after"/>; 0 reads from the beginning.</summary>
    public async IAsyncEnumerable<RunEvent> Read(Db db, Guid runId, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        // Subscribe first, look second, wait third: then nothing is missed.
        using var waiter = wakeups.Subscribe(RunStore.Topic(runId));
        while (true)
        {
            var from = after;
            var (page, hasEnded) = await Outage.Ride(() => Look(db, runId, from, ct), options.Outage, clock, ct);
            foreach (var entry in page)
            {
                after = entry.Seq;
                yield return entry;
                if (entry.IsLast)
                {
                    yield break;
                }
            }

            if (page.Count == 0)
            {
                if (hasEnded)
                {
                    // The log was read to its end before, or is past its days; what came of the run is in its row.
                    yield break;
                }

                await waiter.Wait(LookAnyway, ct);
            }
        }
    }

    private static async Task<(IReadOnlyList<RunEvent> Page, bool HasEnded)> Look(Db db, Guid run, long after, CancellationToken ct)
    {
        var page = await RunStore.Events(db, run, after, PageSize, ct);
        if (page.Count > 0)
        {
            return (page, false);
        }

        // Asked in this order, an end that comes between the two is found in the log by the next look.
        var hasEnded = (await RunStore.Outcomes(db, [run], ct)) is not [{ HasEnded: false }];
        return hasEnded ? (await RunStore.Events(db, run, after, PageSize, ct), true) : (page, false);
    }
}
