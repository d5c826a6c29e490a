using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>Tells a watcher of a collection about every change of its documents and of further embedding sets, as server-sent events.</summary>
internal static class EventEndpoints
{
    public static void MapEvents(this RouteGroupBuilder knowledge) =>
        knowledge.MapGet("/events", Watch).Needs("knowledge.collections.read").WithName("watchDocuments");

    private static async Task Watch(Guid collection, HttpContext http, Caller caller, DocumentStore store, CollectionStore collections, Db db, EmbeddingSetList sets, Wakeups wakeups, Stay stay, TimeProvider clock, CancellationToken ct)
    {
        if (await collections.Find(Reader.Of(caller), collection, ct) is null)
        {
            throw new ProblemException(Problem.NotFound("collection"));
        }

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        using var waiter = wakeups.Subscribe($"documents:{collection}");
        await http.Response.WriteAsync(": watching\n\n", ct);
        await http.Response.Body.FlushAsync(ct);
        await stay.While("knowledge.collections.read", until => Tell(collection, http, caller, store, () => Sets(collection, db, sets, until), waiter, clock, until), ct);
    }

    // A collection with one set says nothing of it: there is nothing to watch.
    private static async Task<string> Sets(Guid collection, Db db, EmbeddingSetList sets, CancellationToken ct) =>
        LyceumJson.Write(new EmbeddingSets(await sets.Of(db, collection, ct) is [_, _, ..] several ? several : []));

    private static async Task Tell(Guid collection, HttpContext http, Caller caller, DocumentStore store, Func<Task<string>> sets, Wakeups.Waiter waiter, TimeProvider clock, CancellationToken ct)
    {
        // A change carries the time its transaction began and may be committed later, so the look back overlaps; what was
        // sent is remembered and not sent again.
        var sent = new Dictionary<Guid, DateTimeOffset>();
        var toldSets = await sets();
        while (!ct.IsCancellationRequested)
        {
            var called = await waiter.Wait(TimeSpan.FromSeconds(10), ct);
            var since = clock.GetUtcNow() - TimeSpan.FromSeconds(30);
            var fresh = called ? await store.ChangedSince(Reader.Of(caller), collection, since, ct) : [];
            foreach (var document in fresh.Where(d => !sent.TryGetValue(d.Id, out var last) || last < d.UpdatedAt))
            {
                sent[document.Id] = document.UpdatedAt;
                await http.Response.WriteAsync($"event: document\ndata: {LyceumJson.Write(document)}\n\n", ct);
            }

            if (called && await sets() is var now && now != toldSets)
            {
                toldSets = now;
                await http.Response.WriteAsync($"event: embedding_sets\ndata: {now}\n\n", ct);
            }

            if (fresh.Count == 0)
            {
                await http.Response.WriteAsync(": ping\n\n", ct);
                foreach (var old in sent.Where(s => s.Value < since).Select(s => s.Key).ToList())
                {
                    sent.Remove(old);
                }
            }

            await http.Response.Body.FlushAsync(ct);
        }
    }
}
