using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Lyceum.Knowledge;

/// <summary>
/// A search. What is left out is decided by the collection's own settings. Strategy is hybrid, vector, lexical, mmr, multi_query or parent_child.
/// Filters: an object of metadata keys, each a value (equal) or an object of operators eq, ne, gt, gte, lt, lte, in, exists; all must hold.
/// </summary>
public sealed record SearchRequest(
    [property: Required, MaxLength(10_000)] string Query,
    [property: Required, MinLength(1), MaxLength(50)] IReadOnlyList<Guid> Collections,
    [property: Range(1, 100)] int? TopK = null,
    [property: RegularExpression(SearchStrategy.Pattern, ErrorMessage = SearchStrategy.Sentence)] string? Strategy = null,
    JsonElement? Filters = null)
{
    /// <summary>Least nearness by meaning of a hit. Fewer hits come back when few are that near; a passage found by its words alone is left out too.</summary>
    [Range(0.0, 1.0)]
    public double? Threshold { get; init; }

    /// <summary>For mmr: 1 is nearness alone, 0 is difference alone.</summary>
    [Range(0.0, 1.0)]
    public double? Lambda { get; init; }

    /// <summary>For mmr: how many of the nearest are chosen from.</summary>
    [Range(1, 500)]
    public int? FetchK { get; init; }

    /// <summary>How much meaning counts against words, 0 to 1, where both are searched.</summary>
    [Range(0.0, 1.0)]
    public double? VectorWeight { get; init; }

    /// <summary>How much a passage's importance counts, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double? ImportanceWeight { get; init; }

    /// <summary>A second ordering of the best: none, lexical (by the question's words) or model (a rerank model, where one is set).</summary>
    [RegularExpression("none|lexical|model", ErrorMessage = "rerank is one of none, lexical, model.")]
    public string? Rerank { get; init; }

    /// <summary>Passages of the same document to give before each hit.</summary>
    [Range(0, 5)]
    public int? Before { get; init; }

    /// <summary>Passages of the same document to give after each hit.</summary>
    [Range(0, 5)]
    public int? After { get; init; }

    /// <summary>What each collection counts when several are searched, 1 where it is not named; 0 leaves it last.</summary>
    [MaxLength(50)]
    public IReadOnlyDictionary<Guid, double>? Weights { get; init; }

    /// <summary>Only documents in these folders and in those that lie in them, however deep.</summary>
    [MaxLength(200)]
    public IReadOnlyList<Guid>? Folders { get; init; }

    /// <summary>Only documents of these data sources.</summary>
    [MaxLength(200)]
    public IReadOnlyList<Guid>? Sources { get; init; }

    /// <summary>Only passages in these languages, ISO 639-1.</summary>
    [MaxLength(50)]
    public IReadOnlyList<string>? Languages { get; init; }

    /// <summary>Only documents brought at or after this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only documents brought before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>together: passages with the same text are one hit that names its other places. apart: each is a hit of its own.</summary>
    [RegularExpression("together|apart", ErrorMessage = "copies is together or apart.")]
    public string? Copies { get; init; }

    /// <summary>Also passages of the cold tier, which nobody needed for long.</summary>
    public bool? IncludeCold { get; init; }

    /// <summary>Used in place of what the collection says: for measuring settings before they are its own.</summary>
    internal CollectionDefaults? Instead { get; init; }
}

/// <summary>Names of the ways to search.</summary>
public static class SearchStrategy
{
    public const string Pattern = "hybrid|vector|lexical|mmr|multi_query|parent_child";
    public const string Sentence = "strategy is one of hybrid, vector, lexical, mmr, multi_query, parent_child.";
}

/// <summary>
/// One found passage. Score is 0 to 1, higher is better, comparable within one answer; ranks and scores of the two legs are beside it, null where
/// the leg did not find it.
/// </summary>
public sealed record SearchHit(
    Guid ChunkId, Guid DocumentId, Guid RevisionId, Guid CollectionId, string? ExternalId, string Name, int? Page, double Score, string Text, int Rank,
    int? VectorRank, int? LexicalRank, double? VectorScore, double? LexicalScore, int StartOffset, int EndOffset, string? Section)
{
    /// <summary>What the second ordering gave it, 0 to 1.</summary>
    public double? RerankScore { get; init; }

    /// <summary>Its place in the document, from 0.</summary>
    public int Index { get; init; }

    /// <summary>In a transcript, when its first word is said, in seconds; null elsewhere.</summary>
    public double? StartSeconds { get; init; }

    /// <summary>And its last.</summary>
    public double? EndSeconds { get; init; }

    public JsonElement Metadata { get; init; }

    /// <summary>Path of the folder its document stands in; null at the top.</summary>
    public string? FolderPath { get; init; }

    /// <summary>Passages before it in the document, in reading order, where they were asked for.</summary>
    public IReadOnlyList<string>? Before { get; init; }

    /// <summary>Passages after it.</summary>
    public IReadOnlyList<string>? After { get; init; }

    /// <summary>Other places with the same text that the reader may see, best first, at most 20.</summary>
    public IReadOnlyList<PassageCopy> Copies { get; init; } = [];

    /// <summary>With parent_child: the section the passage stands in, which is what an answer should read.</summary>
    public ParentPassage? Parent { get; init; }
}

/// <summary>Another place where a found text stands.</summary>
public sealed record PassageCopy(Guid ChunkId, Guid DocumentId, Guid CollectionId, string? ExternalId, string Name, int? Page);

/// <summary>A section around a found passage; offsets are those of its beginning and end in the page's text when it lies on one page.</summary>
public sealed record ParentPassage(string Text, int FirstIndex, int LastIndex, int StartOffset, int EndOffset);

/// <summary>Partial says that a part failed and the answer stands on the rest; Notes say in sentences what did not go as asked.</summary>
public sealed record SearchAnswer(Guid QueryId, string Strategy, double TookMs, bool Partial, IReadOnlyList<SearchHit> Hits)
{
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Other wordings that were searched too.</summary>
    public IReadOnlyList<string> Rephrasings { get; init; } = [];

    /// <summary>Milliseconds of each part.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>();
}

/// <summary>Where a search came from, for the log. Source is ui, api, agent or evaluation, which is not logged.</summary>
public sealed record SearchOrigin(string Source, Guid? AgentId = null, Guid? ConversationId = null, Guid? MessageId = null, string? RephrasedFrom = null, Guid? ApiKeyId = null)
{
    /// <summary>The source of a measurement.</summary>
    public const string Evaluation = "evaluation";
}
