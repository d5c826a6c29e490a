using System.Diagnostics;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge;

/// <summary>Time of each part of a search, in milliseconds. Parts may run side by side.</summary>
internal sealed class Timings
{
    private readonly Dictionary<string, double> _parts = [];
    private readonly Lock _lock = new();

    public async Task<T> Of<T>(string part, Func<Task<T>> work)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            return await work();
        }
        finally
        {
            Add(part, watch.Elapsed.TotalMilliseconds);
        }
    }

    public void Add(string part, double milliseconds)
    {
        lock (_lock)
        {
            _parts[part] = Math.Round(_parts.GetValueOrDefault(part) + milliseconds, 2);
        }
    }

    public IReadOnlyDictionary<string, double> Parts()
    {
        lock (_lock)
        {
            return new Dictionary<string, double>(_parts);
        }
    }
}

/// <summary>One search under way. The first wording is the question itself.</summary>
internal sealed record SearchWork(Db Db, IReadOnlyList<string> Wordings, KnowledgeScope Scope, SearchPlan Plan, SearchRequest Asked, CallContext Context, Timings Timings, List<string> Notes)
{
    public bool Partial { get; set; }

    /// <summary>Vectors of the wordings, by model: a question is embedded once, however often it is looked for.</summary>
    public Dictionary<Guid, float[][]> Embedded { get; } = [];

    /// <summary>Passages that were found and are less near than they must be.</summary>
    public HashSet<Guid> TooFar { get; } = [];
}

/// <summary>Hits of one collection, or of several whose scores can be compared, best first.</summary>
internal sealed record Ranking(double Weight, IReadOnlyList<Fused<Guid>> Hits);

/// <summary>
/// The two legs over collections that share an embedding model. A question is embedded once per model and never compared with another model's
/// vectors. When the vector leg fails where words are searched too, the answer stands on the words and says so.
/// </summary>
internal sealed partial class SearchLegs(EmbeddingCache embeddings, ILogger log)
{
    public async Task<IReadOnlyList<Ranking>> Run(SearchWork work, ModelInfo? model, IReadOnlyList<SearchableCollection> group, CancellationToken ct)
    {
        // The words do not wait for the embedding.
        var lexical = Words(work, group, ct);
        IReadOnlyList<Found>[][] near;
        float[][] vectors;
        try
        {
            (vectors, near) = await Vectors(work, model, group, ct);
        }
        catch (ProviderException fault) when (work.Plan.Words)
        {
            LogLegFailed(log, fault.Code.ToString());
            work.Partial = true;
            work.Notes.Add($"Searching by meaning failed ({fault.Message.TrimEnd('.')}); the answer stands on the words alone.");
            (vectors, near) = ([], Nothing(work, group));
        }
        finally
        {
            await ((Task)lexical).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var words = await lexical;
        if (work.Plan.Strategy == "mmr")
        {
            return await Diverse(work, group, near[0], ct);
        }

        var weights = SearchPlanRules.Weights(work.Plan, model?.IsBuiltin != false);
        var rankings = new List<Ranking>();
        for (var c = 0; c < group.Count; c++)
        {
            var collection = group[c];
            var lists = work.Wordings.Select((_, w) => Fusion.Hybrid(Scores(words[w][c]), Scores(Above(work, collection, near[w][c])), weights, work.Plan.Depth)).ToList();
            var merged = lists.Count == 1 ? lists[0] : SearchMerge.Wordings(lists, work.Plan.Depth);
            rankings.Add(new Ranking(WeightOf(work, collection), await NearEnough(work, collection, vectors, merged, ct)));
        }

        return rankings;
    }

    private static double WeightOf(SearchWork work, SearchableCollection collection) => Math.Clamp(work.Asked.Weights?.GetValueOrDefault(collection.Id, 1) ?? 1, 0, 1000);

    private async Task<(float[][], IReadOnlyList<Found>[][])> Vectors(SearchWork work, ModelInfo? model, IReadOnlyList<SearchableCollection> group, CancellationToken ct)
    {
        if (!work.Plan.Vectors || group.All(c => c.SetId is null))
        {
            return ([], Nothing(work, group));
        }

        if (model is null)
        {
            work.Partial = true;
            work.Notes.Add("The embedding model of a collection was removed or switched off, so that it could not be searched by meaning.");
            return ([], Nothing(work, group));
        }

        var vectors = work.Embedded.TryGetValue(model.Id, out var known) ? known : work.Embedded[model.Id] = await work.Timings.Of("embed", () => embeddings.Embed(work.Db, model, work.Wordings, asQuery: true, work.Context with { DedupKey = $"{work.Context.DedupKey}:{model.Id}" }, ct));
        return (vectors, await work.Timings.Of("vector", () => Each(work, group, (w, c) => SearchStore.Nearest(work.Db, c, vectors[w], work.Plan.Depth, work.Scope, ct))));
    }

    private static Task<IReadOnlyList<Found>[][]> Words(SearchWork work, IReadOnlyList<SearchableCollection> group, CancellationToken ct) => work.Plan.Words
        ? work.Timings.Of("lexical", () => Each(work, group, (w, c) => SearchStore.Lexical(work.Db, c, work.Wordings[w], null, work.Plan.Depth, work.Scope, ct)))
        : Task.FromResult(Nothing(work, group));

    private static async Task<IReadOnlyList<Found>[][]> Each(SearchWork work, IReadOnlyList<SearchableCollection> group, Func<int, SearchableCollection, Task<IReadOnlyList<Found>>> search)
    {
        var all = Nothing(work, group);
        for (var w = 0; w < all.Length; w++)
        {
            for (var c = 0; c < group.Count; c++)
            {
                all[w][c] = await search(w, group[c]);
            }
        }

        return all;
    }

    private static IReadOnlyList<Found>[][] Nothing(SearchWork work, IReadOnlyList<SearchableCollection> group) =>
        [.. work.Wordings.Select(_ => group.Select(_ => (IReadOnlyList<Found>)[]).ToArray())];

    // A vector that only happens to be nearest is not a find.
    private static IReadOnlyList<Found> Above(SearchWork work, SearchableCollection collection, IReadOnlyList<Found> hits)
    {
        var least = SearchPlanRules.Least(work.Plan, collection);
        work.TooFar.UnionWith(hits.Where(h => h.Score > 0 && h.Score < least).Select(h => h.ChunkId));
        return [.. hits.Where(h => least > 0 ? h.Score >= least : h.Score > 0)];
    }

    private static Scored<Guid>[] Scores(IReadOnlyList<Found> hits) => [.. hits.Select(h => new Scored<Guid>(h.ChunkId, h.Score))];

    // With a threshold, a passage that only the words found is measured too, and left out when it is not near.
    private static async Task<IReadOnlyList<Fused<Guid>>> NearEnough(SearchWork work, SearchableCollection collection, float[][] vectors, IReadOnlyList<Fused<Guid>> hits, CancellationToken ct)
    {
        if (vectors.Length == 0 || collection.SetId is null || !SearchPlanRules.IsStrict(work.Plan, collection))
        {
            return hits;
        }

        Guid[] unmeasured = [.. hits.Where(h => h.VectorScore is null).Select(h => h.Id)];
        var measured = unmeasured.Length == 0 ? [] : (await SearchStore.Nearness(work.Db, collection, vectors[0], unmeasured, ct)).ToDictionary(f => f.ChunkId, f => f.Score);
        var least = SearchPlanRules.Least(work.Plan, collection);
        IReadOnlyList<Fused<Guid>> all = [.. hits.Select(h => h with { VectorScore = h.VectorScore ?? (measured.TryGetValue(h.Id, out var score) ? score : null) })];
        work.TooFar.UnionWith(all.Where(h => !(h.VectorScore >= least)).Select(h => h.Id));
        return [.. all.Where(h => h.VectorScore >= least)];
    }

    private static async Task<IReadOnlyList<Ranking>> Diverse(SearchWork work, IReadOnlyList<SearchableCollection> group, IReadOnlyList<Found>[] near, CancellationToken ct)
    {
        // Vectors of one model can be compared, so that its collections are chosen from together, unless they are to count differently.
        var pools = work.Asked.Weights is null
            ? [(Weight: 1.0, Hits: group.SelectMany((c, i) => Above(work, c, near[i])))]
            : group.Select((c, i) => (Weight: WeightOf(work, c), Hits: Above(work, c, near[i]).AsEnumerable())).ToArray();
        Guid[] sets = [.. group.Where(c => c.SetId is not null).Select(c => c.SetId!.Value)]; // filtered the line before
        var rankings = new List<Ranking>();
        foreach (var pool in pools)
        {
            var nearest = pool.Hits.OrderByDescending(h => h.Score).ThenBy(h => h.ChunkId).Take(work.Plan.FetchK).ToList();
            var vectors = nearest.Count == 0 ? [] : (await SearchStore.Vectors(work.Db, sets, [.. nearest.Select(h => h.ChunkId)], ct)).ToDictionary(v => v.Chunk, v => v.Vector);
            var places = nearest.Select((h, i) => (h, i)).ToDictionary(x => x.h.ChunkId, x => (Rank: x.i + 1, x.h.Score));
            var chosen = Diversity.Choose(
                [.. nearest.Select(h => new Candidate(h.ChunkId, h.Score, vectors.GetValueOrDefault(h.ChunkId, [])))], work.Plan.Lambda, Math.Max(work.Plan.TopK, work.Plan.RerankDepth) * work.Plan.Reach);
            rankings.Add(new Ranking(pool.Weight, [.. chosen.Select(s => new Fused<Guid>(s.Id, s.Score, null, null, places[s.Id].Rank, places[s.Id].Score))]));
        }

        return rankings;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vector leg of a search failed ({Code}); the answer stands on the lexical leg alone")]
    private static partial void LogLegFailed(ILogger log, string code);
}
