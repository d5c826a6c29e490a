using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>Why an answer rests on what it rests on: the record of each retrieval, for those who may read it.</summary>
public sealed class WhyTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "RET-13")]
    [Trait("row", "RET-14")]
    public async Task A_record_tells_what_was_asked_what_was_found_what_was_used_and_how_long_it_took()
    {
        var shelf = await house.Collection("Hotels in Oslo cost at most 180 euros a night.", "The telescope may be used on clear evenings.");
        var model = await house.Model(StubBehaviour.Says("Hotels in Oslo cost at most 180 euros a night [1]."));
        var conversation = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { collectionIds = new[] { shelf }, modelId = model }, Ct))).GetProperty("id").GetGuid();
        var posted = await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "What may a hotel in Oslo cost?" }, Ct));
        await house.Read(posted.GetProperty("runId").GetGuid());
        var message = posted.GetProperty("assistantMessage").GetProperty("id").GetGuid();

        var list = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/queries?message={message}", Ct));
        var id = Assert.Single(list.GetProperty("data").EnumerateArray()).GetProperty("id").GetGuid();
        var record = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/queries/{id}", Ct));
        Assert.Equal("What may a hotel in Oslo cost?", record.GetProperty("query").GetProperty("query").GetString());
        Assert.Equal("hybrid", record.GetProperty("settings").GetProperty("strategy").GetString());
        var timings = record.GetProperty("timings");
        Assert.True(timings.GetProperty("total").GetDouble() > 0);
        Assert.All((string[])["embed", "vector", "lexical"], leg => Assert.InRange(timings.GetProperty(leg).GetDouble(), 0, timings.GetProperty("total").GetDouble()));
        Assert.Equal(shelf, record.GetProperty("collections")[0].GetProperty("id").GetGuid());
        var hit = record.GetProperty("hits")[0];
        Assert.True(hit.GetProperty("usedInAnswer").GetBoolean());
        Assert.Contains("180 euros", hit.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, hit.GetProperty("vectorRank").GetInt32());
        Assert.InRange(hit.GetProperty("score").GetDouble(), 0, 1);
        Assert.Contains(record.GetProperty("hits").EnumerateArray(), h => !h.GetProperty("usedInAnswer").GetBoolean());
        Assert.NotEmpty(record.GetProperty("candidates").EnumerateArray());

        // The cited document goes: its hit is still explained, without its text.
        await House.Json(await house.Ann.Http.GetAsync($"/api/v1/chat/conversations/{conversation}/messages", Ct));
        Assert.True((await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/documents/{hit.GetProperty("documentId").GetGuid()}", Ct)).IsSuccessStatusCode);
        var after = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/queries/{id}", Ct))).GetProperty("hits")[0];
        Assert.True(after.GetProperty("removed").GetBoolean());
        Assert.Equal(JsonValueKind.Null, after.GetProperty("text").ValueKind);
        var messages = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/chat/conversations/{conversation}/messages", Ct));
        Assert.True(messages.GetProperty("data")[1].GetProperty("citations")[0].GetProperty("removed").GetBoolean());
    }

    [Fact]
    [Trait("row", "RET-14")]
    public async Task Everybody_reads_their_own_searches_and_who_may_reads_all_without_what_is_hidden_from_them()
    {
        var cid = await house.Colleague("Cid", "team_editor");
        var shelf = await house.Shelf([new { externalId = "open", title = "open", text = "A report about the harbour." }, new { externalId = "hidden", title = "hidden", text = "A secret report about the harbour.", access = new { access = "restricted" } }]);
        var answer = await house.Ann.Search(new { query = "harbour report", collections = new[] { shelf } });
        Assert.Equal(2, answer.Hits().Count);
        var path = $"/api/v1/knowledge/queries/{answer.GetProperty("queryId").GetGuid()}";
        Assert.Equal((404, "retrieval_not_found"), await cid.Http.GetAsync(path, Ct).Said());
        Assert.Equal((404, "retrieval_not_found"), await house.Eve.Http.GetAsync(path, Ct).Said());
        Assert.Equal((404, "retrieval_not_found"), await cid.Http.PutAsJsonAsync(path + "/feedback", new { score = 1 }, Ct).Said());
        Assert.DoesNotContain("harbour report", await cid.Http.GetStringAsync("/api/v1/knowledge/queries?scope=all", Ct), StringComparison.Ordinal);
        Assert.Contains("harbour report", await house.Bob.Http.GetStringAsync("/api/v1/knowledge/queries?scope=all", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("harbour report", await house.Bob.Http.GetStringAsync("/api/v1/knowledge/queries", Ct), StringComparison.Ordinal);
        var bobs = await House.Json(await house.Bob.Http.GetAsync(path, Ct));
        Assert.DoesNotContain("secret", bobs.GetRawText(), StringComparison.Ordinal);
        Assert.Single(bobs.GetProperty("candidates").EnumerateArray());

        Assert.Equal(204, (await house.Ann.Http.PutAsJsonAsync(path + "/feedback", new { score = -1, text = "Too old." }, Ct).Said()).Status);
        Assert.Equal((400, "invalid_request"), await house.Ann.Http.PutAsJsonAsync(path + "/feedback", new { score = 5 }, Ct).Said());
        var bad = await House.Json(await house.Ann.Http.GetAsync("/api/v1/knowledge/queries?feedback=bad", Ct));
        Assert.Equal("Too old.", Assert.Single(bad.GetProperty("data").EnumerateArray()).GetProperty("feedbackText").GetString());
        var first = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/queries?collection={shelf}&limit=1", Ct));
        Assert.Single(first.GetProperty("data").EnumerateArray());
    }

    [Fact]
    [Trait("row", "RET-19")]
    public async Task The_time_of_every_retrieval_is_measured_so_that_its_p95_can_be_read()
    {
        var shelf = await house.Shelf("One text.");
        var seen = new List<(double Seconds, string? Strategy)>();
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == LyceumTelemetry.RetrievalSeconds.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            lock (seen)
            {
                seen.Add((value, tags.ToArray().FirstOrDefault(t => t.Key == "strategy").Value as string));
            }
        });
        listener.Start();
        await house.Ann.Search(new { query = "text", collections = new[] { shelf }, strategy = "lexical" });
        lock (seen)
        {
            Assert.Contains(seen, s => s.Strategy == "lexical" && s.Seconds > 0);
        }

        Assert.True(LyceumTelemetry.RetrievalSeconds.Advice?.HistogramBucketBoundaries?.Count > 8, "without fine buckets there is no p95");
    }
}
