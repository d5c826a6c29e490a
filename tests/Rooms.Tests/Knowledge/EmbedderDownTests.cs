using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>Intake while the embedding model cannot be reached: the document waits its attempts, then says why, and a retry mends it.</summary>
public sealed class EmbedderDownTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nobody listens")]
    [InlineData("nobody knows its name")]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("it answers garbage")]
    [InlineData("it answers with one vector too few")]
    public async Task A_document_fails_after_its_attempts_with_a_sentence_and_a_retry_mends_it(string fault)
    {
        var (model, name) = await house.StubModel("embeddings", dimension: 8);
        var address = fault switch { "nobody listens" => "http://127.0.0.1:9/v1", "nobody knows its name" => "http://embedder.invalid/v1", _ => $"{house.Stub.OpenAiUrl}" };
        house.Stub.Script.ForModel(name, fault switch
        {
            "429" => StubBehaviour.RateLimited() with { Dimension = 8 },
            "500" => StubBehaviour.Fails(500) with { Dimension = 8 },
            "it answers garbage" => new StubBehaviour { Fault = StubFault.Garbage, Dimension = 8 },
            "it answers with one vector too few" => new StubBehaviour { OneVectorShort = true, Dimension = 8 },
            _ => new StubBehaviour { Dimension = 8 },
        });
        await house.Do($"update models.models set base_url = '{address}' where id = '{model}'; notify lyceum, 'models'");
        var collection = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();
        await house.Do($"update knowledge.collections set embedding_model_tenant_id = '{house.Ann.Tenant}', embedding_model_id = '{model}' where id = '{collection}'");
        using var form = new MultipartFormDataContent { { new ByteArrayContent("The lighthouse keeper has a red boat."u8.ToArray()), "file", "boat.txt" } };
        var id = (await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct))).GetProperty("items")[0].GetProperty("document").GetProperty("id").GetGuid();

        var failed = await Until(id, "failed");
        Assert.Equal("embedding_failed", failed.GetProperty("errorCode").GetString());
        Assert.StartsWith("The embedding model could not be used: ", failed.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.InRange(await house.Database.Ask<int>($"select max(attempts) from ops.jobs where document_id = '{id}'"), 1, 4);

        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 8 });
        await house.Do($"update models.models set base_url = '{house.Stub.OpenAiUrl}' where id = '{model}'; notify lyceum, 'models'");
        using var retried = await house.Ann.Http.PostAsync($"/api/v1/knowledge/documents/{id}/retry", null, Ct);
        Assert.Equal(202, (int)retried.StatusCode);
        var indexed = await Until(id, "indexed");
        Assert.Equal((JsonValueKind.Null, 1), (indexed.GetProperty("errorCode").ValueKind, indexed.GetProperty("chunkCount").GetInt32()));
    }

    // Waiting between attempts is the queue's business and not this test's: each pause is cut short.
    private async Task<JsonElement> Until(Guid document, string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (true)
        {
            await house.Do($"update ops.jobs set run_after = now() where document_id = '{document}' and status = 'pending' and run_after > now(); notify lyceum, 'jobs:intake'");
            var state = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/documents/{document}", limit.Token));
            if (state.GetProperty("status").GetString() == status)
            {
                return state;
            }
        }
    }
}
