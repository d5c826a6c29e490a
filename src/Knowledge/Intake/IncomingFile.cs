namespace Lyceum.Knowledge;

/// <summary>A file that was stored and is to become a document.</summary>
internal sealed record IncomingFile(Guid DocumentId, Guid RevisionId, Guid ObjectId, string FileName, string MimeType, long SizeBytes, byte[] Hash, string Access = "collection")
{
    /// <summary>Folder it is put into; null for the top.</summary>
    public Guid? FolderId { get; init; }

    /// <summary>What it came with.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>The sender's id, where the original is, what it belongs to and what is said of it.</summary>
    public FileSource Source { get; init; } = new();

    /// <summary>Whether it is listened to, not read; and in which language, where one is named.</summary>
    public bool IsRecording { get; init; }

    public string? ForcedLanguage { get; init; }

    /// <summary>The pipeline it came through.</summary>
    public Guid? PipelineId { get; init; }
}

/// <summary>What a sender says of a file beside its bytes. Default metadata are those of a pipeline alone: a new document has them, a known one keeps its own.</summary>
internal sealed record FileSource(string? ExternalId = null, string? Url = null, Guid? ParentId = null, string? Metadata = null, bool IsDefault = false);

/// <summary>A document in work: its newest revision and how its collection wants it cut.</summary>
internal sealed record DocumentInWork(
    Guid DocumentId, Guid RevisionId, Guid CollectionId, string Title, string? FileName, Guid? ObjectId, Guid? TextObjectId, string? Body,
    ChunkingSettings Chunking, Guid EmbeddingModelId, string? Language, Guid? ContentKeyId);

/// <summary>What became of a text: its document, and its revision when there is something to index.</summary>
internal sealed record TakenText(string ExternalId, Guid DocumentId, Guid? RevisionId);
