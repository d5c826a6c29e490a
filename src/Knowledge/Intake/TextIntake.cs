using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Takes texts that are sent as such, many at once.</summary>
internal static class TextIntake
{
    /// <summary>
    /// Makes documents and revisions for texts that are new or changed. One that is there as it was sent is not touched, belongs to no batch
    /// and gets no revision. External ids are distinct.
    /// </summary>
    public static async Task<IReadOnlyList<TakenText>> Take(Unit unit, Guid collectionId, Guid? teamId, Guid userId, IReadOnlyList<TextItem> items, Guid? batch, PipelineInUse? pipeline, CancellationToken ct)
    {
        var key = await CollectionStore.Key(unit, collectionId, ct);
        var taken = await IntakeStore.TakeTexts(unit, collectionId, teamId, userId, items, batch, pipeline, key, ct);

        // One that somebody else sent at this moment is told by a second look; the first could not see it.
        var told = taken.Select(t => t.ExternalId).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<TextItem> left = [.. items.Where(i => !told.Contains(i.ExternalId))];
        return left.Count == 0 ? taken : [.. taken, .. await IntakeStore.TakeTexts(unit, collectionId, teamId, userId, left, batch, pipeline, key, ct)];
    }

    /// <summary>
    /// Several texts that are sent together are one act, told by one row of the log that names what is new or changed: a row for each would cost
    /// more than all the rest of taking them in. One alone is told of like any document.
    /// </summary>
    public static Task AsOneAct(Unit unit, Guid collectionId, int items, Func<Task<IReadOnlyList<TakenText>>> take, CancellationToken ct) => items == 1 ? take() : AuditLog.Act(
        unit,
        async () =>
        {
            var taken = await take();
            return new AuditEntry(
                "documents.sent", "collection", collectionId, Metadata: new { texts = taken.Count, changed = taken.Where(t => t.RevisionId is not null).Select(t => t.DocumentId) });
        },
        ct);
}
