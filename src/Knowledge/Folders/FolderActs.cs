using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>What can be done with folders, each in one transaction with one audit row. A refusal leaves as a <see cref="ProblemException"/> and changes nothing.</summary>
internal static class FolderActs
{
    private static readonly Problem Gone = Problem.NotFound("folder");

    public static Task<Guid> Create(Unit unit, Guid collection, CreateFolder request, CancellationToken ct) => Done(unit, async () =>
    {
        var name = Name(request.Name);
        var repository = await FolderStore.Hold(unit, collection, ct);
        var parent = request.ParentId is { } id ? await Of(unit, collection, id, ct) : null;
        if (parent?.Depth >= FolderRules.Deepest)
        {
            throw new ProblemException(FolderRules.Refusal("", 1, null, FolderRules.Deepest)!); // it is too deep
        }

        var made = await FolderStore.Make(unit, repository, parent, name, ct) ?? throw TooMany();
        return made.IsNew
            ? (made.Id, new AuditEntry("folder.created", "folder", made.Id, After: new { collection, path = $"{parent?.Path}/{name}" }))
            : throw Taken(name);
    }, ct);

    /// <summary>Renames and moves.</summary>
    public static Task Change(Unit unit, Guid collection, Guid id, ChangeFolder request, CancellationToken ct) => Done(unit, async () =>
    {
        await FolderStore.Hold(unit, collection, ct);
        var folder = await Of(unit, collection, id, ct);
        var name = request.Name is null ? folder.Name : Name(request.Name);
        var to = request.ParentId.IsGiven ? request.ParentId.Value : folder.ParentId;
        var parent = to is { } into ? await Of(unit, collection, into, ct) : null;
        if (FolderRules.Refusal(folder.Path, await FolderStore.Height(unit, folder, ct), parent?.Path, parent?.Depth ?? 0) is { } refusal)
        {
            throw new ProblemException(refusal);
        }

        if (!await FolderStore.Move(unit, folder, parent, name, ct))
        {
            throw Taken(name);
        }

        var path = $"{parent?.Path}/{name}";
        return (id, new AuditEntry(to == folder.ParentId ? "folder.renamed" : "folder.moved", "folder", id, Before: new { path = folder.Path }, After: new { path }));
    }, ct);

    /// <summary>
    /// Deletes a folder with all that lies in it, or says what that would be. With documents in it, <paramref name="confirmed"/> must be their number:
    /// whoever confirms has seen what goes. Documents the reader may not see are not deleted; they move up.
    /// </summary>
    public static async Task<FolderRemoval> Remove(Unit unit, Reader reader, Guid collection, Guid id, bool dryRun, int? confirmed, CancellationToken ct)
    {
        var removal = new FolderRemoval(dryRun, 0, 0, 0, 0);
        await AuditLog.Act(unit, async () =>
        {
            await FolderStore.Hold(unit, collection, ct);
            var folder = await Of(unit, collection, id, ct);
            Guid[] folders = [.. await FolderStore.Below(unit, folder, ct)];
            await Publication.Lock(unit, collection, ct);
            var documents = await RemovalStore.In(unit, reader, collection, folders, ct);
            removal = new FolderRemoval(dryRun, folders.Length, documents.Count, documents.Sum(d => d.Chunks), documents.Sum(d => d.Bytes));
            if (dryRun)
            {
                return null;
            }

            if ((confirmed ?? 0) != documents.Count)
            {
                throw new ProblemException(Problem.Conflict(
                    "confirm_count", $"This folder holds {documents.Count} documents in {folders.Length} folders. Say confirm={documents.Count} to delete them with it."));
            }

            await RemovalStore.Remove(unit, collection, [.. documents.Select(d => d.Id)], ct);
            await IntakeStore.Place(unit, folders, folder.ParentId, ct);
            await FolderStore.Remove(unit, folder, ct);
            await IntakeStore.Tell(unit, collection, ct);
            return new AuditEntry("folder.deleted", "folder", id, Before: new { collection, path = folder.Path }, Metadata: new { removal.Folders, removal.Documents, removal.Chunks, removal.Bytes });
        }, ct);
        return removal;
    }

    /// <summary>Puts documents into a folder of their collection. Those the reader does not see refuse the whole.</summary>
    public static async Task<int> Place(Unit unit, Reader reader, Guid collection, MoveDocuments request, CancellationToken ct)
    {
        Guid[] ids = [.. request.Documents.Distinct()];
        var moved = 0;
        await AuditLog.Act(unit, async () =>
        {
            await FolderStore.Hold(unit, collection, ct);
            var folder = request.FolderId is { } id ? await Of(unit, collection, id, ct) : null;
            if (await RemovalStore.Seen(unit, reader, collection, ids, ct) != ids.Length)
            {
                throw new ProblemException(Problem.NotFound("document"));
            }

            moved = await IntakeStore.Place(unit, ids, folder, ct);
            await IntakeStore.Tell(unit, collection, ct);
            return new AuditEntry("document.moved", "folder", request.FolderId, Metadata: new { collection, documents = ids, folder = folder?.Path ?? "/" });
        }, ct);
        return moved;
    }

    /// <summary>The folder that a path of names leads to below another one, made as far as it is missing; null is the top. Each new one has its row in the log.</summary>
    public static async Task<Guid?> Ensure(Unit unit, Guid collection, Guid? below, IReadOnlyList<string> names, CancellationToken ct)
    {
        if (names.Count == 0)
        {
            return below;
        }

        var repository = await FolderStore.Hold(unit, collection, ct);
        var place = below is { } id ? await Of(unit, collection, id, ct) : null;
        foreach (var name in names)
        {
            if (place?.Depth >= FolderRules.Deepest)
            {
                throw new ProblemException(FolderRules.Refusal("", 1, null, FolderRules.Deepest)!); // it is too deep
            }

            var made = await FolderStore.Make(unit, repository, place, name, ct) ?? throw TooMany();
            place = await FolderStore.Place(unit, made.Id, ct);
        }

        return place?.Id;
    }

    private static async Task<FolderPlace> Of(Unit unit, Guid collection, Guid id, CancellationToken ct) =>
        await FolderStore.Place(unit, id, ct) is { } found && found.CollectionId == collection ? found : throw new ProblemException(Gone);

    private static string Name(string given)
    {
        var (name, problem) = FolderRules.Name(given);
        return name ?? throw new ProblemException(problem!); // one of the two is there
    }

    private static ProblemException Taken(string name) => new(Problem.Conflict("folder_name_taken", $"There is a folder '{name}' in this place already. Choose another name."));

    private static ProblemException TooMany() => new(Problem.Conflict("too_many_folders", $"A collection has at most {FolderRules.Most:N0} folders. Put more documents into those there are, or use another collection."));

    private static async Task<Guid> Done(Unit unit, Func<Task<(Guid, AuditEntry)>> work, CancellationToken ct)
    {
        var id = Guid.Empty;
        await AuditLog.Act(unit, async () =>
        {
            (id, var entry) = await work();
            return entry;
        }, ct);
        return id;
    }
}
