using System.Text.Json;
using Lyceum.Knowledge.Media;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A revision of a document that a step is to work on.</summary>
internal sealed record RevisionInWork(Guid DocumentId, Guid RevisionId);

/// <summary>What the steps of intake share: the document they work on, and how they end when it cannot be done.</summary>
internal static class IntakeStep
{
    /// <summary>
    /// Runs a step. What a person must know ends the document as failed with that sentence; a fault that may pass is
    /// thrown so that the job tries again, until its attempts are used up.
    /// </summary>
    public static async Task Run(JobRun run, string step, Func<DocumentInWork, Task> work, CancellationToken ct)
    {
        var (documentId, revisionId) = (run.Job.DocumentId ?? Guid.Empty, run.Job.RefId ?? Guid.Empty);
        if (await IntakeStore.Begin(run.Db, [new RevisionInWork(documentId, revisionId)], step, run.Job.Attempt, ct) is not [var document])
        {
            return;
        }

        try
        {
            await work(document);
        }
        catch (IntakeRefused refused)
        {
            await End(run, document, refused.Code, refused.Message, ct);
        }
        catch (ProviderException fault) when (run.Job.IsLastAttempt || !fault.IsTransient)
        {
            await (step == "transcribe"
                ? End(run, document, "transcription_failed", $"The transcription model could not be used: {fault.Message} {fault.Hint}".TrimEnd(), ct)
                : End(run, document, "embedding_failed", $"The embedding model could not be used: {fault.Message}", ct));
        }
        catch (Exception full) when (run.Job.IsLastAttempt && FullDisk.Is(full))
        {
            await End(run, document, "storage_full", $"{FullDisk.Sentence} Ask your administrator to make room, then retry.", ct);
        }
        catch (Exception fault) when (run.Job.IsLastAttempt && fault is not (OperationCanceledException or LeaseLost))
        {
            await End(run, document, "intake_failed", $"{Problem.Sentence(fault)} Retry, and ask your administrator if it happens again.", ct);
        }
    }

    private static Task End(JobRun run, DocumentInWork document, string code, string message, CancellationToken ct) => run.Db.Atomically(async unit =>
    {
        await IntakeStore.Fail(unit, document.DocumentId, document.RevisionId, code, message, ct);
        await run.Complete(unit, ct);
    }, ct);
}

/// <summary>A document that cannot be taken in, for a reason its owner can do something about.</summary>
internal sealed class IntakeRefused(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>Read: the file's text and structure, found out of process and bounded, kept as an object.</summary>
internal sealed class ReadStep(DocumentReader reader, ObjectStore objects, KnowledgeOptions options) : IJobHandler
{
    public const string JobType = "knowledge.read";

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => IntakeStep.Run(run, "read", async document =>
    {
        using var file = document.ObjectId is { } id ? await objects.OnDisk(run.Db, id, ct) : null;
        if (file is null)
        {
            throw new IntakeRefused("file_missing", "The uploaded file is no longer there. Upload it again.");
        }

        if (IsRecording(file.Path, document.FileName ?? document.Title))
        {
            await run.Db.Atomically(async unit =>
            {
                await MediaStore.Ensure(unit, document.DocumentId, null, ct);
                await IntakeStore.Next(unit, TranscribeStep.JobType, document.DocumentId, document.RevisionId, ct);
                await run.Complete(unit, ct);
            }, ct);
            return;
        }

        var outcome = await reader.Read(file.Path, document.FileName ?? document.Title, new ReadLimits { FileBytes = options.MaxFileBytes }, ct);
        if (!outcome.IsRead)
        {
            throw outcome.Refusal.MayPass && !run.Job.IsLastAttempt
                ? new JobFailed(outcome.Refusal.Message, final: false)
                : new IntakeRefused(outcome.Refusal.Code, outcome.Refusal.Message);
        }

        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(outcome.Text, LyceumJson.Options));
        var stored = await objects.Write(run.Db, json, new NewObject($"{document.RevisionId}.json", "application/json", Provisional: TimeSpan.FromHours(1)), 1L << 30, ct);
        await run.Db.Atomically(async unit =>
        {
            await ObjectStore.Keep(unit, stored.Id, "application/json", ct);
            await IntakeStore.KeepText(unit, document, stored.Id, outcome.Text.MimeType, outcome.Text.Title, outcome.Text.Language,
                outcome.Text.Pages is [{ Number: not null }, ..] pages ? pages.Count : null, ct);
            await IntakeStore.Next(unit, SplitStep.JobType, document.DocumentId, document.RevisionId, ct);
            await run.Complete(unit, ct);
        }, ct);
    }, ct);

    private static bool IsRecording(string path, string name)
    {
        using var content = File.OpenRead(path);
        return FormatDetector.Detect(content, name).Format == FileFormat.Media;
    }
}

/// <summary>Split: the text cut into chunks, kept as work in hand.</summary>
internal sealed class SplitStep(TextObjects texts) : IJobHandler
{
    public const string JobType = "knowledge.split";

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => IntakeStep.Run(run, "split", async document =>
    {
        var text = await texts.Read(run.Db, document.TextObjectId, ct) ?? throw new IntakeRefused("text_missing", "The extracted text is no longer there. Retry the document.");
        var chunks = text.Format == FileFormat.Media
            ? TimeSplit.Split(text, await MediaStore.Windows(run.Db, document.DocumentId, ct))
            : SplitRules.Split(text, document.Chunking);
        if (chunks.Count == 0)
        {
            throw new IntakeRefused("no_text", "This file contains no text that could be searched.");
        }

        await run.Db.Atomically(async unit =>
        {
            // What a person says of the language counts more than what it seems to be.
            await PendingChunkStore.Replace(unit, document, chunks, document.Language ?? text.Language, ct);
            await IntakeStore.Next(unit, EmbedStep.JobType, document.DocumentId, document.RevisionId, ct);
            await run.Complete(unit, ct);
        }, ct);
    }, ct);
}

/// <summary>Embed: a vector for each chunk, in batches that are kept as they come, so that a killed worker's work is not repeated.</summary>
internal sealed class EmbedStep(ModelDirectory models, EmbeddingCache embeddings, Summaries summaries) : IJobHandler
{
    public const string JobType = "knowledge.embed";
    private const int Batch = 64;

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => IntakeStep.Run(run, "embed", async document =>
    {
        var model = await models.Find(run.Db, document.EmbeddingModelId, ct)
            ?? throw new IntakeRefused("embedding_model_missing", "The collection's embedding model no longer exists. Choose another in the collection's settings, then retry.");
        await PendingChunkStore.ForgetOthers(run.Db, document.RevisionId, model.Id, ct);
        var (total, done) = await PendingChunkStore.Count(run.Db, document.RevisionId, ct);
        while (await PendingChunkStore.WithoutVector(run.Db, document.RevisionId, Batch, ct) is { Count: > 0 } batch)
        {
            var said = batch.Select(c => c.Summary).ToArray();
            if (document.Chunking.Summarise && said.All(s => s is null))
            {
                said = await summaries.Of(run.Db, [.. batch.Select(c => c.Text)], $"summary:{document.RevisionId}:{batch[0].Index}:{run.Job.Attempt}", ct);
                await PendingChunkStore.KeepSummaries(run.Db, document, [.. batch.Select(c => c.Index)], said, ct);
            }

            var vectors = await embeddings.Embed(run.Db, model, [.. batch.Select((c, i) => SplitRules.ToEmbed(document.Title, c.Section, c.Text, said[i]))], asQuery: false,
                new CallContext("system", $"embed:{document.RevisionId}:{batch[0].Index}:{run.Job.Attempt}"), ct);
            await PendingChunkStore.KeepVectors(run.Db, document.RevisionId, model.Id, [.. batch.Select(c => c.Index)], vectors, ct);
            done += batch.Count;
            await IntakeStore.Progress(run.Db, document, total == 0 ? 100 : (int)(100L * done / total), ct);
        }

        await run.Db.Atomically(async unit =>
        {
            await IntakeStore.Next(unit, PublishStep.JobType, document.DocumentId, document.RevisionId, ct);
            await run.Complete(unit, ct);
        }, ct);
    }, ct);
}

/// <summary>Publish: the revision becomes what is searched, in one transaction; readers see the old one or the new one, never a mix.</summary>
internal sealed class PublishStep(ModelDirectory models) : IJobHandler
{
    public const string JobType = "knowledge.publish";

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => IntakeStep.Run(run, "publish", async document =>
    {
        var distance = (await models.Find(run.Db, document.EmbeddingModelId, ct))?.Distance ?? "cosine";
        await run.Db.Atomically(async unit =>
        {
            // The model may have changed since the vectors were made: then they are made again.
            await Publication.Lock(unit, document.CollectionId, ct);
            if (await PendingChunkStore.IsEmbedded(unit, document.RevisionId, await CollectionStore.EmbeddingModel(unit, document.CollectionId, ct), ct))
            {
                await Publication.StagePending(unit, document.RevisionId, ct);
                await Publication.Publish(unit, document.CollectionId, distance, ct);
            }
            else
            {
                await IntakeStore.Next(unit, EmbedStep.JobType, document.DocumentId, document.RevisionId, ct);
            }

            await run.Complete(unit, ct);
        }, ct);
    }, ct);
}
