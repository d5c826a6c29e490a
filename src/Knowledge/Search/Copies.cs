namespace Lyceum.Knowledge;

/// <summary>Passages in order of their rank, each text once; <see cref="Of"/> has the others with the same text, by the one that stands for them.</summary>
internal sealed record Distinct(IReadOnlyList<Fused<Guid>> Hits, IReadOnlyDictionary<Guid, IReadOnlyList<Guid>> Of)
{
    public static Distinct All(IReadOnlyList<Fused<Guid>> ranked) => new(ranked, new Dictionary<Guid, IReadOnlyList<Guid>>());
}

/// <summary>
/// One text that many documents have is one find with many sources: its best place stands for the others. Texts are the same when their SHA-256 is. Pure.
/// </summary>
internal static class Copies
{
    /// <summary>Sources named beside one hit.</summary>
    public const int Named = 20;

    public static Distinct Together(IReadOnlyList<Fused<Guid>> ranked, IReadOnlyDictionary<Guid, string> contents)
    {
        var first = new Dictionary<string, Guid>(ranked.Count, StringComparer.Ordinal);
        var others = new Dictionary<Guid, List<Guid>>();
        var kept = new List<Fused<Guid>>(ranked.Count);
        foreach (var hit in ranked)
        {
            // One that was replaced since it was found stays: whoever fetches it sees that it is gone, and looks again.
            if (!contents.TryGetValue(hit.Id, out var content) || first.TryAdd(content, hit.Id))
            {
                kept.Add(hit);
                continue;
            }

            var standing = first[content];
            (others.TryGetValue(standing, out var list) ? list : others[standing] = []).Add(hit.Id);
        }

        return new Distinct(kept, others.ToDictionary(o => o.Key, o => (IReadOnlyList<Guid>)o.Value));
    }
}
