using System.ComponentModel.DataAnnotations;

namespace Lyceum.Knowledge;

/// <summary>
/// The vectors of a collection under one model. Status is building, ready (complete, and kept so), active (searched), retired (searched before; kept
/// complete until KeptUntil, so that one can go back) or failed. Progress is in percent.
/// </summary>
public sealed record EmbeddingSet(
    Guid Id, Guid CollectionId, Guid EmbeddingModelId, string? ModelName, int Dimension, string Distance, string Status, int Progress, int ChunkCount, bool HasIndex, bool SwitchesItself,
    string? ErrorMessage, DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? RetiredAt, DateTimeOffset? KeptUntil);

/// <summary>The sets of a collection, the one that is searched first.</summary>
public sealed record EmbeddingSets(IReadOnlyList<EmbeddingSet> Data);

/// <summary>
/// Embed a collection with a model. DryRun only tells what it would take. SwitchesItself makes the new set the one that is searched once it is complete, unless the
/// collection has a gate. PricePerMillionTokens is what the provider asks, for the estimate.
/// </summary>
public sealed record CreateEmbeddingSet(
    [property: Required] Guid ModelId, bool DryRun = false, bool SwitchesItself = false, [property: Range(0.0, 100_000.0)] double? PricePerMillionTokens = null);

/// <summary>
/// What it takes: all passages of the collection, as many tokens as were counted when they were cut, requests of 64 passages, and the time by a trial with some of them. What
/// the organisation embedded with this model before costs nothing again. Price is null where nobody said what a token costs. Set is the one that was begun.
/// </summary>
public sealed record EmbeddingSetPlan(
    Guid EmbeddingModelId, string ModelName, int Dimension, string Distance, int Documents, int Chunks, long Tokens, int Requests, double? Price, int Seconds, long VectorBytes, EmbeddingSet? Set);

/// <summary>Search with this set from now on; force, though the collection's questions say that it gets worse.</summary>
public sealed record ActivateEmbeddingSet(bool Force = false);

/// <summary>Ask the questions of a set with the vectors that are searched now and with these.</summary>
public sealed record CompareEmbeddingSet([property: Required] Guid QuestionSetId);
