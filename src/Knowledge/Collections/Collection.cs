using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A named set of documents that is searched as one. Counts are of live, indexed documents; pending and failed ones are counted beside. MyAccess is view, use, edit or manage.</summary>
public sealed record Collection(
    Guid Id, string Name, string Slug, string? Description, string Status, string Visibility,
    int DocumentCount, int PendingCount, int FailedCount, int ChunkCount, long TokenCount,
    string ChunkingStrategy, int ChunkSize, int ChunkOverlap, string ChunkUnit, int DefaultTopK, float? DefaultThreshold, Guid EmbeddingModelId,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string MyAccess, RetrievalSettings Retrieval,
    Guid? GateSetId, float GateTolerance)
{
    /// <summary>Keys that documents' metadata has here; all there may be, where it is fixed.</summary>
    public IReadOnlyList<MetadataField> MetadataFields { get; init; } = [];

    public bool FixedMetadata { get; init; }

    /// <summary>Documents that were cut with other settings than the present ones; counted while the status says so.</summary>
    public int OutdatedCount { get; init; }

    /// <summary>Whether its texts are kept encrypted in the database.</summary>
    public bool IsEncrypted { get; init; }
}

/// <summary>Slug is made from the name when it is left out.</summary>
public sealed record CreateCollection(
    [property: Required, MaxLength(200)] string Name,
    [property: RegularExpression("[a-z0-9](-?[a-z0-9]){0,99}", ErrorMessage = "A slug is lower-case letters, digits and single hyphens.")] string? Slug = null,
    [property: MaxLength(2000)] string? Description = null,
    [property: RegularExpression("private|team|company")] string? Visibility = null,
    [property: Range(16, 8192)] int? ChunkSize = null,
    [property: Range(0, 4096)] int? ChunkOverlap = null)
{
    /// <summary>Whether its texts are kept encrypted in the database, its index of words too. That is decided when it is made and never changes.</summary>
    public bool IsEncrypted { get; init; }
}

/// <summary>Members that are left out stay as they are. New sizes apply to what is added from now on, and to the rest when it is cut again.</summary>
public sealed record ChangeCollection(
    [property: MaxLength(200), MinLength(1)] string? Name = null,
    [property: MaxLength(2000)] string? Description = null,
    [property: RegularExpression("private|team|company")] string? Visibility = null,
    [property: Range(16, 8192)] int? ChunkSize = null,
    [property: Range(0, 4096)] int? ChunkOverlap = null,
    [property: Range(1, 100)] int? DefaultTopK = null)
{
    /// <summary>Least nearness of a hit when a search does not say; null takes it away.</summary>
    public Given<float?> DefaultThreshold { get; init; }

    /// <summary>How it is searched when a search does not say; replaces the whole.</summary>
    public RetrievalSettings? Retrieval { get; init; }

    /// <summary>Questions that are asked before retrieval, topK or threshold change; null for none. A change that makes nDCG worse by more than GateTolerance is refused.</summary>
    public Given<Guid?> GateSetId { get; init; }

    [Range(0.0, 1.0)]
    public float? GateTolerance { get; init; }

    /// <summary>Keys that documents' metadata has from now on; replaces the whole. Documents that are there keep theirs.</summary>
    [MaxLength(100)]
    public IReadOnlyList<MetadataField>? MetadataFields { get; init; }

    /// <summary>Whether other keys are refused.</summary>
    public bool? FixedMetadata { get; init; }

    /// <summary>The embedding model of a collection without passages. Of one that has some it changes by making their vectors anew beside the old: see its embedding sets.</summary>
    public Guid? EmbeddingModelId { get; init; }

    /// <summary>Change it though the questions say that it gets worse.</summary>
    public bool Force { get; init; }
}

/// <summary>What other rooms need to name a collection.</summary>
public sealed record CollectionName(Guid Id, string Name, string Slug);
