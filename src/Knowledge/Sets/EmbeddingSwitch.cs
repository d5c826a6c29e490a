using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Changes which vectors of a collection are searched, in one transaction: whoever searches has all of the one set or all of the other. The set before is kept complete, so
/// that going back is the same act.
/// </summary>
internal static class EmbeddingSwitch
{
    private static readonly Problem Gone = Problem.NotFound("embedding_set");

    /// <summary>Searches with a complete set from now on; a problem when it is not one. Locks the collection's publications.</summary>
    public static async Task<Problem?> To(Unit unit, Guid collection, Guid set, CancellationToken ct)
    {
        await Publication.Lock(unit, collection, ct);
        var sets = await EmbeddingSetStore.Hold(unit, collection, ct);
        return sets.FirstOrDefault(s => s.Id == set) is not { } next ? Gone : await To(unit, sets, next, ct);
    }

    /// <summary>Searches with the set before again.</summary>
    public static async Task<Problem?> Back(Unit unit, Guid collection, CancellationToken ct)
    {
        await Publication.Lock(unit, collection, ct);
        var sets = await EmbeddingSetStore.Hold(unit, collection, ct);
        return sets.FirstOrDefault(s => s.Status == "retired") is { } before
            ? await To(unit, sets, before, ct)
            : Problem.Conflict("no_previous_set", "There is nothing to go back to: this collection's model was not changed, or the vectors before were deleted since.");
    }

    /// <summary>What a complete set that was asked to does; not where questions are asked before search changes, since those are asked in somebody's name.</summary>
    public static async Task ByItself(Unit unit, SetInWork set, CancellationToken ct)
    {
        if (await CollectionStore.HasGate(unit, set.CollectionId, ct))
        {
            return;
        }

        var sets = await EmbeddingSetStore.Hold(unit, set.CollectionId, ct);
        if (sets.FirstOrDefault(s => s.Id == set.Id) is { } next)
        {
            await To(unit, sets, next, ct);
        }
    }

    private static async Task<Problem?> To(Unit unit, IReadOnlyList<SetInWork> sets, SetInWork next, CancellationToken ct)
    {
        if (next.Status == "active")
        {
            return Problem.Conflict("embedding_set_active", "This collection is searched with these vectors already.");
        }

        if (next.Status is not ("ready" or "retired"))
        {
            return Problem.Conflict("embedding_set_not_ready", "These vectors are not complete yet. Wait until all passages have one, then switch.");
        }

        if (await EmbeddingSetStore.Lacks(unit, next, everything: true, ct))
        {
            await EmbeddingSetJob.Begin(unit, next.Id, ct);
            return Problem.Conflict("embedding_set_behind", "Passages came that have no vector of this model yet. They are being made; try again in a moment.");
        }

        var active = sets.FirstOrDefault(s => s.Status == "active");
        await AuditLog.Act(unit, async () =>
        {
            if (sets.FirstOrDefault(s => s.Status == "retired" && s.Id != next.Id) is { } older)
            {
                await RemoveSetJob.Remove(unit, older.Id, next.CollectionId, ct);
            }

            await EmbeddingSetStore.Switch(unit, next.Id, active?.Id, ct);
            await CollectionStore.SetModel(unit, next.CollectionId, next.ModelTenantId, next.ModelId, ct);
            await IntakeStore.Tell(unit, next.CollectionId, ct);
            return new AuditEntry(
                next.Status == "retired" ? "embedding_set.undone" : "embedding_set.activated", "collection", next.CollectionId,
                Before: new { embeddingSet = active?.Id, model = active?.ModelId }, After: new { embeddingSet = next.Id, model = next.ModelId });
        }, ct);
        return null;
    }
}
