using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// A step of intake whose attempts are used up, such as one that stopped its process each time: its documents end as failed with a
/// reason and a retry, instead of being on their way for ever.
/// </summary>
internal sealed class DeadIntake : IJobHandler
{
    public static readonly EventSubscription Subscription = new("job.dead", "knowledge.dead_intake");

    public string Type => Subscription.JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var dead = run.Job.Input<PublishedEvent>().Payload;
        if (dead.GetProperty("jobType").GetString()?.StartsWith("knowledge.", StringComparison.Ordinal) != true)
        {
            return;
        }

        if (dead.GetProperty("jobType").GetString() == RechunkJob.JobType)
        {
            await run.Db.Atomically(unit => CollectionStore.EndRechunk(unit, dead.GetProperty("refId").GetGuid(), ct), ct);
            return;
        }

        if (dead.GetProperty("jobType").GetString() == EmbeddingSetJob.JobType)
        {
            await run.Db.Atomically(unit => EmbeddingSetStore.Fail(
                unit, dead.GetProperty("refId").GetGuid(), "The work on these vectors was interrupted again and again. Try again, and ask your administrator if it happens again.", ct), ct);
            return;
        }

        foreach (var (document, revision) in Documents(dead))
        {
            await run.Db.Atomically(unit => IntakeStore.Fail(
                unit, document, revision, "intake_interrupted", "The work on this document was interrupted again and again. Retry, and ask your administrator if it happens again.", ct), ct);
        }
    }

    private static IEnumerable<(Guid Document, Guid Revision)> Documents(JsonElement dead)
    {
        if (dead.GetProperty("documentId").ValueKind == JsonValueKind.String)
        {
            yield return (dead.GetProperty("documentId").GetGuid(), dead.GetProperty("refId").GetGuid());
        }
        else if (dead.GetProperty("jobType").GetString() == TextsJob.JobType)
        {
            foreach (var text in dead.GetProperty("input").EnumerateArray())
            {
                yield return (text.GetProperty("documentId").GetGuid(), text.GetProperty("revisionId").GetGuid());
            }
        }
    }
}
