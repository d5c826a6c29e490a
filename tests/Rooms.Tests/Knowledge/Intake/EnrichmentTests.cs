using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Knowledge;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Intake;

/// <summary>What passages speak of, and summaries before embedding.</summary>
public sealed class EnrichmentTests(House house) : IClassFixture<House>
{
    private const string Passage =
        "The dome must be closed before 22:30; the limit for wind is 20 m/s. Ask @tomas.keller or write to Dome-Team@example.com, see https://example.com/dome?page=2. "
        + "The dome shutter is checked every March, and the dome drive every year. Nobody opens the dome alone, and nobody leaves the dome without telling the person on shift at the desk.";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "ING-22")]
    public void Mentions_links_keywords_and_importance_are_the_same_each_time()
    {
        var facts = Enrichment.Of(Passage);
        Assert.Equal(["dome-team@example.com", "@tomas.keller"], facts.Mentions);
        Assert.Equal(["https://example.com/dome?page=2"], facts.Links);
        Assert.Equal("dome", facts.Keywords[0]);
        Assert.Contains("shutter", Enrichment.Of("The shutter, the shutter and the shutter.").Keywords);
        Assert.DoesNotContain("the", facts.Keywords);
        Assert.InRange(facts.Importance, 0.6, 1);
        Assert.True(facts.Importance > Enrichment.Of("It was a nice evening and people went home after a while, as they often do.").Importance);
        Assert.Equal(JsonSerializer.Serialize(facts), JsonSerializer.Serialize(Enrichment.Of(Passage)));
        Assert.Empty(Enrichment.Of("").Keywords);
        Enrichment.Of(string.Concat(Enumerable.Repeat("a@a.", 50_000)) + new string('@', 50_000)); // ends
    }

    [Fact]
    [Trait("row", "ING-22")]
    public async Task Facts_are_kept_with_the_passage_for_files_and_for_texts()
    {
        var collection = await house.Collection(Passage);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(Passage + " And more.")), "file", "dome.txt" } };
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct));
        await house.Settled(collection);
        foreach (var document in await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{collection}'"))
        {
            var chunk = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/documents/{document}/chunks", Ct))).GetProperty("data")[0];
            Assert.Equal("dome", chunk.GetProperty("facts").GetProperty("keywords")[0].GetString());
            Assert.Equal("@tomas.keller", chunk.GetProperty("facts").GetProperty("mentions")[1].GetString());
        }
    }

    [Fact]
    [Trait("row", "ING-23")]
    public async Task A_summary_is_kept_beside_the_passage_and_without_the_model_the_passage_goes_on_alone()
    {
        var model = await house.Model(new StubBehaviour { Text = "When the observatory roof is shut, and by whom." });
        await house.Do($"insert into models.model_defaults (tenant_id, id, purpose, model_tenant_id, model_id) values ('{house.Ann.Tenant}', ops.uuid7(), 'chat', '{house.Ann.Tenant}', '{model}')");
        var collection = await house.Collection("A short text is not summarised.");
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/collections/{collection}/chunking", new { strategy = "recursive", size = 256, overlap = 32, summarise = true }, Ct));
        await Add(collection, "one");
        await Upload(collection, "two.txt", Passage);
        await house.Settled(collection);
        Assert.Equal(2L, await Count(collection, "k.summary = 'When the observatory roof is shut, and by whom.' and k.content like 'The dome must%'"));

        house.Stub.Script.ForModel($"model-{model}", new StubBehaviour { Status = 500, ErrorMessage = "away" });
        await Add(collection, "three");
        await Upload(collection, "four.txt", Passage + " Four.");
        var settled = await house.Settled(collection);
        Assert.Equal((5, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        Assert.Equal(2L, await Count(collection, "k.summary is null and k.content like 'The dome must%'"));
        await house.Database.CountersAreTrue(collection);
        await house.Do($"delete from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = 'chat'");
    }

    private async Task Add(Guid collection, string id) => await House.Json(await house.Ann.Http.PostAsJsonAsync(
        $"/api/v1/knowledge/collections/{collection}/texts", new { items = new[] { new { externalId = id, title = id, text = $"{Passage} {id}" } } }, Ct));

    private async Task Upload(Guid collection, string name, string text)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(text)), "file", name } };
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct));
    }

    private Task<long> Count(Guid collection, string where) => house.Database.Ask<long>($"select count(*) from knowledge.chunks k where k.collection_id = '{collection}' and {where}");
}
