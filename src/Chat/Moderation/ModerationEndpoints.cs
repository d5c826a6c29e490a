using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Chat;

/// <summary>HTTP door of what the guard did not let through, for those who read the audit log.</summary>
internal static class ModerationEndpoints
{
    public static void MapModeration(this RouteGroupBuilder chat)
    {
        chat.MapGet("/moderation-flags", List).Needs("ops.audit.read").WithName("listModerationFlags");
        chat.MapGet("/moderation-flags/counts", Counts).Needs("ops.audit.read").WithName("countModerationFlags");
    }

    private static async Task<Results<Ok<Paged<ModerationFlag>>, ProblemHttpResult>> List(string? category, string? cursor, int? limit, ModerationStore store, CancellationToken ct)
    {
        if (category is not null && !GuardRules.Categories.ContainsKey(category))
        {
            return Problem.Invalid("unknown_category", $"There is no such category. Use one of {string.Join(", ", GuardRules.Categories.Keys)}.").ToResult();
        }

        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.List(category, page, ct), f => f.Id));
    }

    private static async Task<Ok<Paged<ModerationCount>>> Counts(int? days, ModerationStore store, CancellationToken ct) =>
        TypedResults.Ok(new Paged<ModerationCount>(await store.Counts(Math.Clamp(days ?? 30, 1, 366), ct), null));
}
