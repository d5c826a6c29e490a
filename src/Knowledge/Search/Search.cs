using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Lyceum.Knowledge;

/// <summary>
/// A search. Strategy is hybrid, vector or lexical. Filters: an object of metadata keys, each a value (equal) or an object of operators
/// eq, ne, gt, gte, lt, lte, in, exists; all must hold. TopK falls back to the collection's default.
/// </summary>
public sealed record SearchRequest(
    [property: Required, MaxLength(10_000)] string Query,
    [property: Required, MinLength(1), MaxLength(50)] IReadOnlyList<Guid> Collections,
    [property: Range(1, 100)] int TopK = 10,
    [property: RegularExpression("hybrid|vector|lexical", ErrorMessage = "strategy is one of hybrid, vector, lexical.")] string Strategy = "hybrid",
    JsonElement? Filters = null);

/// <summary>One found passage. Score is 0 to 1, higher is better, comparable within one answer; ranks and scores of the two legs are beside it, null where the leg did not find it.</summary>
public sealed record SearchHit(
    Guid ChunkId, Guid DocumentId, Guid RevisionId, Guid CollectionId, string? ExternalId, string Name, int? Page, double Score, string Text, int Rank,
    int? VectorRank, int? LexicalRank, double? VectorScore, double? LexicalScore, int StartOffset, int EndOffset, string? Section);

/// <summary>Partial says that a leg failed and the answer stands on the other alone.</summary>
public sealed record SearchAnswer(Guid QueryId, string Strategy, double TookMs, bool Partial, IReadOnlyList<SearchHit> Hits);

/// <summary>Where a search came from, for the log. Source is ui, api or agent.</summary>
public sealed record SearchOrigin(string Source, Guid? AgentId = null, Guid? ConversationId = null, Guid? MessageId = null, string? RephrasedFrom = null, Guid? ApiKeyId = null);
