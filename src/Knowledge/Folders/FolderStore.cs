using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A folder as it is worked on, with what its repository's tree says of it.</summary>
internal sealed record FolderPlace(Guid Id, Guid RepositoryId, Guid CollectionId, Guid? ParentId, string Name, string Path, int Depth);

/// <summary>
/// Reads and writes knowledge.folders and knowledge.repositories. Whatever changes a tree first locks its repository, so that a path that was read is still
/// true when it is written; every path below a moved folder changes in the same transaction.
/// </summary>
internal static class FolderStore
{
    public static Task<IReadOnlyList<Folder>> Tree(Db db, Reader reader, Guid collection, CancellationToken ct) => db.Many(
        $"{Folders(reader)} where {reader.MaySee} and r.collection_id = {collection} order by f.path collate \"C\" limit {FolderRules.Most}", ReadFolder, ct);

    /// <summary>The repository of a collection, and how many documents the reader sees at its top.</summary>
    public static Task<(Guid? Repository, int Top)> Top(Db db, Reader reader, Guid collection, CancellationToken ct) => db.One(
        $"""
        select (select r.id from knowledge.repositories r where r.tenant_id = {db.Tenant!.Value.Value} and r.collection_id = {collection}),
          (select count(*)::int from knowledge.documents d where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {collection} and d.deleted_at is null and d.folder_id is null and {reader.MaySeeDocument})
        """,
        row => (row.Get<Guid?>(), row.Get<int>()), ct);

    public static Task<Folder?> Find(Db db, Reader reader, Guid id, CancellationToken ct) => db.OneOrNone($"{Folders(reader)} where f.id = {id} and {reader.MaySee}", ReadFolder, ct);

    /// <summary>The collection of a folder the reader sees, and what they may do with it.</summary>
    public static async Task<(Guid Collection, Access Level)?> Rights(Db db, Reader reader, Guid id, CancellationToken ct) => await db.OneOrNone(
        $"""
        select c.id, {reader.Level} from knowledge.folders f join knowledge.repositories r on r.tenant_id = f.tenant_id and r.id = f.repository_id
        join knowledge.collections c on c.tenant_id = r.tenant_id and c.id = r.collection_id where f.tenant_id = {db.Tenant!.Value.Value} and f.id = {id} and {reader.MaySee}
        """,
        row => ((Guid, Access)?)(row.Get<Guid>(), (Access)row.Get<int>()), ct);

    /// <summary>These folders with all that lie in them: what a search of a folder looks through.</summary>
    public static async Task<Guid[]> WithAllBelow(Db db, Guid[] folders, CancellationToken ct) => [.. folders.Union(await db.Many(AllBelow(folders), row => row.Get<Guid>(), ct))];

    public static async Task<Guid[]> WithAllBelow(Unit unit, Guid[] folders, CancellationToken ct) => [.. folders.Union(await unit.Many(AllBelow(folders), row => row.Get<Guid>(), ct))];

    private static Sql AllBelow(Guid[] folders) =>
        $"""
        select distinct f.id from knowledge.folders top join knowledge.folders f on f.tenant_id = top.tenant_id and f.repository_id = top.repository_id and starts_with(f.path, top.path || '/')
        where top.tenant_id = ops.tenant() and top.id = any ({folders})
        """;

    public static Task<IReadOnlyList<Repository>> Repositories(Db db, Reader reader, Page page, CancellationToken ct) => db.Many(
        $"{Trees(reader)} where {reader.MaySee} and r.id < {page.Before} order by r.id desc limit {page.Limit + 1}", ReadRepository, ct);

    public static Task<Repository?> Repository(Db db, Reader reader, Guid id, CancellationToken ct) => db.OneOrNone($"{Trees(reader)} where r.id = {id} and {reader.MaySee}", ReadRepository, ct);

    public static async Task<Access?> RepositoryRights(Db db, Reader reader, Guid id, CancellationToken ct) => await db.OneOrNone(
        $"""
        select {reader.Level} from knowledge.repositories r join knowledge.collections c on c.tenant_id = r.tenant_id and c.id = r.collection_id
        where r.tenant_id = {db.Tenant!.Value.Value} and r.id = {id} and {reader.MaySee}
        """,
        row => (Access?)row.Get<int>(), ct);

    /// <summary>Makes the tree of a collection. False when it has one.</summary>
    public static async Task<bool> MakeRepository(Unit unit, Guid id, CreateRepository request, CancellationToken ct) => await unit.Run(
        $"""
        insert into knowledge.repositories (id, team_id, collection_id, name, description, created_by)
        select {id}, c.team_id, c.id, {request.Name.Trim()}, {request.Description}, {unit.Actor.UserId} from knowledge.collections c where c.tenant_id = {unit.Tenant.Value} and c.id = {request.CollectionId}
        on conflict (tenant_id, collection_id) do nothing
        """,
        ct) == 1;

    public static Task ChangeRepository(Unit unit, Guid id, ChangeRepository change, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.repositories set name = coalesce({change.Name?.Trim()}, name), description = coalesce({change.Description}, description) where tenant_id = {unit.Tenant.Value} and id = {id}
        """,
        ct);

    /// <summary>Takes the tree away: its folders go, documents stay in the collection, at no place of it.</summary>
    public static Task RemoveRepository(Unit unit, Guid id, CancellationToken ct) =>
        unit.Run($"delete from knowledge.repositories where tenant_id = {unit.Tenant.Value} and id = {id}", ct);

    /// <summary>Takes the trees of collections away that are gone themselves; says how many there were.</summary>
    public static Task<int> RemoveOf(Unit unit, Guid[] collections, CancellationToken ct) =>
        unit.Run($"delete from knowledge.repositories where tenant_id = {unit.Tenant.Value} and collection_id = any ({collections})", ct);

    /// <summary>The repository of a collection, locked until the transaction ends; made under the collection's name where there is none.</summary>
    public static async Task<Guid> Hold(Unit unit, Guid collection, CancellationToken ct)
    {
        await unit.Run(
            $"""
            insert into knowledge.repositories (id, team_id, collection_id, name, created_by)
            select {Guid.CreateVersion7()}, c.team_id, c.id, c.name, {unit.Actor.UserId} from knowledge.collections c where c.tenant_id = {unit.Tenant.Value} and c.id = {collection}
              and not exists (select from knowledge.repositories r where r.tenant_id = c.tenant_id and r.collection_id = c.id)
            on conflict (tenant_id, collection_id) do nothing
            """,
            ct);
        return await unit.One($"select id from knowledge.repositories where tenant_id = {unit.Tenant.Value} and collection_id = {collection} for update", row => row.Get<Guid>(), ct);
    }

    /// <summary>A folder as the tree stands now; call <see cref="Hold"/> first, or it may move meanwhile.</summary>
    public static Task<FolderPlace?> Place(Unit unit, Guid id, CancellationToken ct) => unit.OneOrNone(
        $"""
        select f.id, f.repository_id, r.collection_id, f.parent_id, f.name, f.path, f.depth from knowledge.folders f join knowledge.repositories r on r.tenant_id = f.tenant_id and r.id = f.repository_id
        where f.tenant_id = {unit.Tenant.Value} and f.id = {id}
        """,
        row => new FolderPlace(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string>(), row.Get<int>()), ct);

    /// <summary>A new folder, or the one of that name that is there already. Null when the collection has as many as it may.</summary>
    public static async Task<(Guid Id, bool IsNew)?> Make(Unit unit, Guid repository, FolderPlace? parent, string given, CancellationToken ct)
    {
        var name = await Composed(unit, given, ct);
        var there = await unit.OneOrNone(
            $"select id from knowledge.folders where tenant_id = {unit.Tenant.Value} and repository_id = {repository} and parent_id is not distinct from {parent?.Id} and name = {name}",
            row => (Guid?)row.Get<Guid>(), ct);
        if (there is { } known)
        {
            return (known, false);
        }

        var (id, path) = (Guid.CreateVersion7(), $"{parent?.Path}/{name}");
        var made = await unit.Run(
            $"""
            insert into knowledge.folders (id, repository_id, parent_id, name, path, depth, created_by)
            select {id}, {repository}, {parent?.Id}, {name}, {path}, {(parent?.Depth ?? 0) + 1}, {unit.Actor.UserId}
            where (select count(*) from knowledge.folders where tenant_id = {unit.Tenant.Value} and repository_id = {repository}) < {FolderRules.Most}
            """,
            ct);
        return made == 1 ? (id, true) : null;
    }

    /// <summary>How many folders deep the subtree of a folder is, itself included.</summary>
    public static Task<int> Height(Unit unit, FolderPlace folder, CancellationToken ct) => unit.One(
        $"select coalesce(max(f.depth), {folder.Depth}) - {folder.Depth} + 1 from knowledge.folders f where {Subtree(unit, folder)}", row => row.Get<int>(), ct);

    /// <summary>Gives a folder another name or parent; every path below it follows. False when another one has that name there.</summary>
    public static async Task<bool> Move(Unit unit, FolderPlace folder, FolderPlace? parent, string given, CancellationToken ct)
    {
        var name = await Composed(unit, given, ct);
        var isTaken = await unit.One(
            $"""
            select exists (select from knowledge.folders where tenant_id = {unit.Tenant.Value} and repository_id = {folder.RepositoryId} and parent_id is not distinct from {parent?.Id} and name = {name} and id <> {folder.Id})
            """,
            row => row.Get<bool>(), ct);
        if (isTaken)
        {
            return false;
        }

        var (path, deeper) = ($"{parent?.Path}/{name}", (parent?.Depth ?? 0) + 1 - folder.Depth);
        await unit.Run(
            $"""
            update knowledge.folders f set path = {path} || substr(f.path, length({folder.Path}) + 1), depth = f.depth + {deeper},
              parent_id = case when f.id = {folder.Id} then {parent?.Id} else f.parent_id end, name = case when f.id = {folder.Id} then {name} else f.name end
            where {Subtree(unit, folder)}
            """,
            ct);
        return true;
    }

    /// <summary>All folders of a subtree, the folder itself first.</summary>
    public static Task<IReadOnlyList<Guid>> Below(Unit unit, FolderPlace folder, CancellationToken ct) =>
        unit.Many($"select f.id from knowledge.folders f where {Subtree(unit, folder)} order by f.depth, f.id", row => row.Get<Guid>(), ct);

    public static Task Remove(Unit unit, FolderPlace folder, CancellationToken ct) => unit.Run($"delete from knowledge.folders f where {Subtree(unit, folder)}", ct);

    /// <summary>Moves the trees of one team's collections to another.</summary>
    public static Task MoveTeam(Unit unit, Guid from, Guid to, CancellationToken ct) =>
        unit.Run($"update knowledge.repositories set team_id = {to} where tenant_id = {unit.Tenant.Value} and team_id = {from}", ct);


    // A letter with an accent can be written in two ways; the server's process has no tables of it, the database has.
    private static async Task<string> Composed(Unit unit, string name, CancellationToken ct) =>
        name.All(char.IsAscii) ? name : await unit.One($"select normalize({name}, NFC)", row => row.Get<string>(), ct);

    private static Sql Subtree(Unit unit, FolderPlace folder) =>
        $"f.tenant_id = {unit.Tenant.Value} and f.repository_id = {folder.RepositoryId} and (f.id = {folder.Id} or starts_with(f.path, {folder.Path + "/"}))";

    private static Sql Folders(Reader reader) =>
        $"""
        select f.id, r.collection_id, f.parent_id, f.name, f.path, f.depth,
          (select count(*)::int from knowledge.documents d where d.tenant_id = f.tenant_id and d.folder_id = f.id and d.deleted_at is null and {reader.MaySeeDocument}), f.created_at, f.updated_at
        from knowledge.folders f join knowledge.repositories r on r.tenant_id = f.tenant_id and r.id = f.repository_id
        join knowledge.collections c on c.tenant_id = r.tenant_id and c.id = r.collection_id
        """;

    private static Sql Trees(Reader reader) =>
        $"""
        select r.id, r.collection_id, r.name, r.description, (select count(*)::int from knowledge.folders f where f.tenant_id = r.tenant_id and f.repository_id = r.id), r.created_at, r.updated_at
        from knowledge.repositories r join knowledge.collections c on c.tenant_id = r.tenant_id and c.id = r.collection_id
        """;

    private static Folder ReadFolder(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid?>(), row.Get<string>(), row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());

    private static Repository ReadRepository(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());
}
