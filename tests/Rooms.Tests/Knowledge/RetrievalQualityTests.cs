using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Knowledge;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>Quality on CISI (1,460 abstracts, 76 judged questions), through the product: loaded by the texts API, searched by the search.</summary>
public sealed class RetrievalQualityTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bm25_reaches_the_reference_and_hybrid_is_not_below_its_better_leg()
    {
        var folder = Path.Combine(Reading.Files.Repository(), "bench", "data", "cisi");
        var collection = await Load(folder);
        await Publication.Reweigh(house.Ann.Db, collection, Ct);
        var relevant = File.ReadLines(Path.Combine(folder, "qrels.tsv")).Skip(1).Select(line => line.Split('\t'))
            .Where(parts => int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture) > 0)
            .GroupBy(parts => parts[0]).ToDictionary(g => g.Key, g => g.Select(parts => parts[1]).ToHashSet());
        var queries = File.ReadLines(Path.Combine(folder, "queries.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(q => (Id: q.GetProperty("_id").GetString()!, Text: q.GetProperty("text").GetString()!)).Where(q => relevant.ContainsKey(q.Id)).ToList(); // every line has both
        Assert.Equal(76, queries.Count);

        var lexical = await Ndcg("lexical");
        var vector = await Ndcg("vector");
        var hybrid = await Ndcg("hybrid");
        TestContext.Current.TestOutputHelper?.WriteLine($"nDCG@10 lexical {lexical:0.0000} vector {vector:0.0000} hybrid {hybrid:0.0000}");
        Assert.InRange(lexical, 0.328, 0.338);
        Assert.True(hybrid >= Math.Max(lexical, vector), $"hybrid {hybrid:0.0000} is below its better leg: lexical {lexical:0.0000}, vector {vector:0.0000}");

        async Task<double> Ndcg(string strategy)
        {
            var sum = 0.0;
            foreach (var (id, text) in queries)
            {
                var answer = await house.Get<KnowledgeSearch>().Search(
                    house.Ann.Db, new Reader(house.Ann.UserId, [house.Ann.Team]), new SearchRequest(text, [collection], 10, strategy), new SearchOrigin("api"), Ct);
                var gain = answer.Hits.Select((hit, i) => relevant[id].Contains(hit.ExternalId ?? "") ? 1 / Math.Log2(i + 2) : 0).Sum();
                sum += gain / Enumerable.Range(0, Math.Min(10, relevant[id].Count)).Sum(i => 1 / Math.Log2(i + 2));
            }

            return sum / queries.Count;
        }
    }

    private async Task<Guid> Load(string folder)
    {
        var created = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "CISI", chunkSize = 2000, chunkOverlap = 0 }, Ct));
        var id = created.GetProperty("id").GetGuid();
        var items = File.ReadLines(Path.Combine(folder, "corpus.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(d => new { externalId = d.GetProperty("_id").GetString(), title = d.GetProperty("title").GetString(), text = d.GetProperty("text").GetString() }).ToList();
        foreach (var batch in items.Chunk(1000))
        {
            var report = await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/texts", new { items = batch }, Ct));
            foreach (var item in report.GetProperty("items").EnumerateArray().Where(i => i.GetProperty("status").GetString() != "accepted"))
            {
                Assert.Fail($"Not taken: {item.GetRawText()}");
            }

            Assert.Equal(batch.Length, report.GetProperty("accepted").GetInt32());
        }

        await house.Settled(id);
        return id;
    }
}
