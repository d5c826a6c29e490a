using Lyceum.Models;

namespace Lyceum.Bench.Quality;

/// <summary>BM25 in memory, to compare the product's lexical search with: k1 1.2, b 0.75, Porter stems.</summary>
internal sealed class ReferenceBm25
{
    private const double K1 = 1.2;
    private const double B = 0.75;
    private readonly Dictionary<string, List<(int Passage, int Times)>> _postings = new(StringComparer.Ordinal);
    private readonly int[] _lengths;
    private readonly double _average;
    private readonly bool _withoutFunctionWords;

    public ReferenceBm25(IReadOnlyList<string> passages, bool withoutFunctionWords)
    {
        _withoutFunctionWords = withoutFunctionWords;
        _lengths = new int[passages.Count];
        for (var i = 0; i < passages.Count; i++)
        {
            var terms = Terms(passages[i]);
            _lengths[i] = terms.Count;
            foreach (var group in terms.GroupBy(t => t, StringComparer.Ordinal))
            {
                if (!_postings.TryGetValue(group.Key, out var list)) _postings[group.Key] = list = [];
                list.Add((i, group.Count()));
            }
        }

        _average = _lengths.Average();
    }

    public double[] Score(string query)
    {
        var scores = new double[_lengths.Length];
        foreach (var term in Terms(query))
        {
            if (!_postings.TryGetValue(term, out var list)) continue;
            var idf = Math.Log(1 + (_lengths.Length - list.Count + 0.5) / (list.Count + 0.5));
            foreach (var (passage, times) in list)
                scores[passage] += idf * times * (K1 + 1) / (times + K1 * (1 - B + B * _lengths[passage] / _average));
        }

        return scores;
    }

    private List<string> Terms(string text)
    {
        var terms = new List<string>();
        Span<char> buffer = stackalloc char[WordScanner.WordMax];
        var scanner = new WordScanner(text, buffer);
        while (scanner.Next(out var word))
            if (!_withoutFunctionWords || !CommonWords.IsFunctionWord(word)) terms.Add(new string(word[..PorterStem.Stem(word)]));
        return terms;
    }
}
