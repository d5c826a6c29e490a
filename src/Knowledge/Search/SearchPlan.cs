using System.ComponentModel.DataAnnotations;

namespace Lyceum.Knowledge;

/// <summary>How a collection is searched when a search does not say. What is left out has the platform's value.</summary>
public sealed record RetrievalSettings
{
    [RegularExpression(SearchStrategy.Pattern, ErrorMessage = SearchStrategy.Sentence)]
    public string? Strategy { get; init; }

    [Range(0.0, 1.0)]
    public double? Lambda { get; init; }

    [Range(1, 500)]
    public int? FetchK { get; init; }

    [Range(0.0, 1.0)]
    public double? VectorWeight { get; init; }

    [Range(0.0, 1.0)]
    public double? ImportanceWeight { get; init; }

    [RegularExpression("none|lexical|model", ErrorMessage = "rerank is one of none, lexical, model.")]
    public string? Rerank { get; init; }

    [Range(0, 5)]
    public int? Before { get; init; }

    [Range(0, 5)]
    public int? After { get; init; }

    [RegularExpression("together|apart", ErrorMessage = "copies is together or apart.")]
    public string? Copies { get; init; }
}

/// <summary>What a collection says of a search that says nothing.</summary>
internal sealed record CollectionDefaults(int TopK, float? Threshold, RetrievalSettings Retrieval)
{
    /// <summary>Vectors to search with; null for those that are searched anyway.</summary>
    public Guid? EmbeddingSet { get; init; }
}

/// <summary>A search with every default filled in; kept in the log as it is.</summary>
internal sealed record SearchPlan(
    string Strategy, int TopK, double? Threshold, double Lambda, int FetchK, double? VectorWeight, double ImportanceWeight, string Rerank, int Before, int After, bool IncludeCold)
{
    // Nothing is looked for deeper than this.
    private const int Deepest = 1000;

    /// <summary>Together: passages with the same text are one hit with many sources. Apart: each is a hit.</summary>
    public string Copies { get; init; } = "together";

    /// <summary>How many times as deep it is looked as is usual.</summary>
    public int Reach { get; init; } = 1;

    public bool Words => Strategy is not ("vector" or "mmr");

    public bool Vectors => Strategy != "lexical";

    /// <summary>Candidates each leg hands in.</summary>
    public int Depth => Math.Clamp(Math.Max(Math.Max(Fusion.CandidatesMin, TopK) * Reach, Strategy == "mmr" ? FetchK : 0), 1, Deepest);

    public bool IsDeepest => Depth >= Deepest;

    /// <summary>Candidates that are ordered a second time.</summary>
    public int RerankDepth => Math.Clamp(TopK * 3, 20, 60);

    /// <summary>The same, looked for in more candidates.</summary>
    public SearchPlan Deeper() => this with { Reach = Reach * 4, FetchK = FetchK * 4 };
}

/// <summary>Decides how a search is done: the request's word, else the collection's, else the platform's. Pure.</summary>
internal static class SearchPlanRules
{
    public static SearchPlan Decide(SearchRequest asked, IReadOnlyList<SearchableCollection> collections)
    {
        // Several collections agree on a setting or it is nobody's; their counts and thresholds stay their own.
        var own = collections.Select(c => c.Retrieval).Distinct().ToList() is [var one] ? one : new RetrievalSettings();
        var topK = asked.TopK ?? collections.Select(c => c.TopK).DefaultIfEmpty(10).Max();
        return new SearchPlan(
            asked.Strategy ?? own.Strategy ?? "hybrid", topK, asked.Threshold, asked.Lambda ?? own.Lambda ?? 0.5, Math.Max(topK, asked.FetchK ?? own.FetchK ?? 50),
            asked.VectorWeight ?? own.VectorWeight, asked.ImportanceWeight ?? own.ImportanceWeight ?? 0, asked.Rerank ?? own.Rerank ?? "none",
            asked.Before ?? own.Before ?? 0, asked.After ?? own.After ?? 0, asked.IncludeCold ?? false) { Copies = asked.Copies ?? own.Copies ?? "together" };
    }

    /// <summary>The least nearness that counts in a collection; what is not near at all never does.</summary>
    public static double Least(SearchPlan plan, SearchableCollection collection) => plan.Threshold ?? collection.Threshold ?? 0;

    /// <summary>Whether a passage must be near by meaning whatever its words are.</summary>
    public static bool IsStrict(SearchPlan plan, SearchableCollection collection) => plan.Vectors && (plan.Threshold ?? collection.Threshold) is > 0;

    public static FusionWeights Weights(SearchPlan plan, bool builtin)
    {
        var usual = builtin ? FusionWeights.LocalEmbedder : FusionWeights.TrainedModel;
        return usual with { Vector = plan.Strategy == "vector" ? 1 : plan.VectorWeight ?? usual.Vector };
    }
}
