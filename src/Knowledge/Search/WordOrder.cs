using System.Text.RegularExpressions;

namespace Lyceum.Knowledge;

/// <summary>
/// A second ordering by the question's words, for where no rerank model is set: how many of them a passage has and how close together. Pure.
/// </summary>
internal static partial class WordOrder
{
    private const int WordsRead = 4000;

    /// <summary>0 to 1 for each text: seven tenths for the share of the question's words it has, three for how close together they stand.</summary>
    public static double[] Score(string question, IReadOnlyList<string> texts)
    {
        var wanted = Words(question).Distinct(StringComparer.Ordinal).Where(w => w.Length > 2 || char.IsDigit(w[0])).Take(64).ToArray();
        return [.. texts.Select(text => wanted.Length == 0 ? 0 : Score(wanted, text))];
    }

    private static double Score(string[] wanted, string text)
    {
        var places = new List<(int Place, int Word)>();
        var at = 0;
        foreach (var word in Words(text).Take(WordsRead))
        {
            var which = Array.FindIndex(wanted, w => Alike(w, word));
            if (which >= 0)
            {
                places.Add((at, which));
            }

            at++;
        }

        var found = places.Select(p => p.Word).Distinct().Count();
        if (found == 0)
        {
            return 0;
        }

        return (0.7 * found / wanted.Length) + (0.3 * found / wanted.Length * found / Math.Max(found, Window(places, found)));
    }

    // The shortest stretch of text that has every word that is there at all.
    private static int Window(List<(int Place, int Word)> places, int found)
    {
        var (first, kinds, least) = (0, new Dictionary<int, int>(), int.MaxValue);
        for (var last = 0; last < places.Count; last++)
        {
            kinds[places[last].Word] = kinds.GetValueOrDefault(places[last].Word) + 1;
            while (kinds.Count == found)
            {
                least = Math.Min(least, places[last].Place - places[first].Place + 1);
                if (--kinds[places[first].Word] == 0)
                {
                    kinds.Remove(places[first].Word);
                }

                first++;
            }
        }

        return least;
    }

    // Endings differ within a language more than beginnings do.
    private static bool Alike(string a, string b)
    {
        if (a == b)
        {
            return true;
        }

        var common = 0;
        while (common < a.Length && common < b.Length && a[common] == b[common])
        {
            common++;
        }

        return common >= 4 && Math.Max(a.Length, b.Length) - common <= 3;
    }

    private static IEnumerable<string> Words(string text) => Word().Matches(text).Select(m => m.Value.ToLowerInvariant());

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();
}
