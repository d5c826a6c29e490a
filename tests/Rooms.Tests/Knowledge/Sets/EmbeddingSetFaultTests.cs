using System.Net.Http.Json;
using Lyceum.Metering;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Sets.Reembedding;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>What goes wrong while vectors of another model are made: the collection is searched as before, and the reason stands on the set.</summary>
public sealed class EmbeddingSetFaultTests(House house) : IClassFixture<House>
{
    private const string Asked = "green lamp number 4 of the harbour";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "MOD-13")]
    public async Task Vectors_of_another_length_on_the_way_end_it_with_a_sentence_and_trying_again_finishes_it()
    {
        var (shelf, model, name, set) = await Begun();
        // Somebody tells the model another length when a part is there, and the provider has it too.
        await Filled(set);
        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 32 });
        await house.Do($"update models.models set dimension = 32 where id = '{model}'");
        var before = await house.ByMeaning(shelf, Asked);
        var failed = await house.Until(shelf, set, "failed");
        Assert.Contains("32", failed.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal((409, "embedding_set_not_ready"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{set}/activate", new { force = true }, Ct).Said());
        Assert.Equal(before, await house.ByMeaning(shelf, Asked));
        await house.SetsAreWhole(shelf);

        house.Stub.Script.ForModel(name, new StubBehaviour { Dimension = 48 });
        await house.Do($"update models.models set dimension = 48 where id = '{model}'");
        await Task.Delay(1100, Ct); // what is known of a model is remembered for a second
        await House.Json(await house.Ann.Http.PostAsync($"{Api}/{shelf}/embedding-sets/{set}/retry", null, Ct));
        await house.Until(shelf, set, "ready");
        await house.Activate(shelf, set);
        await house.SetsAreWhole(shelf);
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task A_model_that_is_switched_off_or_away_ends_it_with_a_sentence_and_it_can_be_cancelled()
    {
        var (shelf, model, name, set) = await Begun();
        await Filled(set);
        await house.Do($"update models.models set is_active = false where id = '{model}'");
        Assert.Contains("switched off", (await house.Until(shelf, set, "failed")).GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        await house.Do($"update models.models set is_active = true where id = '{model}'");
        house.Stub.Script.ForModel(name, new StubBehaviour { Status = 401, ErrorMessage = "out of order" });
        await House.Json(await house.Ann.Http.PostAsync($"{Api}/{shelf}/embedding-sets/{set}/retry", null, Ct));
        Assert.StartsWith("The embedding model could not be used", (await house.Until(shelf, set, "failed")).GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.True((await house.Ann.Http.DeleteAsync($"{Api}/{shelf}/embedding-sets/{set}", Ct)).IsSuccessStatusCode);
        Assert.Single(await house.Sets(shelf));
        Assert.Equal((404, "embedding_set_not_found"), await house.Ann.Http.PostAsync($"{Api}/{shelf}/embedding-sets/{set}/retry", null, Ct).Said());
        await house.CaughtUp(shelf);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings where embedding_set_id = '{set}'"));
        await house.SetsAreWhole(shelf);
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task It_can_be_cancelled_while_it_is_filled_and_nothing_of_it_stays()
    {
        var (shelf, _, _, set) = await Begun();
        await Filled(set);
        Assert.True((await house.Ann.Http.DeleteAsync($"{Api}/{shelf}/embedding-sets/{set}", Ct)).IsSuccessStatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<long>($"select (select count(*) from knowledge.embedding_sets where id = '{set}') + (select count(*) from knowledge.chunk_embeddings where embedding_set_id = '{set}')") > 0)
        {
            await house.Hurry();
            await Task.Delay(50, limit.Token);
        }

        await house.CaughtUp(shelf);
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from ops.jobs where ref_id = '{set}' and status = 'dead'"));
        await house.SetsAreWhole(shelf);
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task Of_two_who_switch_at_once_one_does_and_the_other_is_told()
    {
        var (shelf, _, _, set) = await Begun();
        await house.Until(shelf, set, "ready");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => (i % 2 == 0 ? house.Ann : house.Bob).Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets/{set}/activate", new { }, Ct).Said()));
        Assert.Single(answers, a => a is (200, null));
        Assert.Equal(3, answers.Count(a => a is (409, "embedding_set_active")));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'embedding_set.activated' and resource_id = '{shelf}'"));
        await house.SetsAreWhole(shelf);

        // Going back and forth at once ends in one of the two, whole.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.Ann.Http.PostAsync($"{Api}/{shelf}/embedding-sets/undo", null, Ct)));
        await house.SetsAreWhole(shelf);
        Assert.Equal("active retired", string.Join(' ', (await house.Sets(shelf)).Select(s => s.GetProperty("status").GetString())));
    }

    [Fact]
    [Trait("row", "MOD-16")]
    public async Task Where_the_tokens_of_the_month_end_it_stops_with_that_and_goes_on_when_there_are_more()
    {
        var (shelf, _, _, set) = await Begun();
        await Filled(set);
        var before = await house.ByMeaning(shelf, Asked);
        await Limit(1000);
        await UsageLedger.Write(house.Ann.Db, [new UsageEntry(Guid.NewGuid().ToString(), "embedding_tokens", 1000, null, null, null, null, null, null, "api", null, null)], Ct);
        var failed = await house.Until(shelf, set, "failed", "ready");
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.Contains("1", failed.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal((429, "quota_exceeded"), await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/embedding-sets", new { modelId = BuiltIn, dryRun = true }, Ct).Said());
        Assert.Equal(before, await house.ByMeaning(shelf, Asked));
        await Limit(null);
        await House.Json(await house.Ann.Http.PostAsync($"{Api}/{shelf}/embedding-sets/{set}/retry", null, Ct));
        await house.Until(shelf, set, "ready");
        await house.SetsAreWhole(shelf);
    }

    [Fact]
    public async Task A_text_that_is_embedded_while_the_model_is_switched_is_embedded_again_and_mixes_nothing()
    {
        var (first, firstName) = await house.StubModel("embeddings", dimension: 64);
        var (second, _) = await house.StubModel("embeddings", dimension: 48);
        var shelf = await house.Numbered(first, 5);
        var set = await house.Begin(shelf, second);
        await house.Until(shelf, set, "ready");
        house.Stub.Script.ForModel(firstName, new StubBehaviour { Dimension = 64, HeaderDelayMs = 1500 });
        house.Stub.Forget();
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/{shelf}/texts", new { items = new[] { Text("between", "It came between two models.") } }, Ct));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (house.Stub.Requests.All(r => r.Model != firstName))
        {
            await Task.Delay(20, limit.Token);
        }

        await house.Activate(shelf, set);
        var settled = house.Settled(shelf);
        while (await Task.WhenAny(settled, Task.Delay(100, limit.Token)) != settled)
        {
            await house.Hurry();
        }

        await house.CaughtUp(shelf);
        await house.SetsAreWhole(shelf);
        Assert.StartsWith("between:", await house.ByMeaning(shelf, "It came between two models."), StringComparison.Ordinal);
    }

    private async Task<(Guid Shelf, Guid Model, string Name, Guid Set)> Begun()
    {
        var (first, _) = await house.StubModel("embeddings", dimension: 64);
        var (second, name) = await house.StubModel("embeddings", new StubBehaviour { HeaderDelayMs = 400 }, dimension: 48);
        var shelf = await house.Numbered(first, 400);
        return (shelf, second, name, await house.Begin(shelf, second));
    }

    private async Task Filled(Guid set)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings where embedding_set_id = '{set}'") == 0)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private async Task Limit(long? tokens)
    {
        using var ann = await house.AnnsBrowser();
        await House.Json(await ann.PutAsJsonAsync(
            $"/api/v1/platform/tenants/{house.Ann.Tenant}/limits", new { overrides = tokens is null ? [] : new object[] { new { quota = "tokens_per_month", limit = tokens } } }, Ct));
    }
}
