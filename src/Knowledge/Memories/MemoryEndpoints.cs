using System.ComponentModel.DataAnnotations;
using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

public sealed record RecallMemories([property: Required, MinLength(1), MaxLength(2000)] string Query, [property: Range(1, 50)] int TopK = 5);

/// <summary>HTTP door of what is remembered of the caller; nobody reads another's.</summary>
internal static class MemoryEndpoints
{
    public static void MapMemories(this RouteGroupBuilder knowledge)
    {
        var group = knowledge.MapGroup("/memories");
        group.MapGet("/", List).Needs("knowledge.search").WithName("listMemories");
        group.MapPost("/", Add).Needs("knowledge.search").WithName("addMemory");
        group.MapPost("/recall", Recall).Needs("knowledge.search").WithName("recallMemories");
        group.MapDelete("/{id:guid}", Delete).Needs("knowledge.search").WithName("deleteMemory");
    }

    private static async Task<Results<Ok<Paged<Memory>>, ProblemHttpResult>> List(string? type, string? cursor, int? limit, Caller caller, Db db, CancellationToken ct)
    {
        if (type is not (null or "episodic" or "semantic" or "procedural"))
        {
            return Problem.Invalid("invalid_memory", "type is episodic, semantic or procedural.").ToResult();
        }

        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await MemoryStore.List(db, caller.UserId, type, page, ct), m => m.Id));
    }

    private static async Task<Results<Created<Memory>, ProblemHttpResult>> Add(NewMemory request, Caller caller, Db db, MemoryStore memories, TimeProvider clock, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(request.Content) || request.ExpiresAt <= clock.GetUtcNow())
        {
            return Problem.Invalid("invalid_memory", "A memory has words, and expires in the future or never.").ToResult();
        }

        var made = await memories.Add(db, caller.UserId, request, Context(caller), ct);
        return made is null
            ? Problem.Conflict("too_many_memories", "This is as much as is remembered of one person. Delete some first.").ToResult()
            : TypedResults.Created($"/api/v1/knowledge/memories/{made.Id}", made);
    }

    private static async Task<Ok<IReadOnlyList<RecalledMemory>>> Recall(RecallMemories request, Caller caller, Db db, MemoryStore memories, CancellationToken ct) =>
        TypedResults.Ok(await memories.Recall(db, caller.UserId, null, request.Query, request.TopK, Context(caller), ct));

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await MemoryStore.Delete(db, caller.UserId, id, ct) ? TypedResults.NoContent() : Problem.NotFound("memory").ToResult();

    private static CallContext Context(Caller caller) => new(caller.ApiKeyId is null ? "ui" : "api", $"memory:{Guid.CreateVersion7()}", caller.UserId, caller.ApiKeyId);
}
