using System.Net.Http.Json;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Sets.Reembedding;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>Another default embedding model, and models that compare otherwise than by angle.</summary>
public sealed class DefaultModelTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "MOD-14")]
    public async Task Another_default_says_how_much_has_to_be_embedded_anew_and_begins_it_when_it_is_asked_to()
    {
        await house.Do($"update knowledge.collections set deleted_at = now() where tenant_id = '{house.Ann.Tenant}'"); // those of the other tests
        var (second, name) = await house.StubModel("embeddings", dimension: 48);
        var ((first, _), gated) = (await house.StubModel("embeddings", dimension: 64), Guid.Empty);
        var (a, b) = (await house.Numbered(first, 4), await house.Numbered(first, 3));
        gated = await house.Numbered(first, 2);
        var questions = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/question-sets", new { collectionId = gated, name = "Lamps" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/{gated}", new { gateSetId = questions }, Ct));
        var before = await house.ByMeaning(a, "green lamp");

        var chosen = await Choose(second, reembed: false);
        Assert.Equal((9, 3, false), (chosen.GetProperty("documentsToReembed").GetInt32(), chosen.GetProperty("collectionsToReembed").GetInt32(), chosen.GetProperty("reembeddingBegun").GetBoolean()));
        Assert.Single(await house.Sets(a));
        Assert.Equal(before, await house.ByMeaning(a, "green lamp"));

        // A model that cannot be used changes nothing, not even the default.
        var (broken, brokenName) = await house.StubModel("embeddings", dimension: 32);
        house.Stub.Script.ForModel(brokenName, new StubBehaviour { Dimension = 31 });
        Assert.Equal((409, "embedding_model_failed"), await house.Ann.Http.PutAsJsonAsync("/api/v1/models/defaults/embedding", new { modelId = broken, reembed = true }, Ct).Said());
        Assert.Equal(second, await house.Database.Ask<Guid>($"select model_id from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = 'embedding'"));

        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 48, HeaderDelayMs = 500 });
        chosen = await Choose(second, reembed: true);
        Assert.Equal((9, true), (chosen.GetProperty("documentsToReembed").GetInt32(), chosen.GetProperty("reembeddingBegun").GetBoolean()));
        Assert.Equal(before, await house.ByMeaning(a, "green lamp"));
        foreach (var shelf in new[] { a, b })
        {
            var set = (await house.Sets(shelf)).Single(s => s.GetProperty("embeddingModelId").GetGuid() == second).GetProperty("id").GetGuid();
            await house.Until(shelf, set, "active");
            await house.SetsAreWhole(shelf);
        }

        // Where questions are asked before search changes, a person decides.
        var waiting = (await house.Sets(gated)).Single(s => s.GetProperty("embeddingModelId").GetGuid() == second).GetProperty("id").GetGuid();
        await house.Until(gated, waiting, "ready");
        await house.CaughtUp(gated);
        Assert.Equal("ready", (await house.Until(gated, waiting, "ready", "active")).GetProperty("status").GetString());
        Assert.Equal(2, (await Choose(second, reembed: false)).GetProperty("documentsToReembed").GetInt32());
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = 'embedding'"));
        await house.NoDefault("embedding");
    }

    [Theory]
    [Trait("row", "MOD-13")]
    [InlineData("cosine")]
    [InlineData("l2")]
    [InlineData("ip")]
    public async Task Vectors_are_compared_as_their_model_says_and_scores_are_at_most_one(string distance)
    {
        var (model, _) = await house.StubModel("embeddings", dimension: 48);
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/models/models/{model}", new { distance }, Ct));
        var shelf = await house.Numbered(model, 30);
        Assert.Equal(distance, (await house.Sets(shelf))[0].GetProperty("distance").GetString());
        // Vectors of different lengths tell the three apart.
        await house.Do($"""
            update knowledge.chunk_embeddings e set embedding = (select array_agg((v * (1 + k.chunk_number % 5))::real order by i) from unnest(e.embedding::real[]) with ordinality u(v, i))::real[]::halfvec
            from (select id, row_number() over (order by id) as chunk_number from knowledge.chunks where collection_id = '{shelf}') k where k.id = e.chunk_id
            """);
        const string query = "The lamp number 4 of the harbour";
        var asked = string.Join(',', StubServer.Embeddings(query, 48).Select(n => n.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
        var (operation, score) = distance switch { "l2" => ("<->", "1 / (1 + x)"), "ip" => ("<#>", "-x / (1 + abs(x))"), _ => ("<=>", "1 - x") };
        var expected = await house.Database.Names($"""
            select external_id || ':' || to_char(greatest(0, {score}), 'FM0.000000') from (
              select d.external_id, (e.embedding {operation} '[{asked}]'::halfvec)::float8 as x, e.chunk_id from knowledge.chunk_embeddings e join knowledge.chunks k on k.id = e.chunk_id join knowledge.documents d on d.id = k.document_id
              where k.collection_id = '{shelf}') n order by x, chunk_id limit 5
            """);
        var found = (await house.ByMeaning(shelf, query)).Split(' ').Take(5).ToList();
        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task A_distance_is_one_of_three_and_of_embedding_models_only()
    {
        var (model, _) = await house.StubModel("embeddings", dimension: 8);
        Assert.Equal((400, "invalid_model"), await house.Ann.Http.PatchAsJsonAsync($"/api/v1/models/models/{model}", new { distance = "hamming" }, Ct).Said());
        var chat = await house.Model();
        Assert.Equal((400, "invalid_model"), await house.Ann.Http.PatchAsJsonAsync($"/api/v1/models/models/{chat}", new { distance = "l2" }, Ct).Said());
    }

    private async Task<System.Text.Json.JsonElement> Choose(Guid model, bool reembed) =>
        await House.Json(await house.Ann.Http.PutAsJsonAsync("/api/v1/models/defaults/embedding", new { modelId = model, reembed }, Ct));
}
