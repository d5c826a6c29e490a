using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Takes documents out of use and back, and begins intake anew from what a document had before. What is written are functions of the database, called here
/// in the order of locks that publications keep: the collection first, its documents then.
/// </summary>
internal static class LifeStore
{
    /// <summary>Collection of a document that the reader may edit; null when they may not, or there is none.</summary>
    public static Task<Guid?> Editable(Unit unit, Reader reader, Guid document, bool archived, CancellationToken ct) => unit.OneOrNone(
        $"""
        select d.collection_id from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where d.tenant_id = {unit.Tenant.Value} and d.id = {document} and d.deleted_at is null and (d.archived_at is not null) = {archived} and {reader.May(Access.Edit)} and {reader.MaySeeDocument}
        """,
        row => (Guid?)row.Get<Guid>(), ct);

    /// <summary>Out of search with its chunks and vectors; its files and texts stay.</summary>
    public static async Task Archive(Unit unit, Guid collection, Guid document, CancellationToken ct)
    {
        await Publication.Lock(unit, collection, ct);
        await Publication.RemoveChunks(unit, collection, [document], ct);
        await PendingChunkStore.Drop(unit, null, [document], ct);
        await unit.Run($"select knowledge.archive_documents({new[] { document }})", ct);
        await JobStore.CancelForDocuments(unit, [document], ct);
        await IntakeStore.Tell(unit, collection, ct);
    }

    /// <summary>
    /// A new revision of what a revision held (the newest when none is named), on its way through intake; what is live stays so until it is done. Null when
    /// there is nothing left to begin with.
    /// </summary>
    public static async Task<Guid?> Anew(Unit unit, Guid document, Guid? from, string note, CancellationToken ct)
    {
        var revision = Guid.CreateVersion7();
        var begun = await unit.OneOrNone(
            $"select collection_id, has_file, has_text from knowledge.begin_anew({document}, {from}, {revision}, {unit.Actor.UserId}, {note})",
            row => (Begun?)new Begun(row.Get<Guid>(), row.Get<bool>(), row.Get<bool>()), ct);
        if (begun is null)
        {
            return null;
        }

        await (begun switch
        {
            { HasText: true } => IntakeStore.Next(unit, SplitStep.JobType, document, revision, ct),
            { HasFile: true } => IntakeStore.Next(unit, ReadStep.JobType, document, revision, ct),
            _ => TextsJob.Enqueue(unit, [(document, revision)], ct),
        });
        await IntakeStore.Tell(unit, begun.Collection, ct);
        return revision;
    }

    /// <summary>The same of a recording whose transcript is to be made again; null when its file is gone.</summary>
    public static async Task<Guid?> HearAnew(Unit unit, Guid document, CancellationToken ct)
    {
        var revision = Guid.CreateVersion7();
        var begun = await unit.OneOrNone(
            $"select collection_id, has_file, has_text from knowledge.begin_anew({document}, {(Guid?)null}, {revision}, {unit.Actor.UserId}, 'heard again')",
            row => (Begun?)new Begun(row.Get<Guid>(), row.Get<bool>(), row.Get<bool>()), ct);
        if (begun is not { HasFile: true })
        {
            return null;
        }

        await IntakeStore.ForgetText(unit, revision, ct);
        await IntakeStore.Next(unit, ReadStep.JobType, document, revision, ct);
        await IntakeStore.Tell(unit, begun.Collection, ct);
        return revision;
    }

    /// <summary>Takes the marks of deleted documents away, so that nothing is left of them; those named, or the next of the collection. Says how many.</summary>
    public static Task<int> Purge(Unit unit, Guid collection, Guid[]? documents, int most, CancellationToken ct) =>
        unit.One($"select knowledge.purge_documents({collection}, {documents}, {most})", row => row.Get<int>(), ct);

    private sealed record Begun(Guid Collection, bool HasFile, bool HasText);
}
