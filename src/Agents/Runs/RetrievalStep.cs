using Lyceum.Knowledge;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>
/// Step 0: finds passages for the question, with the permissions of the user who asked. Its result is journalled: a run that is taken over reads
/// it there and does not search again.
/// </summary>
internal sealed class RetrievalStep(KnowledgeSearch search, CollectionDirectory collections, MemoryStore memories, AgentsOptions options, TimeProvider clock)
{
    private const int MostMemories = 10;
    private const int DefaultPassages = 8;
    private const int MostCollections = 50;

    public async Task<RetrievalResult> Run(RunWork work)
    {
        if (work.Done<RetrievalResult>(0) is { } known)
        {
            return known;
        }

        var (row, ct) = (work.Row, work.Handle.Stopping);
        var (query, rephrased) = HistoryRules.Query(row.Input.Messages);
        var reader = new Reader(row.UserId ?? Guid.Empty, row.Input.TeamIds, row.Input.OnlyCollection);
        var wanted = Wanted(row.Input, work.Agent.Collections);
        var readable = (await Outage.Ride(() => collections.Readable(work.Db, reader, wanted, ct), options.Outage, clock, ct)).Take(MostCollections).ToList();
        var remembered = await Remembered(work, rephrased ?? query, ct);
        var events = work.Once(RunEventTypes.Started, new { }).ToList();
        if (readable.Count == 0)
        {
            // Nothing to search is no step; that the run began is told with the first one.
            work.Say(events);
            return new RetrievalResult(null, query, null, [], 0, Searched: false) { Memories = remembered };
        }

        events.AddRange(work.Once(RunEventTypes.RetrievalStarted, new { collections = readable.Select(c => c.Name).ToArray() }));
        await work.BeginStep(0, "retrieval", new { query, rephrased, collections = readable.Select(c => c.Id).ToArray() }, events, 0);
        var request = new SearchRequest(
            rephrased ?? query, [.. readable.Select(c => c.Id)], work.Agent.MaxChunks ?? (readable.Count == 1 ? null : DefaultPassages), work.Agent.RetrievalStrategy)
        {
            Weights = work.Agent.Weights.Where(w => w.Weight != 1).ToDictionary(w => w.Collection, w => (double)w.Weight) is { Count: > 0 } weights ? weights : null,
        };
        var found = await Outage.Ride(
            () => search.Search(work.Db, reader, request, new SearchOrigin("agent", row.AgentId, row.ConversationId, row.MessageId, rephrased is null ? null : query, row.ApiKeyId), ct), options.Outage, clock, ct);
        var result = new RetrievalResult(
            found.QueryId, query, rephrased,
            [.. found.Hits.Select(h => new SourcePassage(h.ChunkId, h.DocumentId, h.CollectionId, h.Name, h.Page, h.Score, h.Parent?.Text ?? h.Text, h.Parent?.StartOffset ?? h.StartOffset, h.Parent?.EndOffset ?? h.EndOffset, h.Section)
            {
                StartSeconds = h.StartSeconds,
                EndSeconds = h.EndSeconds,
            })],
            found.TookMs, Searched: true)
        {
            Memories = remembered,
        };
        work.EndStep(result, work.Once(RunEventTypes.RetrievalCompleted, new { queryId = found.QueryId, hits = found.Hits.Count, tookMs = found.TookMs }));
        return result;
    }

    /// <summary>Which collections are looked in: those asked for, else the agent's, else (null) all the user may read. A key bound to the agent never leaves the agent's.</summary>
    internal static IReadOnlyList<Guid>? Wanted(RunInput input, Guid[] agents) =>
        input.OnlyAgent ? [.. agents.Where(c => input.Collections?.Contains(c) ?? true)]
        : input.Collections ?? (agents.Length > 0 ? agents : null);

    // An answer without what is remembered is better than none.
    private async Task<IReadOnlyList<string>?> Remembered(RunWork work, string query, CancellationToken ct)
    {
        if (work.Agent.MemoryTokens is not { } most || work.Row.UserId is not { } user)
        {
            return null;
        }

        try
        {
            var found = await Outage.Ride(
                () => memories.Recall(work.Db, user, work.Row.AgentId, query, MostMemories, new CallContext("system", $"recall:{work.Row.Id}", user, work.Row.ApiKeyId, work.Row.AgentId), ct), options.Outage, clock, ct);
            var left = most;
            string[] taken = [.. found.Select(f => f.Memory.Content).TakeWhile(text => (left -= HistoryRules.Tokens(text)) >= 0)];
            return taken.Length == 0 ? null : taken;
        }
        catch (ProviderException)
        {
            return null;
        }
    }
}
