namespace Lyceum.Knowledge;

/// <summary>One hit of one leg of a search; lists come best first.</summary>
public readonly record struct Scored<TId>(TId Id, double Score) where TId : IComparable<TId>;

/// <summary>A hit after fusion: its score from 0 to 1 within this search, and what each leg said of it (ranks from 1).</summary>
public readonly record struct Fused<TId>(TId Id, double Score, int? LexicalRank, double? LexicalScore, int? VectorRank, double? VectorScore) where TId : IComparable<TId>;

/// <summary>How much the vector leg counts against the lexical one, and which cosine means "nothing to do with it".</summary>
/// <param name="Vector">From 0 (lexical only) to 1 (vectors only).</param>
/// <param name="VectorFloor">The cosine of unrelated texts. Null takes the lowest of the list: trained models give unrelated texts 0.5 and more.</param>
public readonly record struct FusionWeights(double Vector, double? VectorFloor)
{
    /// <summary>
    /// For the built-in embedder, whose unrelated texts are near 0 and which knows less than BM25. Chosen on the even queries of CISI
    /// (nDCG@10: BM25 0.443, vectors 0.409, fused 0.469), confirmed on the odd ones (0.370, 0.307, 0.379); flat from 0.2 to 0.4.
    /// bench/Quality has the measurement.
    /// </summary>
    public static readonly FusionWeights LocalEmbedder = new(0.3, 0);

    /// <summary>For a trained embedding model: equal say. Not measured here, since none is available offline; evaluate on your own questions.</summary>
    public static readonly FusionWeights TrainedModel = new(0.5, null);
}

/// <summary>
/// Puts the lists of several searches in one order. Pure and deterministic: equal scores are ordered by id.
/// Scores say how good a hit is among the hits of this search, not whether it answers; for that look at the legs' own scores.
/// </summary>
public static class Fusion
{
    /// <summary>
    /// How many hits of each leg to hand in, at least. A hit that one leg cut off counts as nothing there: with 30 of each
    /// the fused order was 0.012 worse than BM25 alone.
    /// </summary>
    public const int CandidatesMin = 100;

    /// <summary>The constant of reciprocal rank fusion, as in the paper that introduced it.</summary>
    public const double RankConstant = 60;

    /// <summary>
    /// Lexical and vector hits of one question: a weighted sum of each leg's score divided by its best. Against plain reciprocal rank fusion
    /// it keeps how far the best hit is ahead, and a leg without a hit leaves the other's order as it is.
    /// </summary>
    public static IReadOnlyList<Fused<TId>> Hybrid<TId>(
        IReadOnlyList<Scored<TId>> lexical, IReadOnlyList<Scored<TId>> vector, FusionWeights weights, int take) where TId : IComparable<TId>
    {
        var say = lexical.Count == 0 ? 1 : vector.Count == 0 ? 0 : Math.Clamp(weights.Vector, 0, 1);
        var fused = new Dictionary<TId, Fused<TId>>(lexical.Count + vector.Count);
        var (floor, best) = Range(lexical, 0);
        for (var i = 0; i < lexical.Count; i++)
        {
            var (id, score) = lexical[i];
            fused.TryAdd(id, new(id, (1 - say) * Share(score, floor, best), i + 1, score, null, null));
        }

        (floor, best) = Range(vector, weights.VectorFloor);
        for (var i = 0; i < vector.Count; i++)
        {
            var (id, score) = vector[i];
            var known = fused.GetValueOrDefault(id, new(id, 0, null, null, null, null));
            if (known.VectorRank is null)
                fused[id] = known with { Score = known.Score + say * Share(score, floor, best), VectorRank = i + 1, VectorScore = score };
        }

        return [.. fused.Values.OrderByDescending(f => f.Score).ThenBy(f => f.Id).Take(Math.Max(0, take))];
    }

    /// <summary>
    /// Lists whose scores cannot be compared, such as those of collections with different embedding models: weighted reciprocal ranks,
    /// scaled so that a hit that is first everywhere has 1. A list without a weight counts 1.
    /// </summary>
    public static IReadOnlyList<Scored<TId>> ByRank<TId>(
        IReadOnlyList<IReadOnlyList<TId>> lists, IReadOnlyList<double>? weights, int take) where TId : IComparable<TId>
    {
        var sums = new Dictionary<TId, double>();
        var total = 0.0;
        for (var l = 0; l < lists.Count; l++)
        {
            var weight = weights is not null && l < weights.Count ? Math.Max(0, weights[l]) : 1;
            if (lists[l].Count > 0) total += weight / (RankConstant + 1);
            var seen = new HashSet<TId>();
            for (var i = 0; i < lists[l].Count; i++)
                if (seen.Add(lists[l][i])) sums[lists[l][i]] = sums.GetValueOrDefault(lists[l][i]) + weight / (RankConstant + i + 1);
        }

        return [.. sums.Select(s => new Scored<TId>(s.Key, total > 0 ? s.Value / total : 0)).OrderByDescending(s => s.Score).ThenBy(s => s.Id).Take(Math.Max(0, take))];
    }

    private static (double Floor, double Best) Range<TId>(IReadOnlyList<Scored<TId>> hits, double? floor) where TId : IComparable<TId>
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var hit in hits)
        {
            if (double.IsNaN(hit.Score)) continue;
            low = Math.Min(low, hit.Score);
            high = Math.Max(high, hit.Score);
        }

        // Without a known floor, hits that are all equal are all the best.
        return (floor ?? (low < high ? low : low - 1), high);
    }

    private static double Share(double score, double floor, double best) =>
        best > floor && !double.IsNaN(score) ? Math.Clamp((score - floor) / (best - floor), 0, 1) : 0;
}
