using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge;

/// <summary>A number that was not true: what it counts, what it said, what it says now.</summary>
public sealed record Recounted(string Counter, long Was, long IsNow);

/// <summary>What was set right in a collection; empty when every number was true.</summary>
public sealed record RecountReport(IReadOnlyList<Recounted> Wrong);

/// <summary>
/// Once a day for each organisation: counts what is kept beside rows (documents, chunks, tokens, vectors, stems) anew and sets right what is not true, one
/// collection in a transaction. What was wrong stands in the server's log and in the audit log: a number that drifts is a bug somewhere.
/// </summary>
internal sealed partial class RecountJob(ILogger<RecountJob> log) : IJobHandler
{
    public const string JobType = "knowledge.recount";

    public string Type => JobType;

    /// <summary>Asks for it every day, from an organisation's first collection on.</summary>
    public static Task Schedule(Unit unit, CancellationToken ct) => JobStore.Schedule(unit, JobType, null, TimeSpan.FromDays(1), null, ct);

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var after = Guid.Empty;
        while (await CollectionStore.After(run.Db, after, ct) is { } collection)
        {
            var report = await run.Db.Atomically(unit => Recount(unit, collection, always: false, ct), ct);
            foreach (var wrong in report.Wrong)
            {
                LogWrong(log, wrong.Counter, collection, wrong.Was, wrong.IsNow);
            }

            after = collection;
        }
    }

    public static async Task<RecountReport> Recount(Unit unit, Guid collection, bool always, CancellationToken ct)
    {
        IReadOnlyList<Recounted> wrong = [];
        await AuditLog.Act(unit, async () =>
        {
            await Publication.Lock(unit, collection, ct);
            wrong = await unit.Many($"select counter, was, is_now from knowledge.recount({collection})", row => new Recounted(row.Get<string>(), row.Get<long>(), row.Get<long>()), ct);
            return wrong.Count == 0 && !always ? null : new AuditEntry("collection.recounted", "collection", collection, Metadata: new { wrong });
        }, ct);
        return new RecountReport(wrong);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The number of {Counter} of collection {Collection} was {Was} and is {IsNow}")]
    private static partial void LogWrong(ILogger log, string counter, Guid collection, long was, long isNow);
}
