using System.ComponentModel.DataAnnotations;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>0 to 1; null lets it be computed again.</summary>
public sealed record SetImportance([property: Range(0.0, 1.0)] double? Score);

/// <summary>HTTP door of tiers and importance.</summary>
internal static class TierEndpoints
{
    private static readonly Problem Gone = Problem.NotFound("chunk");

    public static void MapTiers(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/collections/{id:guid}/tiers", Tiers).Needs("knowledge.collections.read").WithName("getTiers");
        knowledge.MapGet("/chunks/{id:guid}/importance", Get).Needs("knowledge.collections.read").WithName("getImportance");
        knowledge.MapPut("/chunks/{id:guid}/importance", Put).Needs("knowledge.documents.write").WithName("setImportance");
    }

    private static async Task<Results<Ok<TierCounts>, ProblemHttpResult>> Tiers(Guid id, Caller caller, Db db, CollectionStore collections, CancellationToken ct) =>
        await collections.Find(Reader.Of(caller), id, ct) is null ? Problem.NotFound("collection").ToResult() : TypedResults.Ok(await TierStore.Counts(db, Reader.Of(caller), id, ct));

    private static async Task<Results<Ok<ChunkImportance>, ProblemHttpResult>> Get(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await TierStore.Importance(db, Reader.Of(caller), id, ct) is { } found ? TypedResults.Ok(found) : Gone.ToResult();

    private static async Task<Results<Ok<ChunkImportance>, ProblemHttpResult>> Put(Guid id, SetImportance request, Caller caller, Db db, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await TierStore.Importance(db, reader, id, ct) is not { } before)
        {
            return Gone.ToResult();
        }

        if (!await TierStore.MayEdit(db, reader, id, ct))
        {
            return AccessRules.TooLittle("chunk", Access.Edit).ToResult();
        }

        await db.Atomically(async unit =>
        {
            await TierStore.SetImportance(unit, id, request.Score, ct);
            await AuditLog.Write(unit, new AuditEntry("chunk.importance_set", "chunk", id, Before: new { before.Set }, After: new { set = request.Score }), ct);
        }, ct);
        return await Get(id, caller, db, ct);
    }
}
