using System.Text.RegularExpressions;

namespace Lyceum.Knowledge;

/// <summary>What a passage speaks of, found in its words alone. Importance is 0 to 1: how much it looks like something people look up.</summary>
public sealed record ChunkFacts(IReadOnlyList<string> Mentions, IReadOnlyList<string> Links, IReadOnlyList<string> Keywords, double Importance);

/// <summary>
/// Finds mentions (@names, addresses), links, keywords and importance. Without a model and without looking elsewhere, so that the same passage
/// always says the same.
/// </summary>
internal static partial class Enrichment
{
    private const int MentionsMax = 20, LinksMax = 20, KeywordsMax = 8;

    // Words that every text has, in the languages most of ours are in. A missing one costs a dull keyword, no more.
    private static readonly HashSet<string> Common = new(StringComparer.Ordinal)
    {
        "the", "and", "for", "that", "with", "this", "are", "was", "from", "have", "has", "not", "but", "you", "your", "all", "can", "its", "one", "our", "they", "will", "been", "were", "which", "when", "what",
        "who", "how", "also", "into", "than", "then", "them", "there", "their", "these", "those", "other", "more", "most", "such", "only", "must", "may", "should", "would", "could", "about", "after", "before",
        "every", "each", "some", "any", "does", "did", "had", "his", "her", "him", "she", "out", "over", "under", "between", "because", "while", "where", "very", "just", "two", "three",
        "der", "die", "das", "und", "ist", "von", "mit", "den", "dem", "des", "ein", "eine", "einen", "einer", "eines", "nicht", "auf", "für", "sich", "auch", "als", "bei", "aus", "nach", "wie", "wird", "werden",
        "sind", "oder", "zur", "zum", "über", "unter", "wenn", "dass", "nur", "noch", "kann", "haben", "hat", "war", "sie", "wir", "ihr", "man", "vor", "durch", "bis", "alle",
        "les", "des", "une", "est", "pour", "que", "qui", "dans", "par", "sur", "pas", "plus", "avec", "sont", "aux", "ses", "cette", "ces", "ont", "être", "los", "las", "del", "por", "con", "para", "una", "como", "más",
    };

    // What is looked up: duties, limits, decisions.
    private static readonly HashSet<string> Weighty = new(StringComparer.Ordinal)
    {
        "must", "shall", "required", "mandatory", "never", "always", "deadline", "decided", "decision", "approved", "approval", "forbidden", "limit", "warning", "important", "contract", "price", "cost", "total",
        "muss", "müssen", "verboten", "pflicht", "frist", "beschlossen", "entscheidung", "genehmigt", "grenze", "warnung", "wichtig", "vertrag", "preis", "kosten", "summe",
    };

    public static ChunkFacts Of(string text)
    {
        // Most passages have neither links nor addresses, and looking for them by pattern costs more than all else here.
        var (bare, links) = text.Contains("://", StringComparison.Ordinal) ? Links(text) : (text, []);
        var (plain, mentions) = bare.Contains('@', StringComparison.Ordinal) ? Mentions(bare) : (bare, []);
        var words = Word().Matches(plain).Select(m => m.Value.ToLowerInvariant()).ToList();
        var keywords = words.Select((word, place) => (word, place)).Where(w => w.word.Length >= 3 && !Common.Contains(w.word)).GroupBy(w => w.word, StringComparer.Ordinal)
            .Select(g => (Word: g.Key, Score: g.Count() * Math.Log(g.Key.Length), First: g.Min(w => w.place)))
            .OrderByDescending(k => k.Score).ThenBy(k => k.First).Take(KeywordsMax).Select(k => k.Word).ToList();
        return new ChunkFacts(mentions, links, keywords, Importance(text, words, links.Count + mentions.Count));
    }

    // The rest of the text, and what was found in it.
    private static (string Plain, List<string> Found) Links(string text) => (
        Link().Replace(text, " "),
        [.. Link().Matches(text).Select(m => m.Value.TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '"', '\'')).Distinct(StringComparer.Ordinal).Take(LinksMax)]);

    private static (string Plain, List<string> Found) Mentions(string text)
    {
        var rest = Address().Replace(text, " ");
        return (rest, [.. Address().Matches(text).Select(m => m.Value.ToLowerInvariant()).Concat(Handle().Matches(rest).Select(m => m.Value)).Distinct(StringComparer.Ordinal).Take(MentionsMax)]);
    }

    private static double Importance(string text, List<string> words, int names)
    {
        if (words.Count == 0)
        {
            return 0.1;
        }

        var weighty = words.Count(Weighty.Contains);
        var numbers = Number().Count(text);
        var varied = (double)words.Distinct(StringComparer.Ordinal).Count() / words.Count;
        var score = 0.3 + (0.3 * Math.Min(1, weighty / 3.0)) + (0.2 * Math.Min(1, numbers / 5.0)) + (0.1 * Math.Min(1, names / 2.0)) + (0.1 * Math.Min(1, words.Count / 40.0) * varied);
        return Math.Round(Math.Clamp(score, 0, 1), 2, MidpointRounding.AwayFromZero);
    }

    [GeneratedRegex(@"https?://[^\s<>""|\\^`{}]{1,2000}", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex(@"@[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,38}[\p{L}\p{N}_]", RegexOptions.NonBacktracking)]
    private static partial Regex Handle();

    [GeneratedRegex(@"[\p{L}][\p{L}\p{M}'’-]*[\p{L}\p{M}]", RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(@"\p{Nd}+([.,:]\p{Nd}+)*", RegexOptions.NonBacktracking)]
    private static partial Regex Number();
}
