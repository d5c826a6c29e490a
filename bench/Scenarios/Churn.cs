using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// B9: a collection of which half was replaced while its index stood, and which was vacuumed since, against one with an index that was built anew; both hold the same
/// vectors. And B8: what is asked for in the moment a deletion is acknowledged has nothing of it.
/// </summary>
internal sealed class Churn : NearestCost
{
    private const int Size = 20_000, PerDocument = 10, Batch = 2_000;
    private int _stale;

    public override string Id => "B9";

    public override string Title => "vector search in 20,000 chunks after half of them were replaced and vacuumed, against an index built anew; B8: found after its deletion was acknowledged";

    public override IReadOnlyList<string> Systems { get; } = ["fresh", "fresh-again", "churned"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("B9: recall@10 lost by churn", v => v["fresh", "recall"] - v["churned", "recall"], new Goal("≤ 0.005", AtMost: 0.005)),
        new("B9: p50 churned ÷ fresh", v => v["churned"] / v["fresh"], new Goal("≤ 1.3", AtMost: 1.3)),
        new("B8: searches of 2,000 that found what was gone", v => v["churned", "stale"], new Goal("0", AtMost: 0)),
    ];

    public override double Control(Values values) => values["fresh-again"] / values["fresh"];

    public override async Task Run(Round round, CancellationToken ct)
    {
        await base.Run(round, ct);
        round.Beside("churned", "stale", _stale);
    }

    protected override async Task<IReadOnlyList<(string System, Guid Collection)>> Fill(CancellationToken ct)
    {
        var (first, second) = (Material.Vectors(Size, Dimension, 1), Material.Vectors(Size / 2, Dimension, 2));
        var churned = await Filled(first, ct);
        await Remove(churned, first, ct);
        foreach (var part in Enumerable.Range(0, second.Length).Chunk(Batch))
        {
            var texts = Texts(second.Length);
            await House.Db.Atomically(async unit =>
            {
                var taken = await House.Take(unit, churned, [.. part.Chunk(PerDocument).Select(c => $"new-{c[0]}")], ct);
                await Publication.Stage(unit, part.Select((n, i) => Lyceum.Bench.Stage.House.Chunk(taken[i / PerDocument], i % PerDocument, texts[n], second[n])), ct);
                await Publication.Publish(unit, churned, "cosine", ct);
            }, ct);
        }

        await House.Do("vacuum analyze", ct);
        await UpkeepJob.Renew(House.Get<Databases>(), House.Db, churned, ct); // as the job does that every publication asks for
        var fresh = await Filled([.. first.Take(Size / 2), .. second], ct);
        return [("fresh", fresh), ("fresh-again", fresh), ("churned", churned)];
    }

    // The later half of the documents, one by one; each time two of the vectors that are gone are looked for.
    private async Task Remove(Guid collection, float[][] vectors, CancellationToken ct)
    {
        var shelf = (await SearchStore.Collections(House.Db, House.Reader, [collection], ct)).Single();
        var documents = await House.Db.Many($"select id from knowledge.documents where collection_id = {collection} order by substr(external_id, 5)::int desc", row => row.Get<Guid>(), ct);
        for (var n = 0; n < documents.Count / 2; n++)
        {
            await House.Db.Atomically(unit => RemovalStore.Remove(unit, collection, [documents[n]], ct), ct);
            for (var look = 0; look < 2; look++)
            {
                var found = await SearchStore.Nearest(House.Db, shelf, vectors[Size - 1 - (n * PerDocument) - look], Top, null, ct);
                var there = await House.Db.One($"select count(*)::int from knowledge.chunks where id = any ({found.Select(f => f.ChunkId).ToArray()})", row => row.Get<int>(), ct);
                _stale += there < found.Count ? 1 : 0;
            }
        }
    }
}
