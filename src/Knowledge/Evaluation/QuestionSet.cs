using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Lyceum.Knowledge;

/// <summary>Questions with which a collection's search is measured.</summary>
public sealed record QuestionSet(Guid Id, Guid CollectionId, string Name, string? Description, int QuestionCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record CreateQuestionSet([property: Required] Guid CollectionId, [property: Required, MinLength(1), MaxLength(200)] string Name, [property: MaxLength(2000)] string? Description = null);

/// <summary>Members that are left out stay as they are.</summary>
public sealed record ChangeQuestionSet([property: MinLength(1), MaxLength(200)] string? Name = null, [property: MaxLength(2000)] string? Description = null);

/// <summary>A question and what should be found for it: documents, and words a found passage should have. Documents one may not see are left out.</summary>
public sealed record SavedQuestion(Guid Id, string Question, string? Answer, IReadOnlyList<ExpectedDocument> ExpectedDocuments, IReadOnlyList<string> ExpectedQuotes, DateTimeOffset CreatedAt);

/// <summary>Name is null when the document was deleted.</summary>
public sealed record ExpectedDocument(Guid Id, string? Name);

/// <summary>At least one document, passage or quote is expected. A passage is kept as its document and its first words, so that it outlives a new cutting.</summary>
public sealed record NewQuestion(
    [property: Required, MinLength(1), MaxLength(2000)] string Question,
    [property: MaxLength(50)] IReadOnlyList<Guid>? ExpectedDocuments = null,
    [property: MaxLength(20)] IReadOnlyList<string>? ExpectedQuotes = null,
    [property: MaxLength(20)] IReadOnlyList<Guid>? ExpectedChunks = null,
    [property: MaxLength(4000)] string? Answer = null);

public sealed record AddQuestions([property: Required, MinLength(1), MaxLength(500)] IReadOnlyList<NewQuestion> Questions);

/// <summary>
/// Measure a set. Settings that are left out are the collection's. Sample is the share of the questions, chosen the same way each time; judge asks the
/// chat model whether the passages support the saved answers.
/// </summary>
public sealed record StartEvaluation(
    [property: MaxLength(200)] string? Label = null, EvaluationSettings? Settings = null, [property: Range(0.01, 1.0)] double? Sample = null, bool Judge = false);

public sealed record EvaluationSettings
{
    [Range(1, 100)]
    public int? TopK { get; init; }

    [Range(0.0, 1.0)]
    public float? Threshold { get; init; }

    public RetrievalSettings? Retrieval { get; init; }
}

/// <summary>Means over the questions; groundedness over those with an answer, judged over those a model judged. Each from 0 to 1.</summary>
public sealed record EvaluationMetrics(double Recall, double Mrr, double Ndcg, double? Groundedness, double? Judged, double MsMedian, double MsP95);

/// <summary>Kind is retrieval or gate; status running, completed or failed.</summary>
public sealed record EvaluationRun(
    Guid Id, Guid QuestionSetId, string Kind, string? Label, JsonElement Settings, double Sample, string Status, int Evaluated, int Skipped, int Errors, EvaluationMetrics? Metrics,
    DateTimeOffset StartedAt, DateTimeOffset? CompletedAt);

public sealed record EvaluationResult(
    Guid QuestionId, string? Question, double? Recall, double? ReciprocalRank, double? Ndcg, double? Groundedness, double? Judged, double? TookMs, IReadOnlyList<FoundDocument> Found, string? Error);

/// <summary>A found passage's document, and whether it was expected there.</summary>
public sealed record FoundDocument(Guid DocumentId, bool Right);

public sealed record EvaluationReport(EvaluationRun Run, IReadOnlyList<EvaluationResult> Results);

/// <summary>Second minus first over the questions both measured; the interval holds the true difference in 95 of 100 cases (bootstrap).</summary>
public sealed record MetricDifference(string Metric, double First, double Second, double Difference, double Low, double High, int Questions);

public sealed record EvaluationComparison(EvaluationRun First, EvaluationRun Second, IReadOnlyList<MetricDifference> Differences, IReadOnlyList<QuestionDifference> Questions);

public sealed record QuestionDifference(Guid QuestionId, string? Question, double? FirstNdcg, double? SecondNdcg, double? FirstRecall, double? SecondRecall);
