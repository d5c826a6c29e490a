using System.Diagnostics;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge;

/// <summary>
/// Search over collections: vectors and BM25 side by side, fused, cut, checked once more against the reader's permissions and
/// logged. Holds no connection while an embedding model is asked. When one leg of a hybrid search fails the answer stands on
/// the other and says so.
/// </summary>
public sealed partial class KnowledgeSearch(ModelDirectory models, ModelCalls calls, ILogger<KnowledgeSearch> log)
{
    private const int LegDepth = Fusion.CandidatesMin;

    /// <summary>
    /// Searches what <paramref name="reader"/> may see of the collections; a collection that is not visible is like one that does not
    /// exist, and none at all throws <c>collection_not_found</c>.
    /// </summary>
    public async Task<SearchAnswer> Search(Db db, Reader reader, SearchRequest request, SearchOrigin origin, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var (filter, problem) = FilterRules.Read(request.Filters);
        if (problem is not null)
        {
            throw new ProblemException(problem);
        }

        var wanted = request.Collections.Distinct().ToArray();
        var collections = await SearchStore.Collections(db, reader, wanted, ct);
        if (collections.Count < wanted.Length)
        {
            throw new ProblemException(Problem.NotFound("collection"));
        }

        var query = new Query(db, reader, request.Query.Trim(), Math.Max(LegDepth, request.TopK), filter, origin);
        var lists = new List<IReadOnlyList<Fused<Guid>>>();
        var timings = new Dictionary<string, double>();
        var partial = false;
        foreach (var (model, group) in await ByModel(db, collections, ct))
        {
            // The lexical leg does not wait for the embedding.
            var lexical = request.Strategy == "vector" ? NoHits(group) : Leg("lexical", timings, group, c => SearchStore.Lexical(db, c.Id, query.Text, null, query.Depth, filter, ct));
            var vector = request.Strategy == "lexical" || model is null ? NoHits(group) : Nearest(query, model, group, timings, ct);
            IReadOnlyList<Found>[] lexicalHits, vectorHits;
            try
            {
                vectorHits = await vector;
            }
            catch (ProviderException fault) when (request.Strategy == "hybrid")
            {
                LogLegFailed(log, fault.Code.ToString());
                (vectorHits, partial) = ([.. group.Select(_ => (IReadOnlyList<Found>)[])], true);
            }
            finally
            {
                await ((Task)lexical).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            lexicalHits = await lexical;
            var weights = model?.IsBuiltin != false ? FusionWeights.LocalEmbedder : FusionWeights.TrainedModel;
            lists.AddRange(group.Select((c, i) => Fusion.Hybrid(
                [.. lexicalHits[i].Select(h => new Scored<Guid>(h.ChunkId, h.Score))], [.. AboveThreshold(vectorHits[i], c).Select(h => new Scored<Guid>(h.ChunkId, h.Score))], weights, query.Depth)));
        }

        var merged = Merge(lists, query.Depth);
        var top = merged.Take(request.TopK).ToList();
        timings["total"] = watch.Elapsed.TotalMilliseconds;
        var id = Guid.CreateVersion7();
        var passages = await SearchStore.FetchAndLog(
            db, reader,
            new RetrievalLog(id, null, origin, wanted, query.Text, request.Strategy, request.TopK, request.Filters?.GetRawText(), (int)watch.ElapsedMilliseconds,
                LyceumJson.Write(timings), LyceumJson.Write(merged.Select(m => new { chunk = m.Id, score = Math.Round(m.Score, 4), vectorRank = m.VectorRank, lexicalRank = m.LexicalRank }))),
            [.. top.Select(t => t.Id)], [.. top.Select(t => Math.Round(t.Score, 6))], ct);
        LyceumTelemetry.RetrievalSeconds.Record(watch.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("strategy", request.Strategy));
        return new SearchAnswer(id, request.Strategy, Math.Round(watch.Elapsed.TotalMilliseconds, 2), partial, Hits(passages, top));
    }

    /// <summary>Marks the hits an answer cited.</summary>
    public Task MarkUsed(Db db, Guid queryId, IReadOnlyCollection<Guid> chunkIds, CancellationToken ct) =>
        chunkIds.Count == 0 ? Task.CompletedTask : SearchStore.MarkUsed(db, queryId, [.. chunkIds], ct);

    private sealed record Query(Db Db, Reader Reader, string Text, int Depth, MetadataFilter? Filter, SearchOrigin Origin);

    private async Task<List<(ModelInfo? Model, IReadOnlyList<SearchableCollection> Group)>> ByModel(Db db, IReadOnlyList<SearchableCollection> collections, CancellationToken ct)
    {
        var groups = new List<(ModelInfo?, IReadOnlyList<SearchableCollection>)>();
        foreach (var group in collections.GroupBy(c => c.EmbeddingModelId))
        {
            // A question is embedded once per model, never with another collection's model (traps.md 28).
            groups.Add((await models.Find(db, group.Key, ct), [.. group]));
        }

        return groups;
    }

    private async Task<IReadOnlyList<Found>[]> Nearest(Query query, ModelInfo model, IReadOnlyList<SearchableCollection> group, Dictionary<string, double> timings, CancellationToken ct)
    {
        if (group.All(c => c.SetId is null))
        {
            return await NoHits(group);
        }

        var watch = Stopwatch.StartNew();
        var context = new CallContext(query.Origin.Source == "agent" ? "system" : query.Origin.Source, $"query:{Guid.CreateVersion7()}", query.Reader.UserId, query.Origin.ApiKeyId, query.Origin.AgentId);
        var vector = (await calls.Embed(query.Db, model, [query.Text], asQuery: true, context, ct))[0];
        lock (timings)
        {
            timings["embed"] = watch.Elapsed.TotalMilliseconds;
        }

        return await Leg("vector", timings, group, c => SearchStore.Nearest(query.Db, c, vector, query.Depth, query.Filter, ct));
    }

    private static async Task<IReadOnlyList<Found>[]> Leg(string name, Dictionary<string, double> timings, IReadOnlyList<SearchableCollection> group, Func<SearchableCollection, Task<IReadOnlyList<Found>>> search)
    {
        var watch = Stopwatch.StartNew();
        var hits = new IReadOnlyList<Found>[group.Count];
        for (var i = 0; i < hits.Length; i++)
        {
            hits[i] = await search(group[i]);
        }

        lock (timings)
        {
            timings[name] = timings.GetValueOrDefault(name) + watch.Elapsed.TotalMilliseconds;
        }

        return hits;
    }

    private static Task<IReadOnlyList<Found>[]> NoHits(IReadOnlyList<SearchableCollection> group) =>
        Task.FromResult(group.Select(_ => (IReadOnlyList<Found>)[]).ToArray());

    // The threshold is a property of the collection: a vector that only happens to be nearest is not a find.
    private static IEnumerable<Found> AboveThreshold(IReadOnlyList<Found> hits, SearchableCollection collection) =>
        hits.Where(h => h.Score > (collection.Threshold ?? 0));

    private static List<Fused<Guid>> Merge(List<IReadOnlyList<Fused<Guid>>> lists, int depth)
    {
        if (lists.Count == 1)
        {
            return [.. lists[0]];
        }

        // Scores of different collections have different statistics behind them; ranks can be compared.
        var known = lists.SelectMany(l => l).ToDictionary(f => f.Id);
        return [.. Fusion.ByRank([.. lists.Select(l => (IReadOnlyList<Guid>)[.. l.Select(f => f.Id)])], [.. lists.Select(l => l.Count > 0 ? 1.0 : 0.0)], depth)
            .Select(s => known[s.Id] with { Score = Math.Min(1, s.Score * lists.Count(l => l.Count > 0)) })];
    }

    private static List<SearchHit> Hits(IReadOnlyList<Passage> passages, List<Fused<Guid>> top)
    {
        var found = top.ToDictionary(t => t.Id);
        return [.. passages.Select((p, i) =>
        {
            var hit = found[p.ChunkId];
            return new SearchHit(
                p.ChunkId, p.DocumentId, p.RevisionId, p.CollectionId, p.ExternalId, p.Title, p.Page, Math.Round(Math.Clamp(hit.Score, 0, 1), 6), p.Text, i + 1,
                hit.VectorRank, hit.LexicalRank, hit.VectorScore is { } v ? Math.Round(Math.Clamp(v, 0, 1), 6) : null, hit.LexicalScore is { } l ? Math.Round(l, 4) : null, p.Start, p.End, p.Section);
        })];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vector leg of a hybrid search failed ({Code}); the answer stands on the lexical leg alone")]
    private static partial void LogLegFailed(ILogger log, string code);
}
