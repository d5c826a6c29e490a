using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Platform;

/// <summary>HTTP door of where the installation's files lie, for its administrators: how much where, moving it to the place of new files, and what does not match.</summary>
public static class StorageEndpoints
{
    public static void MapStorage(this IEndpointRouteBuilder app)
    {
        var storage = app.MapGroup("/api/v1/platform/storage").WithTags("Platform").NeedsInstallation();
        storage.MapGet("", Get).WithName("getStorage");
        storage.MapPost("/move", Move).WithName("moveStorage");
        storage.MapPost("/check", Check).WithName("checkStorage");
    }

    private static async Task<Ok<StoragePlaces>> Get(Db db, Databases databases, ObjectBackends backends, CancellationToken ct)
    {
        var places = await ObjectRunStore.Places(databases, ct);
        var left = ObjectMoves.Left(places, backends.Current);
        var platform = databases.For(TenantId.Platform, db.Actor);
        return TypedResults.Ok(new StoragePlaces(
            backends.Current.Name, backends.Current.Bucket, places, left.Objects, left.Bytes, await ObjectRunStore.Last(platform, "move", ct), await ObjectRunStore.Last(platform, "check", ct)));
    }

    private static async Task<Results<Accepted<StoragePlaces>, ProblemHttpResult>> Move(Db db, Databases databases, ObjectBackends backends, CancellationToken ct)
    {
        var left = ObjectMoves.Left(await ObjectRunStore.Places(databases, ct), backends.Current);
        return await Begin("move", MoveObjectsJob.JobType, left, db, databases, ct)
            ? TypedResults.Accepted("/api/v1/platform/storage", (await Get(db, databases, backends, ct)).Value)
            : Problem.Conflict("storage_run_under_way", "Files are being moved already. Its progress is shown beside it.").ToResult();
    }

    private static async Task<Results<Accepted<StoragePlaces>, ProblemHttpResult>> Check(Db db, Databases databases, ObjectBackends backends, CancellationToken ct)
    {
        var all = (await ObjectRunStore.Places(databases, ct)).Where(p => p.Status == "available").ToList();
        return await Begin("check", CheckObjectsJob.JobType, (all.Sum(p => p.Objects), all.Sum(p => p.Bytes)), db, databases, ct)
            ? TypedResults.Accepted("/api/v1/platform/storage", (await Get(db, databases, backends, ct)).Value)
            : Problem.Conflict("storage_run_under_way", "Files are being checked already. Its progress is shown beside it.").ToResult();
    }

    private static Task<bool> Begin(string kind, string job, (long Objects, long Bytes) total, Db db, Databases databases, CancellationToken ct) =>
        databases.For(TenantId.Platform, db.Actor).Atomically(
            async unit =>
            {
                if (await ObjectRunStore.Begin(unit, kind, total.Objects, total.Bytes, db.Actor.UserId, ct) is not { } run)
                {
                    return false;
                }

                await JobStore.Enqueue(unit, new NewJob("maintenance", job, RefType: "object_run", RefId: run), ct);
                await AuditLog.Write(unit, new AuditEntry($"storage.{kind}_begun", "storage", run, Metadata: new { objects = total.Objects, bytes = total.Bytes }), ct);
                return true;
            },
            ct);
}
