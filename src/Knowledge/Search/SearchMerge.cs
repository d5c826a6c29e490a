namespace Lyceum.Knowledge;

/// <summary>Puts rankings together whose scores cannot be compared: by rank alone, never by score. Pure.</summary>
internal static class SearchMerge
{
    /// <summary>Rankings of several wordings of one question over the same passages: what is found by many wordings rises.</summary>
    public static IReadOnlyList<Fused<Guid>> Wordings(IReadOnlyList<IReadOnlyList<Fused<Guid>>> lists, int depth)
    {
        var known = Known(lists);
        return [.. Fusion.ByRank([.. lists.Select(Ids)], null, depth).Select(s => known[s.Id] with { Score = s.Score })];
    }

    /// <summary>Rankings of different collections, which share no passage: first in the weightiest has 1.</summary>
    public static IReadOnlyList<Fused<Guid>> Collections(IReadOnlyList<Ranking> rankings, int depth)
    {
        var filled = rankings.Where(r => r.Hits.Count > 0).ToList();
        if (filled.Count == 0)
        {
            return [];
        }

        if (filled.Count == 1)
        {
            return filled[0].Hits;
        }

        var known = Known([.. filled.Select(r => r.Hits)]);
        var (total, most) = (filled.Sum(r => r.Weight), filled.Max(r => r.Weight));
        return
        [
            .. Fusion.ByRank([.. filled.Select(r => Ids(r.Hits))], [.. filled.Select(r => r.Weight)], depth)
                .Select(s => known[s.Id] with { Score = most > 0 ? Math.Clamp(s.Score * total / most, 0, 1) : 0 }),
        ];
    }

    /// <summary>Lets importance take up to <paramref name="weight"/> of a score away; equal scores by id.</summary>
    public static IReadOnlyList<Fused<Guid>> ByImportance(IReadOnlyList<Fused<Guid>> hits, IReadOnlyDictionary<Guid, double> importance, double weight) =>
    [
        .. hits.Select(h => h with { Score = h.Score * (1 - weight + (weight * Math.Clamp(importance.GetValueOrDefault(h.Id, 0.5), 0, 1))) })
            .OrderByDescending(h => h.Score).ThenBy(h => h.Id),
    ];

    private static IReadOnlyList<Guid> Ids(IReadOnlyList<Fused<Guid>> hits) => [.. hits.Select(h => h.Id)];

    // What the legs said in the first list that has a passage: the question's own wording comes first.
    private static Dictionary<Guid, Fused<Guid>> Known(IReadOnlyList<IReadOnlyList<Fused<Guid>>> lists)
    {
        var known = new Dictionary<Guid, Fused<Guid>>();
        foreach (var hit in lists.SelectMany(l => l))
        {
            known.TryAdd(hit.Id, hit);
        }

        return known;
    }
}
