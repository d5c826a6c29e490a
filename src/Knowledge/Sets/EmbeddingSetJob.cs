using System.Diagnostics;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Gives a set the vectors it lacks, a bounded piece at a time, while another set is searched: at first all of them, and from then on those of what was published or
/// mended since. Nothing is taken out here; what leaves search leaves every set in the same transaction. A worker killed anywhere loses the batch in its hands. A large set
/// waits for its index, which is upkeep's, before it is ready.
/// </summary>
internal sealed class EmbeddingSetJob(ModelDirectory models, EmbeddingCache embeddings, Quotas quotas, KnowledgeOptions options) : IJobHandler
{
    public const string JobType = "knowledge.fill_embedding_set";
    private const int DocumentsAtOnce = 100, ChunksAtOnce = 64, Attempts = 8;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10), Gathering = TimeSpan.FromSeconds(2), LookAgain = TimeSpan.FromSeconds(5);

    public string Type => JobType;

    /// <summary>After which document to go on.</summary>
    private sealed record Place(Guid After);

    /// <summary>Asks for it for each set of the collection that is kept complete beside the searched one.</summary>
    public static async Task AskFor(Unit unit, Guid collectionId, CancellationToken ct)
    {
        foreach (var set in await EmbeddingSetStore.Following(unit, collectionId, ct))
        {
            await Ask(unit, set, Guid.Empty, Gathering, ct);
        }
    }

    /// <summary>Begins at once.</summary>
    public static Task Begin(Unit unit, Guid set, CancellationToken ct) => Ask(unit, set, Guid.Empty, null, ct);

    public async Task Run(JobRun run, CancellationToken ct)
    {
        if (await EmbeddingSetStore.Find(run.Db, run.Job.RefId ?? Guid.Empty, ct) is not { Follows: true } set)
        {
            return;
        }

        try
        {
            await Fill(run, set, ct);
        }
        catch (IntakeRefused refused)
        {
            await End(run, set, refused.Message, ct);
        }
        catch (ProblemException refused)
        {
            await End(run, set, $"{refused.Problem.Detail} {refused.Problem.Hint}".Trim(), ct);
        }
        catch (ProviderException fault) when (run.Job.IsLastAttempt || !fault.IsTransient)
        {
            await End(run, set, $"The embedding model could not be used: {fault.Message} {fault.Hint}".Trim(), ct);
        }
        catch (Exception fault) when (run.Job.IsLastAttempt && fault is not (OperationCanceledException or LeaseLost))
        {
            await End(run, set, $"{Problem.Sentence(fault)} Try again, and ask your administrator if it happens again.", ct);
        }
    }

    private async Task Fill(JobRun run, SetInWork set, CancellationToken ct)
    {
        var (after, watch) = (run.Job.InputJson is null ? Guid.Empty : run.Job.Input<Place>().After, Stopwatch.StartNew());
        while (watch.Elapsed < Turn)
        {
            var documents = await EmbeddingSetStore.Documents(run.Db, set, after, DocumentsAtOnce, ct);
            if (documents.Count == 0)
            {
                await Finish(run, set, ct);
                return;
            }

            // What a batch left is found by the next look at the same documents.
            while (await EmbeddingSetStore.Missing(run.Db, set.Id, documents, ChunksAtOnce, ct) is { Count: > 0 } missing)
            {
                if (!await Embed(run, set, missing, ct))
                {
                    return;
                }

                if (watch.Elapsed >= Turn)
                {
                    break;
                }
            }

            after = watch.Elapsed >= Turn ? after : documents[^1];
        }

        await Again(run, set, after, ct);
    }

    private async Task<bool> Embed(JobRun run, SetInWork set, IReadOnlyList<MissingChunk> missing, CancellationToken ct)
    {
        // Asked for anew each time: it may be switched off, or be told another length, while this goes on.
        var model = await models.Find(run.Db, set.ModelId, ct)
            ?? throw new IntakeRefused("embedding_model_missing", "The model of these vectors was removed or switched off. Restore it and try again, or choose another.");
        await quotas.HoldTokens(run.Db, ct);
        var vectors = await embeddings.Embed(
            run.Db, model, [.. missing.Select(c => SplitRules.ToEmbed(c.Title, c.Section, c.Text, c.Summary))], asQuery: false,
            new CallContext("system", $"set:{set.Id}:{missing[0].Id}:{run.Job.Id}:{run.Job.Attempt}", set.CreatedBy), ct);
        if (Array.Find(vectors, v => v.Length != set.Dimension) is { } wrong)
        {
            throw new IntakeRefused(
                "wrong_dimension", $"The embedding model gives vectors of {wrong.Length} numbers now, and these were begun with {set.Dimension}. Set the model as it was and try again, or cancel this and begin anew.");
        }

        return await run.Db.Atomically(async unit =>
        {
            await Publication.Lock(unit, set.CollectionId, ct);
            var kept = await EmbeddingSetStore.Keep(unit, set, missing, vectors, ct);
            await IntakeStore.Tell(unit, set.CollectionId, ct);
            return kept;
        }, ct);
    }

    private async Task Finish(JobRun run, SetInWork set, CancellationToken ct)
    {
        var now = await EmbeddingSetStore.Find(run.Db, set.Id, ct);
        var needsIndex = now is { Status: "building", IndexName: null } && now.ChunkCount > options.ExactSearchChunks;
        await run.Db.Atomically(async unit =>
        {
            // Whoever publishes holds this lock too, and asks for this job inside: nothing can come between the look and the end of the job.
            await Publication.Lock(unit, set.CollectionId, ct);
            var lacks = await EmbeddingSetStore.Lacks(unit, set, everything: false, ct);
            if (!lacks)
            {
                await EmbeddingSetStore.CaughtUp(unit, set.Id, isReady: !needsIndex, ct);
                await (needsIndex ? Upkeep.AskFor(unit, set.CollectionId, ct)
                    : now is { Status: "building", SwitchesItself: true } ? EmbeddingSwitch.ByItself(unit, set, ct)
                    : Task.CompletedTask);
                await IntakeStore.Tell(unit, set.CollectionId, ct);
            }

            await run.Complete(unit, ct);
            await (lacks ? Begin(unit, set.Id, ct)
                : needsIndex ? Ask(unit, set.Id, Guid.Empty, LookAgain, ct)
                : Task.CompletedTask);
        }, ct);
    }

    private static Task Again(JobRun run, SetInWork set, Guid after, CancellationToken ct) => run.Db.Atomically(async unit =>
    {
        await run.Complete(unit, ct);
        await Ask(unit, set.Id, after, null, ct);
    }, ct);

    private static Task End(JobRun run, SetInWork set, string sentence, CancellationToken ct) => run.Db.Atomically(async unit =>
    {
        await EmbeddingSetStore.Fail(unit, set.Id, sentence, ct);
        await IntakeStore.Tell(unit, set.CollectionId, ct);
        await run.Complete(unit, ct);
    }, ct);

    private static Task Ask(Unit unit, Guid set, Guid after, TimeSpan? delay, CancellationToken ct) => JobStore.Enqueue(
        unit, new NewJob("intake", JobType, new Place(after), RefType: "embedding_set", RefId: set, DedupKey: $"{JobType}:{set}", Delay: delay, MaxAttempts: Attempts), ct);
}
