using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Split, embed and publish for texts sent as such, up to 128 at once: nothing has to be read out of process, and one
/// embedding call and one transaction serve many. Each text still ends by itself: what cannot be done fails alone.
/// </summary>
internal sealed class TextsJob(ModelDirectory models, EmbeddingCache embeddings, Summaries summaries) : IJobHandler
{
    public const string JobType = "knowledge.texts";
    private const int PerJob = 128, PerCall = 64;

    public string Type => JobType;

    public static Task Enqueue(Unit unit, IEnumerable<(Guid DocumentId, Guid RevisionId)> texts, CancellationToken ct) => JobStore.Enqueue(
        unit, [.. texts.Chunk(PerJob).Select(batch => new NewJob("intake", JobType, batch.Select(t => new RevisionInWork(t.DocumentId, t.RevisionId)).ToArray(), MaxAttempts: 4))], ct);

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var ready = new List<DocumentInWork>();
        var chunks = new List<ReadyChunk>();
        var toEmbed = new List<string>();
        foreach (var document in await IntakeStore.Begin(run.Db, run.Job.Input<RevisionInWork[]>(), "embed", run.Job.Attempt, ct))
        {
            var text = SplitRules.Plain(document.Title, document.Body ?? "");
            var cut = SplitRules.Split(text, document.Chunking);
            if (cut.Count == 0)
            {
                await run.Db.Atomically(unit => IntakeStore.Fail(unit, document.DocumentId, document.RevisionId, "no_text", "This text contains nothing that could be searched.", ct), ct);
                continue;
            }

            ready.Add(document);
            chunks.AddRange(cut.Select(c => new ReadyChunk(document.DocumentId, document.RevisionId, c.Index, c.Text, c.Page, c.Section, [.. c.Headings], c.Start, c.End, c.TokenCount, text.Language, []) { Facts = LyceumJson.Write(Enrichment.Of(c.Text)) }));
            toEmbed.AddRange(cut.Select(c => SplitRules.ToEmbed(document.Title, c.Section, c.Text)));
        }

        if (ready.Count == 0)
        {
            return;
        }

        try
        {
            var model = await models.Find(run.Db, ready[0].EmbeddingModelId, ct)
                ?? throw new IntakeRefused("embedding_model_missing", "The collection's embedding model no longer exists. Choose another in the collection's settings, then retry.");
            if (ready[0].Chunking.Summarise)
            {
                var said = await summaries.Of(run.Db, [.. chunks.Select(c => c.Text)], $"summary:{run.Job.Id}:{run.Job.Attempt}", ct);
                for (var i = 0; i < chunks.Count; i++)
                {
                    chunks[i] = chunks[i] with { Summary = said[i] };
                    toEmbed[i] = said[i] is null ? toEmbed[i] : SplitRules.ToEmbed(ready.Find(d => d.DocumentId == chunks[i].DocumentId)!.Title, chunks[i].Section, chunks[i].Text, said[i]); // each is of one of them
                }
            }

            for (var at = 0; at < chunks.Count; at += PerCall)
            {
                var vectors = await embeddings.Embed(run.Db, model, toEmbed.GetRange(at, Math.Min(PerCall, chunks.Count - at)), asQuery: false,
                    new CallContext("system", $"embed:{run.Job.Id}:{at}:{run.Job.Attempt}"), ct);
                for (var i = 0; i < vectors.Length; i++)
                {
                    chunks[at + i] = chunks[at + i] with { Vector = vectors[i] };
                }
            }

            await run.Db.Atomically(async unit =>
            {
                await Publication.Lock(unit, ready[0].CollectionId, ct);
                if (await CollectionStore.EmbeddingModel(unit, ready[0].CollectionId, ct) != model.Id)
                {
                    throw new JobFailed("The collection's embedding model changed while texts were embedded; they are embedded again.", final: false);
                }

                await Publication.Stage(unit, chunks, ct);
                await Publication.Publish(unit, ready[0].CollectionId, model.Distance, ct);
                await run.Complete(unit, ct);
            }, ct);
        }
        catch (Exception fault) when (fault is IntakeRefused || (fault is ProviderException { IsTransient: false }) || (run.Job.IsLastAttempt && fault is not (OperationCanceledException or LeaseLost)))
        {
            var (code, message) = fault switch
            {
                IntakeRefused refused => (refused.Code, refused.Message),
                ProviderException => ("embedding_failed", $"The embedding model could not be used: {fault.Message}"),
                _ => ("intake_failed", Problem.Sentence(fault)),
            };
            await run.Db.Atomically(async unit =>
            {
                foreach (var document in ready)
                {
                    await IntakeStore.Fail(unit, document.DocumentId, document.RevisionId, code, message, ct);
                }

                await run.Complete(unit, ct);
            }, ct);
        }
    }
}
