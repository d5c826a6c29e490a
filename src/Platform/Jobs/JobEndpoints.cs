using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Platform;

/// <summary>HTTP door of background work that was given up: what died and why, and a fresh set of attempts for it.</summary>
public static class JobEndpoints
{
    private const string Manage = "ops.jobs.manage";

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/api/v1/ops/jobs").WithTags("Jobs").Needs(Manage);
        jobs.MapGet("/dead", Dead).WithName("listDeadJobs");
        jobs.MapPost("/{id:guid}/replay", Replay).WithName("replayJob");
    }

    private static async Task<Ok<Paged<DeadJob>>> Dead(string? cursor, int? limit, Db db, CancellationToken ct) =>
        TypedResults.Ok(await JobStore.Dead(db, Page.From(cursor, limit), ct));

    private static async Task<Results<NoContent, ProblemHttpResult>> Replay(Guid id, Db db, CancellationToken ct) =>
        await db.Atomically(unit => JobStore.Replay(unit, id, ct), ct) ? TypedResults.NoContent() : Problem.NotFound("job").ToResult();
}
