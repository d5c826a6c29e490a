using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Lyceum.Knowledge;

/// <summary>A retrieval in lists. Rephrased has one wording on each line. FeedbackScore is 1 (good), -1 (bad) or null.</summary>
public sealed record RetrievalQuery(
    Guid Id, DateTimeOffset At, Guid? UserId, Guid? AgentId, Guid? ConversationId, Guid? MessageId, string Query, string? Rephrased, string Strategy, int TopK, int ResultCount,
    double? TopScore, bool Reranked, int DurationMs, int? FeedbackScore, string? FeedbackText);

/// <summary>Why an answer rests on what it rests on: everything that was asked, found, used, and how long each part took.</summary>
public sealed record RetrievalRecord(
    RetrievalQuery Query, JsonElement? Filters, JsonElement? Settings, JsonElement? Timings, IReadOnlyList<string> Notes, IReadOnlyList<CollectionName> Collections,
    IReadOnlyList<RetrievalHit> Hits, IReadOnlyList<RetrievalCandidate> Candidates);

/// <summary>A hit as it was. Removed: the passage is gone or not yours to see any more; then without name and text.</summary>
public sealed record RetrievalHit(
    int Rank, Guid ChunkId, Guid? DocumentId, Guid? CollectionId, string? Name, int? Page, string? Text, double Score, int? VectorRank, double? VectorScore, int? LexicalRank,
    double? LexicalScore, double? RerankScore, bool UsedInAnswer, bool Removed);

/// <summary>What was looked at before the cut, best first; those one may not see are left out.</summary>
public sealed record RetrievalCandidate(
    Guid ChunkId, Guid DocumentId, string Name, int? Page, double Score, int? VectorRank, double? VectorScore, int? LexicalRank, double? LexicalScore, bool Chosen);

/// <summary>Score is 1 (good) or -1 (bad); null takes the opinion back.</summary>
public sealed record RateRetrieval([property: AllowedValues(1, -1, null, ErrorMessage = "score is 1, -1 or null.")] int? Score, [property: MaxLength(2000)] string? Text = null);
