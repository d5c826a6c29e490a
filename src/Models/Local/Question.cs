using System.Text.RegularExpressions;

namespace Lyceum.Models;

/// <summary>What a sentence must contain to be a likely answer.</summary>
internal enum Wanted
{
    Anything,
    Person,
    Date,
    Number,
    Place,
}

/// <summary>A question as the extractive answerer sees it: its words with their weights, and what kind of thing it asks for.</summary>
internal sealed partial record Question(IReadOnlyDictionary<string, double> Stems, Wanted Wanted)
{
    private const int ShortQuestion = 3;
    private const double OfEarlierTurn = 0.6;

    /// <summary>A short follow-up ("and in euros?") takes over the words of the user's turn before it.</summary>
    public static Question From(IReadOnlyList<string> userTurns)
    {
        var stems = new Dictionary<string, double>(StringComparer.Ordinal);
        if (userTurns.Count == 0) return new(stems, Wanted.Anything);
        var last = userTurns[^1];
        Add(last, 1);
        var wanted = Kind(last);
        if (stems.Count <= ShortQuestion && userTurns.Count > 1)
        {
            Add(userTurns[^2], OfEarlierTurn);
            if (wanted == Wanted.Anything) wanted = Kind(userTurns[^2]);
        }

        return new(stems, wanted);

        void Add(string text, double weight)
        {
            foreach (var (stem, prior) in Terms.Of(text).Select(t => (t.Stem, t.Prior)))
                if (!stems.TryGetValue(stem, out var known) || known < weight * prior) stems[stem] = weight * prior;
        }
    }

    /// <summary>True when the sentence holds a thing of the kind that is asked for.</summary>
    public bool IsMetBy(string sentence) => Wanted switch
    {
        Wanted.Date => Date().IsMatch(sentence),
        Wanted.Number => Number().IsMatch(sentence),
        Wanted.Person => Person().IsMatch(sentence),
        Wanted.Place => Place().IsMatch(sentence),
        _ => false,
    };

    private static Wanted Kind(string question) =>
        AsksNumber().IsMatch(question) ? Wanted.Number
        : AsksDate().IsMatch(question) ? Wanted.Date
        : AsksPerson().IsMatch(question) ? Wanted.Person
        : AsksPlace().IsMatch(question) ? Wanted.Place
        : Wanted.Anything;

    [GeneratedRegex(@"\bhow (much|many|long|old|high|large|often|far|big)\b|\b(what|which) (number|amount|price|cost|percentage|share|rate|fee|limit|temperature)\b|\b(wie ?viele?|combien|cu[aá]ntos?|quant[oi])\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksNumber();

    [GeneratedRegex(@"\b(when|since when|until when|what (date|day|year|month|time)|which (year|month|day)|deadline|wann|quand|cu[aá]ndo|quando)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksDate();

    [GeneratedRegex(@"\b(who|whom|whose|wer|wem|wen|qui|qui[eé]n|chi)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksPerson();

    [GeneratedRegex(@"\b(where|wo|où|d[oó]nde|dove)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksPlace();

    [GeneratedRegex(@"\b(1[5-9]|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}\b|\b\d{1,2}:\d\d\b|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tues|wednes|thurs|fri|satur|sun)[a-z]*\b|\b(day|week|month|quarter)s?\b", RegexOptions.IgnoreCase)]
    private static partial Regex Date();

    [GeneratedRegex(@"\d|%|[€$£¥]|\b(two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|thousand|million|half|twice)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<=\S\s)\p{Lu}\p{Ll}+|\b(Mr|Mrs|Ms|Dr|Prof)\b|\b(manager|director|team|department|officer|committee|president|head of)\b")]
    private static partial Regex Person();

    [GeneratedRegex(@"\b(in|at|on|near|from|to|floor|room|building|office|street|city)\s+(the\s+)?(\p{Lu}|\d|\w+ (floor|room|building|office))|\b(floor|room|building|street)\b")]
    private static partial Regex Place();
}

/// <summary>A word that carries meaning: its stem, its group of synonyms (0 for none), and how much it says before any document is seen.</summary>
internal readonly record struct Term(string Stem, int Group, double Prior);

internal static class Terms
{
    public static List<Term> Of(ReadOnlySpan<char> text)
    {
        var terms = new List<Term>();
        Span<char> buffer = stackalloc char[WordScanner.WordMax];
        var scanner = new WordScanner(text, buffer);
        while (scanner.Next(out var word))
        {
            var prior = CommonWords.Weight(word);
            if (prior <= CommonWords.FunctionWord) continue;
            var stem = word[..PorterStem.Stem(word)];
            terms.Add(new(new string(stem), Synonyms.GroupOfStem(stem), prior));
        }

        return terms;
    }
}
