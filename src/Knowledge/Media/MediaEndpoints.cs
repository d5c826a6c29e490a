using Lyceum.Iam;
using Lyceum.Knowledge.Splitting;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge.Media;

/// <summary>HTTP door of what is known of a recording and how its transcript is made.</summary>
internal static class MediaEndpoints
{
    private static readonly Problem NotOne = Problem.NotFound("recording");

    public static void MapMedia(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/documents/{id:guid}/media", Get).Needs("knowledge.collections.read").WithName("getMedia");
        knowledge.MapPut("/documents/{id:guid}/media", Set).Needs("knowledge.documents.write").WithName("setMedia");
    }

    private static async Task<Results<Ok<MediaAsset>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, DocumentStore store, CancellationToken ct) =>
        await store.Find(Reader.Of(caller), id, ct) is null ? Problem.NotFound("document").ToResult()
        : await MediaStore.Find(db, id, ct) is { } asset ? TypedResults.Ok(asset)
        : NotOne.ToResult();

    private static async Task<Results<Accepted<MediaAsset>, ProblemHttpResult>> Set(
        Guid id, SetMedia request, Caller caller, Db db, DocumentStore store, ModelDirectory models, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await store.Find(reader, id, ct) is not { } document)
        {
            return Problem.NotFound("document").ToResult();
        }

        if (!await store.MayEdit(reader, id, ct))
        {
            return AccessRules.TooLittle("document", Access.Edit).ToResult();
        }

        if (new TimeWindows(request.ChunkMinSeconds, request.ChunkMaxSeconds, request.ChunkOverlapSeconds).Fault() is { } fault)
        {
            return Problem.Invalid("invalid_windows", fault).ToResult();
        }

        var hasModel = await models.DefaultOrNone(db, "stt", ct) is not null;
        MediaAsset? changed = null;
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            if (await MediaStore.Lock(unit, id, ct) is not { } before)
            {
                return null;
            }

            await MediaStore.Set(unit, id, request, ct);
            changed = await MediaStore.Lock(unit, id, ct);
            var isHeardAnew = request.ForcedLanguage != before.ForcedLanguage;
            if (isHeardAnew && !hasModel)
            {
                throw new ProblemException(Problem.Invalid(TranscribeStep.NoModel.Code, TranscribeStep.NoModel.Detail));
            }

            if (document.ArchivedAt is null && changed != before)
            {
                await (isHeardAnew ? LifeStore.HearAnew(unit, id, ct) : LifeStore.Anew(unit, id, null, "cut by other times", ct));
            }

            return new AuditEntry("document.media_changed", "document", id, Before: before, After: request);
        }, ct), ct);
        return changed is null ? NotOne.ToResult() : TypedResults.Accepted($"/api/v1/knowledge/documents/{id}/media", changed);
    }
}
