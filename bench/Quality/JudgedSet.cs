using System.Globalization;
using System.Text.Json;

namespace Lyceum.Bench.Quality;

/// <summary>A judged collection in the layout of BEIR: corpus.jsonl, queries.jsonl, qrels.tsv.</summary>
internal sealed record JudgedSet(IReadOnlyList<string> Passages, IReadOnlyList<string> Queries, IReadOnlyList<HashSet<int>> Relevant)
{
    public static JudgedSet Read(string folder)
    {
        var corpus = Rows(folder, "corpus.jsonl");
        var queries = Rows(folder, "queries.jsonl");
        var place = corpus.Index().ToDictionary(r => r.Item.Id, r => r.Index, StringComparer.Ordinal);
        var judged = File.ReadLines(Path.Combine(folder, "qrels.tsv")).Skip(1)
            .Select(line => line.Split('\t'))
            .Where(cells => int.Parse(cells[2], CultureInfo.InvariantCulture) > 0 && place.ContainsKey(cells[1]))
            .ToLookup(cells => cells[0], cells => place[cells[1]], StringComparer.Ordinal);
        var kept = queries.Where(q => judged[q.Id].Any()).ToList();
        return new([.. corpus.Select(r => r.Text)], [.. kept.Select(q => q.Text)], [.. kept.Select(q => judged[q.Id].ToHashSet())]);
    }

    /// <summary>Normalised discounted cumulative gain of the first ten, with grades 0 and 1.</summary>
    public double Ndcg10(int query, IEnumerable<int> ranked)
    {
        var gain = ranked.Take(10).Index().Where(r => Relevant[query].Contains(r.Item)).Sum(r => 1 / Math.Log2(r.Index + 2));
        var ideal = Enumerable.Range(0, Math.Min(10, Relevant[query].Count)).Sum(i => 1 / Math.Log2(i + 2));
        return gain / ideal;
    }

    private static List<(string Id, string Text)> Rows(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var title = json.RootElement.TryGetProperty("title", out var t) ? t.GetString() : null;
            var text = json.RootElement.GetProperty("text").GetString();
            return (json.RootElement.GetProperty("_id").GetString()!, string.IsNullOrEmpty(title) ? text! : $"{title}\n{text}"); // the layout has both
        })];
}
