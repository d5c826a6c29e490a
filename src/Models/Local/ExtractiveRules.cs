namespace Lyceum.Models;

/// <summary>A sentence chosen as part of an answer: a verbatim piece of its source.</summary>
internal readonly record struct Quotation(int Source, string Text, double Score);

/// <summary>Chooses the sentences that answer a question best. Pure and deterministic.</summary>
internal static class ExtractiveRules
{
    public const int QuotationsMax = 4;

    // Below this share of the question's weight a sentence has nothing to do with it.
    private const double CoverageMin = 0.3;
    private const double OfBestMin = 0.6;
    private const double SynonymCredit = 0.7;
    private const double KindBoost = 1.3;
    private const int SentencesMax = 5_000;

    public static IReadOnlyList<Quotation> Choose(Question question, IReadOnlyList<PromptSource> sources)
    {
        if (question.Stems.Count == 0) return [];
        var candidates = Read(sources);
        if (candidates.Count == 0) return [];
        var rarity = Rarity(question, candidates);
        var total = question.Stems.Sum(s => s.Value * rarity[s.Key]);
        var context = sources.ToDictionary(s => s.Number, s => Coverage(question, rarity, total, [.. candidates.Where(c => c.Source == s.Number).SelectMany(c => c.Terms)], out _));
        var scored = new List<(Candidate Candidate, double Score)>();
        foreach (var candidate in candidates)
        {
            var coverage = Coverage(question, rarity, total, candidate.Terms, out var telling);
            if (coverage + 0.25 * context[candidate.Source] < CoverageMin || !telling) continue;
            var score = coverage + 0.25 * context[candidate.Source];
            if (question.IsMetBy(candidate.Text)) score *= KindBoost;
            score *= LengthPrior(candidate) * (1 - 0.03 * Math.Min(candidate.SourceRank, 10)) * (candidate.First ? 1.03 : 1);
            if (SourcePrompt.Markers(candidate.Text, sources.Count).Count > 0) score *= 0.7; // its own brackets would read as citations
            scored.Add((candidate, score));
        }

        scored.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Candidate.Order.CompareTo(b.Candidate.Order));
        return Pick(scored);
    }

    private static List<Quotation> Pick(List<(Candidate Candidate, double Score)> scored)
    {
        var picked = new List<(Candidate Candidate, double Score)>();
        foreach (var next in scored)
        {
            if (picked.Count == QuotationsMax || next.Score < scored[0].Score * OfBestMin) break;
            if (picked.Count(p => p.Candidate.Source == next.Candidate.Source) == 2) continue;
            if (!picked.Exists(p => Alike(p.Candidate, next.Candidate))) picked.Add(next);
        }

        return [.. picked.Select(p => new Quotation(p.Candidate.Source, p.Candidate.Text, p.Score))];
    }

    private static List<Candidate> Read(IReadOnlyList<PromptSource> sources)
    {
        var candidates = new List<Candidate>();
        for (var rank = 0; rank < sources.Count; rank++)
        {
            var first = true;
            foreach (var sentence in Sentences.Split(sources[rank].Text))
            {
                if (candidates.Count == SentencesMax) return candidates;
                var text = sources[rank].Text.Substring(sentence.Start, sentence.Length);
                candidates.Add(new(sources[rank].Number, rank, candidates.Count, first, text, Terms.Of(text)));
                first = false;
            }
        }

        return candidates;
    }

    // A word of the question that stands in few of the sentences says most; one that stands in none counts in full against an answer.
    private static Dictionary<string, double> Rarity(Question question, List<Candidate> candidates) => question.Stems.Keys.ToDictionary(
        stem => stem,
        stem =>
        {
            var group = Synonyms.GroupOfStem(stem);
            var found = candidates.Count(c => c.Terms.Exists(t => t.Stem == stem || (group > 0 && t.Group == group)));
            return Math.Log(1 + (candidates.Count - found + 0.5) / (found + 0.5)) + 0.5;
        },
        StringComparer.Ordinal);

    /// <summary>Telling is a sentence that shares at least one word which is not common, or several that are.</summary>
    private static double Coverage(Question question, Dictionary<string, double> rarity, double total, List<Term> terms, out bool telling)
    {
        var (sum, shared, rare) = (0.0, 0, false);
        foreach (var (stem, weight) in question.Stems)
        {
            var group = Synonyms.GroupOfStem(stem);
            var credit = terms.Exists(t => t.Stem == stem) ? 1 : group > 0 && terms.Exists(t => t.Group == group) ? SynonymCredit : 0;
            if (credit == 0) continue;
            sum += credit * weight * rarity[stem];
            shared++;
            rare |= weight >= 0.6;
        }

        telling = rare || shared >= 2;
        return total > 0 ? sum / total : 0;
    }

    private static double LengthPrior(Candidate candidate) => candidate switch
    {
        { Terms.Count: < 3 } => 0.6, // a heading or a fragment
        { Text: [.., '?'] } => 0.7, // another question
        { Terms.Count: > 40 } => 0.85,
        _ => 1,
    };

    private static bool Alike(Candidate a, Candidate b)
    {
        var ours = a.Terms.Select(t => t.Stem).ToHashSet();
        var theirs = b.Terms.Select(t => t.Stem).ToHashSet();
        var both = ours.Count(theirs.Contains);
        return both > 0 && (double)both / (ours.Count + theirs.Count - both) > 0.7;
    }

    private sealed record Candidate(int Source, int SourceRank, int Order, bool First, string Text, List<Term> Terms);
}
