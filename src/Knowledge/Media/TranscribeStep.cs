using System.Text.Json;
using Lyceum.Knowledge.Reading;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge.Media;

/// <summary>
/// Transcribe: what is said in a recording, heard piece by piece; each piece is kept as it comes, so that a killed worker's work is not paid for twice. Works in a
/// queue of its own: an hour of film must not hold up a page of text.
/// </summary>
internal sealed class TranscribeStep(ModelDirectory models, ModelCalls calls, ObjectStore objects, KnowledgeOptions options) : IJobHandler
{
    public const string JobType = "knowledge.transcribe";
    public const string Queue = "media";

    /// <summary>Told at the door, and here where the model went away meanwhile.</summary>
    public static readonly ItemProblem NoModel = new ItemProblem(
        "no_transcription_model",
        "No model here turns speech into text. Ask an administrator to add one of type speech to text under Models and to make it the default, then try again.");

    public string Type => JobType;

    public Task Run(JobRun run, CancellationToken ct) => IntakeStep.Run(run, "transcribe", async document =>
    {
        using var file = document.ObjectId is { } id ? await objects.OnDisk(run.Db, id, ct) : null;
        if (file is null)
        {
            throw new IntakeRefused("file_missing", "The uploaded file is no longer there. Upload it again.");
        }

        var model = await models.DefaultOrNone(run.Db, "stt", ct) ?? throw new IntakeRefused(NoModel.Code, NoModel.Detail);
        var asset = await MediaStore.Find(run.Db, document.DocumentId, ct);
        DetectedFormat detected;
        await using (var content = File.OpenRead(file.Path))
        {
            detected = FormatDetector.Detect(content, document.FileName ?? document.Title);
        }

        using var sound = await SoundPieces.Of(file.Path, detected, options.MaxMedia, ct);
        var known = await MediaStore.Pieces(run.Db, document.RevisionId, ct);
        var heard = new List<HeardPiece>();
        for (var i = 0; i < sound.Pieces.Count; i++)
        {
            var piece = sound.Pieces[i];
            if (!known.TryGetValue(i, out var transcript))
            {
                transcript = await calls.Transcribe(
                    run.Db, model, piece.Sound, asset?.ForcedLanguage, new CallContext("system", $"transcribe:{document.RevisionId}:{i}:{run.Job.Attempt}"), ct);
                await MediaStore.KeepPiece(run.Db, document, i, transcript, ct);
            }

            heard.Add(new HeardPiece(piece.Start, piece.Sound.Seconds, transcript));
            await IntakeStore.Progress(run.Db, document, 100 * (i + 1) / sound.Pieces.Count, ct);
        }

        await Keep(run, document, detected, asset, sound.Seconds, heard, ct);
    }, ct);

    private async Task Keep(JobRun run, DocumentInWork document, DetectedFormat detected, MediaAsset? asset, double? seconds, List<HeardPiece> heard, CancellationToken ct)
    {
        var language = heard.Select(h => h.Heard.Language).FirstOrDefault(l => l is not null);
        var text = TranscriptText.Of(detected.MimeType, asset?.ForcedLanguage is { Length: 2 } forced ? forced : language, heard);
        if (text.Pages[0].Text.Length == 0)
        {
            throw new IntakeRefused("nothing_said", "Nothing is said in this recording, or the transcription model understood nothing of it. Name the language that is spoken, or choose another model, then retry.");
        }

        var length = seconds ?? heard.Max(h => h.Heard.Duration) ?? text.Pages[0].Blocks[^1].To;
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(text, LyceumJson.Options));
        var stored = await objects.Write(run.Db, json, new NewObject($"{document.RevisionId}.json", "application/json", Provisional: TimeSpan.FromHours(1)), 1L << 30, ct);
        await run.Db.Atomically(async unit =>
        {
            await ObjectStore.Keep(unit, stored.Id, "application/json", ct);
            await MediaStore.Heard(unit, document.DocumentId, document.RevisionId, length, language ?? text.Language, ct);
            await IntakeStore.KeepText(unit, document, stored.Id, detected.MimeType, null, text.Language, null, ct);
            await IntakeStore.Next(unit, SplitStep.JobType, document.DocumentId, document.RevisionId, ct);
            await run.Complete(unit, ct);
        }, ct);
    }
}
