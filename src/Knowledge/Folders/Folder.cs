using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>The file tree over one collection.</summary>
public sealed record Repository(Guid Id, Guid CollectionId, string Name, string? Description, int FolderCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record CreateRepository(
    Guid CollectionId, [property: Required, MinLength(1), MaxLength(200)] string Name, [property: MaxLength(2000)] string? Description = null);

/// <summary>Members that are left out stay as they are.</summary>
public sealed record ChangeRepository([property: MinLength(1), MaxLength(200)] string? Name = null, [property: MaxLength(2000)] string? Description = null);

/// <summary>A folder. Path is the names from the top, each after a slash; DocumentCount is of what stands in it itself and one may see.</summary>
public sealed record Folder(Guid Id, Guid CollectionId, Guid? ParentId, string Name, string Path, int Depth, int DocumentCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>All folders of a collection, by path. TopCount is the documents that stand in none of them; repository is null until there is a folder.</summary>
public sealed record FolderTree(Guid? RepositoryId, int TopCount, IReadOnlyList<Folder> Folders);

/// <summary>Without a parent it is made at the top. The name has no slash.</summary>
public sealed record CreateFolder([property: Required, MinLength(1), MaxLength(200)] string Name, Guid? ParentId = null);

/// <summary>Members that are left out stay as they are.</summary>
public sealed record ChangeFolder([property: MinLength(1), MaxLength(200)] string? Name = null)
{
    /// <summary>The folder it moves into, of the same collection; null moves it to the top.</summary>
    public Given<Guid?> ParentId { get; init; }
}

/// <summary>Puts documents of the collection into a folder of it; null puts them at the top.</summary>
public sealed record MoveDocuments([property: Required, MinLength(1), MaxLength(1000)] IReadOnlyList<Guid> Documents, Guid? FolderId = null);

public sealed record MovedDocuments(int Moved);

/// <summary>What goes with a folder, or went: exact. Documents are those one may see; others move up into the folder above.</summary>
public sealed record FolderRemoval(bool DryRun, int Folders, int Documents, int Chunks, long Bytes);
