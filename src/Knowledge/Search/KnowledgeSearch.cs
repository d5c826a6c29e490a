using System.Diagnostics;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge;

/// <summary>
/// Search over collections: vectors and BM25 side by side, fused, ordered, cut, checked once more against the reader's permissions and
/// logged. Holds no connection while a model is asked. When a part fails the answer stands on the rest and says so.
/// </summary>
public sealed class KnowledgeSearch(ModelDirectory models, ModelCalls calls, ILogger<KnowledgeSearch> log)
{
    // Children of one section leave one hit, so that more of them are looked at.
    private const int ChildrenPerSection = 4;
    private const int CandidatesLogged = 200;
    private const int MostAttempts = 5;
    private readonly SearchLegs _legs = new(new EmbeddingCache(calls), log);
    private readonly Rephrasing _rephrasing = new(models, calls);
    private readonly Reranking _reranking = new(models, calls);

    /// <summary>
    /// Searches what <paramref name="reader"/> may see of the collections; a collection that is not visible is like one that does not
    /// exist, and none at all throws <c>collection_not_found</c>.
    /// </summary>
    public async Task<SearchAnswer> Search(Db db, Reader reader, SearchRequest request, SearchOrigin origin, CancellationToken ct)
    {
        // A passage that was found and is gone when it is fetched was replaced in between: asked again, its successor is found.
        for (var attempt = 1; ; attempt++)
        {
            if (await Once(db, reader, request, origin, isFinal: attempt == MostAttempts, ct) is { } answer)
            {
                return answer;
            }
        }
    }

    private async Task<SearchAnswer?> Once(Db db, Reader reader, SearchRequest request, SearchOrigin origin, bool isFinal, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var wanted = request.Collections.Distinct().ToArray();
        var (scope, problem) = KnowledgeScope.Read(reader, request, request.IncludeCold ?? false);
        if (scope is null)
        {
            throw new ProblemException(problem!); // one of the two is there
        }

        // A folder stands for all that lies in it.
        scope = scope.Folders is { } folders ? scope with { Folders = await FolderStore.WithAllBelow(db, folders, ct) } : scope;
        var collections = await SearchStore.Collections(db, reader, wanted, ct);
        if (collections.Count < wanted.Length)
        {
            throw new ProblemException(Problem.NotFound("collection"));
        }

        var archived = collections.Where(c => c.Archived is not null).ToList();
        if (archived.Count == collections.Count)
        {
            throw new ProblemException(CollectionRules.Archived);
        }

        collections = [.. collections.Except(archived)];

        if (request.Instead is { } instead)
        {
            collections = [.. collections.Select(c => c with { TopK = instead.TopK, Threshold = instead.Threshold, Retrieval = instead.Retrieval })];
            collections = instead.EmbeddingSet is { } set ? await SearchStore.WithSet(db, collections, set, ct) : collections;
        }

        var (plan, question, id) = (SearchPlanRules.Decide(request, collections), request.Query.Trim(), Guid.CreateVersion7());
        var (timings, notes) = (new Timings(), archived.ConvertAll(c => $"'{c.Archived}' is archived and was not searched."));
        var context = new CallContext(origin.Source is "agent" or SearchOrigin.Evaluation ? "system" : origin.Source, $"query:{id}", reader.UserId, origin.ApiKeyId, origin.AgentId);
        IReadOnlyList<string> rephrasings = plan.Strategy == "multi_query"
            ? await timings.Of("rephrase", () => _rephrasing.Of(db, question, context with { DedupKey = $"rephrase:{id}" }, notes, ct))
            : [];
        var work = new SearchWork(db, [question, .. rephrasings], scope, plan, request, context, timings, notes);
        var (merged, distinct) = await Rank(work, collections, ct);
        if (work.TooFar.Count > 0)
        {
            notes.Add($"{work.TooFar.Count} passages were found and left out, because they are less near by meaning than they must be here.");
        }

        var (hits, reranked) = await Choose(work, reader, question, distinct.Hits, ct);
        timings.Add("total", watch.Elapsed.TotalMilliseconds);
        var entry = new RetrievalLog(
            id, null, origin, wanted, question, rephrasings, plan, Filters(request), reranked, (int)watch.ElapsedMilliseconds, LyceumJson.Write(timings.Parts()), Candidates(merged), [.. notes], isFinal);
        var passages = await RetrievalStore.FetchAndLog(db, reader, entry, hits, ct);
        if (!isFinal && passages.Count < hits.Count)
        {
            return null;
        }

        var found = await Around(work, await WithCopies(work, reader, Hits(passages, hits), distinct, ct), ct);
        if (entry.Keep)
        {
            LyceumTelemetry.RetrievalSeconds.Record(watch.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("strategy", plan.Strategy));
        }

        return new SearchAnswer(id, plan.Strategy, Math.Round(watch.Elapsed.TotalMilliseconds, 2), work.Partial, found) { Notes = notes, Rephrasings = rephrasings, Timings = timings.Parts() };
    }

    /// <summary>Marks the hits an answer cited.</summary>
    public Task MarkUsed(Db db, Guid queryId, IReadOnlyCollection<Guid> chunkIds, CancellationToken ct) =>
        chunkIds.Count == 0 ? Task.CompletedTask : RetrievalStore.MarkUsed(db, queryId, [.. chunkIds], ct);

    /// <summary>All candidates in their order, and each text of them once. Where copies crowd the others out, it is looked deeper, so that the best are still filled.</summary>
    private async Task<(IReadOnlyList<Fused<Guid>> All, Distinct Distinct)> Rank(SearchWork work, IReadOnlyList<SearchableCollection> collections, CancellationToken ct)
    {
        for (var before = 0; ; work = work with { Plan = work.Plan.Deeper() })
        {
            var rankings = new List<Ranking>();
            foreach (var group in collections.GroupBy(c => c.EmbeddingModelId))
            {
                rankings.AddRange(await _legs.Run(work, await models.Find(work.Db, group.Key, ct), [.. group], ct));
            }

            var (plan, merged) = (work.Plan, SearchMerge.Collections(rankings, work.Plan.Depth));
            if (merged.Count == 0 || (plan.Copies == "apart" && plan.ImportanceWeight <= 0))
            {
                return (merged, Distinct.All(merged));
            }

            var facts = await SearchStore.Facts(work.Db, [.. merged.Select(m => m.Id)], ct);
            merged = plan.ImportanceWeight > 0 ? SearchMerge.ByImportance(merged, facts.ToDictionary(f => f.Key, f => f.Value.Importance), plan.ImportanceWeight) : merged;
            var distinct = plan.Copies == "apart" ? Distinct.All(merged) : Copies.Together(merged, facts.ToDictionary(f => f.Key, f => f.Value.Content));
            if (distinct.Hits.Count >= plan.TopK || distinct.Of.Count == 0 || merged.Count == before || plan.IsDeepest)
            {
                return (merged, distinct);
            }

            before = merged.Count;
        }
    }

    /// <summary>The other places of each text, as far as the reader may see them.</summary>
    private static async Task<List<SearchHit>> WithCopies(SearchWork work, Reader reader, List<SearchHit> hits, Distinct distinct, CancellationToken ct)
    {
        Guid[] copies = [.. hits.SelectMany(h => distinct.Of.GetValueOrDefault(h.ChunkId, []).Take(Copies.Named))];
        if (copies.Length == 0)
        {
            return hits;
        }

        var seen = (await SearchStore.PlacesOfCopies(work.Db, reader, copies, ct)).ToDictionary(c => c.ChunkId);
        return [.. hits.Select(h => h with { Copies = [.. distinct.Of.GetValueOrDefault(h.ChunkId, []).Where(seen.ContainsKey).Select(id => seen[id])] })];
    }

    /// <summary>The hits of the answer: the best, once more in order where that was asked, one of each section where sections are given.</summary>
    private async Task<(IReadOnlyList<LoggedHit> Hits, bool Reranked)> Choose(SearchWork work, Reader reader, string question, IReadOnlyList<Fused<Guid>> merged, CancellationToken ct)
    {
        var plan = work.Plan;
        if (plan is { Rerank: "none", Strategy: not "parent_child" })
        {
            return ([.. merged.Take(plan.TopK).Select(m => Logged(m, null))], false);
        }

        var looked = merged.Take(plan.Strategy == "parent_child" ? Math.Max(plan.RerankDepth, plan.TopK * ChildrenPerSection) : plan.RerankDepth).ToList();
        var places = (await SearchStore.Places(work.Db, reader, [.. looked.Select(m => m.Id)], ct)).ToDictionary(p => p.Id);
        looked = [.. looked.Where(m => places.ContainsKey(m.Id))];
        var second = plan.Rerank == "none" ? null : await work.Timings.Of("rerank", () => _reranking.Order(
            work.Db, plan.Rerank, question, [.. looked.Take(plan.RerankDepth).Select(m => (m.Id, m.Score, places[m.Id].Text))], work.Context with { DedupKey = $"rerank:{work.Context.DedupKey}" }, work.Notes, ct));
        var scores = second?.Order.ToDictionary(o => o.Id, o => o.Score);
        IReadOnlyList<Guid> order = second is null ? [.. looked.Select(m => m.Id)] : [.. second.Order.Select(o => o.Id)];
        order = plan.Strategy == "parent_child" ? Surroundings.OnePerSection(order, places) : order;
        var known = looked.ToDictionary(m => m.Id);
        return ([.. order.Take(plan.TopK).Select(id => Logged(known[id], scores?.GetValueOrDefault(id)))], second is not null);
    }

    private static async Task<List<SearchHit>> Around(SearchWork work, List<SearchHit> hits, CancellationToken ct)
    {
        var (plan, sections) = (work.Plan, work.Plan.Strategy == "parent_child");
        if (hits.Count == 0 || (!sections && plan is { Before: 0, After: 0 }))
        {
            return hits;
        }

        int First(SearchHit h) => Math.Min(h.Index - plan.Before, sections ? h.Index / Surroundings.SectionLength * Surroundings.SectionLength : h.Index);
        int Last(SearchHit h) => Math.Max(h.Index + plan.After, sections ? (h.Index / Surroundings.SectionLength * Surroundings.SectionLength) + Surroundings.SectionLength - 1 : h.Index);
        var nearby = await work.Timings.Of("around", () => SearchStore.Between(
            work.Db, [.. hits.Select(h => h.RevisionId)], [.. hits.Select(First)], [.. hits.Select(Last)], ct));
        var ofRevision = nearby.ToLookup(p => p.RevisionId);
        return
        [
            .. hits.Select(h => h with
            {
                Before = plan.Before == 0 ? null : [.. ofRevision[h.RevisionId].Where(p => p.Index >= h.Index - plan.Before && p.Index < h.Index).Select(p => p.Text)],
                After = plan.After == 0 ? null : [.. ofRevision[h.RevisionId].Where(p => p.Index > h.Index && p.Index <= h.Index + plan.After).Select(p => p.Text)],
                Parent = sections && ofRevision[h.RevisionId].FirstOrDefault(p => p.Id == h.ChunkId) is { } place ? Surroundings.Section(place, [.. ofRevision[h.RevisionId]]) : null,
            }),
        ];
    }

    private static LoggedHit Logged(Fused<Guid> hit, double? reranked) => new(
        hit.Id, Math.Round(Math.Clamp(reranked ?? hit.Score, 0, 1), 6), hit.VectorRank, Rounded(hit.VectorScore, 6), hit.LexicalRank, Rounded(hit.LexicalScore, 4), Rounded(reranked, 6));

    private static List<SearchHit> Hits(IReadOnlyList<Passage> passages, IReadOnlyList<LoggedHit> hits)
    {
        var found = hits.ToDictionary(h => h.ChunkId);
        return [.. passages.Select((p, i) =>
        {
            var hit = found[p.ChunkId];
            return new SearchHit(
                p.ChunkId, p.DocumentId, p.RevisionId, p.CollectionId, p.ExternalId, p.Title, p.Page, hit.Score, p.Text, i + 1,
                hit.VectorRank, hit.LexicalRank, hit.VectorScore is { } v ? Math.Clamp(v, 0, 1) : null, hit.LexicalScore, p.Start, p.End, p.Section)
            {
                RerankScore = hit.RerankScore,
                Index = p.Index,
                Metadata = p.Metadata,
                FolderPath = p.FolderPath,
                StartSeconds = p.StartSeconds,
                EndSeconds = p.EndSeconds,
            };
        })];
    }

    private static string? Filters(SearchRequest asked) => (asked.Filters, asked.Folders, asked.Sources, asked.Languages, asked.From, asked.To) is (null, null, null, null, null, null)
        ? null
        : LyceumJson.Write(new { metadata = asked.Filters, folders = asked.Folders, sources = asked.Sources, languages = asked.Languages, from = asked.From, to = asked.To });

    private static string Candidates(IReadOnlyList<Fused<Guid>> merged) => LyceumJson.Write(merged.Take(CandidatesLogged).Select(m => new
    {
        chunk = m.Id,
        score = Math.Round(m.Score, 4),
        vectorRank = m.VectorRank,
        vectorScore = Rounded(m.VectorScore, 4),
        lexicalRank = m.LexicalRank,
        lexicalScore = Rounded(m.LexicalScore, 4),
    }));

    private static double? Rounded(double? score, int digits) => score is { } s ? Math.Round(s, digits) : null;
}
