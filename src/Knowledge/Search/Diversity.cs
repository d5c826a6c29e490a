namespace Lyceum.Knowledge;

/// <summary>A candidate of a choice that should not say the same thing twice.</summary>
internal readonly record struct Candidate(Guid Id, double Nearness, float[] Vector);

/// <summary>
/// Maximal marginal relevance (Carbonell, Goldstein 1998): each next hit is near to the question and unlike those chosen before. Pure and
/// deterministic; equal ones by id.
/// </summary>
internal static class Diversity
{
    /// <summary>
    /// Chooses in order. The score is lambda × nearness + (1 − lambda) × (1 − likeness to the most alike chosen one), from 0 to 1, and never rises
    /// along the list.
    /// </summary>
    public static IReadOnlyList<Scored<Guid>> Choose(IReadOnlyList<Candidate> candidates, double lambda, int take)
    {
        var left = candidates.Where(c => c.Vector.Length > 0).OrderBy(c => c.Id).ToList();
        var alike = new double[left.Count];
        var chosen = new List<Scored<Guid>>(Math.Min(take, left.Count));
        var used = new bool[left.Count];
        while (chosen.Count < take && chosen.Count < left.Count)
        {
            var (best, score) = (-1, double.NegativeInfinity);
            for (var i = 0; i < left.Count; i++)
            {
                var value = (lambda * Math.Clamp(left[i].Nearness, 0, 1)) + ((1 - lambda) * (1 - alike[i]));
                if (!used[i] && value > score)
                {
                    (best, score) = (i, value);
                }
            }

            used[best] = true;
            chosen.Add(new Scored<Guid>(left[best].Id, Math.Clamp(score, 0, 1)));
            for (var i = 0; i < left.Count; i++)
            {
                alike[i] = used[i] ? alike[i] : Math.Max(alike[i], Math.Clamp(Cosine(left[i].Vector, left[best].Vector), 0, 1));
            }
        }

        return chosen;
    }

    private static double Cosine(float[] a, float[] b)
    {
        double dot = 0, first = 0, second = 0;
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            dot += a[i] * b[i];
            first += a[i] * a[i];
            second += b[i] * b[i];
        }

        return first > 0 && second > 0 ? dot / Math.Sqrt(first * second) : 0;
    }
}
