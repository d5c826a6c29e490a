using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Intake;

/// <summary>An embedding model that is away, gives vectors of another length, or is changed while documents are embedded.</summary>
public sealed class EmbedderFaultTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "ING-25")]
    public async Task With_the_embedder_down_documents_end_in_quarantine_with_the_reason_and_one_retry_brings_them_all()
    {
        var (_, name) = await house.StubModel("embeddings", dimension: 64, defaultFor: "embedding");
        var collection = await New();
        house.Stub.Script.ForModel(name, new StubBehaviour { Status = 500, ErrorMessage = "out of order" });
        await Upload(collection, 3);
        await house.Hurried(collection);
        var reasons = (await Get($"/api/v1/knowledge/quarantine/reasons?collection={collection}")).GetProperty("data")[0];
        Assert.Equal(("embedding_failed", 3, 3), (reasons.GetProperty("errorCode").GetString(), reasons.GetProperty("documents").GetInt32(), reasons.GetProperty("mayRetry").GetInt32()));
        Assert.StartsWith("The embedding model could not be used", reasons.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        var listed = (await Get($"/api/v1/knowledge/quarantine?collection={collection}&code=embedding_failed")).GetProperty("data").EnumerateArray().ToList();
        Assert.All(listed, d => Assert.Equal(("embed", true, 4), (d.GetProperty("step").GetString(), d.GetProperty("mayRetry").GetBoolean(), d.GetProperty("attempts").GetInt32())));
        Assert.Empty((await Get("/api/v1/knowledge/quarantine", house.Eve)).GetProperty("data").EnumerateArray());

        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 64 });
        var one = await Retry(new { documents = new[] { listed[0].GetProperty("id").GetGuid() } });
        Assert.Equal((1, 0), (one.GetProperty("retried").GetInt32(), one.GetProperty("left").GetInt32()));
        Assert.Equal(2, (await Retry(new { collectionId = collection, errorCode = "embedding_failed" })).GetProperty("retried").GetInt32());
        var settled = await house.Hurried(collection);
        Assert.Equal((3, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        await house.Database.CountersAreTrue(collection);
        await house.NoDefault("embedding");
    }

    [Fact]
    public async Task Vectors_of_another_length_are_refused_with_both_lengths_and_nothing_is_half_published()
    {
        var (model, name) = await house.StubModel("embeddings", dimension: 64, defaultFor: "embedding");
        var collection = await New();
        await Upload(collection, 1);
        await house.Settled(collection);
        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 32 });
        await Upload(collection, 2, "more");
        var settled = await house.Hurried(collection);
        Assert.Equal((1, 2), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        await house.Database.CountersAreTrue(collection);

        // Somebody "puts it right" by telling the model its new length: the collection still has the old one.
        await house.Do($"update models.models set dimension = 32 where id = '{model}'");
        await Retry(new { collectionId = collection });
        settled = await house.Hurried(collection);
        Assert.Equal(2, settled.GetProperty("failedCount").GetInt32());
        var reason = (await Get($"/api/v1/knowledge/quarantine/reasons?collection={collection}")).GetProperty("data")[0];
        Assert.Equal("wrong_dimension", reason.GetProperty("errorCode").GetString());
        Assert.Contains("32", reason.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        await house.Database.CountersAreTrue(collection);
        await house.NoDefault("embedding");
    }

    [Fact]
    public async Task A_model_that_changes_while_a_document_is_embedded_mixes_nothing()
    {
        await house.StubModel("embeddings", dimension: 64, defaultFor: "embedding");
        var collection = await New();
        var (other, _) = await house.StubModel("embeddings", dimension: 48);
        // The first vector that is kept changes the collection's model, as a person might at that moment.
        await house.Do($"""
            create function public.change_model() returns trigger language plpgsql security definer as $f$ begin
              update knowledge.collections set embedding_model_id = '{other}', embedding_model_tenant_id = '{house.Ann.Tenant}' where id = '{collection}'; return new; end $f$;
            create trigger change_model after update of embedding on knowledge.pending_chunks for each row when (new.embedding is not null and old.embedding is null) execute function public.change_model()
            """);
        await Upload(collection, 2);
        var settled = await house.Hurried(collection);
        await house.Do("drop function public.change_model cascade");
        Assert.Equal((2, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        Assert.Equal(48, await house.Database.Ask<int>($"select distinct vector_dims(e.embedding) from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id where s.collection_id = '{collection}' and s.embedding_model_id = '{other}'"));
        await house.Database.CountersAreTrue(collection);
        await house.NoDefault("embedding");
    }

    private async Task<Guid> New() =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();

    private async Task Upload(Guid collection, int files, string tag = "first")
    {
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < files; i++)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes($"# {tag} {i}\n\nThe lamp {tag} {i} is green.")), "file", $"{tag}-{i}.md");
        }

        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct));
    }

    private async Task<JsonElement> Get(string path, Person? person = null) => await House.Json(await (person ?? house.Ann).Http.GetAsync(path, Ct));

    private async Task<JsonElement> Retry(object what) => await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/quarantine/retry", what, Ct));
}
