namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Guesses the language of a text by counting its most frequent little words. Says nothing when the text is short,
/// mixed, or in a language it has no words for.
/// </summary>
internal static class LanguageGuess
{
    private const int SampleCharacters = 40_000;
    private const int WordsMin = 8;

    private static readonly string[] Languages = ["en", "de", "fr", "es", "it", "pt", "nl"];

    private static readonly string[] LittleWords =
    [
        "the and of to is that for with this are was be by from have not which you it as at or will must can your we our has been",
        "der die das und ist nicht mit den von für auf ein eine dem des sich auch werden wird sind bei oder im zu als nach wie aus wir zum zur",
        "le la les des et est une dans pour que qui sur avec pas par du au ce sont plus nous vous être aux cette il elle ou ne sa ses",
        "el la los las de y en que es una por con para del se un como más no su al lo sus está son este esta pero ser ha",
        "il la di che e è per una con non del della sono le gli nel alla dei più da come anche si al questo delle ha lo ai",
        "o a os as de e que em um uma para com não do da dos no na por se mais ao como é são pela pelo ou seu sua foi",
        "de het een en van is dat niet op te voor met zijn aan er ook worden door bij naar uit als wordt deze om maar tot dit je wij",
    ];

    // Each word with one bit per language that uses it. A word of three languages is worth a third of a vote to each.
    private static readonly Dictionary<string, int> Votes = CountVotes();

    public static string? Of(IReadOnlyList<TextPage> pages)
    {
        var scores = new double[Languages.Length];
        var (words, left) = (0, SampleCharacters);
        var lookup = Votes.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var page in pages)
        {
            var text = page.Text.AsSpan(0, Math.Min(page.Text.Length, left));
            left -= text.Length;
            var start = -1;
            for (var i = 0; i <= text.Length; i++)
            {
                if (i < text.Length && char.IsLetter(text[i]))
                {
                    start = start < 0 ? i : start;
                    continue;
                }

                if (start >= 0)
                {
                    words++;
                    if (i - start <= 8 && lookup.TryGetValue(text[start..i], out var languages))
                        Vote(scores, languages);
                }

                start = -1;
            }
        }

        var (best, second) = (0, -1);
        for (var language = 1; language < scores.Length; language++)
        {
            if (scores[language] > scores[best])
                (best, second) = (language, best);
            else if (second < 0 || scores[language] > scores[second])
                second = language;
        }

        return words >= WordsMin && scores[best] >= words * 0.06 && scores[best] > scores[second] * 1.3 ? Languages[best] : null;
    }

    private static void Vote(double[] scores, int languages)
    {
        var share = 1.0 / int.PopCount(languages);
        for (var language = 0; language < scores.Length; language++)
        {
            if ((languages & (1 << language)) != 0)
                scores[language] += share;
        }
    }

    private static Dictionary<string, int> CountVotes()
    {
        var votes = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var language = 0; language < LittleWords.Length; language++)
        {
            foreach (var word in LittleWords[language].Split(' '))
                votes[word] = votes.GetValueOrDefault(word) | (1 << language);
        }

        return votes;
    }
}
