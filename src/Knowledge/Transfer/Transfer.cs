using System.Text.Json;

namespace Lyceum.Knowledge;

/// <summary>What an export says of its collection: file collection.json.</summary>
internal sealed record ExportedCollection(
    string Format, int Version, DateTimeOffset ExportedAt, string Name, string? Description, string ChunkingStrategy, int ChunkSize, int ChunkOverlap, int DefaultTopK, float? DefaultThreshold,
    RetrievalSettings? Retrieval, IReadOnlyList<MetadataField>? MetadataFields, bool FixedMetadata, IReadOnlyList<string>? Folders)
{
    /// <summary>Whether its texts are kept encrypted; then they are where it is taken in, too. In the export itself they read as they are.</summary>
    public bool IsEncrypted { get; init; }

    public const string Name1 = "lyceum.collection";
    public const string Entry = "collection.json", Documents = "documents.jsonl", Files = "files/";
}

/// <summary>
/// One line of documents.jsonl. The bytes are in files/{id} where HasFile says so, else the words are in Text. Chunks are the places that ids in citations and logs stand
/// for; vectors are not exported, they are made again.
/// </summary>
internal sealed record ExportedDocument(
    Guid Id, string? ExternalId, string Title, string? FileName, string? ContentType, string? SourceUrl, JsonElement Metadata, string? Language, string? FolderPath, Guid? ParentId,
    DocumentAccess? Access, bool HasFile, string? Text, IReadOnlyList<ExportedChunk>? Chunks);

internal sealed record ExportedChunk(Guid Id, int Index, int? Page, string? Section, int Start, int End);

/// <summary>What became of an import: the new collection, the batch of its documents, and those that were not taken, each with the reason.</summary>
public sealed record ImportReport(Collection Collection, Guid? BatchId, int Accepted, IReadOnlyList<RefusedImport> Refused);

public sealed record RefusedImport(string Title, ItemProblem? Problem);
