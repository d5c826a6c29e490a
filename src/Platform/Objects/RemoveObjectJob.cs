namespace Lyceum.Platform;

/// <summary>Removes the bytes of a deleted object after the transaction that deleted it.</summary>
internal sealed class RemoveObjectJob(ObjectStore objects) : IJobHandler
{
    public const string JobType = "objects.remove";

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => run.Job.RefId is { } id
        ? objects.Remove(run.Db, id, ct)
        : throw new JobFailed("The job names no object.", final: true);
}
